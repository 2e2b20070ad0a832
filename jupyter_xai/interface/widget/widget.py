"""The live view: an anywidget that answers what its reader asks for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import traitlets

from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.explainer import session
from jupyter_xai.explainer.beside import beside
from jupyter_xai.explainer.choices import no_choices
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.wire import sendable
from jupyter_xai.game.targets import Targets, checked_targets
from jupyter_xai.interface.explanation import MIME, Explanation
from jupyter_xai.interface.widget.display import saved_bundle
from jupyter_xai.interface.widget.display import shell as running_shell
from jupyter_xai.interface.widget.front_end import FrontEnd
from jupyter_xai.interface.widget.jobs import Job, Worker
from jupyter_xai.interface.widget.variables import hand_frame
from jupyter_xai.models.base import Operator
from jupyter_xai.models.prices import amount
from jupyter_xai.progress import PATIENCE, TimeLeft, progress_record

if TYPE_CHECKING:
    from jupyter_xai.explainer.estimate import Estimate

_BETWEEN = 0.1
"""Seconds between two progress messages."""

_CHANGEABLE = ("method", "units", "response_units", "value", "perturbations", "k", "targets")


class ExplanationWidget(FrontEnd):
    """Shows an explanation and computes what its reader asks for.

    Requests are answered in a worker thread, for which reason every use of a model holds that
    model's lock. The newest request wins; a cancelled one keeps what it has.

    Parameters
    ----------
    explanation : Explanation, optional
        What to show; None until there is something.

    Attributes
    ----------
    result : dict
        ``{request, explanation}``: the explanation (by its schema; of large ones the scores are
        packed, see `jupyter_xai.explanation.wire.sendable`) and the request it answers; 0 is the
        first run.
    progress : dict
        ``{request, state, done, total, seconds, seconds_left, message}``; the state is ``idle``,
        ``running``, ``failed`` or ``cancelled``.
    choices : dict
        ``{methods, levels, response_levels, values, metrics, text}``: what can be asked for, and
        the text that the prompt ends with.
    what_if : dict
        The answer to a changed prompt: ``{request, ...}`` and the fields of `WhatIf`.
    compared : dict
        Other methods beside the explanation: ``{request, ...}`` and `Comparison.to_dict`.
    request : dict
        Set by the view: ``{id, kind, ...}`` with kind ``explain`` (and ``settings``), ``checks``
        (and ``k``), ``metrics`` (and ``groups``, ``k``), ``curves``, ``what-if`` (and ``removed``
        or ``text``), ``compare`` (and ``methods``), ``frame`` (and ``name``, ``replace``) or
        ``cancel``.
    framed : dict
        ``{request, rows, taken, error}``: what became of the DataFrame that was asked for.

    Notes
    -----
    A view whose host keeps the output that is saved with the notebook sends ``{kind: "bundle"}``
    once what was asked is answered, and is sent ``{kind, data, metadata}``: the output as it is
    now. The last answer to a changed prompt is in the metadata, for it is no part of the
    explanation.
    """

    result = traitlets.Dict().tag(sync=True)
    progress = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    what_if = traitlets.Dict().tag(sync=True)
    compared = traitlets.Dict().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    framed = traitlets.Dict().tag(sync=True)

    def __init__(self, explanation: Explanation | None = None, **kwargs: Any) -> None:
        super().__init__(
            result={"request": 0, "explanation": None},
            progress=progress_record("idle"),
            choices=no_choices("opened without its model; run the explanation again"),
            **kwargs,
        )
        self._explainer: Explainer | None = None
        self._settings = Settings()
        self._cell_targets: Targets | None = None
        self._explanation: Explanation | None = None
        self._worker = Worker(self._answer)
        # What leaves the explanation as it is.
        self._asides = {"what-if": self._change_prompt, "compare": self._compare_methods}
        # Held by whoever computes for this widget: a cell in the main thread, or the worker.
        self._busy = threading.Lock()
        self._foreground: Job | None = None
        if explanation is not None:
            self._keep(explanation)
            self._publish(0, explanation)
        # ipykernel 7.4 sends a comm's messages to the shell that used it last, which is the main
        # one while a cell draws; there Cancel would wait for the end of the cell. Requests may
        # come in on any thread here, so they keep the subshell that the front end chose.
        if self.comm is not None:
            vars(self.comm)["_reply_subshell_for"] = lambda _, chosen: chosen
        self.observe(self._asked, names="request")
        self.on_msg(self._told)

    @property
    def explanation(self) -> Explanation | None:
        """What is shown."""
        return self._explanation

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The explanation in every form, as if it had been shown itself."""
        del kwargs
        saved = {} if self._explanation is None else saved_bundle(self._explanation)
        return {**self.view, **(saved or {"text/plain": "(no explanation yet)"})}, {}

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until every request is answered; False when that took too long."""
        return self._worker.wait(timeout)

    def attach(self, explainer: Explainer, settings: Settings) -> None:
        """Say who computes, and with which settings it began."""
        from jupyter_xai.evaluation.checks.groups import offered

        if self._explainer is None:
            self._cell_targets = settings.targets
        self._explainer = explainer
        self._settings = settings
        answering = settings.operator or Operator("text")
        metrics = offered(explainer.model, answering.name)
        self.choices = {**explainer.choices(), "metrics": metrics, "text": explainer.last_text}

    def foreground(self, on_start: Callable[[], None] | None = None) -> Foreground:
        """A watcher for a run in the caller's own thread, which this widget shows.

        Parameters
        ----------
        on_start : callable, optional
            Called once all is checked and loaded, before the model is asked.
        """
        return Foreground(self, on_start)

    def _asked(self, change: Mapping[str, Any]) -> None:
        # Called on whatever thread the front end's message came in.
        request = change["new"]
        if not request:
            return
        if request.get("kind") == "cancel":
            dropped = self._worker.cancel()
            if dropped is not None:
                self._say(dropped, "cancelled")
            foreground = self._foreground
            if foreground is not None:
                foreground.cancel.set()
            return
        if request.get("kind") == "frame":
            shell = running_shell()
            names = None if shell is None else shell.user_ns
            reply = hand_frame(self._explanation, request, names)
            self.framed = {"request": request.get("id", 0), **reply}
            return
        self._worker.submit(_Asked(self, request))

    def _told(self, _: object, content: Mapping[str, Any], buffers: object) -> None:
        del buffers
        if content.get("kind") != "bundle" or self._explanation is None:
            return
        what_if = {MIME: {"what_if": self.what_if}} if self.what_if else {}
        self.send({"kind": "bundle", "data": saved_bundle(self._explanation), "metadata": what_if})

    def _answer(self, job: Job) -> None:
        assert isinstance(job, _Asked)
        with self._busy:
            self._say(job, "running")
            try:
                aside = self._asides.get(job.asked.get("kind", ""))
                if aside is not None:
                    aside(job)
                    self._say(job, "idle")
                    return
                settings, explanation = self._compute(job)
            except Interrupted:
                self._say(job, "cancelled")
            except XaiError as error:
                self._say(job, "failed", message=str(error))
            except Exception as error:
                self.log.exception("jupyter-xai could not answer a request")
                self._say(job, "failed", message=f"{type(error).__name__}: {error}")
            else:

                def publish() -> None:
                    self._settings = settings
                    if self.what_if.get("removed") and _cut(self._explanation) != _cut(explanation):
                        self.what_if = {}  # it told of parts that are none any more
                    self._keep(explanation)
                    self._follow(explanation)
                    self._publish(job.request, explanation)

                self._worker.if_wanted(job, publish)
                self._end(job, explanation)

    def _change_prompt(self, job: _Asked) -> None:
        """Answer a changed prompt; the explanation stays as it is."""
        _, explanation = self._at_hand()
        removed, text = job.asked.get("removed"), job.asked.get("text")
        found = session.change(explanation, removed=removed, text=text, watcher=job)
        answer = {"request": job.request, **found.to_dict()}
        self._worker.if_wanted(job, lambda: self.set_trait("what_if", answer))

    def _compare_methods(self, job: _Asked) -> None:
        """Set other methods beside the explanation, which stays as it is."""
        _, explanation = self._at_hand()
        found = beside(explanation, job.asked.get("methods") or (), watcher=job)
        answer = {"request": job.request, **found.to_dict()}
        self._worker.if_wanted(job, lambda: self.set_trait("compared", answer))

    def _at_hand(self) -> tuple[Explainer, Explanation]:
        if self._explainer is None or self._explanation is None:
            msg = "opened without its model, so nothing can be computed; run the cell again"
            raise XaiError(msg)
        return self._explainer, self._explanation

    def _compute(self, job: _Asked) -> tuple[Settings, Explanation]:
        explainer, current = self._at_hand()
        kind = job.asked.get("kind")
        if kind == "curves":
            return self._settings, session.trace(current, watcher=job)
        if kind == "checks":
            k = job.asked.get("k")
            explanation = session.check(current, k, watcher=job)  # type: ignore[arg-type]
            return replace(self._settings, k=k), explanation
        if kind == "metrics":
            k, groups = job.asked.get("k"), job.asked.get("groups")
            explanation = session.measure(current, k, groups, watcher=job)  # type: ignore[arg-type]
            return self._settings, explanation
        if kind != "explain":
            msg = f"the view asked for {kind!r}, which is unknown; reload the page"
            raise XaiError(msg)
        asked = job.asked.get("settings") or {}
        settings = self._changed(asked)
        if "foil" in asked:
            explainer = explainer.against(asked["foil"])
        return settings, explainer.run(settings, watcher=job)

    def _changed(self, asked: Mapping[str, Any]) -> Settings:
        """The settings with what the reader changed; what no longer fits is chosen anew."""
        assert self._explainer is not None
        changes = {name: asked[name] for name in _CHANGEABLE if name in asked}
        if "targets" in changes:
            changes["targets"] = self._aimed(changes["targets"])
        if asked.get("foil") is not None:
            # Of a contrast there are no logits, and it is about the whole response.
            changes["targets"] = None
            if changes.get("value", self._settings.value) == "logit":
                changes["value"] = None
        if changes.get("method", self._settings.method) != self._settings.method:
            changes = {"perturbations": None, "method_settings": {}, **changes}
        cut = self._explainer.units(self._settings)
        if changes.get("units", cut) != cut:
            changes = {"perturbations": None, **changes}
        settings = replace(self._settings, **changes)
        if settings.k is None:
            return settings
        most = self._explainer.sources(self._explainer.units(settings))
        return replace(settings, k=min(settings.k, most))

    def _aimed(self, asked: Any) -> Targets | None:
        """Letting go of a piece goes back to what the cell asked; letting go of that, to all."""
        if asked is None and self._settings.targets != self._cell_targets:
            return self._cell_targets
        return checked_targets(asked)

    def _keep(self, explanation: Explanation) -> None:
        self._explanation = explanation
        if self._explainer is None and explanation.live is not None:
            self.attach(explanation.live.explainer, explanation.live.settings)

    def _follow(self, explanation: Explanation) -> None:
        """Another foil has another explainer, which offers other choices."""
        live = explanation.live
        if live is not None and live.explainer is not self._explainer:
            self.attach(live.explainer, live.settings)

    def _publish(self, request: int, explanation: Explanation) -> None:
        self.result = {"request": request, "explanation": sendable(explanation)}

    def _end(self, job: Job, explanation: Explanation) -> None:
        """Say how a run ended: complete, cancelled, or at its budget."""
        state = "cancelled" if explanation.partial else "idle"
        # The notes tell the rest.
        self._say(job, state, message=explanation.stopped_at.partition(":")[0])

    def _say(self, job: Job, state: str, **fields: Any) -> None:
        def publish() -> None:
            self.progress = progress_record(state, request=job.request, **fields)

        self._worker.if_wanted(job, publish)


class _Shown(Job):
    """A job whose progress and first scores a widget shows."""

    wants_updates = True
    wants_estimate = True

    def __init__(self, widget: ExplanationWidget, request: int) -> None:
        super().__init__(request)
        self._widget = widget
        self._started = perf_counter()
        self._said = -_BETWEEN
        self._left = TimeLeft()

    def expects(self, estimate: Estimate) -> None:
        self._left.expect(estimate.seconds)
        if estimate.seconds is not None and estimate.seconds > PATIENCE:
            self._tell(0, 0, estimate.brief, None)

    def updated(self, explanation: Explanation) -> None:
        publish = self._widget._publish
        self._widget._worker.if_wanted(self, lambda: publish(self.request, explanation))

    def progressed(self, done: int, total: int, what: str) -> None:
        left = self._left.told(done, total, what)
        if perf_counter() - self._started - self._said >= _BETWEEN:
            self._tell(done, total, what, left)

    def _tell(self, done: int, total: int, what: str, left: float | None) -> None:
        self._said = perf_counter() - self._started
        paid = "" if self.paid is None else f"paid {amount(self.paid)}"
        self._widget._say(
            self,
            "running",
            done=done,
            total=total,
            seconds=round(self._said, 2),
            seconds_left=None if left is None else round(left, 1),
            message=" · ".join(part for part in (what, paid) if part),
        )


class _Asked(_Shown):
    """A job that the reader asked for."""

    def __init__(self, widget: ExplanationWidget, asked: Mapping[str, Any]) -> None:
        super().__init__(widget, int(asked.get("id", 0)))
        self.asked = asked


class Foreground(_Shown):
    """A run in the main thread, such as a cell's; requests wait until it is over."""

    def __init__(self, widget: ExplanationWidget, on_start: Callable[[], None] | None) -> None:
        super().__init__(widget, 0)
        self._on_start = on_start

    def __enter__(self) -> Foreground:
        self._widget._busy.acquire()
        self._widget._foreground = self
        # Loading a model takes its time, and there is nothing to see of it in the cell.
        self._widget._say(self, "running")
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._widget._foreground = None
        self._widget._busy.release()
        if error is not None:
            state = "failed" if isinstance(error, XaiError) else "cancelled"
            self._widget._say(self, state, message=str(error))

    def started(self, explainer: Explainer, settings: Settings) -> None:
        self._widget.attach(explainer, settings)
        if self._on_start is not None:
            self._on_start()

    def finished(self, explanation: Explanation) -> None:
        """Show the end of the run."""
        self._widget._keep(explanation)
        self._widget._publish(0, explanation)
        self._widget._end(self, explanation)


def _cut(explanation: Explanation | None) -> list[str]:
    """The units of the prompt."""
    units = [] if explanation is None else explanation.record["prompt"]["units"]
    return [unit["text"] for unit in units]
