"""Checks of one explanation: what removing its top units does, beside random and simple rivals."""

from jupyter_xai.evaluation.checks.groups import ALIASES, GROUPS, Group, chosen_groups
from jupyter_xai.evaluation.checks.measure import KINDS, Measure

__all__ = ["ALIASES", "GROUPS", "KINDS", "Group", "Measure", "chosen_groups"]
