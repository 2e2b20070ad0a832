"""How fast prompts are scored, beside other libraries and beside the arithmetic itself.

One process, one model (61 million parameters, random weights), one prompt and one response, two
threads. Beside each time stands the largest difference between its scores and those of a plain
batched pass. See benchmarks/requirements.txt for how the other libraries are installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from support import peers, subject
from support.floor import Meter, Work, least_work
from support.report import Table, Target, arguments, finish, seconds
from support.timing import interleaved, timed

from jupyter_xai import methods
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.masking import random_pairs
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.base import Operator
from jupyter_xai.models.local.transformers import TransformersModel

Scores = NDArray[np.float64]

_COLUMNS = ("", "time", "to ours", "largest difference", "")
_OURS = "jupyter-xai"
_PLAIN = "plain batched pass"
_BATCHES = (1, 8)
"""ContextCite's default, and one that suits this model better."""
_MASKS = 64
_WRONG = 1e-2


class Race:
    """One table: everybody's time and how far their scores lie from the plain pass."""

    def __init__(self, title: str) -> None:
        self.table = Table(title, _COLUMNS)
        self.times: dict[str, float] = {}

    def enter(self, name: str, time: float, scores: Scores, truth: Scores, note: str = "") -> None:
        """Add a finisher. Scores without signs are compared with the magnitudes."""
        self.times[name] = time
        if (scores >= 0).all():
            truth = np.abs(truth)
        ratio = f"{time / self.times.get(_OURS, time):.2f} x"
        difference = f"{np.abs(scores - truth).max():.1e}"
        self.table.add(name, seconds(time), ratio, difference, note)

    def absent(self, name: str, reason: str) -> None:
        """Say plainly that somebody could not be measured."""
        self.table.add(name, "not measured", "", "", reason)

    def attempt(self, name: str, work: Callable[[], Scores], truth: Scores) -> None:
        """Time something once that may not run here at all."""
        try:
            time, scores = timed(work)
        except Exception as error:
            self.absent(name, f"{type(error).__name__}: {str(error).strip().splitlines()[0]}")
            return
        print(f"{name}: {time:.2f} s", file=sys.stderr, flush=True)
        off = np.abs(np.abs(scores) - np.abs(truth)).max() > _WRONG
        self.enter(name, time, scores, truth, "not the model's values" if off else "")

    def ratio(self, *names: str) -> float | None:
        """How many times longer the quickest of these takes than ours; None when none ran."""
        measured = [self.times[name] for name in names if name in self.times]
        return min(measured) / self.times[_OURS] if measured else None

    def to_floor(self, work: Work, meter: Meter) -> float:
        """Add the floor, and give how far above it ours is."""
        measured = meter.rates()
        floor = work.seconds(measured)
        self.table.add(
            "arithmetic floor",
            seconds(floor),
            f"{floor / self.times[_OURS]:.2f} x",
            "",
            f"{work.tokens:,} tokens at {measured.blocks / 1e9:.0f} GFLOP/s, "
            f"head at {measured.head / 1e9:.0f}",
        )
        return self.times[_OURS] / floor


def leave_one_out(ours: TransformersModel, repetitions: int) -> tuple[Race, list[Target]]:
    """Token leave-one-out, a removed token being replaced by the unknown token."""
    race = Race("Leave-one-out over tokens")
    model, tokenizer = ours.model, ours.tokenizer
    prompt = ours.prompt(subject.PROMPT, units="token")
    response = ours.supplied(prompt, subject.RESPONSE)
    assert response.ids is not None
    ids = response.ids
    operator = Operator("mask-token")
    method = methods.get("leave-one-out")
    assert isinstance(method, MaskMethod)
    masks = method.plan(len(prompt.document.sources), None, seed=0)
    inputs = ours.inputs(prompt, masks, operator)

    def plain() -> Scores:
        logprobs = peers.plain_batched(model, inputs, ids)
        return logprobs[0] - logprobs[1:]

    def one_pass() -> Scores:
        return peers.captum_ablation(model, tokenizer, subject.PROMPT, ids, one_pass=True)

    def mine() -> Scores:
        game = MaskingGame(
            ours, prompt, response, response_units="token", operator=operator, ledger=Ledger()
        )
        values = game.values(masks)
        return method.solve(masks, values, lengths=game.lengths, seed=0).scores[:, :-1]

    meter = Meter(model)
    captum, captum_default = "Captum, one pass", "Captum, as it comes"
    results = interleaved(
        {_OURS: mine, _PLAIN: plain, captum: one_pass}, repetitions, meter.measure
    )
    truth = results[_PLAIN][1]
    for name, (time, scores) in results.items():
        race.enter(name, time, scores, truth)
    # Long enough that one run is fair.
    race.attempt(
        captum_default,
        lambda: peers.captum_ablation(model, tokenizer, subject.PROMPT, ids, one_pass=False),
        truth,
    )
    inseq = "Inseq occlusion"
    race.attempt(
        inseq,
        lambda: peers.inseq_occlusion(model, tokenizer, subject.PROMPT, subject.RESPONSE),
        truth,
    )
    to_floor = race.to_floor(least_work(model, inputs, ids), meter)
    return race, [
        Target("tokens: times faster than Captum", race.ratio(captum_default), 40, "x"),
        Target("tokens: times faster than Inseq", race.ratio(inseq), 40, "x"),
        Target("tokens: times faster than Captum's one pass", race.ratio(captum), 2.5, "x"),
        Target("tokens: time over the arithmetic floor", to_floor, 1.5, "x", least=False),
    ]


def sentence_masks(ours: TransformersModel, repetitions: int) -> tuple[Race, list[Target]]:
    """Keep-half masks over sentences, a removed sentence being deleted."""
    race = Race(f"{_MASKS} masks over sentences")
    model = ours.model
    prompt = ours.prompt(subject.PROMPT, units="sentence")
    response = ours.supplied(prompt, subject.RESPONSE)
    assert response.ids is not None
    ids = response.ids
    masks = random_pairs(len(prompt.document.sources), _MASKS, seed=0)
    inputs = ours.inputs(prompt, masks, Operator())

    def mine() -> Scores:
        game = MaskingGame(ours, prompt, response, response_units="token", ledger=Ledger())
        return game.values(masks)[:, :-1]

    contestants: dict[str, Callable[[], Scores]] = {
        _OURS: mine,
        _PLAIN: lambda: peers.plain_batched(model, inputs, ids),
    }
    cites: list[str] = []
    reason = peers.missing("context_cite") or peers.missing("nltk")
    if reason is None:
        tokenizer = subject.left_padding(ours.tokenizer)
        for size in _BATCHES:
            cites.append(f"ContextCite, batches of {size}")
            contestants[cites[-1]] = peers.context_cite_scores(
                model, tokenizer, prompt.document, subject.RESPONSE, masks, size=size
            )
    meter = Meter(model)
    results = interleaved(contestants, repetitions, meter.measure)
    truth = results[_PLAIN][1]
    for name, (time, scores) in results.items():
        race.enter(name, time, scores, truth)
    if reason is not None:
        race.absent("ContextCite", reason)
    to_floor = race.to_floor(least_work(model, inputs, ids), meter)
    return race, [
        Target("sentences: times faster than ContextCite's best", race.ratio(*cites), 2, "x"),
        Target("sentences: time over the arithmetic floor", to_floor, 1.5, "x", least=False),
    ]


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5, help="of what takes seconds")
    parser.add_argument(
        "--peers", type=Path, default=peers.FOLDER, help="folder where the peers are installed"
    )
    options = parser.parse_args()
    peers.add_folder(options.peers)

    import torch

    torch.set_num_threads(options.threads)
    built: Any = subject.model()
    ours = TransformersModel(built, subject.tokenizer(), name="61 M Llama shape")
    races, targets = zip(
        leave_one_out(ours, options.repetitions),
        sentence_masks(ours, options.repetitions),
        strict=True,
    )
    tables = [race.table for race in races]
    return finish("speed", tables, [target for some in targets for target in some], options.json)


if __name__ == "__main__":
    sys.exit(main())
