"""Everything that can be measured of one explanation, beside its random and simplest rivals."""

from jupyter_xai.measuring.explained import measured, with_check
from jupyter_xai.measuring.groups import ALIASES, GROUPS, chosen_groups
from jupyter_xai.measuring.measures import KINDS, Measure
from jupyter_xai.measuring.tracing import traced

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
