"""How good the scores are at equal numbers of model calls, on prompts whose causes are known.

On the tutor's held-out prompts every method is measured by AUROC against the true causes, LDS, and
the drop when its top units are removed; random scores are the floor, exact Shapley values the
ceiling. All masks of a prompt (up to 12 units) are evaluated once. On prompts of 12 and more words
`linear` stands beside ContextCite's own draws and solver on the same values. Everything finished is
kept in --folder, and a second run goes on from there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from support import peers
from support.report import Table, Target, arguments, finish

from jupyter_xai import evaluate, load, methods
from jupyter_xai.evaluation.benchmark import Case, Contestant, Evaluation, read_cases
from jupyter_xai.evaluation.benchmark.cases import tutor_case
from jupyter_xai.evaluation.benchmark.contestants import MOST_LISTED
from jupyter_xai.models import tutor

BUDGETS = (8, 16, 32, 64, 128, 256)
METRICS = ("auroc", "lds", "drop@1", "drop@3", "drop@5", "pr@3")
SLOW = {"gradient-shap": BUDGETS[:1]}
"""One sample of these costs a backward pass for every part of the answer, so more take hours."""
SHOWN = 64
"""The budget at which families are told apart."""
FEWEST_UNITS, MOST_UNITS = 12, 40
"""Of the prompts on which ContextCite is compared."""
REDUNDANT = (2, 3)
"""Sizes of the sets that are removed where words are redundant."""
SEED = 11
_ROOT = Path(__file__).parent


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--prompts", type=int, default=50, help="of each family (default: 50)")
    parser.add_argument("--families", nargs="+", default=list(tutor.FAMILIES))
    parser.add_argument("--methods", nargs="+", choices=methods.names(), help="only these")
    parser.add_argument("--folder", type=Path, default=Path("artifacts/quality"))
    parser.add_argument("--chart", type=Path, default=_ROOT / "quality.vl.json")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers", type=Path, default=peers.FOLDER)
    options = parser.parse_args()
    peers.add_folder(options.peers)

    import torch

    torch.set_num_threads(options.threads)
    cases = read_cases([f"tutor:{each}" for each in options.families], n=options.prompts, seed=SEED)
    found = by_families(cases, contestants(options.methods), options.folder)
    tables = [prompts(found, cases), *(by_budget(found, name) for name in METRICS)]
    tables += [by_family(found, name) for name in ("auroc", "lds", "drop@3")]
    targets: list[Target] = []
    more = beside_context_cite(options)
    tables += more[0]
    targets += more[1]
    more = where_redundant(options)
    tables += more[0]
    targets += more[1]
    tables += failures(found)
    # Few and short prompts leave no fresh masks for an LDS.
    measured = {row["metric"] for row in found.rows}
    chart = found.chart("lds" if "lds" in measured else "drop@1")
    from jupyter_xai.explanation.render.offline_chart import specification

    options.chart.write_text(json.dumps(specification(chart), indent=1) + "\n", encoding="utf-8")
    return finish("quality", tables, targets, options.json)


def by_families(cases: Sequence[Case], taking_part: list[Contestant], folder: Path) -> Evaluation:
    """Every method at every budget that it can afford."""
    quick = [each for each in taking_part if each.label not in SLOW]
    groups: list[tuple[list[Contestant], tuple[Any, ...]]] = [(quick, (*BUDGETS, "all"))]
    groups += [([each], SLOW[each.label]) for each in taking_part if each.label in SLOW]
    parts = [
        evaluate(
            cases,
            some,
            metrics=METRICS,
            perturbations=budgets,
            folder=folder,
            progress=_told,
        )
        for some, budgets in groups
        if some
    ]
    return Evaluation(
        [row for part in parts for row in part.rows],
        [failure for part in parts for failure in part.failures],
    )


def contestants(names: Sequence[str] | None) -> list[Contestant]:
    """Every method that the tutor can serve, each on what it explains by default.

    gSMILE explains log-probabilities here: every other method is given those, and writing answers
    to all masks would take hours.
    """
    from jupyter_xai.methods import requirements

    model = load("tutor")
    found = []
    for name in methods.names():
        method = methods.get(name)
        if names is not None and name not in names:
            continue
        if requirements.met(method, model) and not method.needs_foil:
            scored = "logprob" if method.default_value == "text" else None
            found.append(Contestant(name, method, scored))
    return found


def prompts(found: Evaluation, cases: Sequence[Case]) -> Table:
    """What the prompts are like, and whether the tutor answers them rightly."""
    model = load("tutor")
    sizes = {row["case"]: row["n"] for row in found.rows}
    columns = ["family", "prompts", "units (median, range)", "answered exactly"]
    title = (
        "Prompts: shares with fewer masks (2^n) than the budget, where all methods have them all"
    )
    table = Table(title, [*columns, *(f"2^n <= {budget}" for budget in BUDGETS)])
    for family in dict.fromkeys(case.family for case in cases):
        places = [i for i, case in enumerate(cases) if case.family == family and i in sizes]
        n = [sizes[i] for i in places]
        if not n:
            continue
        right = [answered(model, cases[i]) for i in places]
        shares = [sum(2**each <= budget for each in n) / len(n) for budget in BUDGETS]
        size = f"{median(n):g}, {min(n)}-{max(n)}"
        exact = f"{sum(right) / len(right):.0%}"
        table.add(family, str(len(n)), size, exact, *(f"{share:.0%}" for share in shares))
    return table


def answered(model: Any, case: Case) -> bool:
    """Whether the tutor's own answer is the right one, whose causes are known."""
    from jupyter_xai.models.base import Sampling

    return model.respond(model.prompt(case.prompt), Sampling()).text == case.response


def by_budget(found: Evaluation, metric: str) -> Table:
    """A metric of every method at every budget, over all prompts."""
    title = f"{metric}: means over all prompts with 95 % intervals, by perturbations allowed"
    summary = list(found.summary(["method", "budget"]).to_dict("records"))
    rows = {(r["method"], r["budget"]): r for r in summary if r["metric"] == metric}
    table = Table(title, ["method", "fixed cost", *map(str, BUDGETS), f"all (n <= {MOST_LISTED})"])
    for name in dict.fromkeys(method for method, _ in rows):
        cells = [_cell(rows.get((name, budget))) for budget in (None, *BUDGETS, "all")]
        table.add(name, *cells)
    return table


def by_family(found: Evaluation, metric: str) -> Table:
    """A metric of every method in every family, at one budget."""
    summary = found.summary(["family", "method", "budget"]).to_dict("records")
    chosen = [r for r in summary if r["metric"] == metric and r["budget"] in (None, SHOWN)]
    families = list(dict.fromkeys(r["family"] for r in chosen))
    rows = {(r["method"], r["family"]): r for r in chosen}
    exact = {
        r["family"]: r
        for r in summary
        if r["metric"] == metric and r["budget"] == "all" and r["method"] == "shap"
    }
    table = Table(f"{metric} by family, {SHOWN} perturbations allowed", ["method", *families])
    for name in dict.fromkeys(method for method, _ in rows):
        table.add(name, *(_cell(rows.get((name, family))) for family in families))
    table.add("exact Shapley (all masks)", *(_cell(exact.get(family)) for family in families))
    return table


def beside_context_cite(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """`linear` and `shap` beside ContextCite on the words of longer prompts."""
    missing = peers.missing("context_cite")
    title = f"LDS beside ContextCite: words of prompts with {FEWEST_UNITS} to {MOST_UNITS} of them"
    table = Table(title, ["", "family", "prompts", "32", "64"])
    names = ("linear at 32 ahead of ContextCite in LDS, lower end of the 95 % interval",)
    names += ("linear at 64 ahead of ContextCite in LDS",)
    if missing:
        table.add(f"ContextCite {missing}")
        return [table], [Target(name, None, 0, "LDS") for name in names]
    from support.context_cite_method import ContextCite

    cases = longer(options.families, options.prompts)
    found = evaluate(
        cases,
        {"linear": "linear", "shap": "shap", "ContextCite": ContextCite(), "random": "random"},
        metrics=["lds", "auroc"],
        perturbations=[32, 64],
        units="word",
        folder=options.folder,
        progress=_told,
    )
    counts = Counter(case.family for case in cases)
    for family in (*counts, None):
        rows = [row for row in found.rows if family in (None, row["family"])]
        part = Evaluation(rows)
        name = family or "all"
        prompts = str(len({row["case"] for row in rows}))
        means = part.summary(["method", "budget"]).to_dict("records")
        lds = {(r["method"], r["budget"]): r for r in means if r["metric"] == "lds"}
        for method in ("linear", "shap", "ContextCite"):
            table.add(method, name, prompts, *(_cell(lds.get((method, b))) for b in (32, 64)))
        for method in ("linear", "shap"):
            ahead = part.differences(method, "ContextCite", "lds").set_index("budget")
            cells = [_cell(ahead.loc[b]) if b in ahead.index else "" for b in (32, 64)]
            table.add(f"{method} ahead of ContextCite", name, prompts, *cells)
    ahead = found.differences("linear", "ContextCite", "lds").set_index("budget")
    return [table, *failures(found)], [
        Target(names[0], float(ahead.loc[32, "low"]), 0, "LDS"),
        Target(names[1], float(ahead.loc[64, "mean"]), -0.02, "LDS"),
    ]


def where_redundant(options: argparse.Namespace) -> tuple[list[Table], list[Target]]:
    """XPrompt's order on stories in which either of two words implies the other."""
    samples = [
        sample
        for sample in tutor.samples("stories", 8 * options.prompts, SEED)
        if any(link.any_of for link in sample.links)
    ]
    cases = [tutor_case(sample, "word") for sample in samples[: options.prompts]]
    rivals = ("leave-one-out", "integrated-gradients")
    measures = [f"{name}@{k}" for name in ("pr", "kl") for k in REDUNDANT]
    found = evaluate(
        cases,
        ["joint", *rivals, "random"],
        metrics=measures,
        perturbations=256,
        units="word",
        folder=options.folder,
        progress=_told,
    )
    means = {(r["method"], r["metric"]): r for r in found.summary(["method"]).to_dict("records")}
    title = f"Words that stand in for each other: {len(cases)} stories, 256 evaluations for joint"
    table = Table(title, ["", *measures])
    for method in ("joint", *rivals, "random"):
        table.add(method, *(_cell(means.get((method, name))) for name in measures))
    targets = []
    for rival in rivals:
        ahead = {
            name: found.differences("joint", rival, name).to_dict("records")[0] for name in measures
        }
        table.add(f"joint minus {rival}", *(_cell(ahead[name]) for name in measures))
        for k in REDUNDANT:
            name = f"joint minus {rival}, PR at {k}, upper end of the 95 % interval"
            targets.append(Target(name, float(ahead[f"pr@{k}"]["high"]), 0, "", least=False))
    return [table, *failures(found)], targets


def longer(families: Sequence[str], n: int) -> list[Case]:
    """Prompts with enough words; families of short prompts give fewer."""
    found = []
    for family in families:
        fitting = [
            sample
            for sample in tutor.samples(family, 8 * n, SEED)
            if FEWEST_UNITS <= len(sample.prompt.split()) <= MOST_UNITS
        ]
        found += [tutor_case(sample, "word") for sample in fitting[:n]]
    return found


def failures(found: Evaluation) -> list[Table]:
    """What could not be measured, where there is anything."""
    if not found.failures:
        return []
    table = Table("Failed", ["method", "prompts", "why, in the first of them"])
    counts = Counter(each.method for each in found.failures)
    for method, count in counts.items():
        first = next(each for each in found.failures if each.method == method)
        table.add(method, str(count), first.message)
    return [table]


def _cell(row: Any) -> str:
    if row is None:
        return ""
    low, high = row["low"], row["high"]
    return f"{row['mean']:.3g} [{low:.3g}, {high:.3g}]"


def _told(done: int, total: int, what: str) -> None:
    if done % 10 == 0:
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
