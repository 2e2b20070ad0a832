"""explain(): from a prompt to scores, checks, costs, partial results and readable errors."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import jupyter_xai as xai
from conftest import ANSWER, HOSTILE, TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.methods import requirements
from jupyter_xai.progress import Watcher

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)

# Rows: the four sentences of the prompt; columns: the three of the answer.
KNOWN = np.array([[0, 0, 0], [3, 0, 0], [0, 2, 0], [0, 0, 1.5]])


@pytest.mark.parametrize("method", ["leave-one-out", "shap"])
def test_scores_are_the_known_causes(toy: ToyModel, method: str) -> None:
    e = xai.explain(TRAVEL, toy, method=method)
    np.testing.assert_allclose(e.scores, KNOWN, atol=1e-5)
    np.testing.assert_allclose(e.total, KNOWN.sum(axis=1), atol=1e-5)
    assert e.record["value"] == "logprob"
    assert not e.partial


def test_linear_finds_the_cause_of_each_sentence(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy)
    assert e.record["method"]["name"] == "linear"
    assert e.record["value"] == "logit"
    assert [e.ranking(target)[0] for target in range(3)] == [1, 2, 3]


SERVED = [
    name for name in xai.methods.names() if requirements.met(xai.methods.get(name), ToyModel())
]
"""Methods that need no more than log-probabilities and answers."""


@pytest.mark.parametrize("method", SERVED)
@pytest.mark.parametrize("value", ["logprob", "logit", "text"])
def test_every_method_and_value_follows_the_schema(toy: ToyModel, method: str, value: str) -> None:
    settings = {"method": method, "value": value, "units": "sentence"}
    if method == "contrastive":
        settings["foil"] = "Go to a cold island."
        if value == "logit":
            with pytest.raises(XaiError, match="use value='logprob'"):
                xai.explain(TRAVEL, toy, **settings)
            return
    e = xai.explain(TRAVEL, toy, **settings, perturbations=12)
    jsonschema.validate(e.to_dict(), SCHEMA)
    assert e.scores.shape == (4, 3)


def test_protected_text_is_shown_but_not_scored(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out", system="You are kind. ")
    units = e.record["prompt"]["units"]
    assert [unit["role"] for unit in units[:2]] == ["template", "system"]
    assert all(unit["protected"] for unit in units[:2])
    assert e.scores.shape == (4, 3)
    assert e.prompt == f"<s>You are kind. {TRAVEL}"


def test_system_text_can_be_explained_too(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="leave-one-out", system="Warm! ", explain_system=True)
    assert e.sources[0] == "Warm! "


def test_checks_compare_the_top_k_with_random_and_leave_one_out(toy: ToyModel) -> None:
    (check,) = xai.explain(TRAVEL, toy, method="leave-one-out", k=2).checks
    assert check["k"] == 2
    assert check["removed"] == [1, 2]
    assert check["drop"] == pytest.approx(5.0, abs=1e-5)
    assert check["leave_one_out"]["removed"] == [1, 2]
    assert check["leave_one_out"]["drop"] == pytest.approx(5.0, abs=1e-5)
    random = check["random"]
    assert 1.5 <= random["low"] <= random["mean"] <= random["high"] <= 5.0
    assert 1 <= random["draws"] <= 10


def test_leave_one_out_is_not_compared_for_very_long_prompts(
    toy: ToyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_xai.evaluation.checks.top_k.MOST_LEFT_OUT", 3)
    e = xai.explain(TRAVEL, toy, method="random")
    assert e.checks[0]["leave_one_out"] == {"removed": [], "drop": None}
    assert any("leave-one-out was not compared" in note for note in e.notes)


def test_noise_is_measured(toy: ToyModel) -> None:
    assert xai.explain(TRAVEL, toy).noise == 0.0
    noisy = ToyModel(noisy=True)
    assert xai.explain(TRAVEL, noisy, method="leave-one-out").noise > 1e-3
    assert xai.explain(TRAVEL, toy, value="text").noise is None


def test_calls_are_counted_where_they_are_made(toy: ToyModel) -> None:
    first = xai.explain(TRAVEL, toy, method="leave-one-out", checks=False)
    cost = first.record["cost"]
    assert cost["forwards"] == toy.scored
    assert cost["generations"] == toy.answered == 1
    again = xai.explain(TRAVEL, toy, method="leave-one-out", checks=False)
    assert again.record["cost"]["forwards"] == 0
    assert again.record["cost"]["generations"] == 0
    assert again.record["cost"]["reused"] == 5
    assert toy.answered == 1
    np.testing.assert_array_equal(first.scores, again.scores)


def test_more_perturbations_reuse_those_at_hand(toy: ToyModel) -> None:
    prompt = " ".join(f"Fact number {i} is here." for i in range(12)) + " Warm."
    few = xai.explain(prompt, toy, method="linear", perturbations=16, checks=False)
    before = toy.scored
    more = xai.explain(prompt, toy, method="linear", perturbations=40, checks=False)
    assert more.record["perturbations"]["used"] > few.record["perturbations"]["used"]
    assert more.record["cost"]["reused"] >= few.record["perturbations"]["used"]
    assert toy.scored - before <= 40 - 16 + 1


def test_other_response_units_cost_nothing(toy: ToyModel) -> None:
    explainer = Explainer(toy, TRAVEL)
    explainer.run(Settings(method="leave-one-out"))
    before = toy.scored
    words = explainer.run(Settings(method="leave-one-out", response_units="word"))
    assert toy.scored == before
    assert words.record["response"]["level"] == "word"
    np.testing.assert_allclose(words.scores.sum(axis=1), KNOWN.sum(axis=1), atol=1e-5)


def test_other_prompt_units_keep_the_response(toy: ToyModel) -> None:
    explainer = Explainer(toy, TRAVEL)
    explainer.run(Settings(method="leave-one-out"))
    words = explainer.run(Settings(method="leave-one-out", units="word"))
    assert toy.answered == 1
    assert words.sources[words.ranking()[0]].strip() == "Warm"
    assert words.response == ANSWER


def test_a_given_response_is_explained_instead(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, response="Somewhere warm.", method="leave-one-out")
    assert toy.answered == 0
    assert e.record["response"]["supplied"]
    assert e.targets == ("Somewhere warm.",)
    assert e.total[1] == pytest.approx(3.0, abs=1e-5)


def test_chat_messages_can_be_units(toy: ToyModel) -> None:
    chat = [
        {"role": "user", "content": "Warm places please."},
        {"role": "assistant", "content": "Fine."},
        {"role": "user", "content": "No cities."},
    ]
    e = xai.explain(chat, toy, units="message", method="leave-one-out")
    assert e.record["prompt"]["level"] == "message"
    np.testing.assert_allclose(e.total, [3, 0, 2], atol=1e-5)


def test_a_prompt_of_one_unit_works(toy: ToyModel) -> None:
    for method in ("linear", "leave-one-out", "shap", "similarity", "random"):
        e = xai.explain("Warm.", toy, method=method)
        assert e.scores.shape == (1, 3)
        assert e.k == 1
        jsonschema.validate(e.to_dict(), SCHEMA)


def test_hostile_text_stays_what_it_is(toy: ToyModel) -> None:
    model = ToyModel(answer=HOSTILE)
    e = xai.explain(HOSTILE * 2, model, method="leave-one-out", units="word")
    assert e.prompt == "<s>" + HOSTILE * 2
    assert e.response == HOSTILE
    jsonschema.validate(e.to_dict(), SCHEMA)


def test_an_unfinished_answer_is_noted(toy: ToyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    respond = toy.respond
    monkeypatch.setattr(toy, "respond", lambda p, s: replace(respond(p, s), finished=False))
    assert any("length limit" in note for note in xai.explain(TRAVEL, toy).notes)


class Recorder(Watcher):
    """Keeps what it sees; stops after so many updates."""

    wants_updates = True

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__()
        self.seen: list[xai.Explanation] = []
        self.told: list[tuple[int, int, str]] = []
        self._stop_after = stop_after

    def updated(self, explanation: xai.Explanation) -> None:
        self.seen.append(explanation)
        if len(self.seen) == self._stop_after:
            self.cancel.set()

    def progressed(self, done: int, total: int, what: str) -> None:
        self.told.append((done, total, what))


def many_sentences(n: int) -> str:
    return "Warm places. " + " ".join(f"Sentence number {i}." for i in range(n - 1))


def test_first_scores_come_early_and_get_better(toy: ToyModel) -> None:
    watcher = Recorder()
    e = xai.explain(many_sentences(10), toy, perturbations=100, progress=watcher)
    used = [each.record["perturbations"]["used"] for each in watcher.seen]
    assert used[0] == 16
    assert used == sorted(used)
    assert len(used) >= 3
    assert e.record["perturbations"]["used"] == 100
    done = [told[0] for told in watcher.told if told[2] == "" and told[1]]
    assert done == sorted(done)
    assert {told[2] for told in watcher.told} == {"answering", "", "checking"}


def test_cancelling_keeps_what_arrived_and_the_next_call_goes_on(toy: ToyModel) -> None:
    watcher = Recorder(stop_after=1)
    prompt = many_sentences(10)
    e = xai.explain(prompt, toy, perturbations=100, progress=watcher)
    assert e.partial
    assert 16 <= e.record["perturbations"]["used"] < 100
    jsonschema.validate(e.to_dict(), SCHEMA)
    spent = toy.scored
    whole = xai.explain(prompt, toy, perturbations=100, checks=False)
    assert not whole.partial
    assert whole.record["cost"]["reused"] >= 16
    assert toy.scored - spent <= 100 - 16 + 10


def test_an_interrupt_hands_back_a_partial_explanation(toy: ToyModel) -> None:
    prompt = many_sentences(10)
    toy.interrupt_after = 20
    e = xai.explain(prompt, toy, perturbations=64)
    assert e.partial
    assert e.record["perturbations"]["used"] == 19
    assert np.isfinite(e.total).all()
    assert e.checks == []
    jsonschema.validate(e.to_dict(), SCHEMA)


def test_an_interrupt_before_the_first_mask_gives_no_scores(toy: ToyModel) -> None:
    toy.interrupt_after = 0
    e = xai.explain(TRAVEL, toy)
    assert e.partial
    assert np.isnan(e.total).all()
    assert e.record["perturbations"]["used"] == 0
    assert "partial" in repr(e)
    jsonschema.validate(e.to_dict(), SCHEMA)


def test_an_interrupt_during_the_checks_keeps_the_scores(toy: ToyModel) -> None:
    toy.interrupt_after = 5 + 5  # leave-one-out, then the noise floor
    e = xai.explain(TRAVEL, toy, method="leave-one-out")
    assert e.partial
    np.testing.assert_allclose(e.scores, KNOWN, atol=1e-5)
    assert "stopped during the checks; the scores are complete" in e.notes
    assert "stopped" not in e.record


def test_an_interrupt_while_the_model_answers_is_passed_on(
    toy: ToyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(prompt: object, sampling: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(toy, "respond", respond)
    with pytest.raises(KeyboardInterrupt):
        xai.explain(TRAVEL, toy)


def test_two_threads_share_one_model(toy: ToyModel) -> None:
    inside = threading.Lock()

    def alone() -> None:
        assert inside.acquire(blocking=False)
        time.sleep(0.001)
        inside.release()

    toy.on_batch = alone
    found: list[xai.Explanation] = []
    prompts = [TRAVEL, many_sentences(8)]
    threads = [
        threading.Thread(target=lambda p=p: found.append(xai.explain(p, toy, progress=False)))
        for p in prompts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": ""}, "the prompt is empty"),
        ({"prompt": " \n\t"}, "the prompt is empty"),
        ({"prompt": []}, "the prompt is empty"),
        ({"prompt": 3}, "the prompt must be a text or a list of messages, not int"),
        ({"prompt": [{"role": "user"}]}, "a chat prompt is a list of messages such as"),
        ({"response": "  "}, "the response is blank"),
        ({"method": "shapp"}, "shap"),
        ({"method": "linear", "alfa": 1}, "alfa"),
        ({"units": "sentense"}, "unknown units 'sentense', did you mean 'sentence'?"),
        ({"response_units": "words"}, "unknown response units 'words', did you mean 'word'?"),
        ({"value": "logprobs"}, "unknown value 'logprobs', did you mean 'logprob'?"),
        ({"operator": "drop"}, "unknown operator 'drop'"),
        ({"operator": "replace"}, "needs a replacement text"),
        ({"k": 0}, "k must be at least 1, not 0"),
        ({"k": 5}, "k is 5, but the prompt has only 4 sentences; choose a k of at most 4"),
        ({"k": 1.5}, "k must be a whole number, not 1.5"),
        ({"perturbations": 0}, "perturbations must be at least 1, not 0"),
        ({"max_new_tokens": 0}, "max_new_tokens must be at least 1"),
        ({"temperature": -1}, "the temperature must be 0 or more"),
        ({"model": 3}, "cannot explain int"),
        ({"model": "tutr"}, "unknown model 'tutr'; did you mean 'tutor'?"),
        ({"model": "openai:"}, "name is missing"),
        ({"model": " "}, "the model's name is empty"),
    ],
)
def test_bad_input_gives_one_readable_line(
    toy: ToyModel, options: dict[str, object], message: str
) -> None:
    given = {"prompt": TRAVEL, "model": toy, **options}
    with pytest.raises(XaiError) as caught:
        xai.explain(**given)  # type: ignore[arg-type]
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_prompt_without_removable_text_is_refused(toy: ToyModel) -> None:
    chat = [{"role": "system", "content": "Be kind."}]
    with pytest.raises(XaiError, match="nothing in the prompt can be removed"):
        xai.explain(chat, str.upper)


def test_nan_from_the_model_is_refused(toy: ToyModel) -> None:
    toy._noise = float("nan")
    with pytest.raises(XaiError, match="returned NaN"):
        xai.explain(TRAVEL, toy)


def test_log_probabilities_of_a_function_are_refused() -> None:
    with pytest.raises(XaiError, match="gives text only"):
        xai.explain(TRAVEL, str.upper, value="logprob")
