"""What an explanation will cost, before anything is asked for it.

Calls are counted from n prompt units, m response units and the settings, as Zhao et al. do (*Usable
XAI*, table 1): each method knows its own count, see `Method.cost`. Masks that the ledger knows are
free. Time follows from what was measured of the model in this session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb

import numpy as np

from jupyter_xai.evaluation.checks import top_k
from jupyter_xai.explainer.run import Run
from jupyter_xai.methods.base import GameMethod
from jupyter_xai.models.base import Response
from jupyter_xai.models.capabilities import LocalModel, ServedModel
from jupyter_xai.models.prices import a_call
from jupyter_xai.models.speed import pace_of, prompt_tokens
from jupyter_xai.text.formatting import amount, lasting

_WORDS_A_SENTENCE = 16
_BACK = 2.0
"""A pass back through a model takes about twice as long as a pass forward."""

_ROWS_AT_ONCE = 256
_MEGA = 2**20


@dataclass(frozen=True)
class Estimate:
    """What an explanation will ask of its model.

    Attributes
    ----------
    method : str
    n : int
        Removable units of the prompt.
    m : int or None
        Units of the response; None while the model has not answered.
    forwards, backwards, generations : int
        Prompts scored, passes back, answers written: as counted in an explanation's cost. Never
        less than what will be counted.
    reused : int
        Planned masks that are known and cost nothing.
    tokens : int
        Through the model, at most: common beginnings are computed once. 0 when it tells no tokens.
    seconds : float or None
        About; None while nothing was measured of the model.
    bytes : int or None
        Memory beside the weights, about; None for models that are not in this process.
    money : float or None
        At most; None for models without prices.
    notes : tuple of str
        What was assumed.
    """

    method: str
    n: int
    m: int | None
    forwards: int
    backwards: int
    generations: int
    reused: int
    tokens: int
    seconds: float | None
    bytes: int | None
    money: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def brief(self) -> str:
        """Time and calls on a few words, such as ``about 40 s, 64 forwards``."""
        calls = [
            f"{number:,} {kind if number != 1 else kind[:-1]}"
            for kind, number in (
                ("forwards", self.forwards),
                ("backwards", self.backwards),
                ("generations", self.generations),
            )
            if number
        ]
        if not calls:
            return "no model call"
        time = [] if self.seconds is None else [f"about {lasting(self.seconds)}"]
        paid = [] if self.money is None else [f"at most {amount(self.money)} to pay"]
        return ", ".join([*time, *calls, *paid])

    def __str__(self) -> str:
        units = "?" if self.m is None else str(self.m)
        lines = [f"{self.method} · {self.n} prompt x {units} response units · {self.brief}"]
        facts = []
        if self.tokens:
            facts.append(f"at most {self.tokens:,} tokens")
        if self.bytes is not None:
            facts.append(f"about {max(1, round(self.bytes / _MEGA)):,} MB beside the weights")
        if self.reused:
            facts.append(f"{self.reused:,} of the masks known and free")
        if self.seconds is None:
            facts.append("the time is not known before the model was used")
        lines += [", ".join(facts)] if facts else []
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    __repr__ = __str__


def unwritten(max_new_tokens: int, *, first: str = "Word") -> Response:
    """A stand-in for an answer that the model has not written: the longest it may write.

    One word a token, 16 words a sentence; the token ids are none that any model has. Two that have
    another ``first`` word differ from there on.
    """
    words = ["Word" if i % _WORDS_A_SENTENCE == 0 else "word" for i in range(max_new_tokens)]
    for end in range(_WORDS_A_SENTENCE - 1, max_new_tokens, _WORDS_A_SENTENCE):
        words[end] += "."
    words[0] = first
    ends = np.cumsum([len(word) + 1 for word in words])
    spans = [(int(end) - len(word) - 1, int(end)) for word, end in zip(words, ends, strict=True)]
    ids = tuple(-1 - i - max_new_tokens * (first != "Word") for i in range(max_new_tokens))
    # As if given by the user, so that the game does not take it for the model's own.
    return Response(" ".join(words), ids, tuple(spans), supplied=True)


def with_questions(
    estimate: Estimate, *, looks_for_targets: bool, looks_for_foil: bool
) -> Estimate:
    """The same with what it takes to find out what is asked about.

    Parameters
    ----------
    estimate : Estimate
    looks_for_targets : bool
        Two prompts are scored to find the tokens that depend on the prompt.
    looks_for_foil : bool
        The model is asked for its next-best response.
    """
    return replace(
        estimate,
        forwards=estimate.forwards + 2 * looks_for_targets + looks_for_foil,
        generations=estimate.generations + looks_for_foil,
    )


def estimate(run: Run, *, checks: bool, noise_calls: int, is_written: bool) -> Estimate:
    """What a run will ask for.

    Parameters
    ----------
    run : Run
        Nothing of it was asked yet. Where ``is_written`` is False, its game is about the stand-in
        of `unwritten`.
    checks : bool
        Whether the top k will be checked.
    noise_calls : int
        Calls by which the noise floor will be measured.
    is_written : bool
        Whether the model has answered.
    """
    game, settings = run.game, run.settings
    n, sides, by_text = game.n, game.asked_a_mask, game.value == "text"
    counts = run.method.cost(n, game.m, settings.perturbations)
    planned = run.plan()
    looked_at = planned
    unforeseen = 0
    if checks:
        others, one_out = top_k.rivals(n, run.k, settings.seed)
        looked_at = np.concatenate([planned, others, one_out])
        if len(others) < comb(n, run.k):
            # Which units are the top, and which leave-one-out would take, shows only in the end:
            # of the whole response, and of each part that is checked.
            parts = game.m if is_written else top_k.MOST_PARTS
            unforeseen = 2 * (1 + (0 if by_text or parts > top_k.MOST_PARTS else parts))
    new = game.new(looked_at)
    if by_text and not is_written and not game.draws:
        new = new[~looked_at[new].all(axis=1)]  # the whole prompt's answer is the response
    of_plan = new[new < len(planned)]
    more = counts.masks - len(planned) if isinstance(run.method, GameMethod) else 0
    of_checks = (len(new) - len(of_plan) + unforeseen) if checks else 0

    left = settings.max_forwards or np.inf
    taken = []
    for wanted, divides in (
        ((len(of_plan) + more) * sides, True),
        (counts.forwards + counts.backwards, True),
        (noise_calls, False),
        (of_checks * sides, False),
    ):
        taken.append(int(min(wanted, left)) if divides or wanted <= left else 0)
        left -= taken[-1]
    masks, passes, noise, tests = taken
    backwards = round(passes * counts.backwards / max(1, counts.forwards + counts.backwards))

    own = prompt_tokens(game.prompt, looked_at[new], game.operator, game.model)
    whole = int(prompt_tokens(game.prompt, np.ones((1, n), dtype=bool), game.operator)[0])
    answer = len(game.response.ids or ())
    expected = float(own.mean()) if len(new) > 1 else whole / 2
    first = own[: min(len(of_plan), masks // sides)]
    others = masks + tests - sides * len(first)
    tokens = sides * int(first.sum()) + round(others * expected)
    tokens += (noise + passes - backwards) * whole
    tokens += (masks + tests + noise + passes - backwards) * answer
    pace = pace_of(game.model)
    seconds: float | None = 0.0
    if by_text:
        seconds = _times(masks + tests + noise, pace.an_answer)
    elif tokens or masks:
        through = tokens + _BACK * backwards * (whole + answer)
        seconds = _times(through, pace.a_token)
    notes = []
    generations = masks + tests + noise if by_text else 0
    if not is_written:
        seconds = _plus(seconds, pace.an_answer)
        generations += 1
        tokens += whole + answer if whole else 0
        notes.append(
            f"the model has not answered yet: {answer:,} tokens are assumed, as many as "
            "max_new_tokens allows"
        )
    if settings.max_seconds is not None and seconds is not None:
        seconds = min(seconds, settings.max_seconds)
    money = None
    if isinstance(game.model, ServedModel):
        # Nobody here sees its tokens: the most that they can be.
        each = game.a_call
        own_answer = a_call(game.model, game.prompt, game.operator, game.sampling, None)
        calls, answers = masks + tests + noise, int(not is_written)
        tokens = whole = calls * each.tokens + answers * own_answer.tokens
        if settings.max_tokens is not None:
            tokens = min(tokens, settings.max_tokens)
        if game.model.prices is not None:
            money = calls * each.money + answers * own_answer.money
            money = money if settings.max_cost is None else min(money, settings.max_cost)
    memory = None
    if isinstance(game.model, LocalModel) and not by_text and masks:
        memory = game.model.working_bytes(whole, answer, min(masks, _ROWS_AT_ONCE))
    return Estimate(
        method=run.method.name,
        n=n,
        m=game.m if is_written else None,
        forwards=passes - backwards + (0 if by_text else masks + tests + noise),
        backwards=backwards,
        generations=generations,
        reused=len(planned) - len(of_plan),
        tokens=tokens if whole else 0,
        seconds=seconds,
        bytes=memory,
        money=money,
        notes=tuple(notes),
    )


def _times(number: float, each: float | None) -> float | None:
    return 0.0 if not number else None if each is None else number * each


def _plus(seconds: float | None, more: float | None) -> float | None:
    return None if seconds is None or more is None else seconds + more
