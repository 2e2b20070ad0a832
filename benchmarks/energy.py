"""How well the energy interpreter that ships explains the tutor, at no model call.

On held-out prompts it is measured beside cheap and dear methods: AUROC against the true causes of
each response sentence, drop at k and LDS for the whole response. Of its energy network, how often
an authentic pair has a lower energy than each kind of negative, and what training took, stand in
the record that ships with it. Finished cells are kept in --folder, and a second run goes on from
there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from support.report import Table, Target, arguments, finish, seconds

from jupyter_xai import evaluate
from jupyter_xai.evaluation.benchmark import Evaluation, read_cases
from jupyter_xai.methods.energy.importance import SHIPPED
from jupyter_xai.models import tutor
from jupyter_xai.training import ship

METHODS = ("energy", "similarity", "random", "leave-one-out", "shap")
METRICS = ("auroc", "lds", "drop@1", "drop@3", "drop@5")
BUDGET = 32
"""Masked prompts for shap; leave-one-out has its own number, the others ask for none."""
SENTENCES = ("travel", "reviews", "facts", "hops", "choice")
"""Families in which whole sentences are causes; in the others single words of one sentence are."""
AHEAD, SHARE = 0.1, 0.85
WINS = {
    "human": 0.95,
    "other-model": 0.95,
    "off-topic": 0.95,
    "sentence-masked": 0.85,
    "token-masked": 0.85,
}


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--prompts", type=int, default=50, help="of each family (default: 50)")
    parser.add_argument("--families", nargs="+", default=list(tutor.FAMILIES))
    parser.add_argument("--folder", type=Path, default=Path("artifacts/energy-benchmark"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    import torch

    torch.set_num_threads(options.threads)
    found = evaluate(
        read_cases(
            [f"tutor:{each}" for each in options.families], n=options.prompts, seed=ship.SEED
        ),
        list(METHODS),
        metrics=METRICS,
        perturbations=BUDGET,
        folder=options.folder,
        progress=_told,
    )
    record = json.loads((SHIPPED / ship.RECORD).read_text(encoding="utf-8"))
    tables, targets = beside_baselines(found, options)
    for table, some in (energies(record), training(record)):
        tables.append(table)
        targets += some
    return finish("energy", tables, targets, options.json)


def beside_baselines(
    found: Evaluation, options: argparse.Namespace
) -> tuple[list[Table], list[Target]]:
    """Tables of all metrics by family, and what they must reach."""
    rows = {
        (row["metric"], row["method"], row["family"]): row
        for row in found.summary(["family", "method"]).to_dict("records")
    }
    tables, targets = [], []
    for metric in METRICS:
        title = f"{metric} by family, means with 95 % intervals"
        table = Table(title, ["method", *options.families])
        for method in METHODS:
            cells = [_cell(rows.get((metric, method, family))) for family in options.families]
            table.add(method, *cells)
        tables.append(table)
    for family in options.families:
        known = {
            method: rows["auroc", method, family]["mean"]
            for method in METHODS
            if ("auroc", method, family) in rows
        }
        if family in SENTENCES and {"energy", "similarity"} <= set(known):
            # Where similarity leaves less than that above it, nothing could be so far ahead.
            name = f"{family}: AUROC ahead of similarity, which has {known['similarity']:.3f}"
            targets.append(Target(name, known["energy"] - known["similarity"], AHEAD, ""))
    for family in options.families:
        drops = [rows.get(("drop@3", each, family)) for each in ("energy", "leave-one-out")]
        if family in SENTENCES and None not in drops:
            share = drops[0]["mean"] / drops[1]["mean"]
            name = f"{family}: drop at k = 3 as a share of leave-one-out's"
            targets.append(Target(name, share, SHARE, ""))
    return tables, targets


def energies(record: dict[str, Any]) -> tuple[Table, list[Target]]:
    """Energies of the network that guided the interpreter, on held-out pairs."""
    held = record["held_out"]
    title = (
        f"Energies of held-out pairs beside their negatives, {held['prompts']} prompts a family, "
        f"after all training ({record['config']})"
    )
    columns = ["negatives", "count", "dropped", "authentic", "negative", "win rate"]
    table = Table(title, [*columns, "gap over deviation", "AUROC"])
    targets = []
    for each in record["energies"]:
        kind = each["kind"]
        table.add(
            kind,
            str(each["count"]),
            f"{record['dropped_held_out'][kind]:.0%}",
            f"{each['authentic']:.2f}",
            f"{each['negative']:.2f}",
            f"{each['win_rate']:.1%}",
            f"{each['gap']:.2f}",
            f"{each['auroc']:.3f}",
        )
        name = f"{kind}: share of pairs in which the authentic one has the lower energy"
        targets.append(Target(name, each["win_rate"], WINS[kind], ""))
    return table, targets


def training(record: dict[str, Any]) -> tuple[Table, list[Target]]:
    """What training the shipped interpreter took."""
    table = Table("Training the shipped interpreter, by its record", ["what", "figure"])
    settings = record["settings"]
    table.add("prompts", str(sum(record["prompts"].values())))
    table.add("answers and scores of the tutor", f"{record['answers']:,}")
    steps = f"{settings['energy_steps']} + {settings['interpreter_steps']} of {settings['batch']}"
    table.add("steps of the energy network and the interpreter", steps)
    for what, (wall, processor) in record["seconds"].items():
        table.add(what, f"{seconds(wall)}, of which {seconds(processor)} of one processor")
    embedded = record["embedded"]
    rate = embedded["sentences"] / embedded["seconds"]
    table.add("sentences embedded", f"{embedded['sentences']:,}, {rate:.0f} a second")
    for phase, what in (("energy_steps", "energy network"), ("interpreter_steps", "interpreter")):
        each = record["seconds"][what][0]
        rate = settings[phase] * settings["batch"] / each
        table.add(f"pairs that the {what} learns from", f"{rate:.0f} a second")
    wall = sum(each for each, _ in record["seconds"].values())
    target = Target("training of the shipped interpreter", wall / 60, 30, "min", least=False)
    return table, [target]


def _cell(row: Any) -> str:
    if row is None:
        return ""
    return f"{row['mean']:.3g} [{row['low']:.3g}, {row['high']:.3g}]"


def _told(done: int, total: int, what: str) -> None:
    if done % 10 == 0:
        print(f"{what} {done}/{total}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
