"""`explain` and `estimate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyter_xai.explainer.estimate import Estimate
from jupyter_xai.explainer.options import ABOUT
from jupyter_xai.explainer.prepare import prepare
from jupyter_xai.explainer.session import Session
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.models.base import Message
from jupyter_xai.progress import Line, Progress, Watcher, watcher_of
from jupyter_xai.text.document import Span


def explain(
    prompt: str | Sequence[Message],
    model: Any = None,
    *,
    response: str | None = None,
    foil: str | None = None,
    method: str = "linear",
    units: str | Sequence[Span] | None = None,
    response_units: str = "sentence",
    targets: str | Sequence[Span] | None = None,
    value: str | None = None,
    operator: str | None = None,
    replacement: str | None = None,
    distance: str | None = None,
    k: int | None = None,
    perturbations: int | None = None,
    seed: int = 0,
    system: str | None = None,
    explain_system: bool = False,
    max_new_tokens: int = 256,
    temperature: float = 0.0,
    samples: int = 1,
    language: str = "en",
    checks: bool | None = None,
    max_forwards: int | None = None,
    max_seconds: float | None = None,
    max_tokens: int | None = None,
    max_cost: float | None = None,
    progress: bool | Progress | Watcher | None = None,
    **settings: Any,
) -> Explanation:
    """Explain which parts of a prompt caused a model's response.

    Parameters
    ----------
    prompt : str or list of messages
        A text, or a chat: ``[{"role": "user", "content": "..."}, ...]``.
    model : optional
        Anything that `jupyter_xai.load` takes; the embedded tutor unless given.
    response : str, optional
        A text to explain instead of the model's own answer.
    foil : str, optional
        A text to contrast the response with: scores then say what speaks for the response and
        against the foil. The method ``contrastive`` takes the model's next-best response unless
        one is given.
    method : str
        See `jupyter_xai.methods.names`.
    units : str or list of (start, end), optional
        How the prompt is cut: ``token``, ``word``, ``sentence``, ``paragraph``, for a chat
        ``message``; or the spans of the prompt that may be removed, in characters. The method's
        own choice unless given: ``word`` for ``gsmile``, else ``sentence``.
    response_units : str
        How the response is cut: ``token``, ``word``, ``sentence`` or ``paragraph``.
    targets : str or list of (start, end), optional
        Which pieces of the response are explained: ``context-dependent`` for the tokens that depend
        on the prompt most, or spans of the response, in characters. All of it unless given.
    value : str, optional
        What the scores measure: ``logprob``, ``logit`` or ``text``. The method's own choice unless
        given; ``text`` where the model gives nothing else.
    operator : str, optional
        What removing a unit means: ``text`` (what is left is sent as if somebody had typed it),
        ``delete`` (its token ids are dropped, the others stay as they were), ``mask-token``,
        ``replace``, ``substitute`` (other words in the place of its own), ``zero-embedding`` or
        ``attention``. Unless given ``text`` for ``text`` values, and ``delete`` for
        log-probabilities; for models that read text only both are ``text``.
    replacement : str, optional
        For ``replace`` the text to put in, for ``mask-token`` the token, for ``substitute`` the
        words to draw from; unless given each word gives way to its nearest neighbour.
    distance : str, optional
        How texts are compared, for ``text`` values: ``cosine``, ``wmd``, ``wmd+cosine``, or
        ``wmd-P`` for the Wasserstein distance of order P. The method's own choice unless given.
    k : int, optional
        How many top units are checked together: 3, or all where there are fewer.
    perturbations : int, optional
        How many masked prompts are evaluated; the method's own choice unless given.
    seed : int
    system : str, optional
        A system message to put before the prompt. It stays, unless ``explain_system``.
    explain_system : bool
    max_new_tokens, temperature
        How the model answers; greedy unless a temperature is given.
    samples : int
        How many answers are drawn for each masked prompt, where answers are drawn: with a
        temperature, or by a function. Their means are explained, and their spread is in the
        intervals of `gsmile` and in the noise floor.
    language : str
        ISO 639 code for the sentence splitter.
    checks : bool, optional
        Whether to test the top k against random units and leave-one-out. By default where the
        model gives log-probabilities.
    max_forwards : int, optional
        The most prompts that the model may score or answer in this run, passes back included. Its
        own answer and what is remembered are not counted. The result is the best within it.
    max_seconds : float, optional
        No call is begun that is not expected to end within so many seconds.
    max_tokens : int, optional
        The most tokens that the whole run may read and write (an answer is as long as
        ``max_new_tokens`` allows). No call is begun that might take more than what is left.
    max_cost : float, optional
        The most money that the whole run may cost, for models that were loaded with ``prices=``.
    progress : bool, callable or Watcher, optional
        False for silence, or what to call with ``(done, total, what)``. By default a line on
        standard error where somebody can see it and the run takes more than two seconds.
    **settings
        Settings of the method.

    Returns
    -------
    Explanation
        Marked partial when it was interrupted or its budget ended first; the same call again goes
        on from there.

    Raises
    ------
    XaiError
        When something does not fit; the message says what to do.

    Examples
    --------
    >>> e = explain("Be brief. Be kind.", str.upper, method="leave-one-out")
    >>> e.total.shape
    (2,)
    """
    # One list of options serves here, too: the arguments above have its names and its defaults.
    given = locals()
    session = prepare(prompt, model, **{name: given[name] for name in ABOUT}, **settings)
    return explained(session, checks=checks, progress=progress)


def explained(
    session: Session,
    *,
    checks: bool | None = None,
    progress: bool | Progress | Watcher | None = None,
) -> Explanation:
    """What a prepared session gives; ``checks`` and ``progress`` are those of `explain`."""
    watcher = watcher_of(progress)
    try:
        return Explanation.of(session.run(checks=checks, watcher=watcher))
    finally:
        # Whoever gave a line writes on it after this.
        if isinstance(watcher, Line) and watcher is not progress:
            watcher.close()


def estimate(
    prompt: str | Sequence[Message],
    model: Any = None,
    *,
    checks: bool | None = None,
    progress: bool | Progress | Watcher | None = None,
    **options: Any,
) -> Estimate:
    """What an explanation would cost: calls, tokens, time and memory.

    The model is not asked about the prompt. A local model that nobody used yet in this session is
    measured by a few words of its own, so that the time can be told.

    Parameters
    ----------
    prompt, model, checks, progress, **options
        Those of `explain`; nothing is told of progress.

    Returns
    -------
    Estimate
        Its calls are never fewer than those that `explain` makes; without checks, methods that
        plan their masks make exactly as many.

    Raises
    ------
    XaiError
        When something does not fit; the message says what to do.

    Examples
    --------
    >>> estimate("Be brief. Be kind.", str.upper, method="leave-one-out").generations
    3
    """
    del progress
    return prepare(prompt, model, **options).estimate(checks=checks)
