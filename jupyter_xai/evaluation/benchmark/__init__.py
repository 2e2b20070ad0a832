"""Evaluation of methods on many prompts.

>>> from jupyter_xai.evaluation.benchmark import read_cases
>>> len(read_cases("tutor:questions", n=2))
2
"""

from jupyter_xai.evaluation.benchmark.cases import Case, Truth, read_cases
from jupyter_xai.evaluation.benchmark.contestants import Contestant
from jupyter_xai.evaluation.benchmark.evaluate import evaluate
from jupyter_xai.evaluation.benchmark.evaluation import Evaluation
from jupyter_xai.evaluation.benchmark.measures import DEFAULT, KINDS
from jupyter_xai.evaluation.benchmark.summaries import Failure

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
