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
from jupyter_xai.explainer import cost_arithmetic as arithmetic
from jupyter_xai.explainer.run import Run
from jupyter_xai.explanation.labels import LABELS, calls_made
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import Masks
from jupyter_xai.methods.base import GameMethod
from jupyter_xai.models.base import Response
from jupyter_xai.models.capabilities import LocalModel, ServedModel
from jupyter_xai.models.prices import a_call
from jupyter_xai.models.speed import pace_of, prompt_tokens
from jupyter_xai.text.formatting import amount, lasting

_WORDS_A_SENTENCE = 16
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
        calls = calls_made(vars(self))
        if not calls:
            return LABELS["cost"]["nothing"]
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
    planned = run.plan()
    looked_at, unforeseen = planned, 0
    if checks:
        tested, unforeseen = _tested(run, is_written=is_written)
        looked_at = np.concatenate([planned, tested])
    new = game.new(looked_at)
    if game.has_answers and not is_written and not game.draws:
        new = new[~looked_at[new].all(axis=1)]  # the whole prompt's answer is the response
    of_plan = int((new < len(planned)).sum())
    own = run.method.cost(game.n, game.m, settings.perturbations)
    more = own.masks - len(planned) if isinstance(run.method, GameMethod) else 0
    wanted = arithmetic.Counts(
        masks=(of_plan + more) * game.asked_a_mask,
        forwards=own.forwards,
        backwards=own.backwards,
        noise=noise_calls,
        checks=(len(new) - of_plan + unforeseen) * game.asked_a_mask,
        answers=0 if is_written else 1,
    )
    counts = arithmetic.calls(wanted, settings.max_forwards)
    lengths = _lengths(game, looked_at[new], of_plan)
    tokens, money = _tokens_and_money(run, counts, lengths)
    seconds = arithmetic.seconds(counts, lengths, pace_of(game.model), by_text=game.has_answers)
    return Estimate(
        method=run.method.name,
        n=game.n,
        m=game.m if is_written else None,
        forwards=counts.forwards + (0 if game.has_answers else counts.asked),
        backwards=counts.backwards,
        generations=counts.answers + (counts.asked if game.has_answers else 0),
        reused=len(planned) - of_plan,
        tokens=tokens,
        seconds=_at_most(settings.max_seconds, seconds),
        bytes=_memory(game, counts, lengths),
        money=money,
        notes=() if is_written else (_assumed(lengths.answer),),
    )


def _tested(run: Run, *, is_written: bool) -> tuple[Masks, int]:
    """Masks that the checks look at, and how many more show only in the end."""
    game = run.game
    others, one_out = top_k.rivals(game.n, run.k, run.settings.seed)
    unforeseen = 0
    if len(others) < comb(game.n, run.k):
        # Which units are the top, and which leave-one-out would take: of the whole response, and
        # of each part that is checked.
        parts = game.m if is_written else top_k.MOST_PARTS
        checked = 0 if game.has_answers or parts > top_k.MOST_PARTS else parts
        unforeseen = 2 * (1 + checked)
    return np.concatenate([others, one_out]), unforeseen


def _lengths(game: MaskingGame, new: Masks, of_plan: int) -> arithmetic.Lengths:
    """Tokens of the masks that are not known, those of the plan first, and of the whole prompt."""
    own = prompt_tokens(game.prompt, new, game.operator, game.model)
    whole = int(prompt_tokens(game.prompt, np.ones((1, game.n), dtype=bool), game.operator)[0])
    return arithmetic.Lengths(
        planned=own[:of_plan],
        later=float(own.mean()) if len(new) > 1 else whole / 2,
        whole=whole,
        answer=len(game.response.ids or ()),
        calls_a_mask=game.asked_a_mask,
    )


def _tokens_and_money(
    run: Run, counts: arithmetic.Counts, lengths: arithmetic.Lengths
) -> tuple[int, float | None]:
    """Tokens at most, and what is paid for them; None for models without prices."""
    game, settings = run.game, run.settings
    if not isinstance(game.model, ServedModel):
        return arithmetic.tokens(counts, lengths), None
    own_answer = a_call(game.model, game.prompt, game.operator, game.sampling, None)
    bill = arithmetic.bill(counts, game.a_call, own_answer)
    money = None if game.model.prices is None else bill.money
    tokens = bill.tokens if settings.max_tokens is None else min(bill.tokens, settings.max_tokens)
    return tokens, _at_most(settings.max_cost, money)


def _memory(
    game: MaskingGame, counts: arithmetic.Counts, lengths: arithmetic.Lengths
) -> int | None:
    """Bytes beside the weights, where rows are scored in this process."""
    if not isinstance(game.model, LocalModel) or game.has_answers or not counts.masks:
        return None
    rows = min(counts.masks, _ROWS_AT_ONCE)
    return game.model.working_bytes(lengths.whole, lengths.answer, rows)


def _assumed(answer: int) -> str:
    return (
        f"the model has not answered yet: {answer:,} tokens are assumed, as many as "
        "max_new_tokens allows"
    )


def _at_most(limit: float | None, number: float | None) -> float | None:
    return number if limit is None or number is None else min(number, limit)
