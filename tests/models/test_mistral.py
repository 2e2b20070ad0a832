"""Tokenizers of mistral-common have no template and no offsets, but chats all the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import mistral_common as common
import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.models.local.transformers import TransformersModel

FILES = (
    "tokenizer.model.v1",
    "mistral_instruct_tokenizer_240323.model.v3",
    "mistral_instruct_tokenizer_241114.model.v7m1",
    "tekken_240911.json",
)
PROMPT = "Rest by the sea. No cities.  Budget\nis flexible."


@cache
def tokenizer(name: str) -> Any:
    from transformers import MistralCommonBackend

    return MistralCommonBackend(tokenizer_path=str(Path(common.__file__).parent / "data" / name))


@cache
def model(name: str) -> TransformersModel:
    own = tokenizer(name)
    net = tiny.model("llama", vocab_size=own.vocab_size, bos_token_id=1, eos_token_id=2)
    return TransformersModel(net, own, name=name)


def chat_ids(name: str, text: str) -> list[int]:
    messages = [{"role": "user", "content": text}]
    return list(tokenizer(name).apply_chat_template(messages, tokenize=True, return_dict=False))


@pytest.mark.parametrize("name", FILES)
def test_a_chat_keeps_its_control_tokens(name: str) -> None:
    prompt = model(name).prompt(PROMPT)
    assert list(prompt.ids or ()) == chat_ids(name, PROMPT)
    texts = [(unit.text, unit.protected) for unit in prompt.document.units]
    assert "[INST]" in texts[0][0]
    assert "[/INST]" in texts[-1][0]
    assert texts[0][1]
    assert texts[-1][1]
    assert "".join(unit.text for unit in prompt.document.sources) == PROMPT
    assert prompt.token_source is not None
    own = prompt.token_source[prompt.token_source >= 0]
    assert sorted(set(own.tolist())) == [0, 1, 2]
    assert (np.diff(own) >= 0).all()
    # Each sentence has the tokens that it has by itself, behind another.
    for place, sentence in enumerate(("Rest by the sea. ", "No cities.  ", "Budget\nis flexible.")):
        spelled = tokenizer(name).decode(
            [i for i, s in zip(prompt.ids or (), prompt.token_source, strict=True) if s == place],
            skip_special_tokens=True,
        )
        assert spelled.split() == sentence.split()


@pytest.mark.parametrize("name", FILES)
def test_what_is_left_is_typed_anew(name: str) -> None:
    prompt = model(name).prompt(PROMPT)
    masks = np.array([[False, True, True], [True, False, True], [True, True, False]])
    left = ["No cities.  Budget\nis flexible.", "Rest by the sea. Budget\nis flexible.",
            "Rest by the sea. No cities."]  # fmt: skip
    for key, text in zip(model(name).keys(prompt, masks, Operator("text")), left, strict=True):
        alone = model(name).prompt(text, units="paragraph")
        assert list(alone.ids or ()) == chat_ids(name, text)
        everything = np.ones((1, len(alone.document.sources)), dtype=bool)
        assert key == model(name).keys(alone, everything, Operator("text"))[0]


@pytest.mark.parametrize("name", FILES[:2])
def test_answers_are_read_without_marks_of_pieces(name: str) -> None:
    prompt = model(name).prompt(PROMPT)
    answer = model(name).respond(prompt, Sampling(6)).text
    assert "▁" not in answer
    e = xai.explain(
        PROMPT, model(name), response="New York is nice.", method="leave-one-out", checks=False,
        progress=False,
    )  # fmt: skip
    assert "".join(e.targets) == "New York is nice."
    assert np.isfinite(e.total).all()


def test_what_mistral_common_refuses_is_one_line() -> None:
    with pytest.raises(XaiError, match="refuses the roles assistant") as caught:
        model(FILES[1]).prompt([{"role": "assistant", "content": "Hello."}])
    assert "\n" not in str(caught.value)
