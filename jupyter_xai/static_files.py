"""The built front end, as it lies beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jupyter_xai.errors import XaiError

FOLDER = Path(__file__).parent / "static"


@cache
def static_file(name: str) -> str:
    """The text of a built file.

    Raises
    ------
    XaiError
        When the front end was not built.
    """
    try:
        return (FOLDER / name).read_text(encoding="utf-8")
    except OSError as error:
        msg = (
            f"the front end was not built ({name} is missing); "
            "run `pip install .` or `npm ci && npm run build` in the source folder"
        )
        raise XaiError(msg) from error
