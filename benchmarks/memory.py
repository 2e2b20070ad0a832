"""How much memory scoring takes for a vocabulary of 150,000 tokens.

The logits of a whole prompt would be most of it: 600 kB for every token. Ours are computed where
the response stands, a bounded number of rows at a time, so neither more masks nor a longer prompt
needs more. Every case runs in a process of its own; what the model itself takes is not counted.
"""

from __future__ import annotations

import gc
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from support.report import Table, Target, arguments, finish

_VOCABULARY = 150_000
_SMALL = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
}
"""The memory in question lies behind the last layer, whatever comes before."""

_MIB = 2**20
_BOUND = 768
"""MiB. Logits of one batch are held to 256 MiB, and their normalisation needs copies of some."""


def peak(who: str, masks: int, repeats: int) -> tuple[float, int]:
    """Most memory in MiB that scoring takes on top of the model, and tokens of the prompt."""
    import torch
    from support import peers, subject

    from jupyter_xai.game.ledger import Ledger
    from jupyter_xai.game.masking_game import MaskingGame
    from jupyter_xai.masking import random_pairs
    from jupyter_xai.models.base import Operator
    from jupyter_xai.models.local.transformers import TransformersModel

    torch.set_num_threads(2)
    built = subject.model(_VOCABULARY, **_SMALL)
    ours = TransformersModel(built, subject.tokenizer(_VOCABULARY), name="wide vocabulary")
    prompt = ours.prompt(subject.PROMPT * repeats)
    response = ours.supplied(prompt, subject.RESPONSE)
    assert response.ids is not None
    drawn = random_pairs(len(prompt.document.sources), masks, seed=0)
    inputs = ours.inputs(prompt, drawn, Operator())
    # Loads what is loaded on first use.
    peers.plain_batched(built, inputs[:1], response.ids[:1])
    MaskingGame(ours, prompt, response, ledger=Ledger()).values(drawn[:1])
    gc.collect()
    before = _reset_peak()
    if who == "ours":
        MaskingGame(ours, prompt, response, ledger=Ledger()).values(drawn)
    else:
        peers.plain_batched(built, inputs, response.ids, size=8)
    return (_status("VmHWM") - before) / _MIB, len(prompt.ids or ())


def _reset_peak() -> int:
    """Forget the highest use so far, and give the present one."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def main() -> int:
    options = arguments(__doc__ or "").parse_args()
    cases = [(who, masks, repeats) for masks, repeats in _SIZES for who in ("ours", "plain")]
    found: dict[tuple[str, int, int], tuple[float, int]] = {}
    for case in cases:
        # A fresh process for each, one at a time.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            found[case] = pool.submit(peak, *case).result()
    table = Table(
        f"Peak memory over the model's own, {_VOCABULARY:,} tokens in the vocabulary",
        ("masks", "prompt tokens", "jupyter-xai", "plain batched pass (batches of 8)"),
    )
    for masks, repeats in _SIZES:
        ours, tokens = found["ours", masks, repeats]
        plain = found["plain", masks, repeats][0]
        table.add(f"{masks}", f"{tokens}", f"{ours:.0f} MiB", f"{plain:.0f} MiB")
    few, many, long = (found["ours", *size][0] for size in _SIZES)
    targets = [
        Target("memory: highest peak", max(few, many, long), _BOUND, "MiB", least=False),
        Target("memory: four times the masks take", many / few, 1.25, "x", least=False),
        Target("memory: a prompt four times as long takes", long / few, 1.25, "x", least=False),
    ]
    return finish("memory", [table], targets, options.json)


_SIZES = ((64, 1), (256, 1), (64, 4))
"""Masks, and how often the prompt is repeated."""

if __name__ == "__main__":
    sys.exit(main())
