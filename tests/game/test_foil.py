"""Foils and targets from the outside: explain(), the words, what is saved and what is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import jsonschema
import numpy as np
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_xai as xai
from conftest import ANSWER, CAUSES, HOSTILE, TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.interface.commands import cli
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Operator, Prompt, Response, Sampling
from jupyter_xai.models.capabilities import Diverged, Of

SCHEMA = json.loads(files("jupyter_xai").joinpath("schema/explanation.schema.json").read_text())
FOIL = "Go to a cold island. It is loud there."


class Telling(ToyModel):
    """Tells what it would have said instead, and which words hang on the prompt."""

    def runner_up(self, prompt: Prompt, response: Response, sampling: Sampling) -> Response:
        return self._made(FOIL, supplied=False)

    def divergence(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response, of: Of
    ) -> Iterator[Diverged]:
        assert of == "original"
        causes = {made for made, _ in CAUSES.values()}
        words = [response.text[start:end] for start, end in response.spans or ()]
        row = [3.0 if any(cause in word for cause in causes) else 0.1 for word in words]
        yield Diverged(np.arange(len(masks)), np.array([row] * len(masks), np.float32), tokens=0)


@pytest.fixture
def telling() -> Telling:
    return Telling()


def test_contrastive_takes_the_next_best_answer(telling: Telling) -> None:
    e = xai.explain(TRAVEL, telling, method="contrastive", perturbations=15)
    foil = e.record["response"]["foil"]
    assert foil == {"text": FOIL, "supplied": False, "unit": 0}
    assert e.record["value"] == "logprob"
    # "warm" is made by the second unit, 3 nats; "quiet" and "best" are in the response only.
    assert e.ranking()[0] == 1
    assert np.isfinite(e.scores[:, 0]).all()
    assert np.isnan(e.scores[:, 1:]).all()
    given = xai.explain(TRAVEL, telling, method="linear", foil=FOIL, perturbations=15)
    np.testing.assert_array_equal(given.total, e.total)
    assert given.record["response"]["foil"]["supplied"]
    assert given.record["value"] == "logprob"


@pytest.mark.parametrize("method", ["leave-one-out", "shap", "lime", "joint", "random"])
def test_every_method_takes_a_foil(telling: Telling, method: str) -> None:
    e = xai.explain(TRAVEL, telling, method=method, foil=FOIL, perturbations=15)
    assert np.isfinite(e.total).all()
    jsonschema.validate(e.to_dict(), SCHEMA)
    if method in ("leave-one-out", "shap"):
        swapped = xai.explain(
            TRAVEL, telling, method=method, response=FOIL, foil=e.response, perturbations=15
        )
        np.testing.assert_allclose(e.total, -swapped.total, atol=1e-5)
        np.testing.assert_allclose(e.total[1], 3.0, atol=1e-5)


def test_only_what_hangs_on_the_prompt_is_explained(telling: Telling) -> None:
    e = xai.explain(TRAVEL, telling, method="leave-one-out", targets="context-dependent")
    response = e.record["response"]
    assert [unit["targets"] for unit in response["units"]] == [["warm"], ["quiet"], ["best"]]
    assert response["targets"]["kind"] == "context-dependent"
    pieces = [e.response[a:b].strip() for a, b in response["targets"]["spans"]]
    assert pieces == ["warm", "quiet", "best"]
    plain = xai.explain(TRAVEL, telling, method="leave-one-out")
    np.testing.assert_allclose(e.total, plain.total, atol=1e-5)
    assert any("only 3 of the" in note for note in e.notes)
    assert np.abs(e.full).max() < np.abs(plain.full).max()


def test_a_piece_of_the_answer_is_explained_for_nothing(telling: Telling) -> None:
    plain = xai.explain(TRAVEL, telling, method="leave-one-out")
    before = telling.scored
    start = ANSWER.index("warm")
    e = xai.explain(
        TRAVEL, telling, method="leave-one-out", targets=[(start, start + 4)], checks=False
    )
    assert telling.scored == before, "of its noise floor, too, the log-probabilities are known"
    np.testing.assert_allclose(e.scores[:, 0], plain.scores[:, 0], atol=1e-5)
    np.testing.assert_allclose(e.total, plain.scores[:, 0], atol=1e-5)
    assert (e.scores[:, 1:] == 0).all()
    again = e.record["response"]["targets"]["spans"]
    e2 = xai.explain(TRAVEL, telling, method="leave-one-out", targets=again, checks=False)
    assert e2.record["response"] == e.record["response"]


@pytest.mark.parametrize(
    "options", [{"foil": f"Go to {HOSTILE}"}, {"targets": "context-dependent"}], ids=str
)
def test_it_is_saved_and_shown_as_text(telling: Telling, options: Any, tmp_path: Any) -> None:
    e = xai.explain(TRAVEL, telling, method="leave-one-out", **options)
    jsonschema.validate(e.to_dict(), SCHEMA)
    opened = xai.open(e.save(tmp_path / "e.json"))
    assert opened.record["response"] == e.record["response"]
    assert opened.to_dict() == e.to_dict()
    np.testing.assert_array_equal(np.isnan(opened.scores), np.isnan(e.scores))
    page, text = static_html(opened), str(opened)
    assert "<script>" not in page
    assert "<img" not in page
    if "foil" in options:
        assert "Instead of" in page
        assert "onerror=alert(1)" in page
        assert "instead of: Go to" in text
        assert "only the whole answers are compared" in text


def test_checks_and_metrics_are_about_the_contrast(telling: Telling) -> None:
    e = xai.explain(TRAVEL, telling, method="shap", foil=FOIL, k=1)
    assert e.checks[0]["removed"] == [1]
    assert e.checks[0]["drop"] == pytest.approx(3.0, abs=1e-4)
    assert e.full[-1] == pytest.approx(e.full[0] + e.full[-1] - e.full[0])
    assert not e.metrics().empty


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"foil": " "}, "the foil is blank"),
        ({"foil": 3}, "the foil must be a text"),
        ({"foil": ANSWER + " "}, "the foil equals the response"),
        ({"foil": FOIL, "value": "logit"}, "use value='logprob'"),
        ({"foil": FOIL, "targets": "context-dependent"}, "either a foil or targets"),
        ({"targets": "everything"}, "give 'context-dependent'"),
        ({"targets": [(4, 4)]}, "must not be empty"),
        ({"targets": [(0, 4), (3, 6)]}, "overlap"),
        ({"targets": []}, "give 'context-dependent'"),
        ({"targets": [(0, 999)]}, "leaves the response"),
        ({"targets": "context-dependent", "value": "text"}, "need value='logprob'"),
    ],
)
def test_what_makes_no_sense_is_said(telling: Telling, options: Any, said: str) -> None:
    with pytest.raises(XaiError, match=said) as caught:
        xai.explain(TRAVEL, telling, **options)
    assert "\n" not in str(caught.value)


def test_models_that_only_answer_take_a_foil_by_name() -> None:
    def answer(prompt: str) -> str:
        return "Go to the sea." if "sea" in prompt else "Go to the hills."

    prompt = "I love the sea. I do not fly."
    with pytest.raises(XaiError, match=r"needs foil='\.\.\.': .*answer does not tell"):
        xai.explain(prompt, answer, method="contrastive")
    with pytest.raises(XaiError, match="answer gives text only; leave them out"):
        xai.explain(prompt, answer, targets="context-dependent")
    e = xai.explain(prompt, answer, method="contrastive", foil="Go to the hills.")
    assert e.record["value"] == "text"
    assert e.ranking()[0] == 0
    assert e.total[0] > 0.1 > abs(e.total[1])
    swapped = xai.explain(
        prompt, answer, method="contrastive", response="Go to the hills.", foil="Go to the sea."
    )
    np.testing.assert_allclose(e.total, -swapped.total, atol=1e-9)


def test_a_foil_begins_like_the_response() -> None:
    spaced = Telling(answer=" Go north.")
    e = xai.explain(TRAVEL, spaced, method="leave-one-out", foil="Go south.")
    assert e.record["response"]["foil"] == {"text": " Go south.", "supplied": True, "unit": 0}


def test_choices_say_what_goes_with_a_foil(telling: Telling) -> None:
    free = Explainer(telling, TRAVEL).choices()
    assert "logit" in free["values"]
    assert all(each["available"] for each in free["methods"] if each["name"] == "contrastive")
    assert "logit" not in Explainer(telling, TRAVEL, foil=FOIL).choices()["values"]
    plain = {each["name"]: each for each in Explainer(ToyModel(), TRAVEL).choices()["methods"]}
    assert "foil='...'" in plain["contrastive"]["why"]


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({"foil": FOIL}, Settings(method="shap")),
        ({}, Settings(method="contrastive", perturbations=8)),
        ({}, Settings(method="leave-one-out", targets="context-dependent")),
    ],
)
def test_the_estimate_is_never_less_than_what_is_counted(
    telling: Telling, given: Any, settings: Settings
) -> None:
    explainer = Explainer(telling, TRAVEL, **given)
    expected = explainer.estimate(settings)
    cost = explainer.run(settings).record["cost"]
    assert expected.forwards >= cost["forwards"] > 0
    assert expected.generations >= cost["generations"]


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    yield shell
    shell.run_line_magic("unload_ext", "jupyter_xai")
    shell.configurables.clear()


def test_magics_name_a_foil_and_targets(shell: InteractiveShell, telling: Telling) -> None:
    shell.push({"toy": telling, "other": FOIL, "trip": TRAVEL})
    run = shell.run_line_magic
    line = "explain --prompt trip --model toy --method shap"
    e = run("xai", f"{line} --foil-from other")
    assert e.record["response"]["foil"]["text"] == FOIL
    e = run("xai", f'{line} --foil "Go to a cold island."')
    assert e.record["response"]["foil"]["text"] == "Go to a cold island."
    e = run("xai", f"{line} --targets context-dependent")
    assert e.record["response"]["targets"]["kind"] == "context-dependent"
    e = run("xai", f"{line} --targets 0:2,8:12")
    assert [u["targets"] for u in e.record["response"]["units"]] == [["Go", "warm"], [], []]
    with pytest.raises(UsageError, match="give the foil once"):
        run("xai", f'{line} --foil "x" --foil-from other')
    with pytest.raises(UsageError, match="targets"):
        run("xai", f"{line} --targets 1:2:3")


def test_the_terminal_contrasts_too(
    monkeypatch: pytest.MonkeyPatch, telling: Telling, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("jupyter_xai.explainer.prepare.load", lambda model: telling)
    assert cli.main(["explain", TRAVEL, "--method", "contrastive", "--foil", FOIL]) == 0
    assert f"instead of: {FOIL}" in capsys.readouterr().out
