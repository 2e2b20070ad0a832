"""What %xai does unless it is told otherwise, and who said so.

JupyterLab keeps what a person chose in its settings in a file on the machine of its server, which
is the kernel's, too, as a rule. It is read when a magic needs it: nothing runs in a kernel that
nobody asked for, a kernel that restarts or is busy misses no change, and the same notebook does
the same in `jupyter nbconvert --execute`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_xai.errors import XaiError

FROM_CONFIG = "%config XaiMagics"
FROM_LAB = "JupyterLab's settings"
BUILT_IN = "built in"


@dataclass(frozen=True)
class Choice:
    """One default of the magics.

    Attributes
    ----------
    name : str
    value : object
    source : str
        `FROM_CONFIG`, `FROM_LAB` or `BUILT_IN`.
    """

    name: str
    value: Any
    source: str


def settings_file() -> Path:
    """Where JupyterLab and Notebook keep what a person chose for this extension."""
    folder = os.environ.get("JUPYTERLAB_SETTINGS_DIR")
    if folder is None:
        from jupyter_core.paths import jupyter_config_dir

        folder = str(Path(jupyter_config_dir(), "lab", "user-settings"))
    return Path(folder) / "jupyter-xai" / "plugin.jupyterlab-settings"


def from_lab() -> Mapping[str, Any]:
    """The defaults that JupyterLab's settings name: some of ``model``, ``method`` and ``units``.

    Raises
    ------
    XaiError
        When the file cannot be understood, or names what there is not.
    """
    path = settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or error
        msg = f"cannot read {FROM_LAB} in {path}: {said}; put the file right, or remove it"
        raise XaiError(msg) from None
    import json5

    try:
        said = json5.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f"{path} is no JSON ({error}); change the settings in JupyterLab, or remove the file"
        raise XaiError(msg) from None
    return _checked(said, path)


def in_force(values: Mapping[str, Any], configured: Collection[str]) -> dict[str, Choice]:
    """The defaults, by name: what was configured wins over JupyterLab, and that over what we chose.

    Parameters
    ----------
    values : mapping
        The values of the magics' traits.
    configured : collection of str
        Names that were set by ``%config`` or a configuration file.
    """
    chosen = from_lab()
    found = {}
    for name, value in values.items():
        if name in configured:
            found[name] = Choice(name, value, FROM_CONFIG)
        elif name in chosen:
            found[name] = Choice(name, chosen[name], FROM_LAB)
        else:
            found[name] = Choice(name, value, BUILT_IN)
    return found


def table(choices: Mapping[str, Choice]) -> str:
    """What ``%xai settings`` prints."""
    rows = [(each.name, _shown(each.value), each.source) for each in choices.values()]
    name_width, value_width = (max(len(row[i]) for row in rows) + 2 for i in (0, 1))
    lines = [name.ljust(name_width) + value.ljust(value_width) + by for name, value, by in rows]
    path = settings_file()
    where = str(path) if path.exists() else f"none (they would be in {path})"
    return "\n".join([*lines, "", f"{FROM_LAB}: {where}"])


def _checked(said: Any, path: Path) -> dict[str, Any]:
    from jupyter_xai import methods
    from jupyter_xai.errors import one_of
    from jupyter_xai.text.document import PROMPT_LEVELS

    if not isinstance(said, dict):
        msg = f"{path} holds no settings, but {type(said).__name__}; remove the file"
        raise XaiError(msg)
    found: dict[str, Any] = {}
    if "model" in said:
        if not isinstance(said["model"], str) or not said["model"].strip():
            msg = f"the model in {FROM_LAB} must be a name, not {said['model']!r} ({path})"
            raise XaiError(msg)
        found["model"] = said["model"].strip()
    if "method" in said:
        found["method"] = one_of(said["method"], methods.names(), f"method in {FROM_LAB}")
    if "units" in said:
        units = one_of(said["units"], ("auto", *PROMPT_LEVELS), f"units in {FROM_LAB}")
        found["units"] = None if units == "auto" else units
    return found


def _shown(value: Any) -> str:
    return "as the method prefers" if value is None else str(value)
