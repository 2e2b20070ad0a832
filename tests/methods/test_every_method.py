"""What every registered method owes its user: progress, a stop that keeps, going on, one result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import jupyter_xai as xai
import tiny
from bags import bag_model
from conftest import ToyModel
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.explainer.explainer import Explainer
from jupyter_xai.explainer.settings import Settings
from jupyter_xai.explanation.result import Result
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.methods import requirements
from jupyter_xai.methods.base import GameMethod, MaskMethod
from jupyter_xai.models.base import Model, Sampling
from jupyter_xai.models.function import FunctionModel
from jupyter_xai.models.local.transformers import TransformersModel
from jupyter_xai.progress import Watcher

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)
NAMES = methods.names()
SAMPLED = [name for name in NAMES if methods.get(name).most(8) is not None]
PROMPT = "Warm places. No cities. Money is no matter. " + " ".join(f"Item {i}." for i in range(5))
STORY = "Mia has a red kite. Tom has a blue kite. Who has the red kite?"


def explainer(name: str, model: Model, prompt: str = PROMPT) -> Explainer:
    """With memory of its own, and a foil for methods that contrast."""
    foil = "Stay at home." if methods.get(name).needs_foil else None
    short = Sampling(max_new_tokens=12)
    return Explainer(model, prompt, foil=foil, sampling=short, ledger=Ledger())


def world(name: str) -> tuple[Model, str]:
    """A model that can serve the method: the quick toy if it can, else the tutor.

    DeepLIFT refuses every model with attention.
    """
    if name == "deeplift":
        return TransformersModel(bag_model(), tiny.tokenizer(chat=True)), STORY
    toy = ToyModel()
    return (toy, PROMPT) if requirements.met(methods.get(name), toy) else (xai.load("tutor"), STORY)


def settings(name: str, **options: Any) -> Settings:
    return Settings(method=name, units="sentence", **options)


def calls(e: Result) -> int:
    cost = e.record["cost"]
    return cost["forwards"] + cost["backwards"] + cost["generations"]


class Half(Watcher):
    """Notes all that it is told; stops the scores half-way if asked to."""

    wants_updates = True

    def __init__(self, *, stops: bool) -> None:
        super().__init__()
        self.told: dict[str, list[tuple[int, int]]] = {}
        self._stops = stops

    def progressed(self, done: int, total: int, what: str) -> None:
        self.told.setdefault(what, []).append((done, total))
        if self._stops and what == "" and total > 1 and 2 * done >= total:
            self.cancel.set()


def assert_sound(found: Result) -> None:
    """It prints, and survives being saved."""
    e = xai.Explanation(found.record, found.attribution, found.full)
    assert e.record["method"]["name"] in str(e)
    assert repr(e)
    jsonschema.validate(e.to_dict(), SCHEMA)
    again = xai.Explanation.from_dict(json.loads(json.dumps(e.to_dict())))
    assert again.to_dict() == e.to_dict()


@pytest.mark.parametrize("name", NAMES)
def test_progress_is_told_and_never_falls(name: str) -> None:
    watcher = Half(stops=False)
    e = explainer(name, *world(name)).run(settings(name, perturbations=40), watcher=watcher)
    assert not e.partial
    assert {"answering", ""} <= set(watcher.told)
    for steps in watcher.told.values():
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert all(0 <= done <= total for done, total in steps)
    assert_sound(e)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_stopped_half_way_keeps_what_it_has_and_goes_on(name: str) -> None:
    model, prompt = world(name)
    method = methods.get(name)
    asked = settings(name, perturbations=40)
    whole = explainer(name, model, prompt).run(asked, checks=False)
    stopped = explainer(name, model, prompt)
    half = stopped.run(asked, checks=False, watcher=Half(stops=True))
    if half.partial:
        assert calls(half) < calls(whole)
    else:
        # Nothing to stop: one step, or none.
        assert not isinstance(method, MaskMethod)
    assert_sound(half)
    rest = stopped.run(asked, checks=False)
    assert not rest.partial
    np.testing.assert_array_equal(rest.scores, whole.scores)
    if isinstance(method, MaskMethod):
        assert calls(half) + calls(rest) == calls(whole)
    else:
        assert calls(rest) <= calls(whole)


@pytest.mark.parametrize("name", SAMPLED)
def test_more_perturbations_cost_only_the_difference(name: str) -> None:
    player = explainer(name, *world(name))
    few = player.run(settings(name, perturbations=16), checks=False)
    more = player.run(settings(name, perturbations=40), checks=False)
    assert few.record["perturbations"]["used"] <= 16
    assert more.record["perturbations"]["used"] <= 40
    fixed = methods.get(name).cost(8, 3)
    sides = 2 if methods.get(name).needs_foil else 1
    assert calls(more) <= sides * (40 - 16 + 1) + fixed.forwards + fixed.backwards


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_result(name: str) -> None:
    first, second, other = (
        explainer(name, *world(name)).run(settings(name, perturbations=24, seed=seed), checks=False)
        for seed in (3, 3, 4)
    )
    for field in ("scores", "low", "high"):
        one, two = getattr(first, field), getattr(second, field)
        assert (one is None) == (two is None)
        if one is not None:
            np.testing.assert_array_equal(one, two)
    assert other.scores.shape == first.scores.shape


@pytest.mark.parametrize("name", SAMPLED)
def test_intervals_hold_the_scores_and_shrink(name: str) -> None:
    widths = []
    for perturbations in (24, 200):
        model, prompt = world(name)
        e = explainer(name, model, prompt).run(
            settings(name, perturbations=perturbations), checks=False
        )
        if e.low is None or e.high is None:
            continue
        scores = e.attribution.scores
        known = np.isfinite(e.low)
        assert (e.low[known] <= scores[known] + 1e-9).all()
        assert (scores[known] <= e.high[known] + 1e-9).all()
        widths.append(np.mean((e.high - e.low)[known]))
    if len(widths) == 2:
        assert widths[1] <= widths[0] + 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_of_one_unit_works(name: str) -> None:
    model, _ = world(name)
    e = explainer(name, model, "Warm.").run(settings(name))
    assert e.scores.shape[0] == 1
    assert not e.partial
    assert_sound(e)


@pytest.mark.parametrize("value", ["logprob", "logit", "text"])
@pytest.mark.parametrize("name", NAMES)
def test_a_value_gives_scores_or_one_readable_line(name: str, value: str) -> None:
    player = explainer(name, *world(name))
    asked = settings(name, value=value, perturbations=24)
    try:
        e = player.run(asked, checks=False)
    except XaiError:
        with pytest.raises(XaiError, match=r"^[^\n]*value=[^\n]*$"):
            player.run(asked, checks=False)
        return
    assert e.record["value"] == value
    assert np.isfinite(e.total).all()
    assert_sound(e)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_serves_a_method_or_is_told_why_not(name: str) -> None:
    def guide(prompt: str) -> str:
        return "Go to a warm island." if "Warm" in prompt else "Stay in the city."

    model = FunctionModel(guide)
    if requirements.met(methods.get(name), model):
        e = explainer(name, model).run(settings(name, perturbations=24))
        assert np.isfinite(e.total).all()
        assert_sound(e)
        return
    with pytest.raises(XaiError, match=r"needs .*gives answers; these would work: "):
        explainer(name, model).run(settings(name))


@pytest.mark.parametrize("most", [1, 2, 9])
@pytest.mark.parametrize("name", [name for name in NAMES if methods.get(name).asks_model])
def test_a_budget_is_kept(name: str, most: int) -> None:
    player = explainer(name, *world(name))
    written = 0 if player.response.supplied else 1
    e = player.run(settings(name, perturbations=40, max_forwards=most))
    assert calls(e) - written <= most
    assert e.partial
    assert e.stopped_at.startswith(f"stopped at max_forwards={most}: ")
    assert_sound(e)


@pytest.mark.parametrize("name", NAMES)
def test_an_estimate_is_never_less_than_what_is_counted(name: str) -> None:
    player = explainer(name, *world(name))
    asked = settings(name, perturbations=24)
    assert player.response
    estimate = player.estimate(asked, checks=False)
    e = player.run(asked, checks=False)
    cost, written = e.record["cost"], 0 if player.response.supplied else 1
    assert cost["forwards"] <= estimate.forwards
    assert cost["backwards"] <= estimate.backwards
    assert cost["generations"] - written <= estimate.generations
    if not isinstance(methods.get(name), GameMethod):
        assert calls(e) - written == estimate.forwards + estimate.generations


@pytest.mark.parametrize("name", [name for name in NAMES if name != "deeplift"])
def test_the_tutor_is_left_as_it_was_found(name: str) -> None:
    import torch

    tutor = xai.load("tutor")
    tutor.model.train()
    before = (
        tutor.fingerprint(),
        tutor.tokenizer.padding_side,
        [parameter.requires_grad for parameter in tutor.model.parameters()],
        torch.random.get_rng_state(),
        str(np.random.get_state()),
    )
    try:
        e = explainer(name, tutor, STORY).run(settings(name, perturbations=8), checks=False)
        assert all(module.training for module in tutor.model.modules())
        assert torch.is_grad_enabled()
    finally:
        tutor.model.eval()
    assert np.isfinite(e.total).all()
    assert all(parameter.grad is None for parameter in tutor.model.parameters())
    after = (
        tutor.fingerprint(),
        tutor.tokenizer.padding_side,
        [parameter.requires_grad for parameter in tutor.model.parameters()],
        torch.random.get_rng_state(),
        str(np.random.get_state()),
    )
    assert before[:3] == after[:3]
    assert torch.equal(before[3], after[3])
    assert before[4] == after[4]
