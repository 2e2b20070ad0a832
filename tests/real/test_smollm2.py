"""SmolLM2 explained for real: answers, causes and numbers that one plain forward gives, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import jupyter_xai as xai
from jupyter_xai.models.downloads import fetched

pytestmark = pytest.mark.real

QUESTION = "What is the capital of France? Answer in one sentence."
PARAGRAPHS = [
    "The harbour museum of Ostwick was founded by the ship owner Clara Benning. It holds forty "
    "models of fishing boats, and in summer its café is open until nine.",
    "The lighthouse of Ostwick was built in 1874. It was designed by the engineer Tomas Aldane, "
    "and its lamp could be seen from thirty kilometres away.",
    "The market of Ostwick takes place on Saturdays. Cheese, wool and smoked fish are sold there, "
    "and a brass band plays at noon.",
    "The old railway between Ostwick and Lund was closed in 1962. Its bridges are used by walkers "
    "today, and the station is a library.",
]


def alone(model: Any, prompt: str, answer: str) -> float:
    """Log-probability of an answer: one row, one plain forward, in double precision."""
    tokenizer = model.tokenizer
    chat = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], add_generation_prompt=True, tokenize=False
    )
    given = tokenizer(chat, add_special_tokens=False).input_ids
    said = tokenizer(answer, add_special_tokens=False).input_ids
    with torch.inference_mode():
        logits = model.model(input_ids=torch.tensor([given + said])).logits[0].double()
    logprobs = logits[len(given) - 1 : -1].log_softmax(-1)
    return float(logprobs[range(len(said)), said].sum())


def test_it_answers_and_the_question_is_the_cause(smollm2: Any) -> None:
    e = xai.explain(QUESTION, smollm2, method="leave-one-out", value="logprob")
    assert "Paris" in e.response
    assert int(np.argmax(e.total)) == 0
    whole = alone(smollm2, QUESTION, e.response)
    assert e.full[-1] == pytest.approx(whole, abs=1e-3)


def test_four_paragraphs_and_a_question(smollm2: Any) -> None:
    """The scores are right, not the answer: that is the model's affair."""
    question = "Which engineer designed the lighthouse of Ostwick? Answer with the name."
    prompt = "\n\n".join([*PARAGRAPHS, question])
    e = xai.explain(
        prompt,
        smollm2,
        method="leave-one-out",
        units="paragraph",
        value="logprob",
        response="Tomas Aldane",
        checks=False,
    )
    assert int(np.argmax(e.total[:4])) == 1
    texts = [*PARAGRAPHS, question]
    expected = [
        alone(smollm2, prompt, "Tomas Aldane")
        - alone(smollm2, "\n\n".join(t for j, t in enumerate(texts) if j != i), "Tomas Aldane")
        for i in range(4)
    ]
    np.testing.assert_allclose(e.total[:4], expected, atol=5e-3)


def test_a_chat_is_explained_by_its_messages(smollm2: Any) -> None:
    chat = [
        {"role": "system", "content": "You answer in one short sentence."},
        {"role": "user", "content": "My name is Ingrid. I live in Oslo."},
        {"role": "assistant", "content": "Nice to meet you, Ingrid!"},
        {"role": "user", "content": "What is my name?"},
    ]
    e = xai.explain(chat, smollm2, units="message", method="shap", value="logprob")
    assert "Ingrid" in e.response
    roles = [unit["role"] for unit in e.record["prompt"]["units"] if not unit["protected"]]
    assert roles == ["user", "assistant", "user"]
    assert e.total.argmax() != 2


def test_a_gguf_file_loads_by_its_path(smollm2: Any, capsys: pytest.CaptureFixture[str]) -> None:
    other = xai.load(fetched("smollm2"))
    assert "Converting" not in capsys.readouterr().err
    assert other.fingerprint() == smollm2.fingerprint()
    assert other.model.dtype == torch.float32
