"""Explaining with a trained interpreter: which prompt sentences, for which response sentences."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.embedded import Embedded, Encode
from jupyter_xai.methods.energy.networks import Interpreter

SHIPPED = Path(__file__).parent / "shipped"
"""The interpreter of the tutor that comes with the package."""

_NUMBERS_AT_ONCE = 2_000_000
# Attention weights of a head, which bounds memory for long prompts.


def load_once(folder: Path) -> Interpreter:
    """The interpreter in a folder, read again only when its files change.

    Raises
    ------
    XaiError
        When there is none, or it is damaged.
    """
    places = (folder / checkpoint.INTERPRETER, folder / checkpoint.CONFIG)
    # Other than Path's, this also says no to names that the system does not take.
    changed = tuple(place.stat().st_mtime_ns if os.path.exists(place) else 0 for place in places)  # noqa: PTH110
    return _load(folder, changed)


@lru_cache(maxsize=4)
def _load(folder: Path, changed: tuple[int, ...]) -> Interpreter:
    return checkpoint.load_interpreter(folder)


def digest(interpreter: Interpreter) -> str:
    """Tells interpreters apart by their weights: 16 hexadecimal digits."""
    found = sha256()
    for name, tensor in sorted(interpreter.state_dict().items()):
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


@torch.no_grad()
def importance(
    interpreter: Interpreter,
    sources: Sequence[str],
    targets: Sequence[str],
    chosen: Sequence[bool],
    *,
    encode: Encode,
) -> NDArray[np.float64]:
    """Importance scores of prompt sentences, for each target and for all of them together.

    Parameters
    ----------
    interpreter : Interpreter
    sources, targets : sequence of str
        The n sentences of the prompt and the m sentences of the response.
    chosen : sequence of bool, length m
        Which sentences of the response are asked about.
    encode : callable

    Returns
    -------
    float64 [n, m + 1]
        The last column is for all chosen targets together. Shares: the softmax of the interpreter's
        logits, so that a column sums to 1. From an interpreter whose logits were fitted to effects:
        these, signed: how much each sentence raises the probability that the targets are said, or
        its log-odds; the latter are summed over targets.
        0 for blank sentences and for targets that are not asked about.
    """
    here = np.array([bool(text.strip()) for text in sources])
    there = np.array([bool(text.strip()) for text in targets])
    asked = there & np.asarray(chosen, dtype=bool)
    scores = np.zeros((len(sources), len(targets) + 1))
    if not here.any() or not asked.any():
        return scores
    embedded = Embedded(interpreter.config.embedding_width, encode)
    prompt, prompt_gates = embedded.pack([tuple(np.array(sources)[here])])
    response, response_gates = embedded.pack([tuple(np.array(targets)[there])])
    effects = interpreter.origin is not None and interpreter.origin.tells_effects
    columns = np.append(np.flatnonzero(asked), len(targets))
    wanted = np.stack([*np.eye(len(targets), dtype=bool)[asked], asked])[:, there]
    rows = torch.from_numpy(wanted.astype(np.float32))
    at_once = max(1, _NUMBERS_AT_ONCE // max(prompt.shape[1], response.shape[1]) ** 2)
    for start in range(0, len(rows), at_once):
        some = rows[start : start + at_once]
        logits = interpreter(
            *(
                each.expand(len(some), *each.shape[1:])
                for each in (prompt, prompt_gates, response, response_gates)
            ),
            some,
        )
        found = logits.double() if effects else torch.softmax(logits.double(), dim=-1)
        scores[np.ix_(here, columns[start : start + at_once])] = found.numpy().T
    if interpreter.origin is not None and interpreter.origin.adds_up:
        scores[:, -1] = scores[:, :-1].sum(axis=1)
    return scores
