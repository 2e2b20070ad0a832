"""Training: it learns, it goes on as if unbroken, and it keeps to its budget."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.configs import EnergyConfig
from jupyter_xai.models import tutor
from jupyter_xai.models.load import load
from jupyter_xai.training.pairs import Pair
from jupyter_xai.training.trainer import Trainer, TrainingSettings

CONFIG = EnergyConfig(embedding_width=16, width=16, heads=2, projection_blocks=1, cross_blocks=1)
SETTINGS = TrainingSettings(
    energy_steps=6, interpreter_steps=6, batch=4, masked=2, rate=3e-3, k=1, ask_every=2, asked=2
)
RULES = {"cold": "Take a coat. ", "hungry": "Eat some bread. ", "tired": "Go to bed. "}


def answer(prompt):
    return "".join(said for word, said in RULES.items() if word in prompt) or "Fine. "


def encode(texts):
    """Bags of words: which of the rules' words are there, and a little of the rest."""
    rows = np.zeros((len(texts), 16), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for place, word in enumerate(" ".join([*RULES, *RULES.values()]).lower().split()):
            row[place % 15] += word.strip(".") in text.lower()
        row[15] = 0.3
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def pairs():
    idle = ("It rains. ", "The sky is blue. ", "My name is Ann. ")
    prompts = [f"{rest}I am {word}. {more}" for word in RULES for rest in idle for more in idle]
    return [Pair.of(prompt, answer(prompt)) for prompt in prompts]


def trainer(folder, settings=SETTINGS, config=CONFIG, model=answer):
    return Trainer(load(model, name="rules"), pairs(), config, settings, folder, encode=encode)


def same(one, other):
    for first, second in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize(("after", "most"), [(2, None), (6, 30), (9, None)])
def test_resumed_equals_unbroken(tmp_path, after, most):
    settings = replace(SETTINGS, max_queries=most)
    unbroken = trainer(tmp_path / "one", settings)
    unbroken.train()

    def stop(step):
        if step.number == after:
            raise Interrupted

    broken = trainer(tmp_path / "two", settings)
    with pytest.raises(Interrupted):
        broken.train(stop)
    checkpoint.load_interpreter(tmp_path / "two")
    resumed = trainer(tmp_path / "two", settings)
    assert len(resumed.steps) == after
    resumed.train()
    assert resumed.steps == unbroken.steps
    same(resumed.energy, unbroken.energy)
    same(resumed.interpreter, unbroken.interpreter)


@pytest.mark.parametrize("most", [None, 40])
def test_resumed_equals_unbroken_where_likelihoods_teach(tmp_path, most):
    samples = [each for family in ("travel", "facts") for each in tutor.samples(family, 2, 3)]
    told = [Pair.of(sample.prompt, sample.response) for sample in samples]
    settings = replace(SETTINGS, max_queries=most, outcomes=4)

    def start(folder):
        return Trainer(load("tutor"), told, CONFIG, settings, tmp_path / folder, encode=encode)

    def stop(step):
        if step.number == 9:
            raise Interrupted

    unbroken = start("one")
    unbroken.train()
    assert unbroken.interpreter.origin.objective == "likelihood"
    assert unbroken.answers.valued
    broken = start("two")
    with pytest.raises(Interrupted):
        broken.train(stop)
    resumed = start("two")
    resumed.train()
    assert resumed.steps == unbroken.steps
    same(resumed.interpreter, unbroken.interpreter)


def test_what_is_learnt_suits_the_model(tmp_path):
    assert trainer(tmp_path).settings.objective == "answers"
    with pytest.raises(XaiError, match="rules gives no log-probabilities"):
        trainer(tmp_path, replace(SETTINGS, objective="likelihood"))


def test_saved_and_read_again(tmp_path):
    trained = trainer(tmp_path).train()
    same(checkpoint.load_interpreter(tmp_path), trained)
    assert json.loads((tmp_path / "config.json").read_text())["width"] == 16


def test_the_budget_is_kept_and_answers_are_counted(tmp_path):
    asked = []

    def counting(prompt):
        asked.append(prompt)
        return answer(prompt)

    limited = trainer(tmp_path, replace(SETTINGS, max_queries=20), model=counting)
    limited.train()
    assert len(asked) == 20 == limited.answers.queries == limited.steps[-1].queries
    assert limited.tally.unchecked.total() > 0
    assert len(limited.steps) == limited.total


def test_sentences_are_embedded_once(tmp_path):
    seen = []

    def watched(texts):
        seen.extend(texts)
        return encode(texts)

    Trainer(load(answer), pairs(), CONFIG, SETTINGS, tmp_path, encode=watched).train()
    assert len(seen) == len(set(seen)) > 10


def test_a_checkpoint_of_other_shapes_is_refused(tmp_path):
    trainer(tmp_path, replace(SETTINGS, energy_steps=1, interpreter_steps=0)).train()
    with pytest.raises(XaiError, match=r"other shapes .*16 instead of 32"):
        trainer(tmp_path, config=replace(CONFIG, width=32))
    with pytest.raises(XaiError, match="other settings"):
        trainer(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(config.read_text().replace('"width": 16', '"width": 32'))
    with pytest.raises(XaiError, match="other shapes"):
        checkpoint.load_interpreter(tmp_path)
    (tmp_path / "interpreter.safetensors").write_bytes(b"nonsense")
    with pytest.raises(XaiError, match="is no checkpoint"):
        checkpoint.load_interpreter(tmp_path)
    with pytest.raises(XaiError, match="train one first"):
        checkpoint.load_interpreter(tmp_path / "nowhere")


def test_each_phase_learns_one_network(tmp_path):
    settings = replace(SETTINGS, energy_steps=1, interpreter_steps=1)
    training = trainer(tmp_path, settings)
    before = [each.clone() for each in training.energy.cross.parameters()]
    training.train()
    moved = [each.clone() for each in training.energy.cross.parameters()]
    assert any(not torch.equal(a, b) for a, b in zip(before, moved, strict=True))
    assert training.steps[1].energy_loss is None
    assert training.steps[0].gap is None is training.steps[0].interpreter_loss
    assert training.steps[1].interpreter_loss > 0
    state = torch.get_rng_state()
    trainer(tmp_path / "other", settings).train()
    assert torch.equal(state, torch.get_rng_state())


def test_the_energy_loss_falls_below_chance(tmp_path):
    training = trainer(tmp_path, replace(SETTINGS, energy_steps=150, interpreter_steps=0))
    training.train()
    losses = [step.energy_loss for step in training.steps]
    assert np.mean(losses[-20:]) < 0.5 * np.mean(losses[:5])


@pytest.mark.parametrize(
    "change", [{"k": 0}, {"rate": 0.0}, {"batch": 0}, {"draws": "some"}, {"dropout": 1.0}]
)
def test_impossible_settings_are_named(change):
    (name,) = change
    with pytest.raises(XaiError, match=name):
        replace(SETTINGS, **change)


def test_the_papers_draws_train_too(tmp_path):
    paper = replace(SETTINGS, objective="difference", draws="independent", k=3)
    training = trainer(tmp_path, paper)
    training.train()
    assert all(np.isfinite(step.gap) for step in training.steps[6:])
    assert all(torch.isfinite(each).all() for each in training.interpreter.parameters())


def test_too_few_pairs(tmp_path):
    with pytest.raises(XaiError, match="at least two prompts"):
        Trainer(load(answer), pairs()[:1], CONFIG, SETTINGS, tmp_path, encode=encode)
