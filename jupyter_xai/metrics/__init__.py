"""How good an explanation is: does it say what removing parts of the prompt will do?"""

from jupyter_xai.metrics.fidelity import Fidelity, fidelity
from jupyter_xai.metrics.lds import cross_fitted_lds, lds
from jupyter_xai.metrics.removal import drop, random_sets, spread, top_k

__all__ = [
    "Fidelity",
    "cross_fitted_lds",
    "drop",
    "fidelity",
    "lds",
    "random_sets",
    "spread",
    "top_k",
]
