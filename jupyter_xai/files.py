"""Files that are written as a whole or not at all, through links, as their owner had them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_xai.errors import XaiError

FOLDER = Path(__file__).parent / "static"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of another once it is complete.

    A symbolic link stays and its target is replaced. What is no file, such as ``/dev/null`` or a
    pipe, is written to directly.

    Parameters
    ----------
    path : Path
        What is replaced, or made.

    Raises
    ------
    OSError
        When it cannot be written; what was there before is left as it was.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> with replacing(folder / "a.txt") as beside:
    ...     _ = beside.write_text("whole")
    >>> [each.name for each in folder.iterdir()]
    ['a.txt']
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        yield target
        return
    old = target.stat().st_mode & 0o777 if target.exists() else None
    beside = target.parent / f".xai-{secrets.token_hex(8)}.part"
    # The system applies the umask by itself; to read it would mean to set it, for all threads. What
    # replaces a private file is private from its beginning.
    created = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    os.close(os.open(beside, created, 0o666 if old is None else old | 0o600))
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        if old is not None:
            beside.chmod(old)
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def dumps(data: Mapping[str, Any]) -> str:
    """Compact JSON that UTF-8 can hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, as broken text from the web has
        return json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text


def write(path: str | Path, text: str) -> Path:
    """Write a text file; an existing one is replaced only once the new one is complete.

    Raises
    ------
    XaiError
        When the file cannot be written.
    """
    path = named(path)
    # Half an emoji, as broken text from the web has, is no UTF-8.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        with replacing(path) as beside:
            beside.write_text(whole, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        msg = f"cannot write {str(path)!r}: {getattr(error, 'strerror', None) or error}; "
        msg += "nothing was changed"
        raise XaiError(msg) from error
    return path


def named(path: object) -> Path:
    """The path of a file that somebody named.

    Raises
    ------
    XaiError
        For what is no path.
    """
    try:
        return Path(path).expanduser()  # type: ignore[arg-type]
    except (TypeError, RuntimeError) as error:
        msg = f"{path!r:.80} is no path of a file ({error}); give one such as 'why.json'"
        raise XaiError(msg) from None


def read(path: str | Path) -> Any:
    """The JSON in a file.

    Raises
    ------
    XaiError
        When it cannot be read or is not JSON.
    """
    path = named(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        msg = f"{str(path)!r} is not a saved explanation (not a text file)"
        raise XaiError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}"
        raise XaiError(msg) from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        # Python reads neither what nests a thousand deep nor numbers of thousands of digits.
        said = str(error).partition(";")[0]
        msg = f"{str(path)!r} is not a saved explanation, or damaged: {said}"
        raise XaiError(msg) from error


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
