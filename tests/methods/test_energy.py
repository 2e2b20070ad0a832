"""Explaining by a trained interpreter: at no call of any model, and honest about its origin."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import jupyter_xai as xai
from conftest import ANSWER, TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy import checkpoint
from jupyter_xai.methods.energy import importance as explaining
from jupyter_xai.methods.energy.configs import CONFIGS, EnergyConfig
from jupyter_xai.methods.energy.networks import Interpreter
from jupyter_xai.methods.energy.origin import Origin

SENTENCES = ["Warm places please. ", "No cities. ", "Money is no matter. ", "I am Ann."]
TARGETS = ["Go to a warm island. ", "It is quiet there."]


def made(config=CONFIGS["tiny"], seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Interpreter(config).eval()


def encode(texts):
    rows = [np.random.default_rng(list(text.encode())).normal(size=384) for text in texts]
    return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


def scores(sources=SENTENCES, targets=TARGETS, chosen=None, by=None, encoder=encode):
    asked = [True] * len(targets) if chosen is None else chosen
    return explaining.importance(by or made(), sources, targets, asked, encode=encoder)


class Forbidden(ToyModel):
    """May be asked nothing."""

    def respond(self, *given):
        raise AssertionError

    answer = score = respond


def test_nothing_is_asked_when_the_response_is_given():
    model = Forbidden()
    e = xai.explain(TRAVEL, model, method="energy", response=ANSWER)
    cost = e.record["cost"]
    assert (cost["forwards"], cost["backwards"], cost["generations"]) == (0, 0, 0)
    assert e.scores.shape == (4, 3)
    assert "the scores cost no call of the model" in e.notes
    assert not e.checks


def test_only_the_response_is_asked_for(toy):
    e = xai.explain(TRAVEL, toy, method="energy")
    assert (toy.scored, toy.answered) == (0, 1)
    found = xai.estimate(TRAVEL, ToyModel(), method="energy", response=ANSWER)
    assert (found.forwards, found.backwards, found.generations) == (0, 0, 0)
    assert found.brief == "no model call"
    checked = e.measured(k=1)
    assert checked.checks
    assert toy.scored > 0


def test_a_function_and_its_answer_are_explained():
    asked = []
    e = xai.explain(
        TRAVEL, lambda prompt: asked.append(prompt) or ANSWER, method="energy", interpreter=made()
    )
    assert len(asked) == 1
    np.testing.assert_allclose(e.scores.sum(axis=0), 1)


def test_scores_are_shares_and_sets_their_top():
    found = scores()
    assert found.shape == (4, 3)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=0), 1)
    np.testing.assert_array_equal(found, scores())
    e = xai.explain(TRAVEL, Forbidden(), method="energy", response=ANSWER)
    assert list(e.sets) == [1, 2, 3, 4]
    for k, chosen in e.sets.items():
        assert len(set(chosen)) == k
        assert set(chosen) == set(e.ranking()[:k])


def test_a_column_is_what_the_interpreter_says_of_this_target_alone():
    found, by = scores(), made()
    prompt, response = (
        torch.from_numpy(encode([t.strip() for t in ts]))[None] for ts in (SENTENCES, TARGETS)
    )
    ones = torch.ones(1, 4), response, torch.ones(1, 2)
    for column, targets in enumerate(([1.0, 0.0], [0.0, 1.0], [1.0, 1.0])):
        with torch.no_grad():
            logits = by(prompt, *ones, torch.tensor([targets]))
        expected = torch.softmax(logits[0].double(), dim=0).numpy()
        np.testing.assert_allclose(found[:, column], expected, rtol=1e-4)


def test_fitted_logits_are_told_as_they_are():
    by = made()
    by.origin = Origin("toy", "toy", steps=1, of=1, k=None, objective="fitted")
    found = scores(by=by)
    np.testing.assert_allclose(np.exp(found) / np.exp(found).sum(axis=0), scores(), rtol=1e-9)
    assert (found < 0).any()
    assert (scores(["  ", *SENTENCES], by=by)[0] == 0).all()


def test_many_columns_are_computed_in_parts(monkeypatch):
    whole = scores()
    monkeypatch.setattr(explaining, "_NUMBERS_AT_ONCE", 1)
    np.testing.assert_allclose(scores(), whole, rtol=1e-4)


def test_blank_sentences_count_for_nothing():
    found = scores(["  ", *SENTENCES], [TARGETS[0], "\n\n", TARGETS[1]])
    assert (found[0] == 0).all()
    assert (found[:, 1] == 0).all()
    np.testing.assert_allclose(found[1:, [0, 2, 3]], scores(), rtol=1e-4)
    assert (scores([" "]) == 0).all()


def test_only_chosen_targets_count():
    found = scores(chosen=[True, False])
    assert (found[:, 1] == 0).all()
    np.testing.assert_allclose(found[:, 2], scores()[:, 0], rtol=1e-4)
    e = xai.explain(TRAVEL, ToyModel(), method="energy", response=ANSWER, targets=[(0, 20)])
    assert (e.scores[:, 1:] == 0).all()


def test_one_sentence_has_all_of_it():
    asked = {"method": "energy", "response": ANSWER, "interpreter": made()}
    e = xai.explain("Warm.", Forbidden(), **asked)
    assert e.total.tolist() == [1.0]
    assert any("share is 1" in note for note in e.notes)


def test_system_text_takes_no_part_unless_it_may():
    asked = {"method": "energy", "response": ANSWER, "system": "You are kind."}
    assert xai.explain(TRAVEL, Forbidden(), **asked).scores.shape[0] == 4
    e = xai.explain(TRAVEL, Forbidden(), explain_system=True, **asked)
    assert e.scores.shape[0] == 5


@pytest.mark.parametrize(
    "which", [{"units": "word"}, {"units": "token"}, {"response_units": "word"}]
)
def test_small_units_are_refused_before_the_model_is_asked(which):
    with pytest.raises(XaiError, match=r"energy explains sentences, so .* is not allowed"):
        xai.explain(TRAVEL, Forbidden(), method="energy", **which)


def test_larger_units_are_remarked():
    e = xai.explain(
        f"{TRAVEL}\n\nBe kind.", Forbidden(), method="energy", response=ANSWER, units="paragraph"
    )
    assert any("other units may mislead" in note for note in e.notes)


@pytest.fixture
def folder(tmp_path):
    interpreter = made()
    interpreter.origin = Origin("toy:1", "another toy", steps=3, of=10, k=2)
    checkpoint.save_interpreter(interpreter, tmp_path)
    return tmp_path


def test_where_an_interpreter_comes_from_is_told(folder):
    e = xai.explain(TRAVEL, Forbidden(), method="energy", response=ANSWER, interpreter=folder)
    notes = " ".join(e.notes)
    assert "trained on another toy, not on this toy" in notes
    assert "3 of 10 steps only" in notes
    recorded = e.record["method"]["settings"]
    assert recorded["interpreter"] == str(folder)
    assert recorded["weights"] == explaining.digest(made())
    same = xai.explain(TRAVEL, Forbidden(), method="energy", response=ANSWER, interpreter=made())
    np.testing.assert_array_equal(same.scores, e.scores)
    assert any("does not say which model" in note for note in same.notes)
    assert same.record["method"]["settings"]["interpreter"] == "given"


def test_its_own_model_needs_no_warning(folder):
    model = ToyModel()
    interpreter = made()
    interpreter.origin = Origin(model.fingerprint(), "toy", steps=10, of=10, k=2)
    e = xai.explain(TRAVEL, model, method="energy", response=ANSWER, interpreter=interpreter)
    assert not any("trained" in note for note in e.notes)
    interpreter.origin = Origin("function:shout", "shout", steps=10, of=10, k=2)
    shout = xai.load(str.upper, name="shout")
    e = xai.explain(TRAVEL, shout, method="energy", response=ANSWER, interpreter=interpreter)
    assert not any("trained" in note for note in e.notes)


def test_a_new_interpreter_in_the_same_folder_is_read(folder):
    first = explaining.load_once(folder)
    assert explaining.load_once(folder) is first
    checkpoint.save_interpreter(made(seed=1), folder)
    assert explaining.digest(explaining.load_once(folder)) == explaining.digest(made(seed=1))


def explained(**settings):
    return xai.explain(TRAVEL, Forbidden(), method="energy", response=ANSWER, **settings)


def test_what_cannot_be_used_is_named(folder, tmp_path):
    with pytest.raises(XaiError, match=r"no checkpoint at .*train one first"):
        explained(interpreter=tmp_path / "nowhere")
    with pytest.raises(XaiError, match=r"interpreter=3 is not allowed; give the folder"):
        explained(interpreter=3)
    wide = EnergyConfig(768, 64, 4, 1, 1)
    with pytest.raises(XaiError, match="gives 384 numbers a sentence, and 768 are needed"):
        explained(interpreter=made(wide))
    spoiled = made()
    spoiled.head[0].bias.data[0] = float("nan")
    checkpoint.save_interpreter(spoiled, tmp_path / "spoiled")
    with pytest.raises(XaiError, match="weights that are no numbers"):
        explained(interpreter=tmp_path / "spoiled")
    (folder / checkpoint.INTERPRETER).write_bytes(b"nonsense")
    with pytest.raises(XaiError, match="is no checkpoint"):
        explained(interpreter=folder)


def test_nan_embeddings_are_refused():
    with pytest.raises(XaiError, match="encoder returned NaN"):
        scores(encoder=lambda texts: np.full((len(texts), 384), np.nan, np.float32))


def test_sentences_are_embedded_once():
    seen = []

    def watched(texts):
        seen.extend(texts)
        return encode(texts)

    scores([*SENTENCES, SENTENCES[0]], encoder=watched)
    assert len(seen) == len(set(seen)) == len(SENTENCES) + len(TARGETS)


def test_it_takes_part_in_evaluations_and_comparisons(toy):
    found = xai.evaluate([TRAVEL], ["energy"], toy, metrics=["drop@1"])
    assert found.frame()["method"].tolist() == ["energy"]
    compared = xai.compare(TRAVEL, toy, methods=["leave-one-out", "energy"])
    assert compared.agreement()[0].common == 4
