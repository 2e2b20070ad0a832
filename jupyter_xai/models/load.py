"""`load`: from whatever names a model to the model."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Hashable
from inspect import signature
from pathlib import Path
from typing import Any, cast

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.models.base import Model
from jupyter_xai.models.downloads import DOWNLOADS, fetched
from jupyter_xai.models.local.gguf import SUFFIX, checked_gguf

BUILT_IN: dict[str, str] = {
    "tutor": "a small model made for this package; offline, with known causes for its answers",
    "tutor:novice": "the tutor after a third of its training: a weaker one to compare with",
}
"""Names that need no download, and what they are."""

_SERVER = "openai:"
"""What the names of models behind a server begin with."""

_loaded: dict[Hashable, Model] = {}


def load(what: Any = "tutor", **options: Any) -> Model:
    """Get a model that can be explained.

    Parameters
    ----------
    what : str, callable, transformers model or Model
        ``"tutor"`` (embedded, offline) or ``"tutor:novice"`` (weaker); ``"smollm2"``, a real chat
        model that `fetch` gets once; a transformers id or folder; a GGUF file;
        ``"openai:NAME"``, a model at a server of OpenAI's protocol; a function from text to text;
        a transformers model that is already loaded, with ``tokenizer=``; or a `Model`, which is
        handed back.
    **options
        For ids, folders and GGUF files, passed to ``from_pretrained`` (``dtype``, ``device``,
        ``device_map``, ``revision``, ...). For servers: ``base_url``, ``api_key`` and whatever else
        `jupyter_xai.models.server.openai.OpenAIModel` takes. For functions and loaded models:
        ``name``.

    Returns
    -------
    Model
        The same object for the same name and options, within a session.

    Raises
    ------
    XaiError
        When no model is found, or an option is missing; the message says what to do.

    Examples
    --------
    >>> load(str.upper, name="shout").name
    'shout'
    """
    if isinstance(what, str):
        return _named(what, options)
    if isinstance(what, Path):
        return _named(str(what), options)
    if isinstance(what, Model):
        return what
    if hasattr(what, "forward") and hasattr(what, "config"):
        return _loaded_model(what, options)
    if callable(what):
        from jupyter_xai.models.function import Answer, FunctionModel

        return FunctionModel(cast(Answer, what), name=_only_name(options, "a function"))
    msg = Worded(
        f"cannot explain {type(what).__name__}; give 'tutor', a transformers id or "
        "folder, a function from text to text, or a transformers model with ",
        Option("tokenizer", ...),
    )
    raise XaiError(msg)


def is_served(name: str) -> bool:
    """Whether this names a model at a server.

    Examples
    --------
    >>> is_served("openai:gpt-4o-mini"), is_served("tutor")
    (True, False)
    """
    return name.strip().startswith(_SERVER)


def _named(name: str, options: dict[str, Any]) -> Model:
    name = name.strip()
    if not name:
        msg = "the model's name is empty; give 'tutor' or a transformers id or folder"
        raise XaiError(msg)
    if is_served(name):
        surroundings = (os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY"))
        key = (name, *sorted(options.items()), surroundings)
        return _once(key, lambda: _at_server(name, options))
    return _once((name, *sorted(options.items())), lambda: _from_disk(name, options))


def _at_server(name: str, options: dict[str, Any]) -> Model:
    from jupyter_xai.models.server.openai import OpenAIModel

    allowed = [word for word in signature(OpenAIModel).parameters if word != "model"]
    unknown = [word for word in options if word not in allowed]
    if unknown:
        msg = f"a model at a server takes no option {unknown[0]!r}; it takes {', '.join(allowed)}"
        raise XaiError(msg)
    return OpenAIModel(name.removeprefix(_SERVER), **options)


def _from_disk(name: str, options: dict[str, Any]) -> Model:
    from jupyter_xai.models.local.transformers import TransformersModel

    folder, kind = name, "transformers"
    file = _gguf_file(name)
    if file is not None:
        folder, options = str(file.parent), {**options, "gguf_file": file.name}
    elif name in BUILT_IN:
        from jupyter_xai.models import tutor

        folder, kind = str(tutor.NOVICE if name == "tutor:novice" else tutor.FOLDER), "tutor"
    near = difflib.get_close_matches(name, [*BUILT_IN, *DOWNLOADS], n=1)
    if near and near[0] != name and not Path(name).exists():
        msg = f"unknown model {name!r}; did you mean {near[0]!r}?"
        raise XaiError(msg)
    try:
        return TransformersModel.load(folder, kind=kind, display_name=name, **options)
    except TypeError as error:  # an option that from_pretrained does not know
        msg = f"cannot load the model {name!r} with these options: {error}"
        raise XaiError(msg) from error


def _gguf_file(name: str) -> Path | None:
    """The GGUF file that a name stands for; None where it stands for something else."""
    if name in DOWNLOADS:
        return fetched(name)
    if name.lower().endswith(SUFFIX):
        return checked_gguf(Path(name).expanduser().absolute())
    return None


def _loaded_model(model: Any, options: dict[str, Any]) -> Model:
    from jupyter_xai.models.local.transformers import TransformersModel

    tokenizer = options.pop("tokenizer", None)
    if tokenizer is None:
        msg = Worded(
            "a transformers model needs its tokenizer: give ",
            Option("tokenizer", ...),
            ", as in xai.load(model, tokenizer=tokenizer)",
        )
        raise XaiError(msg)
    name = _only_name(options, "a loaded model")
    key = ("object", _Same(model), _Same(tokenizer), name)
    return _once(key, lambda: TransformersModel(model, tokenizer, name=name))


class _Same:
    """Compares by identity, and keeps its object alive so that the identity stays its own."""

    def __init__(self, held: Any) -> None:
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.held is self.held

    def __hash__(self) -> int:
        return id(self.held)


def _once(key: Hashable, make: Callable[[], Model]) -> Model:
    """The model of this key, made once a session."""
    try:
        found = _loaded.get(key)
    except TypeError:  # an option that cannot be hashed, such as a quantisation config
        return make()
    if found is None:
        found = _loaded[key] = make()
    return cast(Model, found)


def _only_name(options: dict[str, Any], what: str) -> str | None:
    name = options.pop("name", None)
    if options:
        msg = f"{what} takes no option {', '.join(sorted(options))}"
        raise XaiError(msg)
    return name
