"""Models in one GGUF file, as llama.cpp and Ollama keep them."""

from __future__ import annotations

import re
from pathlib import Path

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
