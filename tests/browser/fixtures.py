"""Explanations for the view's tests: what the kernel would send, without a kernel or a model."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.methods.base import Attribution

Json = dict[str, Any]

PROMPT = (
    "Lately, I've been feeling very tired from work. ",
    "I would like to go on a holiday. ",
    "Somewhere with warm weather is what I need. ",
    "No busy cities, though. ",
    "My sister got a new bicycle last week. ",
    "I love to swim and to lie on a beach. ",
    "I can spend a fair amount of money. ",
    "Where should I go?",
)
RESPONSE = (
    "I suggest that you visit the island of Naxos. ",
    "It is warm and quiet there. ",
    "You can stay in a fine hotel by the sea. ",
    "The water is clear and good for swimming.",
)
# Which sentence of the prompt made which sentence of the answer, in nats.
LINKS = {
    (0, 1): 0.4,
    (1, 0): 1.3,
    (2, 0): 0.9,
    (2, 1): 3.4,
    (3, 0): 0.7,
    (3, 1): 2.2,
    (3, 2): -0.8,
    (5, 0): 1.1,
    (5, 2): 1.2,
    (5, 3): 3.9,
    (6, 2): 2.6,
    (7, 0): 0.5,
}
HOSTILE = (
    '<img src=x onerror="window.pwned=1"> ',
    "</script><script>window.pwned=1</script> ",
    "right \u202eto left\u202c and \u0645\u0631\u062d\u0628\u0627 ",
    "w" * 10_000 + " ",
    "nul \x00 and tab\tand line\nbreak ",
    "\u65c5\u884c\u306e\u52a9\u8a00 \U0001f3dd\ufe0f e\u0301.",
)


def travel() -> Json:
    """Eight sentences of a prompt, four of an answer, a sampled method with intervals."""
    noise = random.Random(7)
    scores = [
        [round(LINKS.get((i, j), 0.0) + noise.gauss(0, 0.05), 3) for j in range(len(RESPONSE))]
        for i in range(len(PROMPT))
    ]
    return explanation(PROMPT, RESPONSE, scores, half=0.22)


def chat() -> Json:
    """The same with a chat template, a protected system message and single words."""
    words = [word + " " for word in "".join(PROMPT).split()]
    source = random.Random(11)
    answer = [word + " " for word in "".join(RESPONSE).split()]
    scores = [[round(spike(source), 3) for _ in answer] for _ in words]
    result = explanation(words, answer, scores, half=0.0, level="word")
    result["prompt"]["units"] = [
        unit("<|im_start|>system\n", "template", protected=True),
        unit("You are a travel agent. Answer in four sentences.", "system", protected=True),
        unit("<|im_end|>\n<|im_start|>user\n", "template", protected=True),
        *result["prompt"]["units"],
        unit("<|im_end|>\n<|im_start|>assistant\n", "template", protected=True),
    ]
    result["model"] |= {"kind": "transformers", "template": "f" * 64}
    return result


def hostile() -> Json:
    """Texts that would break out of a careless view."""
    source = random.Random(3)
    scores = [[round(source.uniform(-1, 2), 3) for _ in HOSTILE] for _ in HOSTILE]
    result = explanation(HOSTILE, HOSTILE, scores, half=0.1)
    result["notes"] = ["<b>note</b>"]
    result["model"]["name"] = "<i>model</i>"
    return result


def partial() -> Json:
    """A run that was stopped: two rows were never evaluated."""
    result = travel()
    for row in (4, 6):
        result["scores"][row] = [None] * len(RESPONSE)
        result["total"][row] = None
        for side in ("low", "high"):
            result["intervals"][side][row] = [None] * len(RESPONSE)
            result["intervals"][f"total_{side}"][row] = None
    result["partial"] = True
    result["checks"] = []
    result["perturbations"]["used"] = 11
    return result


def fixed() -> Json:
    """Leave-one-out: exact, and the number of masks cannot be chosen."""
    result = travel()
    result["method"] = {"name": "leave-one-out", "exact": True, "settings": {}}
    result["perturbations"] = {"asked": None, "used": len(PROMPT), "most": None}
    result["intervals"] = None
    result["lds"] = None
    return result


def curved() -> Json:
    """The same with its curves: every unit weighs its total, as in a game that adds up."""
    result = travel()
    total = result["total"]
    order = sorted(range(len(total)), key=lambda row: -total[row])
    full = result["full"][-1]

    def left(rows: Sequence[int]) -> list[float]:
        return [round(full - math.fsum(total[row] for row in rows[:k]), 3) for k in sizes]

    sizes = list(range(len(total) + 1))
    mean = [round(full - math.fsum(total) * k / len(total), 3) for k in sizes]
    result["curves"] = {
        "order": order,
        "sizes": sizes,
        "deletion": left(order),
        "insertion": left(order[::-1])[::-1],
        "random": {
            "mean": mean,
            "low": [round(at - k * (len(total) - k) / 6, 3) for k, at in enumerate(mean)],
            "high": [round(at + k * (len(total) - k) / 6, 3) for k, at in enumerate(mean)],
            "draws": 10,
        },
    }
    return result


def answered(request: int = 1, **changes: Any) -> Json:
    """What the kernel answers to a changed prompt."""
    return {
        "request": request,
        "removed": [5],
        "text": None,
        "before": "".join(RESPONSE),
        "response": "".join(RESPONSE[:3]) + "The forest is cool.",
        "changes": [
            {"kind": "same", "text": "".join(RESPONSE[:3]) + "The"},
            {"kind": "removed", "text": " water is clear and good for swimming."},
            {"kind": "added", "text": " forest is cool."},
        ],
        "logprob_before": -3.4,
        "logprob": -9.61,
        "logprob_response": -2.75,
        "cost": {
            "forwards": 2,
            "backwards": 0,
            "generations": 1,
            "tokens": 180,
            "reused": 1,
            "seconds": 0.21,
        },
        "notes": [],
    } | changes


def large(n: int = 2000, m: int = 40) -> Json:
    """As many words as the view must bear without a hitch."""
    source = random.Random(5)
    prompt = [f"word{i} " if i % 12 else f"Word{i}.\n" for i in range(n)]
    answer = [f"token{j} " for j in range(m)]
    scores = [[round(spike(source), 3) for _ in answer] for _ in prompt]
    return explanation(prompt, answer, scores, half=0.0, level="word")


def long(n: int = 10_000, m: int = 1_000) -> Explanation:
    """Tokens of a long prompt and answer: scores mostly nearly nothing, now and then a lot."""
    random_state = np.random.default_rng(0)
    scores = random_state.normal(scale=0.01, size=(n, m + 1))
    for column in range(m):
        rows = random_state.integers(0, n, size=8)
        scores[rows, column] += random_state.normal(0.8, 0.6, size=8)
    scores[:, -1] = scores[:, :-1].sum(axis=1)
    prompt = [f" tok{i % 997}" + ("\n" if i % 90 == 89 else "") for i in range(n)]
    made = explanation(prompt, [f" ans{j % 97}" for j in range(m)], [[0.0]], half=0, level="token")
    record = {"confidence": 0.9, **made, "checks": [], "metrics": []}
    for name in ("scores", "total", "intervals", "full"):
        del record[name]
    return Explanation(record, Attribution(scores, exact=True), np.zeros(m + 1))


def spike(source: random.Random) -> float:
    """Mostly nearly nothing, now and then a lot."""
    return source.gauss(0, 0.03) + (source.gauss(0.8, 0.8) if source.random() < 0.06 else 0.0)


def unit(text: str, role: str = "user", *, protected: bool = False) -> Json:
    return {"text": text, "role": role, "protected": protected}


def explanation(
    prompt: Sequence[str],
    response: Sequence[str],
    scores: list[list[float]],
    *,
    half: float,
    level: str = "sentence",
) -> Json:
    """Dress scores up as an explanation; intervals reach ``half`` to both sides, 0 for none."""
    total = [round(math.fsum(row), 3) for row in scores]
    order = sorted(range(len(total)), key=lambda row: -total[row])
    full = [round(-0.4 - 0.3 * j, 3) for j in range(len(response))]
    return {
        "schema": 1,
        "created": "2026-11-20T18:30:00+00:00",
        "model": {
            "name": "tutor",
            "kind": "tutor",
            "revision": "3f2a9c1",
            "dtype": "float32",
            "device": "cpu",
            "template": None,
        },
        "method": {"name": "linear", "exact": half == 0, "settings": {"alpha": 0.01}},
        "value": "logprob",
        "operator": "delete",
        "seed": 0,
        "k": 3,
        "prompt": {"level": level, "units": [unit(text) for text in prompt]},
        "response": {
            "level": level,
            "units": [{"text": text} for text in response],
            "supplied": False,
        },
        "scores": scores,
        "total": total,
        "intervals": intervals(scores, total, half) if half else None,
        "full": [*full, round(math.fsum(full), 3)],
        "sets": None,
        "perturbations": {"asked": 64, "used": 64, "most": min(2 ** len(prompt) - 1, 1_048_576)},
        "partial": False,
        "noise": 0.002,
        "checks": [check(total, order, k) for k in (1, 3)],
        "lds": {"value": 0.912, "kind": "cross-fitted", "masks": 64},
        "metrics": [metric("PR", k, 0.2 / k, 0.9) for k in (1, 3)],
        "cost": {
            "forwards": 64,
            "backwards": 0,
            "generations": 1,
            "tokens": 6120,
            "reused": 12,
            "seconds": 0.83,
        },
        "versions": {"jupyter-xai": "0.1.0", "torch": "2.13.0"},
        "notes": [],
    }


def intervals(scores: list[list[float]], total: list[float], half: float) -> Json:
    def moved(by: float) -> list[list[float]]:
        return [[round(score + by, 3) for score in row] for row in scores]

    return {
        "confidence": 0.9,
        "low": moved(-half),
        "high": moved(half),
        "total_low": [round(score - 2 * half, 3) for score in total],
        "total_high": [round(score + 2 * half, 3) for score in total],
    }


def check(total: list[float], order: list[int], k: int) -> Json:
    drop = round(math.fsum(total[row] for row in order[:k]), 3)
    mean = round(drop / 13, 3)
    return {
        "k": k,
        "removed": order[:k],
        "drop": drop,
        "random": {
            "mean": mean,
            "low": round(mean * 0.2, 3),
            "high": round(mean * 2.3, 3),
            "draws": 20,
        },
        "leave_one_out": {"removed": order[:k], "drop": round(drop * 0.96, 3)},
        "verdict": f"Removing these {k} lowers it by {drop}, 13 times as much as {k} at random.",
    }


def with_parts(made: Json) -> Json:
    """The same with a check of each response unit, by the top k of its own scores."""
    for tested in made["checks"]:
        tested["rank"] = None
        tested["parts"] = []
        for unit in range(len(made["scores"][0])):
            column = [row[unit] for row in made["scores"]]
            order = sorted(range(len(column)), key=lambda row: -column[row])
            own = check(column, order, tested["k"])
            own["verdict"] = f"Part {unit} alone loses {own['drop']}."
            tested["parts"].append({"unit": unit, "rank": 1 + unit, **own})
            del tested["parts"][-1]["k"]
    return made


def metric(name: str, k: int | None, value: float, random: float) -> Json:
    spread = {"mean": random, "low": round(random * 0.8, 3), "high": round(random * 1.2, 3)}
    return {
        "name": name,
        "k": k,
        "value": value,
        "low": None,
        "high": None,
        "random": spread,
        "leave_one_out": round(value * 1.1, 3),
        "better": "lower",
        "meaning": f"what {name} says",
    }
