"""gSMILE, Figure 14: attention to two words over ten sentence structures."""

from __future__ import annotations

from statistics import median

from jupyter_xai.errors import XaiError
from jupyter_xai.studies.lab import MEANING, Lab
from jupyter_xai.studies.plots import boxes
from jupyter_xai.studies.results import Study, Table

PROMPTS = (
    MEANING,
    "Please give me the meaning of life.",
    "You must explain the meaning of life.",
    "Can you tell me the meaning of life?",
    "Tell me about the meaning of life.",
    "I wonder what the meaning of life is.",
    "The meaning of life is what?",
    "Describe the meaning of life to me.",
    "Do you know the meaning of life?",
    "I want to understand the meaning of life.",
)
WORDS = ("meaning", "life")


def run(lab: Lab) -> Study:
    """By the method ``attention``, in the last layer of the model, as the figure."""
    if not lab.available("attention"):
        msg = f"this study reads attention, which {lab.model.name} does not give"
        raise XaiError(msg)
    prompts = PROMPTS[: lab.pick(3, 10)]
    rows, plotted = [], []
    for prompt in prompts:
        found = lab.explain(prompt, "attention", units="word", variant="layer", layer=-1)
        scores = {}
        for word in WORDS:
            places = [i for i, text in enumerate(found.sources) if word in text.lower()]
            scores[word] = float(found.total[places[0]])
            plotted.append({"word": word, "attention": scores[word], "prompt": prompt})
        rows.append([prompt, *scores.values()])
    middle = {word: median(row[place + 1] for row in rows) for place, word in enumerate(WORDS)}
    more = sum(row[2] > row[1] for row in rows)
    return Study(
        setup=(
            "Attention of the answer to the words “meaning” and “life” in the model's last layer, "
            f"the mean over its heads, in {len(prompts)} sentences of different structure. The "
            "paper prints three of its ten; the others follow their pattern."
        ),
        tables=[Table("Attention", ["prompt", *WORDS], rows)],
        findings=[
            f"“life” gets more than “meaning” in {more} of {len(rows)} sentences.",
            f"Medians: {', '.join(f'{word} {value:.3g}' for word, value in middle.items())}.",
        ],
        expectation=(
            "Which word gets more depends on the model and says little about what the answer "
            "hangs on: attention is no evidence of faithfulness. What can be expected is that the "
            "values vary with the form of the sentence."
        ),
        plot=boxes(plotted, "word", "attention", "Attention over sentences", told="prompt"),
    )
