"""XPrompt, Figure 2: the words that each method highlights."""

from __future__ import annotations

from jupyter_xai import masking
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.plots import heat
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.word_removal import attributed, board, served

PROMPT = "Write a story about a doctor and his patient."
PAIR = ("doctor", "patient")


def run(lab: Lab) -> Study:
    """The paper's own example: either of two words implies the other."""
    prompt = board(lab, PROMPT)
    words = [unit.text.strip(" .") for unit in prompt.prompt.document.sources]
    evaluations, k = lab.pick(100, 511), 3
    rows, plotted, findings = [], [], []
    for label in served(lab):
        played = attributed(lab, prompt, label, k, evaluations)
        chosen = sorted(played.top(k))
        whole = prompt.values(masking.without(prompt.n, [])[:1])[0, -1]
        left = prompt.values(masking.without(prompt.n, chosen))[0, -1]
        both = all(word in [words[i] for i in chosen] for word in PAIR)
        rows.append([label, ", ".join(words[i] for i in chosen), float(left - whole)])
        plotted += [
            {"method": label, "word": f"{i + 1}  {word}", "chosen": float(i in chosen)}
            for i, word in enumerate(words)
        ]
        findings.append(
            f"{label} {'takes' if both else 'does not take'} both of {' and '.join(PAIR)}; without "
            f"its three words the answer changes by {left - whole:+.3g} nats."
        )
    return Study(
        setup=f"The top {k} words of “{PROMPT}” by each method, deleted together.",
        tables=[Table("Highlighted", ["method", "words", "change of log-probability"], rows)],
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
            "of single removals cannot tell these two from the rest. The tutor was taught so."
        ),
        plot=heat(plotted, "method", "word", "chosen", "Words that each method removes"),
    )
