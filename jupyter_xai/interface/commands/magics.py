"""``%xai`` and ``%%xai``: the same verbs in a notebook."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from types import ModuleType
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import (
    Magics,
    line_cell_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.display import display
from traitlets import HasTraits, Integer, MetaHasTraits, TraitError, TraitType, Unicode, validate

from jupyter_xai.errors import Interrupted, XaiError, one_of
from jupyter_xai.explainer.options import ABOUT, Options
from jupyter_xai.interface.commands import actions, arguments, error_wording, preferences
from jupyter_xai.interface.commands.completion import Completer
from jupyter_xai.interface.commands.parser import HelpWanted, parser_for

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_xai.explainer.session import Session
    from jupyter_xai.interface.explanation import Explanation

_DEFAULTS = tuple(name for name, about in ABOUT.items() if about.said is not None)
"""The options of which a person can set defaults."""


def _traits() -> dict[str, TraitType[Any, Any]]:
    """A trait for each default, by what is told of the option."""
    built_in: dict[str, Any] = {each.name: each.default for each in fields(Options)}
    found: dict[str, TraitType[Any, Any]] = {}
    for name in _DEFAULTS:
        about, default = ABOUT[name], built_in[name]
        shared: dict[str, Any] = {"allow_none": default is None, "help": about.said}
        if about.kind is int:
            at_least: dict[str, Any] = {} if name == "seed" else {"min": 1}
            found[name] = Integer(default, **at_least, **shared).tag(config=True)
        else:
            found[name] = Unicode(default, **shared).tag(config=True)
    return found


_OptionTraits: Any = MetaHasTraits("_OptionTraits", (HasTraits,), _traits())


@magics_class
class XaiMagics(Magics, _OptionTraits):
    """Explain which parts of a prompt caused a model's answer."""

    model = Unicode("tutor", help="What to explain.").tag(config=True)

    _last: Explanation | None = None
    """What %xai explain made last, to be evaluated."""

    @validate(*(name for name in _DEFAULTS if ABOUT[name].choices is not None))
    def _known(self, proposal: Any) -> str | None:
        name, value = proposal["trait"].name, proposal["value"]
        choices = ABOUT[name].choices
        if value is None or choices is None:
            return None
        try:
            return one_of(value, choices(), name)
        except XaiError as error:
            raise TraitError(str(error)) from None

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def xai(
        self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None
    ) -> Any:
        """Explain which parts of a prompt caused a model's answer.

        ::

            %xai explain "I wear glasses. Somewhere warm, please. My brother plays chess." -k 1
            %xai explain --prompt NAME --model NAME -o NAME
            %xai explain --prompt NAME --estimate
            %xai evaluate [NAME] --which faithfulness,text
            %xai train --family travel --max-queries 500 -o NAME
            %xai explain --prompt NAME --method energy --interpreter NAME
            %xai methods [--model NAME]
            %xai get smollm2
            %xai models | settings | config | doctor | help
            %xai explain --help

            %%xai explain --model tutor -k 2
            I want to rest somewhere warm. No busy cities, though. My brother plays chess.

        The text is taken as written: braces and dollars are never expanded. ``--prompt NAME``
        takes a variable. ``--model NAME`` takes an object of that name first, then a built-in
        model, an id or a folder. ``%config XaiMagics`` sets the defaults, as JupyterLab's settings
        do; ``%xai settings`` shows which are in force, and where they come from.
        """
        namespace = {**self._shell.user_ns, **(local_ns or {})}
        said = arguments.split(line)
        try:
            return self._run(said, cell, namespace)
        except HelpWanted as help_text:
            print(help_text)  # noqa: T201
            return None
        except (KeyboardInterrupt, Interrupted):
            msg = "stopped before there was a result; run it again to go on"
        except XaiError as error:
            msg = error_wording.phrased(error, said[0] if said else "", "%xai", notebook=True)
        # Raised here, outside of the handlers, so that no traceback of theirs hangs on it.
        raise UsageError(msg)

    @property
    def _shell(self) -> InteractiveShell:
        assert self.shell is not None
        return self.shell

    def _run(self, said: list[str], cell: str | None, namespace: dict[str, Any]) -> Any:
        prog = "%xai" if cell is None else "%%xai"
        parser = parser_for(prog, notebook=True)
        parsed = parser.parse_args(said)
        if getattr(parsed, "base_url", None) is not None:
            arguments.check_server(parsed, self._in_force()["model"].value)
        if parsed.command == "explain":
            return self._explain(parsed, cell, namespace)
        if parsed.command == "compare":
            return self._compare(parsed, cell, namespace)
        if cell is not None and cell.strip():
            msg = "only %%xai explain and %%xai compare take a text; write it on the first line"
            raise XaiError(msg)
        if parsed.command == "evaluate":
            return self._evaluate(parsed, namespace)
        if parsed.command == "study":
            found = actions.study(parsed, lambda name: self._model(name, namespace, parsed))
            if isinstance(found, str):
                print(found)  # noqa: T201
                return None
            return found
        if parsed.command == "train":
            return self._train(parsed, namespace)
        if parsed.command == "config":
            return self._shell.run_line_magic("config", type(self).__name__)
        if parsed.command == "doctor":
            from jupyter_xai.interface.commands.doctor import examine

            return examine()
        if parsed.command == "get":
            from jupyter_xai.models.downloads import fetch

            fetch(parsed.download, say=print)
            return None
        if parsed.command == "methods":
            return self._methods(parsed, namespace)
        if parsed.command == "settings":
            print(preferences.table(self._in_force()))  # noqa: T201
            return None
        print(arguments.models_text() if parsed.command == "models" else parser.format_help())  # noqa: T201
        return None

    def _in_force(self) -> dict[str, preferences.Choice]:
        values = {name: getattr(self, name) for name in ("model", *_DEFAULTS)}
        return preferences.in_force(values, self.config.get(type(self).__name__, {}))

    def _methods(self, parsed: argparse.Namespace, namespace: dict[str, Any]) -> Any:
        from jupyter_xai.methods.table import table
        from jupyter_xai.models.load import load

        if parsed.model is None:
            return table()
        return table(load(self._named_model(parsed, namespace)[0]))

    def _explain(
        self, parsed: argparse.Namespace, cell: str | None, namespace: dict[str, Any]
    ) -> Any:
        from jupyter_xai.environment import in_kernel
        from jupyter_xai.explainer.prepare import prepare
        from jupyter_xai.interface.explain import estimate, explain
        from jupyter_xai.interface.widget.display import is_drawn

        prompt = _prompt(parsed, cell, namespace)
        in_force = self._in_force()
        options = {name: in_force[name].value for name in _DEFAULTS}
        options |= arguments.options(parsed)
        for text in ("response", "foil"):
            variable = getattr(parsed, f"{text}_from")
            if variable is None:
                continue
            if text in options:
                msg = f"give the {text} once: --{text} or --{text}-from"
                raise XaiError(msg)
            options[text] = _variable(variable, namespace, f"--{text}-from")
        _name_interpreter(options, namespace)
        _check_output(parsed)
        model, said = self._named_model(parsed, namespace)
        notes = (said,) if said else ()
        if parsed.estimate:
            return estimate(prompt, model, **options)
        if in_kernel():
            explanation = _drawn(lambda: prepare(prompt, model, **options), notes)
        else:
            explanation = explain(prompt, model, **options).noted(*notes)
        self._last = explanation
        if parsed.output is None:
            return explanation
        self._shell.push({parsed.output: explanation})
        return None if is_drawn(explanation) else explanation

    def _compare(
        self, parsed: argparse.Namespace, cell: str | None, namespace: dict[str, Any]
    ) -> Any:
        wordings = parsed.prompts is not None
        prompt = None if wordings else _prompt(parsed, cell, namespace)
        _check_output(parsed)
        options = arguments.options(parsed)
        _name_interpreter(options, namespace)
        found = actions.compare(
            parsed,
            prompt,
            options,
            lambda name: self._model(name, namespace, parsed),
        )
        if parsed.output is not None:
            self._shell.push({parsed.output: found})
        return found

    def _train(self, parsed: argparse.Namespace, namespace: dict[str, Any]) -> Any:
        _check_output(parsed)
        prompts = namespace.get(parsed.prompts, parsed.prompts)
        model = self._named_model(parsed, namespace)[0]
        found = actions.train(parsed, prompts, model, arguments.settings(parsed.set))
        if parsed.output is not None:
            self._shell.push({parsed.output: found})
        return found

    def _model(self, name: str, namespace: dict[str, Any], parsed: argparse.Namespace) -> Any:
        said = argparse.Namespace(**{**vars(parsed), "model": name})
        return self._named_model(said, namespace)[0]

    def _evaluate(self, parsed: argparse.Namespace, namespace: dict[str, Any]) -> Any:
        from jupyter_xai.interface.explanation import Explanation

        if parsed.data is not None:
            _check_output(parsed)
            data = namespace.get(parsed.data, parsed.data)
            found = actions.evaluate(
                parsed, data, lambda name: self._model(name, namespace, parsed)
            )
            if parsed.output is not None:
                self._shell.push({parsed.output: found})
            return found
        found = self._last
        if parsed.name is not None:
            found = _variable(parsed.name, namespace, "evaluate")
        if found is None:
            msg = "there is no explanation yet; run %xai explain first, or name a variable"
            raise XaiError(msg)
        if not isinstance(found, Explanation):
            msg = f"evaluate {parsed.name}: that is no explanation, but {type(found).__name__}"
            raise XaiError(msg)
        _check_output(parsed)
        which, truth = arguments.names_in(parsed.which), arguments.places(parsed.truth)
        evidence = found.evidence(parsed.k, which, truth=truth)
        self._last = evidence.explanation
        if parsed.output is not None:
            self._shell.push({parsed.output: evidence.explanation})
        return evidence

    def _named_model(
        self, parsed: argparse.Namespace, namespace: dict[str, Any]
    ) -> tuple[Any, str]:
        """What the model's name stands for, and a note where that is not plain."""
        from jupyter_xai.models.base import Model
        from jupyter_xai.models.load import load

        name = parsed.model or self._in_force()["model"].value
        found = namespace.get(name)
        if found is not None and not isinstance(found, ModuleType):
            extra: dict[str, Any] = {}
            if getattr(parsed, "tokenizer", None) is not None:
                extra["tokenizer"] = _variable(parsed.tokenizer, namespace, "--tokenizer")
            if not isinstance(found, str | Model):
                found = load(found, name=name, **extra)
            return found, f"the model is the variable {name!r} of this notebook"
        if getattr(parsed, "tokenizer", None) is not None:
            msg = f"--tokenizer goes with a variable, but there is none called {name!r}"
            raise XaiError(msg)
        return arguments.served(name, parsed), ""


def register(shell: Any) -> None:
    """Add the magics, their completion and their configuration to a shell, once."""
    if any(isinstance(each, XaiMagics) for each in shell.configurables):
        return
    shell.register_magics(XaiMagics(shell))
    shell.Completer.custom_matchers.append(Completer(shell).match)


def unregister(shell: Any) -> None:
    """Take away what `register` added."""
    shell.configurables[:] = [c for c in shell.configurables if not isinstance(c, XaiMagics)]
    matchers = shell.Completer.custom_matchers
    matchers[:] = [m for m in matchers if not isinstance(getattr(m, "__self__", None), Completer)]
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("xai", None)


def _drawn(prepared: Callable[[], Session], notes: Sequence[str]) -> Explanation:
    """Explain in this thread while a live widget shows progress and first scores."""
    from jupyter_xai.environment import unattended
    from jupyter_xai.explanation.render.bundle import saved_bundle
    from jupyter_xai.interface.explain import explained
    from jupyter_xai.interface.widget.display import drawn, full_bundle

    if unattended():
        explanation = explained(prepared(), progress=False).noted(*notes)
        display(saved_bundle(explanation), raw=True)
        drawn(explanation, None)
        return explanation
    try:
        from jupyter_xai.interface.widget.widget import ExplanationWidget
    except XaiError:  # no front end: the explanation says so when it shows itself
        return explained(prepared()).noted(*notes)

    widget = ExplanationWidget()
    handle = None
    try:
        # Loading a model takes its time: the status bar tells of it, the cell has nothing to show.
        with widget.foreground() as watcher:
            session = prepared()
            widget.attach(session)
            text = {"text/plain": "jupyter-xai is computing an explanation …"}
            handle = display({**widget.view, **text}, raw=True, display_id=True)
            explanation = explained(session, progress=watcher).noted(*notes)
            watcher.finished(explanation)
    except BaseException:
        # A saved notebook must not point at a widget that shows nothing.
        if handle is not None:
            handle.update({"text/plain": "(no explanation)"}, raw=True)
        raise
    drawn(explanation, widget)
    # The saved notebook holds the end of the run, not its beginning.
    if handle is not None:
        handle.update(full_bundle(explanation), raw=True)
    return explanation


def _prompt(parsed: argparse.Namespace, cell: str | None, namespace: dict[str, Any]) -> Any:
    """The prompt from the one place where it was given."""
    given = {
        "on the line": " ".join(parsed.text) if parsed.text else None,
        "in the cell": cell.removesuffix("\n") if cell else None,
        "by --prompt": parsed.prompt,
    }
    places = [place for place, text in given.items() if text is not None]
    if len(places) > 1:
        msg = f"the prompt was given {' and '.join(places)}; give it once"
        raise XaiError(msg)
    if not places:
        msg = 'there is no prompt; write %xai explain "...", or --prompt NAME for a variable'
        raise XaiError(msg)
    if parsed.prompt is not None:
        return _variable(parsed.prompt, namespace, "--prompt")
    return given[places[0]]


def _name_interpreter(options: dict[str, Any], namespace: dict[str, Any]) -> None:
    """A variable of this name, where there is one; else it is a folder."""
    named = options.get("interpreter")
    if named is not None:
        options["interpreter"] = namespace.get(named, named)


def _check_output(parsed: argparse.Namespace) -> None:
    if parsed.output is not None and not parsed.output.isidentifier():
        msg = f"--output takes the name of a variable, not {parsed.output!r}"
        raise XaiError(msg)


def _variable(name: str, namespace: dict[str, Any], option: str) -> Any:
    if name not in namespace:
        msg = f"{option} {name}: there is no variable of that name"
        raise XaiError(msg)
    return namespace[name]
