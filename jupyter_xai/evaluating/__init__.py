"""Evaluation of methods on many prompts.

>>> from jupyter_xai.evaluating import read_cases
>>> len(read_cases("tutor:questions", n=2))
2
"""

from jupyter_xai.evaluating.cases import Case, Truth, read_cases
from jupyter_xai.evaluating.contestants import Contestant
from jupyter_xai.evaluating.evaluation import Evaluation, Failure
from jupyter_xai.evaluating.measures import DEFAULT, KINDS
from jupyter_xai.evaluating.running import evaluate

__all__ = [
    "DEFAULT",
    "KINDS",
    "Case",
    "Contestant",
    "Evaluation",
    "Failure",
    "Truth",
    "evaluate",
    "read_cases",
]
