"""Everything that can be measured of one explanation, beside its random and simplest rivals."""

from jupyter_xai.evaluation.checks.groups import ALIASES, GROUPS, chosen_groups
from jupyter_xai.evaluation.checks.measure import KINDS, Measure
from jupyter_xai.explainer.annotate import measured, with_check
from jupyter_xai.explainer.curves import traced

__all__ = [
    "ALIASES",
    "GROUPS",
    "KINDS",
    "Measure",
    "chosen_groups",
    "measured",
    "traced",
    "with_check",
]
