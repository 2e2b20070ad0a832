"""The live view: an anywidget that answers what its reader asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import traitlets

from jupyter_xai.environment import shell as running_shell
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.evaluation.checks.groups import offered
from jupyter_xai.explainer.choices import no_choices
from jupyter_xai.explainer.options import LIVE
from jupyter_xai.explainer.session import WITHOUT_MODEL, LiveResult, Session
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.labels import stop_name
from jupyter_xai.explanation.render.bundle import saved_bundle
from jupyter_xai.explanation.result import MIME, Result
from jupyter_xai.explanation.wire import sendable
from jupyter_xai.game.targets import Targets, checked_targets
from jupyter_xai.interface.widget import subshells
from jupyter_xai.interface.widget.front_end import FrontEnd
from jupyter_xai.interface.widget.jobs import AskedJob, ForegroundJob, Job, Worker
from jupyter_xai.interface.widget.variables import hand_frame
from jupyter_xai.models.base import Operator
from jupyter_xai.progress import progress_record


class ExplanationWidget(FrontEnd):
    """Shows an explanation and computes what its reader asks for.

    Requests are answered in a worker thread, for which reason every use of a model holds that
    model's lock. The newest request wins; a cancelled one keeps what it has.

    Parameters
    ----------
    explanation : Result, optional
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

    def __init__(self, explanation: Result | None = None, **kwargs: Any) -> None:
        super().__init__(
            result={"request": 0, "explanation": None},
            progress=progress_record("idle"),
            choices=no_choices(WITHOUT_MODEL),
            **kwargs,
        )
        self._session: Session | None = None
        self._cell_targets: Targets | None = None
        self._explanation: Result | None = None
        self._worker = Worker(self._answer)
        # What leaves the explanation as it is.
        self._asides = {"what-if": self._change_prompt, "compare": self._compare_methods}
        # Held by whoever computes for this widget: a cell in the main thread, or the worker.
        self._busy = threading.Lock()
        self._foreground: Job | None = None
        if explanation is not None:
            self._keep(explanation)
            self._publish(0, explanation)
        subshells.keep_chosen_subshell(self.comm)
        self.observe(self._asked, names="request")
        self.on_msg(self._told)

    @property
    def explanation(self) -> Result | None:
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

    def attach(self, session: Session) -> None:
        """Say who answers, and with which settings it began."""
        explainer, settings = session.explainer, session.settings
        if self._session is None:
            self._cell_targets = settings.targets
        self._session = session
        answering = settings.operator or Operator("text")
        metrics = offered(explainer.model, answering.name)
        self.choices = {**explainer.choices(), "metrics": metrics, "text": explainer.last_text}

    @contextmanager
    def foreground(self) -> Iterator[ForegroundJob]:
        """A watcher for a run in the caller's own thread, which this widget shows.

        Requests wait until it is over; Cancel stops it.
        """
        job = ForegroundJob(self._publish_of, self._say, self._finish)
        with self._busy:
            self._foreground = job
            self._say(job, "running")
            try:
                yield job
            except BaseException as error:
                state = "failed" if isinstance(error, XaiError) else "cancelled"
                self._say(job, state, message=str(error))
                raise
            finally:
                self._foreground = None

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
        self._worker.submit(AskedJob(request, self._publish_of, self._say))

    def _told(self, _: object, content: Mapping[str, Any], buffers: object) -> None:
        del buffers
        if content.get("kind") != "bundle" or self._explanation is None:
            return
        what_if = {MIME: {"what_if": self.what_if}} if self.what_if else {}
        self.send({"kind": "bundle", "data": saved_bundle(self._explanation), "metadata": what_if})

    def _answer(self, job: Job) -> None:
        assert isinstance(job, AskedJob)
        with self._busy:
            self._say(job, "running")
            try:
                aside = self._asides.get(job.asked.get("kind", ""))
                if aside is not None:
                    aside(job)
                    self._say(job, "idle")
                    return
                session, explanation = self._compute(job)
            except Interrupted:
                self._say(job, "cancelled")
            except XaiError as error:
                self._say(job, "failed", message=str(error))
            except Exception as error:
                self.log.exception("jupyter-xai could not answer a request")
                self._say(job, "failed", message=f"{type(error).__name__}: {error}")
            else:

                def publish() -> None:
                    if self.what_if.get("removed") and _cut(self._explanation) != _cut(explanation):
                        self.what_if = {}  # it told of parts that are none any more
                    self._explanation = explanation
                    self._follow(session)
                    self._publish(job.request, explanation)

                self._worker.if_wanted(job, publish)
                self._end(job, explanation)

    def _change_prompt(self, job: AskedJob) -> None:
        """Answer a changed prompt; the explanation stays as it is."""
        session, current = self._at_hand()
        removed, text = job.asked.get("removed"), job.asked.get("text")
        found = session.change(current, removed=removed, text=text, watcher=job)
        answer = {"request": job.request, **found.to_dict()}
        self._worker.if_wanted(job, lambda: self.set_trait("what_if", answer))

    def _compare_methods(self, job: AskedJob) -> None:
        """Set other methods beside the explanation, which stays as it is."""
        session, current = self._at_hand()
        found = session.compare(current, job.asked.get("methods") or (), watcher=job)
        answer = {"request": job.request, **found.to_dict()}
        self._worker.if_wanted(job, lambda: self.set_trait("compared", answer))

    def _at_hand(self) -> tuple[Session, Result]:
        if self._session is None or self._explanation is None:
            raise XaiError(WITHOUT_MODEL)
        return self._session, self._explanation

    def _compute(self, job: AskedJob) -> tuple[Session, Result]:
        session, current = self._at_hand()
        kind = job.asked.get("kind")
        if kind == "curves":
            return session, session.trace(current, watcher=job)
        if kind == "checks":
            k: Any = job.asked.get("k")
            checked = session.check(current, k, watcher=job)
            return replace(session, settings=replace(session.settings, k=k)), checked
        if kind == "metrics":
            k, groups = job.asked.get("k"), job.asked.get("groups")
            return session, session.measure(current, k, groups, watcher=job)
        if kind != "explain":
            msg = f"the view asked for {kind!r}, which is unknown; reload the page"
            raise XaiError(msg)
        asked = job.asked.get("settings") or {}
        explainer, settings = session.explainer, self._changed(session, asked)
        if "foil" in asked:
            explainer = explainer.against(asked["foil"])
        session = Session(explainer, settings)
        return session, session.run(watcher=job)

    def _changed(self, session: Session, asked: Mapping[str, Any]) -> Settings:
        """The settings with what the reader changed; what no longer fits is chosen anew."""
        explainer, before = session.explainer, session.settings
        changes = {name: asked[name] for name in LIVE if name in asked}
        if "targets" in changes:
            changes["targets"] = self._aimed(before, changes["targets"])
        if asked.get("foil") is not None:
            # Of a contrast there are no logits, and it is about the whole response.
            changes["targets"] = None
            if changes.get("value", before.value) == "logit":
                changes["value"] = None
        if changes.get("method", before.method) != before.method:
            changes = {"perturbations": None, "method_settings": {}, **changes}
        cut = before.prompt_units
        if changes.get("units", cut) != cut:
            changes = {"perturbations": None, **changes}
        settings = replace(before, **changes)
        if settings.k is None:
            return settings
        most = explainer.sources(settings.prompt_units)
        return replace(settings, k=min(settings.k, most))

    def _aimed(self, before: Settings, asked: Any) -> Targets | None:
        """Letting go of a piece goes back to what the cell asked; letting go of that, to all."""
        if asked is None and before.targets != self._cell_targets:
            return self._cell_targets
        return checked_targets(asked)

    def _follow(self, session: Session) -> None:
        """Ask this session from now on; another foil has another explainer, with other choices."""
        if self._session is None or session.explainer is not self._session.explainer:
            self.attach(session)
        self._session = session

    def _publish_of(self, job: Job, explanation: Result) -> None:
        self._worker.if_wanted(job, lambda: self._publish(job.request, explanation))

    def _keep(self, explanation: Result) -> None:
        self._explanation = explanation
        if self._session is None and isinstance(explanation, LiveResult) and explanation.live:
            self.attach(explanation.live)

    def _finish(self, job: ForegroundJob, explanation: Result) -> None:
        self._keep(explanation)
        self._publish(0, explanation)
        self._end(job, explanation)

    def _publish(self, request: int, explanation: Result) -> None:
        self.result = {"request": request, "explanation": sendable(explanation)}

    def _end(self, job: Job, explanation: Result) -> None:
        """Say how a run ended: complete, cancelled, or at its budget."""
        state = "cancelled" if explanation.partial else "idle"
        # The notes tell the rest.
        stopped = explanation.record.get("stopped")
        self._say(job, state, message=stop_name(stopped) if stopped else "")

    def _say(self, job: Job, state: str, /, **fields: Any) -> None:
        def publish() -> None:
            self.progress = progress_record(state, request=job.request, **fields)

        self._worker.if_wanted(job, publish)


def _cut(explanation: Result | None) -> list[str]:
    """The units of the prompt."""
    units = [] if explanation is None else explanation.record["prompt"]["units"]
    return [unit["text"] for unit in units]
