"""The methods by name, the usual first choice first."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from jupyter_xai.errors import XaiError, unknown
from jupyter_xai.methods.attention import Attention
from jupyter_xai.methods.base import Method
from jupyter_xai.methods.contrastive import Contrastive
from jupyter_xai.methods.energy.method import Energy
from jupyter_xai.methods.gradients.deeplift import DeepLift
from jupyter_xai.methods.gradients.gradient_shap import GradientShap
from jupyter_xai.methods.gradients.integrated_gradients import IntegratedGradients
from jupyter_xai.methods.gradients.saliency import InputXGradient, Saliency
from jupyter_xai.methods.gsmile.method import Gsmile
from jupyter_xai.methods.joint.method import Joint
from jupyter_xai.methods.leave_one_out import LeaveOneOut
from jupyter_xai.methods.lime import Lime
from jupyter_xai.methods.linear import Linear
from jupyter_xai.methods.random import Random
from jupyter_xai.methods.shap import Shap
from jupyter_xai.methods.similarity import Similarity

_METHODS: dict[str, type[Method]] = {
    kind.name: kind
    for kind in (
        *(Linear, LeaveOneOut, Shap, Lime, Gsmile, Contrastive),
        *(Joint, IntegratedGradients, GradientShap, InputXGradient, Saliency, DeepLift),
        *(Attention, Energy, Similarity, Random),
    )
}


def names() -> list[str]:
    """Names of all methods, the usual first choice first.

    Examples
    --------
    >>> names()
    ['linear', 'leave-one-out', 'shap', 'lime', 'gsmile', 'contrastive', 'joint', \
'integrated-gradients', 'gradient-shap', 'input-x-gradient', 'saliency', 'deeplift', \
'attention', 'energy', 'similarity', 'random']
    """
    return list(_METHODS)


def get(name: str, /, **settings: Any) -> Method:
    """A method by its name.

    Parameters
    ----------
    name : str
        One of `names`.
    **settings
        Settings of that method, such as ``alpha=0.02`` for ``linear``.

    Raises
    ------
    XaiError
        For an unknown name, an unknown setting, or a setting that is out of range.

    Examples
    --------
    >>> get("shap").title
    'Shapley values'
    """
    kind = _kind(name)
    allowed = setting_names(name)
    unknown = [key for key in settings if key not in allowed]
    if unknown:
        offer = f"it has {', '.join(allowed)}" if allowed else "it has none"
        msg = f"{name} has no setting {unknown[0]!r}; {offer}"
        raise XaiError(msg)
    return kind(**settings)


def setting_names(name: str) -> dict[str, None]:
    """What the settings of a method are called, in their order.

    Examples
    --------
    >>> list(setting_names("linear"))
    ['alpha']
    """
    return {field.name: None for field in fields(_kind(name)) if field.init}


def _kind(name: str) -> type[Method]:
    if name not in _METHODS:
        raise unknown(name, _METHODS, "method", all_by="%xai methods")
    return _METHODS[name]
