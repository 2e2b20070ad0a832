"""What it costs to make sure of a model: the probe, the fingerprint, the row that is run alone.

Runs of 64 masks with all safety take turns with runs that believe signatures, configurations and a
sample of the weights, as b62a7a3 did. Beside the pairs stands what the safety code itself took
within the runs that have it, which the machine's ups and downs hardly move. Answers are given, so
that all of a run is scoring: what is generated would only make the share smaller.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from os import getloadavg
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np
from support.report import Table, Target, arguments, finish, seconds

import jupyter_xai as xai
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.trust import Trust
from jupyter_xai.models.local.batched_answers import Answering
from jupyter_xai.models.local.fingerprints import checkpoint
from jupyter_xai.models.local.scoring import ScoringKernel
from jupyter_xai.models.local.transformers import TransformersModel

LONG = (
    "We have run a small bakery by the harbour for eleven years, and this winter the oven gave up. "
    "It was a deck oven with three floors, bought second hand from a hotel that closed. "
    "The repair would cost four thousand, and nobody can promise that it lasts until summer. "
    "A new oven of the same size costs eighteen thousand, delivered and put in. "
    "A smaller one costs eleven thousand, but it bakes only two thirds of our Saturdays. "
    "On weekdays we sell some two hundred loaves, on Saturdays three hundred and fifty. "
    "In July and August, when the boats come in, both numbers nearly double. "
    "My sister keeps the books and says that we can borrow ten thousand without losing sleep. "
    "The bank has offered us fifteen thousand over five years, at a rate that I find too high. "
    "The county has a fund for shops that save energy, which pays a third of the price. "
    "To get it, the new oven must use a quarter less than the old one, measured over a month. "
    "The maker says that both of the new ovens do, but the form asks for a report by an engineer. "
    "The engineer is free in three weeks, and the fund closes its list in five. "
    "Until then we bake at night in the kitchen of the school, which is kind of them but far away. "
    "My back is not what it was, and carrying flour across the town in the rain does not help. "
    "Two of our four bakers want to stay whatever happens, one is about to have a child. "
    "The fourth has been asked by the new supermarket, which pays better and starts at six. "
    "Our rye bread is what people come for, and it needs a hot stone floor and a long, slow bake. "
    "The cakes could as well be made in the little convection oven that we still have. "
    "The café next door would take forty rolls a day if we could bring them before seven. "
    "The owner of our house has said that she will not raise the rent before next spring. "
    "She would even let us break the wall to the yard, if we pay for the door ourselves. "
    "A friend told me of a bakery inland that sells its oven in March, five years old, for seven "
    "thousand. "
    "Nobody could say what it would cost to take it apart, bring it here and build it up again. "
    "The insurance pays nothing, since the oven was older than fifteen years when it broke. "
    "Our neighbours have collected eight hundred for us, and I want to give it back some day. "
    "The school needs its kitchen again from the first of April, when its own cook returns. "
    "What should we do about the oven, and in which order?"
)
LONG_ANSWER = (
    "Ask the engineer for the report now, so that the county pays a third of the large oven. "
    "Borrow the rest from the bank, and bake the rye bread at the school until it is there."
)
SHORT = "The soup is too salty. Guests come at seven. What can I do?"
SHORT_ANSWER = "Add potatoes and some water."

_MASKS = 64
_DRAWS = 10_000
_RUNS = ("first run of a model", "a later run", "another method on what is known")


class Believing(TransformersModel):
    """A model that is believed: nothing is measured, run twice or asked for what it was known."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        super().__init__(model, tokenizer, name="believed")
        self._kernel = ScoringKernel(model)
        self._answering = Answering(model, self._kernel)

    def fingerprint(self) -> str:
        """A sample of the weights."""
        return checkpoint(self.model)


def run(model: TransformersModel, prompt: str, answer: str, ledger: Ledger, method: str) -> None:
    """One explanation, from the prompt to the scores."""
    settings = Settings(method=method, perturbations=_MASKS)
    Explainer(model, prompt, response=answer, ledger=ledger).run(settings, checks=False)


def took(work: Callable[[], object]) -> float:
    """Processor seconds, which other work on the machine hardly moves."""
    gc.collect()
    started = process_time()
    work()
    return process_time() - started


@contextmanager
def believing() -> Iterator[None]:
    """What the ledger knows is believed, too."""
    with patch.object(Trust, "examine", lambda *_: None):
        yield


@contextmanager
def clocked(spent: list[float]) -> Iterator[None]:
    """Adds up what the outermost calls of the safety code take."""
    inside = False

    def watched(work: Callable[..., Any]) -> Callable[..., Any]:
        def timed_work(*arguments: Any, **options: Any) -> Any:
            nonlocal inside
            if inside:
                return work(*arguments, **options)
            inside, started = True, process_time()
            try:
                return work(*arguments, **options)
            finally:
                inside = False
                spent.append(process_time() - started)

        return timed_work

    places = [
        (TransformersModel, "fingerprint"),
        (ScoringKernel, "bearing"),
        (ScoringKernel, "_compare"),
        (Trust, "examine"),
    ]
    with ExitStack() as stack:
        for owner, name in places:
            stack.enter_context(patch.object(owner, name, watched(getattr(owner, name))))
        yield


@contextmanager
def counted(model: Any, calls: list[int]) -> Iterator[None]:
    """Notes how many tokens each call of the model reads."""
    kind = type(model)
    forward = kind.forward

    # Its signature stays, by which the kernel knows what it takes.
    @wraps(forward)
    def noted(*positional: Any, **options: Any) -> Any:
        calls.append(options["input_ids"].numel())
        return forward(*positional, **options)

    with patch.object(kind, "forward", noted):
        yield


def interval(figures: Sequence[float]) -> str:
    """A median with its 95 % interval, by the bootstrap."""
    drawn = np.random.default_rng(0).choice(figures, (_DRAWS, len(figures)))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return f"{median(figures):.2f} % [{low:.2f}, {high:.2f}]"


def times(torch_model: Any, tokenizer: Any, repetitions: int) -> tuple[Table, list[Target]]:
    """Processor seconds of the long question, in turns."""
    spent: list[float] = []

    def believing_run() -> float:
        with believing():
            model = Believing(torch_model, tokenizer)
            return took(lambda: run(model, LONG, LONG_ANSWER, Ledger(), "linear"))

    def guarded_run(model: TransformersModel) -> float:
        spent.clear()
        with clocked(spent):
            return took(lambda: run(model, LONG, LONG_ANSWER, Ledger(), "linear"))

    believing_run()
    pairs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in _RUNS[:2]}
    for turn in range(repetitions):
        model = TransformersModel(torch_model, tokenizer, name="made sure of")
        for name, found in pairs.items():
            # Each goes first in every other turn.
            before = believing_run() if turn % 2 else None
            guarded = guarded_run(model)
            safety = sum(spent)
            believed = before if before is not None else believing_run()
            found.append((believed, guarded, safety))
            print(f"{name}: {believed:.2f}, {guarded:.2f}, {safety:.2f} s", file=sys.stderr)
    table = Table(
        f"{_MASKS} masks over the long question, processor seconds",
        ("", "believing", "making sure", "more, by pairs", "the safety code", "its share"),
    )
    targets = []
    for name, found in pairs.items():
        believed, guarded, safety = (median(column) for column in zip(*found, strict=True))
        shares = [100 * s / (g - s) for _, g, s in found]
        more = interval([100 * (g / b - 1) for b, g, _ in found])
        table.add(
            name, seconds(believed), seconds(guarded), more, seconds(safety), interval(shares)
        )
        targets.append(Target(f"safety: {name}", median(shares), 2, "%", least=False))
    return table, targets


def calls(torch_model: Any, tokenizer: Any) -> Table:
    """How often the model is called for safety alone, and with how many tokens."""
    table = Table("Calls of the model for safety alone", ("", "calls", "tokens", "of the run's"))
    for title, prompt, answer in (("long", LONG, LONG_ANSWER), ("short", SHORT, SHORT_ANSWER)):
        made_sure = TransformersModel(torch_model, tokenizer, name="made sure of")
        believed = Believing(torch_model, tokenizer)
        ledgers = Ledger(), Ledger()
        for name in _RUNS:
            known = name == _RUNS[2]
            if not known:
                ledgers = Ledger(), Ledger()
            method = "lime" if known else "linear"
            guarded: list[int] = []
            plainly: list[int] = []
            with counted(torch_model, guarded):
                run(made_sure, prompt, answer, ledgers[0], method)
            with believing(), counted(torch_model, plainly):
                run(believed, prompt, answer, ledgers[1], method)
            print(title, name, guarded, plainly, file=sys.stderr)
            more = sum(guarded) - sum(plainly)
            extra = str(len(guarded) - len(plainly))
            table.add(f"{title}, {name}", extra, f"{more:,}", f"{sum(plainly):,}")
    return table


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repetitions", type=int, default=4)
    options = parser.parse_args()

    import torch

    torch.set_num_threads(options.threads)
    loaded = xai.load("smollm2")
    assert isinstance(loaded, TransformersModel)
    read = len(loaded.prompt(LONG).ids or ())
    print(f"{read} tokens; load {getloadavg()[0]:.1f}", file=sys.stderr)
    count = calls(loaded.model, loaded.tokenizer)
    print(count, file=sys.stderr)
    table, targets = times(loaded.model, loaded.tokenizer, options.repetitions)
    print(f"load {getloadavg()[0]:.1f}", file=sys.stderr)
    return finish("safety", [table, count], targets, options.json)


if __name__ == "__main__":
    sys.exit(main())
