"""XPrompt, Figure 2: the words that each method highlights."""

from __future__ import annotations

from jupyter_xai import masking
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_removal import attributed, board, served

PROMPT = "Write a story about a doctor and his patient."
PAIR = ("doctor", "patient")
SIZES = (2, 3)


def run(lab: Lab) -> Study:
    """The paper's own example: either of two words implies the other."""
    prompt = board(lab, PROMPT)
    words = [unit.text.strip(" .") for unit in prompt.prompt.document.sources]
    evaluations = lab.pick(100, 511)
    rows, plotted, findings = [], [], []
    for label in served(lab):
        told = []
        for k in SIZES:
            played = attributed(lab, prompt, label, k, evaluations)
            chosen = sorted(played.top(k))
            whole = prompt.values(masking.without(prompt.n, [])[:1])[0, -1]
            left = prompt.values(masking.without(prompt.n, chosen))[0, -1]
            both = all(word in [words[i] for i in chosen] for word in PAIR)
            rows.append([label, k, ", ".join(words[i] for i in chosen), float(left - whole)])
            plotted += [
                {"method": f"{label}, {k} words", "word": f"{i + 1}  {word}", "chosen": i in chosen}
                for i, word in enumerate(words)
            ]
            told.append(
                f"with {k} words it {'takes' if both else 'does not take'} both of "
                f"{' and '.join(PAIR)}, and without them the answer changes by "
                f"{left - whole:+.3g} nats"
            )
        findings.append(f"{label}: {'; '.join(told)}.")
    for row in plotted:
        row["chosen"] = float(row["chosen"])
    sizes = " and ".join(map(str, SIZES))
    return Study(
        setup=f"The top {sizes} words of “{PROMPT}” by each method, deleted together.",
        tables=[Table("Highlighted", ["method", "k", "words", "change of log-probability"], rows)],
        paper=[
            Table(
                "Figure 2 and section 5.5, as described",
                ["method", "what it shows"],
                [
                    ["Captum", "mostly words that are not important to the response"],
                    ["XPrompt", "words that are related, such as doctor and patient"],
                ],
            )
        ],
        findings=findings,
        expectation=(
            "A model that infers either word from the other loses little when one goes, so scores "
            "of single removals cannot tell these two from words that matter as little; the tutor "
            "was taught so. A third place may be room enough for both all the same."
        ),
        plot=heat(plotted, "method", "word", "chosen", "Words that each method removes"),
    )
