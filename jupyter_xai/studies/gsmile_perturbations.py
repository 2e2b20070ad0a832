"""gSMILE, Tables 6 to 8: fidelity against the number of perturbations."""

from __future__ import annotations

from jupyter_xai.studies.fidelities import COLUMNS, figures
from jupyter_xai.studies.lab import LONGER, MEANING, Lab
from jupyter_xai.studies.phrases import trend
from jupyter_xai.studies.plots import lines
from jupyter_xai.studies.results import Study, Table

_COUNTS = (32, 64, 128, 256)
PAPER = [
    Table(
        f"Table {6 + place}, {model}",
        ["perturbations", *COLUMNS],
        [[count, *row] for count, row in zip(_COUNTS, rows, strict=True)],
    )
    for place, (model, rows) in enumerate(
        {
            "gpt-3.5-turbo-instruct": [
                [0.0388, 0.7104, 0.1731, 0.2035, 0.0609, 0.6409],
                [0.0617, 0.3406, 0.1695, 0.1756, 0.0526, 0.2712],
                [0.0329, 0.4468, 0.1385, 0.1519, 0.0378, 0.4193],
                [0.0116, 0.4276, 0.0675, 0.0872, 0.0163, 0.4138],
            ],
            "LLaMA 3.1 Instruct Turbo (70B)": [
                [0.0368, 0.7068, 0.1617, 0.2387, 0.0805, 0.6364],
                [0.0240, 0.4844, 0.1284, 0.1433, 0.0382, 0.4301],
                [0.0085, 0.2430, 0.0638, 0.0612, 0.0096, 0.2055],
                [0.0058, 0.2387, 0.0605, 0.0667, 0.0118, 0.2203],
            ],
            "Claude 2.1": [
                [0.0368, 0.7209, 0.1495, 0.2262, 0.0733, 0.6539],
                [0.0115, 0.3708, 0.0564, 0.1036, 0.0370, 0.3046],
                [0.0089, 0.1506, 0.0535, 0.0920, 0.0192, 0.1085],
                [0.0191, 0.2670, 0.0902, 0.0873, 0.0163, 0.2494],
            ],
        }.items()
    )
]


def run(lab: Lab) -> Study:
    """The paper's prompt of six words, and one of fourteen."""
    counts = lab.pick((8, 12), _COUNTS)
    tables, plotted, findings = [], [], []
    for prompt in (MEANING, LONGER):
        rows, held = [], []
        for count in counts:
            found = lab.explain(prompt, "gsmile", perturbations=count)
            used = found.record["perturbations"]["used"]
            inside, outside = figures(found), figures(found, "held_out")
            rows.append([count, used, *inside, outside[1]])
            held.append(float("nan") if outside[1] is None else outside[1])
            for kind, row in (("in sample", inside), ("held out", outside)):
                if row[1] is not None:
                    name = f"{len(found.sources)} words, {kind}"
                    plotted.append({"perturbations": count, "R2w": row[1], "figure": name})
        words = len(prompt.split())
        columns = ["perturbations", "used", *COLUMNS, "R2w held out"]
        tables.append(Table(f"{words} words: “{prompt}”", columns, rows))
        for kind, values in (("In-sample", [row[3] for row in rows]), ("Held-out", held)):
            known = [value for value in values if value is not None and value == value]
            if len(known) > 1:
                what = f"{kind} weighted R2 on {words} words"
                findings.append(trend(known, what, "the number of perturbations"))
        same = [
            row[0] for row, before in zip(rows[1:], rows, strict=False) if row[1:] == before[1:]
        ]
        if same:
            findings.append(
                f"On {words} words the rows of {', '.join(map(str, same))} repeat the row before: "
                f"there are {2**words - 1} non-empty masks."
            )
    return Study(
        setup=(
            "gSMILE with weighted linear regression and WMD. The paper's prompt has six words and "
            "so 63 non-empty masks; a prompt of fourteen words shows what more of them do."
        ),
        tables=tables,
        paper=PAPER,
        findings=findings,
        expectation=(
            "Rows above 63 must repeat on six words when no mask is drawn twice; the paper's rows "
            "for 128 and 256 differ, so it must have counted repeats as data, or sampled answers. "
            "Figures in sample may fall while those held out rise: fewer perturbations are "
            "fitted more easily."
        ),
        plot=lines(plotted, "perturbations", "R2w", "figure", "Weighted R2 by perturbations"),
    )
