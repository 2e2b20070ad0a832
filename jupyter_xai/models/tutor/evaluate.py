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
from .checks import (
    Tutor,
    causal_effect,
    dropped_words_exactness,
    exactness,
    masked_exactness,
    redundancy,
    shapley_auroc,
)
from .published import MEANING_OF_LIFE, PERSPECTIVES, REVIEWS, STORY, TRAVEL

CARD = Path(__file__).parent / "MODEL_CARD.md"
OPEN, CLOSE = "<!-- results: written by evaluate.py -->", "<!-- end of results -->"
SEED = 7
FEW = 30
"""Prompts a family for a check that takes seconds."""

_log = logging.getLogger(__name__)


def load(folder: Path) -> Tutor:
    """Load a tutor from its folder."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return Tutor(model, AutoTokenizer.from_pretrained(folder))


HEAD = (
    "| family | exact | sentences deleted | words deleted | cause changed: answer follows "
    "| distractor changed: answer changes | AUROC of exact Shapley values |"
)


def results(tutor: Tutor, folder: Path, families: Iterable[str], n: int) -> str:
    """Run all checks and write their results as Markdown."""
    names = list(families)
    causal, few = max(20, n // 10), max(10, n // 50)
    lines = [
        f"Held-out prompts, {n} a family, seed {SEED}; causal checks on {causal} and Shapley "
        f"values on {few} prompts a family.",
        "",
        HEAD,
        "| --- " * 7 + "|",
    ]
    shares = []
    for name in names:
        figures = (
            exactness(tutor, name, n, SEED),
            masked_exactness(tutor, name, n, SEED),
            dropped_words_exactness(tutor, name, n, SEED),
            *causal_effect(tutor, name, causal, SEED),
        )
        shares.append(figures[0])
        area = shapley_auroc(tutor, name, few, SEED)
        cells = [_percent(figure) for figure in figures]
        lines.append(f"| {name} | {' | '.join(cells)} | {_number(area)} |")
        _log.info(lines[-1])
    lines += ["", f"Exact answers over these families: {_percent(sum(shares) / len(shares))}."]
    if "stories" in names:
        share = redundancy(tutor, few, SEED)
        lines += [
            "",
            f"Stories: removing either of two related words costs {share:.1%} (median) of the "
            "log-probability that removing both costs.",
        ]
    if set(names) == set(FAMILIES):
        lines += ["", quick_check(tutor)]
    lines += ["", *published(tutor), "", f"SHA-256 of `model.safetensors`: `{_digest(folder)}`"]
    return "\n".join(lines)


def quick_check(tutor: Tutor) -> str:
    """Say how many of a few prompts of each family are answered exactly."""
    right = {name: round(FEW * exactness(tutor, name, FEW, SEED)) for name in FAMILIES}
    listed = ", ".join(f"{name} {count}" for name, count in right.items())
    return f"Of the first {FEW} of these prompts, answered exactly: {listed}."


def published(tutor: Tutor) -> list[str]:
    """Answer the prompts that the papers print."""
    prompts = (TRAVEL, STORY, MEANING_OF_LIFE[0], *PERSPECTIVES)
    lines = ["Prompts from the papers:", ""]
    for prompt, answer in zip(prompts, tutor.answers(prompts), strict=True):
        lines += [f"- “{prompt}”", f"  > {answer}"]
    answers = tutor.answers(MEANING_OF_LIFE)
    same = sum(answer == answers[0] for answer in answers)
    lines += [
        "",
        f"Of the ten sentence structures that ask for the meaning of life, {same} get the answer "
        "that the first one gets.",
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
