"""What tells a model from others, and from itself after it was changed.

`checkpoint` names weights as they were published: files that ship refer to it. `identity` is the
same in every process, too, and sees more: results on disk are kept by it. `state` holds within
one process: beside the weights it sees everything that touched a tensor, and hooks. What neither
sees, `behaviour` does: the logits of one fixed short input.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from math import gcd
from typing import Any

from jupyter_xai.models.local.forward import evaluating
from jupyter_xai.models.local.logits import plain_logits
from jupyter_xai.models.local.traits import rotary_modules

_SAMPLED_WEIGHTS = 64
"""Weights of each tensor that go into a digest, at least."""

_PREDICTED = 2

_HOOKS = ("_forward_hooks", "_forward_pre_hooks")

_ADAPTERS = ("_active_adapter", "active_adapter", "_disable_adapters", "merged_adapters")
"""Where the layers of adapters keep which of them take part."""


def checkpoint(model: Any) -> str:
    """SHA-256 over the configuration and evenly spaced weights of every parameter."""
    import torch

    digest = hashlib.sha256(model.config.to_json_string().encode())
    digest.update(str(model.config._attn_implementation).encode())
    with torch.inference_mode():
        for name, parameter in model.named_parameters():
            digest.update(f"{name}{tuple(parameter.shape)}{parameter.dtype}".encode())
            if parameter.device.type != "meta":
                flat = parameter.detach().reshape(-1)
                step = max(1, flat.numel() // _SAMPLED_WEIGHTS)
                digest.update(flat[::step].double().cpu().numpy().tobytes())
    return digest.hexdigest()


def identity(model: Any) -> str:
    """SHA-256 over configurations, adapters in use, and evenly spaced weights of every tensor."""
    import torch

    digest = hashlib.sha256(model.config.to_json_string().encode())
    digest.update(str(model.config._attn_implementation).encode())
    generation = getattr(model, "generation_config", None)
    if generation is not None:
        digest.update(json.dumps(generation.to_dict(), sort_keys=True, default=str).encode())
    digest.update(repr(list(_adapters(model))).encode())
    with torch.inference_mode():
        for name, tensor in _tensors(model):
            digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
            digest.update(_sample(tensor))
    return digest.hexdigest()


def state(model: Any) -> str:
    """As `identity`, and over versions of tensors, other buffers and hooks, as they are now."""
    import torch

    digest = hashlib.sha256(identity(model).encode())
    digest.update(structure(model).encode())
    # Their frequencies follow what was read last.
    restless = {id(each) for module in rotary_modules(model) for each in module.buffers()}
    for tensor in model.parameters():
        digest.update(str(None if tensor.is_inference() else tensor._version).encode())
    with torch.inference_mode():
        for name, tensor in model.named_buffers():
            if id(tensor) not in restless and tensor.device.type != "meta":
                digest.update(name.encode())
                digest.update(_sample(tensor))
    return digest.hexdigest()


def structure(model: Any) -> str:
    """What the model is made of, without its weights: modules, hooks, adapters in use, dtype."""
    digest = hashlib.sha256(f"{model.dtype}{model.config._attn_implementation}".encode())
    for module in model.modules():
        # Those of transformers itself only tell what went through, and come as they are needed.
        hooks = [
            id(hook)
            for name in _HOOKS
            for hook in getattr(module, name).values()
            if not str(getattr(hook, "__module__", "")).startswith("transformers.")
        ]
        digest.update(f"{id(type(module))}{hooks}{id(module.__dict__.get('forward'))}".encode())
    digest.update(repr(list(_adapters(model))).encode())
    return digest.hexdigest()


def behaviour(model: Any, rows: Sequence[Sequence[int]]) -> str:
    """SHA-256 over the logits that predict the last tokens of the shortest row of some text."""
    shortest = min(rows, key=len)
    try:
        with evaluating(model):
            logits = plain_logits(model, shortest[:-_PREDICTED], shortest[-_PREDICTED:])
    except (RuntimeError, ValueError, TypeError) as error:
        # Whoever scores with it will hear what is wrong.
        return type(error).__name__
    return hashlib.sha256(logits.float().cpu().numpy().tobytes()).hexdigest()


def _adapters(model: Any) -> Iterator[tuple[str, str]]:
    for module in model.modules():
        held = module.__dict__
        for name in _ADAPTERS:
            if name in held:
                named = held[name]
                yield name, repr([named] if isinstance(named, str) else named)


def _tensors(model: Any) -> Iterator[tuple[str, Any]]:
    """Parameters, buffers that belong to a checkpoint, and what quantised layers pack away."""
    for prefix, module in model.named_modules():
        fleeting = getattr(module, "_non_persistent_buffers_set", ())
        own = {**module._parameters, **module._buffers}
        for name, tensor in own.items():
            if tensor is None or name in fleeting:
                continue
            yield f"{prefix}.{name}", _at_hand(module, name, tensor)
        for name, tensor in _packed(module):
            yield f"{prefix}.{name}", tensor


def _at_hand(module: Any, name: str, tensor: Any) -> Any:
    """The tensor itself; where it is offloaded, what its module's hook would load."""
    if tensor.device.type != "meta":
        return tensor
    hook = module.__dict__.get("_hf_hook")
    for each in getattr(hook, "hooks", [hook]):
        weights = getattr(each, "weights_map", None)
        if weights is not None:
            return weights[name]
    return tensor


def _packed(module: Any) -> Iterator[tuple[str, Any]]:
    """Weights of dynamically quantised layers, which are no parameters."""
    if module._parameters or not callable(held := getattr(module, "weight", None)):
        return
    for name, method in (("weight", held), ("bias", getattr(module, "bias", None))):
        tensor = method() if callable(method) else method
        if hasattr(tensor, "shape"):
            yield name, tensor


def _sample(tensor: Any) -> bytes:
    """Weights whose distance shares no divisor with any side, so that no column is left out."""
    if tensor.device.type == "meta" or not tensor.numel():
        return b""
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    try:
        flat = tensor.detach().reshape(-1)
        step = max(1, flat.numel() // _SAMPLED_WEIGHTS)
        while any(gcd(step, side) > 1 for side in tensor.shape):
            step -= 1
        sampled = flat[::step]
        if not sampled.is_complex():
            sampled = sampled.double()
        return sampled.cpu().numpy().tobytes()
    except (RuntimeError, TypeError, NotImplementedError, AttributeError):
        # Packed in a way that cannot be sampled: its parts can.
        parts = getattr(tensor, "__tensor_flatten__", None)
        if parts is None:
            return str(type(tensor)).encode()
        return b"".join(_sample(getattr(tensor, name)) for name in parts()[0])
