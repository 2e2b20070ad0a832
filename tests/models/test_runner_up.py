"""The next-best response leaves the response where another token was nearest to being said."""

from __future__ import annotations

import pytest
import torch

import jupyter_xai as xai
import tiny
from jupyter_xai.errors import XaiError
from jupyter_xai.models.base import Prompt, Response, Sampling
from jupyter_xai.models.capabilities import RunnerUpModel
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible."
SHORT = Sampling(max_new_tokens=6)


def likeliest_turn(model: TransformersModel, prompt: Prompt, response: Response):
    """The same position and token, by one plain forward call and plain loops."""
    ids, said = list(prompt.ids or ()), list(response.ids or ())
    with torch.inference_mode():
        if model.model.config.is_encoder_decoder:
            start = model.model.config.decoder_start_token_id
            logits = model.model(
                input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([[start, *said[:-1]]])
            ).logits[0]
        else:
            logits = model.model(torch.tensor([ids + said])).logits[0, len(ids) - 1 : -1]
    ends = model._wording.ends()

    def is_mute(token: int) -> bool:
        return not any(c.isalnum() for c in model.tokenizer.decode([token]))

    turns = []
    for position, token in enumerate(said):
        for other in logits[position].topk(32).indices.tolist():
            if other != token and not {other, token} & ends:
                gap = float(logits[position, token] - logits[position, other])
                turns.append((is_mute(token) or is_mute(other), gap, position, other))
    return min(turns)[2:]


@pytest.mark.parametrize("kind", ["llama", "gpt2", "t5"])
@pytest.mark.parametrize("supplied", [False, True])
def test_it_turns_where_another_token_was_nearest(kind: str, supplied: bool) -> None:
    model = TransformersModel(tiny.model(kind), tiny.tokenizer(chat=True))
    assert isinstance(model, RunnerUpModel)
    prompt = model.prompt(TEXT)
    response = (
        model.supplied(prompt, "New York is nice.") if supplied else model.respond(prompt, SHORT)
    )
    other = model.runner_up(prompt, response, SHORT)
    position, token = likeliest_turn(model, prompt, response)
    assert other.ids is not None
    assert response.ids is not None
    assert other.ids[: position + 1] == (*response.ids[:position], token)
    assert other.text != response.text
    assert not other.supplied
    assert len(other.ids) <= max(6, len(response.ids))


def test_it_goes_on_greedily_and_leaves_random_state_alone() -> None:
    model = xai.load("tutor")
    assert isinstance(model, RunnerUpModel)
    prompt = model.prompt("The film was long. The music was nice. Was the review good or bad?")
    response = model.respond(prompt, Sampling())
    before = torch.random.get_rng_state()
    found = [model.runner_up(prompt, response, Sampling(temperature=t, seed=t)) for t in (0, 1)]
    assert found[0] == found[1]
    assert torch.equal(before, torch.random.get_rng_state())
    assert found[0].finished
    assert found[0].spans is not None
    assert [found[0].text[a:b] for a, b in found[0].spans if a < b]


def test_without_another_answer_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.respond(prompt, SHORT)
    monkeypatch.setattr(model._wording, "_continuation", lambda before, ids: response.text)
    with pytest.raises(XaiError, match="give one to contrast with, as foil="):
        model.runner_up(prompt, response, SHORT)


def test_the_room_of_the_context_is_kept() -> None:
    model = TransformersModel(
        tiny.model("llama", max_position_embeddings=48), tiny.tokenizer(chat=True)
    )
    prompt = model.prompt("a b c")
    response = model.respond(prompt, Sampling(max_new_tokens=400))
    other = model.runner_up(prompt, response, Sampling(max_new_tokens=400))
    assert len(prompt.ids or ()) + len(other.ids or ()) <= 48
