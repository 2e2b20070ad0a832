"""Models in one GGUF file, as llama.cpp and Ollama keep them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_xai.errors import XaiError

SUFFIX = ".gguf"

_MAGIC = b"GGUF"
_PART = re.compile(r"-\d{5}-of-\d{5}$")


def checked_gguf(path: Path) -> Path:
    """The path, if a GGUF file that can be loaded lies there.

    Raises
    ------
    XaiError
        When there is no such file, it is no GGUF file, or it is one part of several.
    """
    if not path.is_file():
        msg = f"there is no file {str(path)!r}; check the path of the GGUF file"
        raise XaiError(msg)
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        msg = f"cannot read {str(path)!r}: {error.strerror or error}"
        raise XaiError(msg) from error
    if begins != _MAGIC:
        msg = f"{str(path)!r} is no GGUF file, whatever its name says: it begins with {begins!r}"
        raise XaiError(msg)
    if _PART.search(path.stem):
        msg = (
            f"{path.name!r} is one part of a model that is split over several files; join them "
            "first (llama-gguf-split --merge)"
        )
        raise XaiError(msg)
    return path


@contextmanager
def read_quickly() -> Iterator[None]:
    """While this is entered, transformers reads a GGUF file once, and without a progress bar.

    It would read it for the configuration, the tokenizer and the model, seconds each time, and
    look every tensor's name up in a table that it makes anew. In a notebook its bar would be a
    widget that stays above the explanation and is saved with it. All is put back at the end.
    """
    gguf: Any = import_module("gguf")
    converting: Any = import_module("transformers.modeling_gguf_pytorch_utils")
    kept = gguf.GGUFReader, gguf.get_tensor_name_map, converting.tqdm

    class PlainReader(gguf.GGUFReader):
        """Cuts a plain array: of a memory map, each of millions of pieces costs far more."""

        @property
        def data(self) -> Any:
            return self._data

        @data.setter
        def data(self, mapped: Any) -> None:
            self._data = mapped.view(np.ndarray)

    gguf.GGUFReader = cache(PlainReader)
    gguf.get_tensor_name_map = cache(gguf.get_tensor_name_map)
    converting.tqdm = partial(converting.tqdm, disable=True)
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map, converting.tqdm = kept
