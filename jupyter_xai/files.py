"""Files that are written as a whole or not at all, through links, as their owner had them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


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
    >>> folder = Path(tempfile.mkdtemp())
    >>> with replacing(folder / "a.txt") as beside:
    ...     _ = beside.write_text("whole")
    >>> [each.name for each in folder.iterdir()]
    ['a.txt']
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        yield target
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".xai-", suffix=".part")
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner may read.
        beside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~umask())
        beside.replace(target)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def umask() -> int:
    """Rights that new files of this process do not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
