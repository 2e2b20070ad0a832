"""How good an explanation is: does it say what removing parts of the prompt will do?"""

from jupyter_xai.metrics.answers import RougeL, bleu, embedding_similarity, rouge_l
from jupyter_xai.metrics.consistency import Consistency, consistency
from jupyter_xai.metrics.curves import (
    Areas,
    areas,
    comprehensiveness,
    comprehensiveness_sizes,
    curve_sizes,
    deletion_masks,
    insertion_masks,
    ranked,
    sufficiency,
)
from jupyter_xai.metrics.efficiency import calls_to_reach, lds_by_calls
from jupyter_xai.metrics.fidelity import Fidelity, fidelity
from jupyter_xai.metrics.ground_truth import Agreement, agreement, recall_at_k
from jupyter_xai.metrics.lds import cross_fitted_lds, lds, lds_interval
from jupyter_xai.metrics.probability import position_kl, probability_ratio, vocabulary_kl
from jupyter_xai.metrics.rankings import jaccard, kendall_tau, top_k_overlap
from jupyter_xai.metrics.removal import drop, random_sets, spread, top_k
from jupyter_xai.metrics.stability import edits, matching_units, stability

__all__ = [
    "Agreement",
    "Areas",
    "Consistency",
    "Fidelity",
    "RougeL",
    "agreement",
    "areas",
    "bleu",
    "calls_to_reach",
    "comprehensiveness",
    "comprehensiveness_sizes",
    "consistency",
    "cross_fitted_lds",
    "curve_sizes",
    "deletion_masks",
    "drop",
    "edits",
    "embedding_similarity",
    "fidelity",
    "insertion_masks",
    "jaccard",
    "kendall_tau",
    "lds",
    "lds_by_calls",
    "lds_interval",
    "matching_units",
    "position_kl",
    "probability_ratio",
    "random_sets",
    "ranked",
    "recall_at_k",
    "rouge_l",
    "spread",
    "stability",
    "sufficiency",
    "top_k",
    "top_k_overlap",
    "vocabulary_kl",
]
