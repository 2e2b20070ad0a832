"""Check the tutor and rewrite its card: ``python -m jupyter_xai.models.tutor.evaluate``."""

from __future__ import annotations

import argparse
import hashlib
import logging
import math
from collections.abc import Iterable
from pathlib import Path

import torch

from . import FAMILIES, FOLDER
from .checks import Tutor, causal_effect, exactness, masked_exactness, redundancy, shapley_auroc
from .published import PUBLISHED, REVIEWS

CARD = Path(__file__).parent / "MODEL_CARD.md"
OPEN, CLOSE = "<!-- results: written by evaluate.py -->", "<!-- end of results -->"
SEED = 7
_log = logging.getLogger(__name__)


def load(folder: Path) -> Tutor:
    """Load a tutor from its folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return Tutor(model, AutoTokenizer.from_pretrained(folder))


def results(tutor: Tutor, folder: Path, families: Iterable[str], n: int) -> str:
    """Run all checks and write their results as Markdown."""
    names = list(families)
    few = max(20, n // 10)
    lines = [
        f"Held-out prompts, {n} a family, seed {SEED}; causal checks on {few} and Shapley values "
        f"on {max(10, n // 50)} prompts a family.",
        "",
        "| family | exact answers | after random deletions | cause changed: answer follows "
        "| distractor changed: answer changes | AUROC of exact Shapley values |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name in names:
        figures = (
            exactness(tutor, name, n, SEED),
            masked_exactness(tutor, name, n, SEED),
            *causal_effect(tutor, name, few, SEED),
        )
        area = shapley_auroc(tutor, name, max(10, n // 50), SEED)
        cells = [_percent(figure) for figure in figures]
        lines.append(f"| {name} | {' | '.join(cells)} | {_number(area)} |")
        _log.info(lines[-1])
    if "stories" in names:
        share = redundancy(tutor, few, SEED)
        lines += [
            "",
            f"Stories: removing either of two related words costs {share:.1%} (median) of the "
            "log-probability that removing both costs.",
        ]
    lines += ["", *published(tutor), "", f"SHA-256 of `model.safetensors`: `{_digest(folder)}`"]
    return "\n".join(lines)


def published(tutor: Tutor) -> list[str]:
    """Answer the prompts that the papers print."""
    lines = ["Prompts from the papers:", ""]
    for (name, prompt), answer in zip(
        PUBLISHED.items(), tutor.answers(list(PUBLISHED.values())), strict=True
    ):
        lines += [f"- {name}: “{prompt}”", f"  > {answer}"]
    lines += [
        "",
        "The four film reviews of the concept energy interpreter's Table 1 (not in training):",
        "",
    ]
    answers = tutor.answers([text for _, text in REVIEWS])
    for i, ((label, _), answer) in enumerate(zip(REVIEWS, answers, strict=True), 1):
        verdict = "as published" if f" {label}." in answer else f"missed, published: {label}"
        lines.append(f"- review {i}: {answer} ({verdict})")
    return lines


def rewrite_card(text: str) -> None:
    """Put fresh results between the card's markers."""
    card = CARD.read_text(encoding="utf-8")
    before, _, rest = card.partition(OPEN)
    _, _, after = rest.partition(CLOSE)
    CARD.write_text(f"{before}{OPEN}\n\n{text}\n\n{CLOSE}{after}", encoding="utf-8")


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.1%}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def main() -> None:
    """Read the command line, check, and rewrite the card."""
    parser = argparse.ArgumentParser(description="Check the tutor and rewrite its card's tables.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the model to check")
    parser.add_argument("--families", nargs="+", default=list(FAMILIES), choices=FAMILIES)
    parser.add_argument("-n", type=int, default=2000, help="held-out prompts a family")
    parser.add_argument("--keep-card", action="store_true", help="print only, leave the card alone")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    text = results(load(arguments.folder), arguments.folder, arguments.families, arguments.n)
    _log.info(text)
    if not arguments.keep_card:
        rewrite_card(text)


if __name__ == "__main__":
    main()
