"""One safetensors file for all that training needs to go on, and one for the interpreter.

Nothing is pickled: tensors are tensors, the rest is JSON in the file's header or beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from jupyter_xai.errors import XaiError
from jupyter_xai.files import replacing
from jupyter_xai.methods.energy.configs import EnergyConfig
from jupyter_xai.methods.energy.networks import Interpreter
from jupyter_xai.methods.energy.origin import Origin

TRAINING = "training.safetensors"
INTERPRETER = "interpreter.safetensors"
CONFIG = "config.json"


def save(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and facts; a file that is there is replaced as a whole or not at all.

    Raises
    ------
    XaiError
        When the folder cannot be written; what was there before is left as it was.
    """
    contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            save_file(contiguous, beside, metadata={"facts": json.dumps(facts)})


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Say readably that a file cannot be written.

    Raises
    ------
    XaiError
        Instead of what the system raises.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        msg = (
            f"cannot write {str(path)!r}: {getattr(error, 'strerror', None) or error}; what was "
            "saved before is intact: free some space, or choose another folder, and go on"
        )
        raise XaiError(msg) from error


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save` wrote.

    Raises
    ------
    XaiError
        When there is no such file, or it is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["facts"])
            if not isinstance(facts, dict):
                msg = f"its facts are {facts!r:.60}"
                raise ValueError(msg)
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118
    except FileNotFoundError as error:
        msg = f"there is no checkpoint at {str(path)!r}; train one first"
        raise XaiError(msg) from error
    except (SafetensorError, KeyError, OSError, ValueError, RecursionError) as error:
        msg = f"{str(path)!r} is no checkpoint of an energy interpreter ({error}); train it anew"
        raise XaiError(msg) from error


def prefixed(module: nn.Module, prefix: str) -> dict[str, Tensor]:
    """The tensors of a module, their names beginning with a prefix and a point."""
    return {f"{prefix}.{name}": tensor for name, tensor in module.state_dict().items()}


def restore(module: nn.Module, tensors: Mapping[str, Tensor], prefix: str, path: Path) -> None:
    """Put tensors back into a module.

    Raises
    ------
    XaiError
        When their names or shapes are not those of the module.
    """
    start = f"{prefix}."
    found = {k.removeprefix(start): v for k, v in tensors.items() if k.startswith(start)}
    wanted = module.state_dict()
    differing = [
        f"{name}: {_shape(found.get(name))} instead of {_shape(wanted.get(name))}"
        for name in sorted({*found, *wanted})
        if _shape(found.get(name)) != _shape(wanted.get(name))
    ]
    if differing:
        msg = (
            f"the checkpoint {str(path)!r} has other shapes ({differing[0]}, "
            f"{len(differing)} differ in all); use the configuration that it was trained with, "
            "or another folder"
        )
        raise XaiError(msg)
    module.load_state_dict(found)


def save_interpreter(interpreter: Interpreter, folder: Path) -> None:
    """Write an interpreter: its weights with their origin, and its configuration as JSON."""
    origin = interpreter.origin
    facts = {} if origin is None else {"origin": asdict(origin)}
    save(folder / INTERPRETER, prefixed(interpreter, "interpreter"), facts)
    text = json.dumps(asdict(interpreter.config), indent=2) + "\n"
    with written(folder / CONFIG), replacing(folder / CONFIG) as beside:
        beside.write_text(text, encoding="utf-8")


def load_interpreter(folder: Path) -> Interpreter:
    """Read an interpreter.

    Raises
    ------
    XaiError
        When there is none, or its weights are not those of its configuration.
    """
    tensors, facts = load(folder / INTERPRETER)
    try:
        config = EnergyConfig(**json.loads((folder / CONFIG).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError) as error:
        msg = f"{str(folder / CONFIG)!r} is no configuration of an interpreter ({error})"
        raise XaiError(msg) from error
    _check_sizes(config, tensors, folder)
    interpreter = Interpreter(config)
    restore(interpreter, tensors, "interpreter", folder / INTERPRETER)
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        msg = f"{str(folder / INTERPRETER)!r} holds weights that are no numbers; train it anew"
        raise XaiError(msg)
    if "origin" in facts:
        try:
            interpreter.origin = Origin.of_facts(facts["origin"])
        except TypeError as error:
            msg = f"{str(folder / INTERPRETER)!r} does not say where it comes from ({error})"
            raise XaiError(msg) from error
    return interpreter.eval()


def _check_sizes(config: EnergyConfig, tensors: Mapping[str, Tensor], folder: Path) -> None:
    """Refuse a configuration of other sizes than the weights, before anything is made of it."""
    largest = max((size for tensor in tensors.values() for size in tensor.shape), default=0)
    blocks = config.projection_blocks + config.cross_blocks
    width = max(config.width * config.expansion, config.embedding_width, config.heads)
    if blocks > len(tensors) or width > 4 * largest:
        msg = (
            f"{str(folder / CONFIG)!r} tells of other sizes than the weights beside it have; put "
            "back the configuration that it was trained with, or train it anew"
        )
        raise XaiError(msg)


def optimizer_tensors(optimizer: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """The state of an optimizer of tensors only, as AdamW's is."""
    state = optimizer.state_dict()["state"]
    return {
        f"{prefix}.{index}.{name}": tensor
        for index, entries in state.items()
        for name, tensor in entries.items()
    }


def restore_optimizer(
    optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], prefix: str
) -> None:
    """Put back what `optimizer_tensors` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(f"{prefix}."):
            index, entry = name.removeprefix(f"{prefix}.").split(".")
            state.setdefault(int(index), {})[entry] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _shape(tensor: Tensor | None) -> str:
    return "nothing" if tensor is None else "x".join(map(str, tensor.shape)) or "one number"
