"""train_interpreter: from prompts to an interpreter, whatever happens in between."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import jupyter_xai as xai
from jupyter_xai.errors import Interrupted, XaiError
from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy.importance import digest
from jupyter_xai.training import train as teaching
from jupyter_xai.training.data import read_drafts
from jupyter_xai.training.pairs import Pair

RULES = {"cold": "Take a coat. ", "hungry": "Eat some bread. ", "tired": "Go to bed. "}
PROMPTS = [
    f"It {does}. I am {word}. My name is {name}."
    for word in RULES
    for does in ("rains", "snows")
    for name in ("Ann", "Ben")
]
QUICK = {"steps": 8, "batch": 4, "ask_every": 2, "asked": 2, "k": 1}


class Answering:
    """A function that counts what it is asked, and may be cut off."""

    def __init__(self, stops_after=None):
        self.asked = []
        self.stops_after = stops_after

    def __call__(self, prompt):
        if len(self.asked) == self.stops_after:
            raise KeyboardInterrupt
        self.asked.append(prompt)
        return "".join(said for word, said in RULES.items() if word in prompt) or "Fine. "


def train(folder, model=None, prompts=PROMPTS, **options):
    return xai.train_interpreter(model or Answering(), prompts, folder=folder, **QUICK | options)


def weights(found):
    return digest(checkpoint.load_interpreter(found.folder))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    return train(tmp_path_factory.mktemp("unbroken"))


def test_what_training_gives(unbroken):
    assert not unbroken.partial
    assert unbroken.folder.joinpath("interpreter.safetensors").exists()
    history = unbroken.history
    assert list(history.columns) == ["step", "measure", "kind", "value"]
    losses = history[history["measure"] == "energy loss"]
    assert losses["step"].tolist() == [1, 2, 3, 4, 6, 8]
    # Sentences are chosen only where the model is asked about the choice.
    assert history[history["measure"] == "gap"]["step"].tolist() == [6, 8]
    energies = history[history["measure"] == "energy"]
    assert set(energies["step"]) == set(range(9))
    assert {"off-topic", "sentence-masked", "token-masked"} <= set(energies["kind"])
    assert np.isfinite(history["value"]).all()
    assert repr(unbroken).startswith("<interpreter of Answering: 8 of 8 steps, ")


def test_what_is_trained_explains_at_no_call(unbroken):
    model = Answering()
    e = xai.explain(PROMPTS[0], model, method="energy", interpreter=unbroken)
    assert len(model.asked) == 1
    assert not any("trained" in note for note in e.notes)
    same = unbroken.explain(PROMPTS[0], response="Take a coat. ")
    np.testing.assert_array_equal(same.scores, e.scores)
    assert same.record["cost"]["generations"] == 0


def test_its_chart_has_losses_and_energies(unbroken):
    bundle = unbroken.chart()._repr_mimebundle_()
    spec = next(value for name, value in bundle.items() if "vegalite" in name)
    losses, energies = (part["data"]["values"] for part in spec["hconcat"])
    assert {row["what"] for row in losses} == {
        "energy: InfoNCE",
        "interpreter: loss",
    }
    assert {"authentic", "off-topic"} <= {row["what"] for row in energies}
    json.dumps(spec, allow_nan=False)


@pytest.mark.parametrize("stops_after", [5, 30, 60])
def test_resumed_equals_unbroken_and_asks_nothing_twice(tmp_path, unbroken, stops_after):
    first = Answering(stops_after)
    try:
        stopped = train(tmp_path, first)
    except KeyboardInterrupt:
        assert stops_after <= len(PROMPTS)
    else:
        assert stopped.partial == (len(first.asked) == stops_after)
    second = Answering()
    found = train(tmp_path, second)
    assert weights(found) == weights(unbroken)
    assert found.history.equals(unbroken.history)
    assert found.queries == unbroken.queries
    asked = first.asked + second.asked
    assert len(asked) == len(set(asked)) == unbroken.queries


def test_an_interrupt_leaves_a_usable_interpreter(tmp_path, unbroken):
    def stop(step):
        if step.number == 6:
            raise KeyboardInterrupt

    found = train(tmp_path, on_step=stop)
    assert found.partial
    assert "6 of 8 steps" in repr(found)
    assert "the same call again goes on" in repr(found)
    e = found.explain(PROMPTS[0])
    assert any("for 6 of 8 steps only" in note for note in e.notes)
    assert weights(train(tmp_path)) == weights(unbroken)


def test_finished_training_is_not_repeated(tmp_path, unbroken):
    found = train(tmp_path)
    again = train(tmp_path, Answering(stops_after=0))
    assert again.queries == found.queries
    assert again.history.equals(unbroken.history)


@pytest.mark.parametrize("most", [9, 30])
def test_the_budget_is_kept(tmp_path, most):
    model = Answering()
    found = train(tmp_path, model, max_queries=most)
    assert len(model.asked) == found.queries <= most
    assert not found.partial
    left_out = len(PROMPTS) - most // 2
    said = [note for note in found.notes if "left out" in note]
    assert bool(said) == (left_out > 0)
    assert not said or said[0].startswith(f"{left_out} prompts")


def test_given_responses_are_not_asked_for(tmp_path):
    answer = Answering()
    pairs = [Pair.of(prompt, answer(prompt), human="Oh dear.") for prompt in PROMPTS]
    model = Answering()
    found = train(tmp_path, model, pairs)
    assert not set(PROMPTS) & set(model.asked)
    kinds = set(found.history["kind"])
    assert "human" in kinds
    assert "other-model" not in kinds


def rows():
    return [
        {"prompt": p, "response": Answering()(p), "human": "Oh.", "other": "No."} for p in PROMPTS
    ]


def test_files_and_frames_are_read_alike(tmp_path):
    import pandas as pd

    lines, table = tmp_path / "prompts.jsonl", tmp_path / "prompts.csv"
    lines.write_text("\n".join(json.dumps(row) for row in rows()), encoding="utf-8")
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["prompt", "response", "human", "other"])
        writer.writeheader()
        writer.writerows(rows())
    of = {"n": 1, "seed": 0}
    expected = read_drafts(rows(), **of)
    assert len(expected) == len(PROMPTS)
    assert expected[0].other == "No."
    for data in (str(lines), lines, table, pd.DataFrame(rows())):
        assert read_drafts(data, **of) == expected


def test_the_tutors_prompts_are_others_than_evaluate_takes():
    drafts = read_drafts("tutor:travel", n=5, seed=0)
    assert all(each.response is None and each.human and each.of_tutor for each in drafts)
    assert not {each.prompt for each in drafts} & {s.prompt for s in xai.tutor.samples("travel", 5)}
    both = read_drafts(["tutor:travel", "Be brief."], n=2, seed=0)
    assert [each.of_tutor for each in both] == [True, True, False]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([{"prompt": "Be brief.", "reply": "Yes."}], r"unknown column 'reply'; there are prompt, "),
        ([{"prompt": "Be brief.", "human": 3}], "row 0: human must be a text, not int"),
        ([], "no prompt"),
        ("nowhere.jsonl", "cannot read 'nowhere.jsonl'"),
        ("tutor:nothing", "no family 'nothing'"),
        ([[{"role": "user", "content": "Be brief."}]], "prompt 0 is a chat"),
        (["Be brief. Be kind."], "at least two prompts"),
    ],
)
def test_data_that_cannot_be_used_is_named(tmp_path, data, said):
    with pytest.raises(XaiError, match=said):
        train(tmp_path, prompts=data)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"config": "huge"}, "unknown configuration 'huge'; choose one of tiny, "),
        ({"steps": 0}, "steps must be at least 1"),
        ({"max_queries": 0}, "max_queries must be at least 1"),
        ({"colour": 1}, "unknown setting 'colour'; there are energy_steps, "),
        ({"rate": -1.0}, "rate=-1.0 is not allowed"),
    ],
)
def test_impossible_choices_are_named(tmp_path, option, said):
    with pytest.raises(XaiError, match=said):
        train(tmp_path, **option)


def test_another_training_in_the_same_folder_is_refused(tmp_path):
    train(tmp_path, steps=2)
    with pytest.raises(XaiError, match="was trained with other settings"):
        train(tmp_path)
    with pytest.raises(XaiError, match="has other shapes"):
        train(tmp_path, steps=2, config="small")
    (tmp_path / checkpoint.TRAINING).write_bytes(b"nonsense")
    with pytest.raises(XaiError, match="is no checkpoint"):
        train(tmp_path, steps=2)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path, monkeypatch, unbroken):
    def full(*given, **also):
        raise OSError(28, "No space left on device")

    def stop(step):
        if step.number == 4:
            raise Interrupted

    train(tmp_path, on_step=stop)
    before = (tmp_path / checkpoint.TRAINING).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "save_file", full)
        with pytest.raises(XaiError, match=r"No space left on device.*intact.*go on"):
            train(tmp_path)
    assert (tmp_path / checkpoint.TRAINING).read_bytes() == before
    assert not list(tmp_path.glob(".xai-*"))
    assert weights(train(tmp_path)) == weights(unbroken)


def test_a_folder_is_named_after_the_choices(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = xai.train_interpreter(Answering(), PROMPTS, **QUICK | {"steps": 2})
    assert first.folder.parent == tmp_path / teaching.FOLDER
    assert first.folder.name.startswith("Answering-tiny-")
    other = xai.train_interpreter(Answering(), PROMPTS, **QUICK | {"steps": 2}, seed=1)
    assert other.folder != first.folder
    model = Answering()
    again = xai.train_interpreter(model, PROMPTS, **QUICK | {"steps": 2})
    assert again.folder == first.folder
    assert not model.asked


def test_progress_is_told_and_may_stop(tmp_path):
    told = []

    def progress(done, total, what):
        told.append((done, total, what))
        if what == "training" and done == 3:
            raise Interrupted

    found = train(tmp_path, progress=progress)
    assert {what for _, _, what in told} == {
        "asking for responses",
        "asking about masked prompts",
        "training",
    }
    assert len(found.log.steps) == 3


def test_half_precision_trains_too(tmp_path):
    from functools import partial

    import torch

    from jupyter_xai.methods.energy.configs import CONFIGS
    from jupyter_xai.models.load import load
    from jupyter_xai.training.trainer import Trainer, TrainingSettings

    model = Answering()
    pairs = [Pair.of(prompt, model(prompt)) for prompt in PROMPTS]
    settings = TrainingSettings(energy_steps=3, interpreter_steps=3, batch=4, k=1)
    trainer = Trainer(load(model), pairs, CONFIGS["tiny"], settings, tmp_path)
    trainer._mixed = partial(torch.autocast, "cpu", torch.bfloat16)
    trainer.train()
    numbers = [
        n
        for step in trainer.steps
        for n in (step.energy_loss, step.interpreter_loss)
        if n is not None
    ]
    assert np.isfinite(numbers).all()
    assert all(each.dtype == torch.float32 for each in trainer.energy.parameters())
    assert all(torch.isfinite(each).all() for each in trainer.interpreter.parameters())
