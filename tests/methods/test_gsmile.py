import json
from collections import Counter
from itertools import product

import numpy as np
import ot
import pytest
from sklearn.linear_model import BayesianRidge, LinearRegression

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from games import GAMES, Texts, additive, made
from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.masking import every, random_pairs
from jupyter_xai.methods.gsmile.local_fit import choose_widths, effective_size, kernel_weights
from jupyter_xai.methods.gsmile.method import Gsmile
from jupyter_xai.text.distance import text_distance, word_costs

DISTANCES = ("wmd", "cosine", "wmd+cosine")
PROMPT = "Somewhere warm please but without museums"


class Guide:
    """A travel guide that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.asked.append(prompt)
        place = "Go to a warm island. " if "warm" in prompt else "Stay in the old city. "
        return place + ("The sea is near." if "museums" in prompt else "See paintings there.")


def solve(method, masks, values, **options):
    return method.solve(masks, values, lengths=[1] * values.shape[1], seed=0, **options)


def plain_wmd(first, second):
    """Word mover's distance by POT, over the whole bags."""
    bags = [Counter(text.lower().split()) for text in (first, second)]
    shares = [np.array(list(bag.values())) / bag.total() for bag in bags]
    return ot.emd2(*shares, word_costs(list(bags[0]), list(bags[1])))


# The surrogate


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("n", [6, 10])
def test_scores_equal_a_weighted_regression_done_plainly(game, n):
    texts = Texts(n)
    method = Gsmile(sigma=0.6).reading(texts)
    masks = method.plan(n, 50, 0)
    values = np.stack([game(n, seed)(masks) for seed in range(2)], axis=1)
    whole, *others = texts.prompt_texts(masks)
    distance = np.array([0.0, *(plain_wmd(whole, other) for other in others)])
    weights = np.exp(-((distance / 0.6) ** 2))
    found = solve(method, masks, values)
    for column in range(2):
        target = values[0, column] - values[:, column]
        plain = LinearRegression().fit(masks, target, sample_weight=weights)
        np.testing.assert_allclose(found.scores[:, column], -plain.coef_, atol=1e-7)


def test_bayesian_ridge_is_scikit_learns_and_its_intervals_are_posterior():
    texts = Texts(8)
    method = Gsmile(surrogate="bayesian-ridge", sigma=0.6).reading(texts)
    masks = method.plan(8, 50, 0)
    values = additive(8, 1, noise=0.5)(masks)[:, None]
    weights = kernel_weights(text_distance("wmd", *_split(texts.prompt_texts(masks))), 0.6)
    plain = BayesianRidge().fit(masks, values[0, 0] - values[:, 0], sample_weight=weights)
    found = solve(method, masks, values)
    np.testing.assert_allclose(found.scores[:, 0], -plain.coef_, rtol=1e-9)
    margin = 1.6448536 * np.sqrt(np.diag(plain.sigma_))
    np.testing.assert_allclose(found.high[:, 0] - found.scores[:, 0], margin, rtol=1e-6)
    np.testing.assert_allclose(found.scores[:, 0] - found.low[:, 0], margin, rtol=1e-6)


def _split(texts):
    return texts[0], texts


def test_weights_depend_on_the_input_distance_only():  # T36
    n = 8
    masks = Gsmile().plan(n, 60, 0)
    values = additive(n, 0)(masks)[:, None]
    order = np.random.default_rng(0).permutation(len(masks) - 1) + 1
    shuffled = values[[0, *order]]
    made_of = made("gsmile", n, sigma=0.5)
    sizes = [solve(made_of, masks, each).details["effective_size"] for each in (values, shuffled)]
    assert sizes[0] == sizes[1]
    # Other texts, other weights; where all count alike, the texts are nothing.
    other = Gsmile(sigma=0.5, input_distance="cosine").reading(Texts(n))
    assert solve(other, masks, values).details["effective_size"] != sizes[0]
    wide = [
        solve(made("gsmile", n, sigma=1e6, input_distance=kind), masks, values).scores
        for kind in DISTANCES
    ]
    np.testing.assert_allclose(wide[0], wide[1], atol=1e-9)
    np.testing.assert_allclose(wide[0], wide[2], atol=1e-9)


@pytest.mark.parametrize("surrogate", ["linear", "bayesian-ridge"])
def test_the_sign_is_kept(surrogate):
    method = made("gsmile", 6, surrogate=surrogate)
    masks = method.plan(6, 40, 0)
    scores = solve(method, masks, masks @ np.array([[3.0], [-3], [0], [0], [1], [-1]])).scores
    np.testing.assert_allclose(scores[:, 0], [3, -3, 0, 0, 1, -1], atol=1e-3)


@pytest.mark.parametrize("others", [-1000.0, 0.5, 1000.0])
def test_a_unit_without_effect_scores_nothing_where_units_add_up(others):  # T35
    method = made("gsmile", 6)
    masks = method.plan(6, 30, 0)
    values = others * (1 + masks[:, :1] + 2 * masks[:, 1:2])
    scores = solve(method, masks, values).scores[:, 0]
    assert np.abs(scores[2:]).max() <= 1e-9 * abs(others)


# The kernel width


def plain_left_out(features, target, weights):
    """Leave-one-out predictions, one scikit-learn fit for each row."""
    guesses = []
    for row in range(len(features)):
        rest = np.arange(len(features)) != row
        model = LinearRegression().fit(features[rest], target[rest], sample_weight=weights[rest])
        guesses.append(model.predict(features[[row]])[0])
    return np.array(guesses)


@pytest.mark.parametrize("seed", range(3))
def test_the_width_predicts_left_out_perturbations_best(seed):
    rng = np.random.default_rng(seed)
    masks = random_pairs(6, 40, seed).astype(float)
    distance = 1 - masks.mean(axis=1) + 0.1 * rng.random(40)
    # What counts near the whole prompt is another than what counts far from it.
    target = np.where(distance < 0.55, masks[:, 0] * 3, masks[:, 1] * 3 - 2 * masks[:, 2])
    (found,) = choose_widths(masks, target[:, None], distance)
    missed = {}
    for factor in (8.0, 4.0, 2.8, 2.0, 1.4, 1.0, 0.7, 0.5, 0.35, 0.25):
        width = factor * np.median(distance)
        weights = kernel_weights(distance, width)
        if effective_size(weights) >= 14:
            missed[width] = ((plain_left_out(masks, target, weights) - target) ** 2).sum()
    assert found == pytest.approx(min(missed, key=missed.get))


def test_a_width_is_recorded_whether_chosen_or_given_and_a_tiny_one_is_remarked():
    masks = Gsmile().plan(8, 100, 0)
    values = additive(8, 0)(masks)[:, None]
    chosen = solve(made("gsmile", 8), masks, values).details
    assert chosen["effective_size"] >= 18
    again = solve(made("gsmile", 8, sigma=chosen["sigma"][0]), masks, values)
    assert again.details["sigma"] == chosen["sigma"]
    tiny = solve(made("gsmile", 8, sigma=0.05), masks, values)
    assert "effective perturbations, fewer than 2(n + 1) = 18" in tiny.notes[0]


def test_columns_have_widths_of_their_own():
    masks = Gsmile().plan(7, 100, 0)
    values = np.stack([game(7, 3)(masks) for game in GAMES], axis=1)
    together = solve(made("gsmile", 7), masks, values)
    for column in range(len(GAMES)):
        alone = solve(made("gsmile", 7), masks, values[:, [column]])
        assert alone.details["sigma"] == [together.details["sigma"][column]]
        np.testing.assert_allclose(alone.scores[:, 0], together.scores[:, column], atol=1e-9)


# Fidelity


def test_held_out_rows_have_no_part_in_the_fit_that_predicts_them():  # T34
    method = made("gsmile", 8)
    masks = method.plan(8, 60, 0)
    noise = np.random.default_rng(0).normal(size=(61, 1))
    figures = solve(method, masks, noise).details["fidelity"]
    assert figures["folds"] == 1
    # Noise can be fitted, but not foretold.
    assert figures["in_sample"]["r2"] > 0 > figures["held_out"]["r2"]
    assert figures["held_out"]["adjusted_weighted_r2"] is not None
    exact = solve(method, masks, masks @ np.ones((8, 1))).details["fidelity"]
    assert exact["held_out"]["r2"] == pytest.approx(1)


def test_where_all_masks_are_there_five_folds_are_held_out():
    method = made("gsmile", 5)
    masks = method.plan(5, 64, 0)
    result = solve(method, masks, additive(5, 0)(masks)[:, None])
    assert len(masks) == 31
    assert result.exact
    assert result.details["fidelity"]["folds"] == 5


def test_the_paper_variant_prints_equation_17_and_changes_no_score():
    masks = Gsmile().plan(8, 60, 0)
    values = GAMES[1](8, 0)(masks)[:, None]
    ours, printed = (
        solve(made("gsmile", 8, sigma=0.4, variant=each), masks, values)
        for each in ("corrected", "paper")
    )
    assert (ours.scores == printed.scores).all()
    figures = [each.details["fidelity"]["in_sample"] for each in (ours, printed)]
    assert figures[0]["weighted_mse"] == figures[1]["weighted_mse"]
    assert figures[0]["weighted_r2"] != figures[1]["weighted_r2"]


# Intervals


def test_intervals_cover_the_surrogate_of_all_masks():
    n, covered = 10, []
    rows = every(n)[:0:-1]
    weights = kernel_weights(text_distance("wmd", *_split(Texts(n).prompt_texts(rows))), 1.0)
    method = made("gsmile", n, sigma=1.0)
    for seed in range(12):
        games = [game(n, 100 * seed) for game in GAMES]
        masks = method.plan(n, 80, seed)
        values = np.stack([game(masks) for game in games], axis=1)
        result = method.solve(masks, values, lengths=[1] * 4, seed=seed)
        for column, game in enumerate(games):
            truth = LinearRegression().fit(rows, game(rows), sample_weight=weights).coef_
            covered.append((result.low[:, column] <= truth) & (truth <= result.high[:, column]))
    assert 0.82 <= np.mean(covered) <= 0.98


# The whole method


@pytest.mark.parametrize(("inward", "outward"), list(product(DISTANCES, DISTANCES)))
def test_all_nine_combinations_of_distances_find_the_cause(inward, outward):
    e = xai.explain(PROMPT, Guide(), method="gsmile", input_distance=inward, distance=outward)
    assert {e.sources[i].strip() for i in e.ranking()[:2]} == {"warm", "museums"}
    assert e.record["method"]["settings"]["input_distance"] == inward
    assert e.record["method"]["settings"]["distance"] == outward
    assert e.ranking(0)[0] == 1
    assert (e.total[[1, 5]] > 0).all()


def test_wasserstein_distances_of_any_order_can_be_chosen():
    e = xai.explain(PROMPT, Guide(), method="gsmile", input_distance="wmd-2", distance="wmd-3.5")
    assert set(e.ranking()[:2]) == {1, 5}


def test_every_perturbed_prompt_goes_to_the_model_once():  # T37
    guide = Guide()
    e = xai.explain(PROMPT, guide, method="gsmile", perturbations=64)
    # Six words have 2^6 - 1 = 63 masks that keep something; the whole prompt is one of them.
    assert e.record["perturbations"]["used"] == 62
    assert len(guide.asked) == len(set(guide.asked)) == 63
    assert "" not in guide.asked
    assert PROMPT in guide.asked
    assert e.record["cost"]["generations"] == 63
    assert e.record["method"]["exact"]
    again = xai.explain(PROMPT, guide, method="gsmile", input_distance="cosine", perturbations=20)
    assert len(guide.asked) == 63
    assert again.record["perturbations"]["used"] == 20


def test_the_prompt_is_cut_into_words_unless_other_units_are_given():
    guide = Guide()
    assert xai.explain(PROMPT, guide, method="gsmile").record["prompt"]["level"] == "word"
    assert xai.explain(PROMPT, guide, method="linear").record["prompt"]["level"] == "sentence"
    given = xai.explain(f"{PROMPT}. Thanks.", guide, method="gsmile", units="sentence")
    assert given.record["prompt"]["level"] == "sentence"
    assert len(given.sources) == 2


def test_values_are_minus_the_distances_of_the_answers():
    guide = Guide()
    e = xai.explain(PROMPT, guide, method="gsmile", sigma=1.0)
    masks = Gsmile().plan(6, None, 0)
    words = PROMPT.split()
    prompts = [" ".join(w for w, k in zip(words, row, strict=True) if k) for row in masks]
    distance = text_distance("wmd", guide(PROMPT), [guide(text) for text in prompts])
    weights = kernel_weights(text_distance("wmd", PROMPT, prompts), 1.0)
    plain = LinearRegression().fit(masks, distance, sample_weight=weights)
    np.testing.assert_allclose(e.total, -plain.coef_, atol=1e-9)


def test_relative_distances_have_one_scale_however_the_run_is_cut():
    def asked(perturbations):
        return xai.explain(
            PROMPT,
            Guide(),
            method="gsmile",
            distance="wmd+cosine",
            perturbations=perturbations,
            sigma=1e9,
        )

    # 63 masks are evaluated in several steps.
    masks, words = Gsmile().plan(6, 62, 0), PROMPT.split()
    prompts = [" ".join(w for w, k in zip(words, row, strict=True) if k) for row in masks]
    guide = Guide()
    distance = text_distance("wmd+cosine", guide(PROMPT), [guide(text) for text in prompts])
    plain = LinearRegression().fit(masks, distance)
    np.testing.assert_allclose(asked(62).total, -plain.coef_, atol=1e-9)


@pytest.mark.parametrize("surrogate", ["linear", "bayesian-ridge"])
def test_log_probabilities_are_explained_as_well(surrogate):
    toy = ToyModel()
    settings = {"value": "logprob", "units": "sentence", "surrogate": surrogate}
    e = xai.explain(TRAVEL, toy, method="gsmile", **settings)
    np.testing.assert_allclose(e.total, [0, 3, 2, 1.5], atol=0.01)
    assert toy.answered == 1
    assert xai.explain(TRAVEL, toy, method="gsmile").record["value"] == "text"


def test_what_was_chosen_survives_saving(tmp_path):
    e = xai.explain(PROMPT, Guide(), method="gsmile", perturbations=40)
    opened = xai.open(e.save(tmp_path / "e.json"))
    details = opened.record["method"]["details"]
    assert len(details["sigma"]) == 3
    assert set(details["fidelity"]) == {"in_sample", "held_out", "folds"}
    json.dumps(details, allow_nan=False)
    table = opened.metrics().set_index("metric")["value"]
    held_out = details["fidelity"]["held_out"]
    assert table["weighted r2, held out"] == held_out["weighted_r2"]
    assert table["mean l1, in sample"] == details["fidelity"]["in_sample"]["mean_l1"]


# Significance


def test_too_few_significant_answers_leave_all_perturbations_in():
    plain, tested = (
        xai.explain(PROMPT, Guide(), method="gsmile", **settings)
        for settings in ({}, {"alpha": 0.01, "draws": 500})
    )
    assert any("all perturbations were kept" in note for note in tested.notes)
    np.testing.assert_allclose(plain.total, tested.total)
    assert len(tested.record["method"]["details"]["p_values"]) == 63


def test_perturbations_whose_answers_do_not_differ_can_be_left_out():
    guide = Guide()
    settings = {"alpha": 0.5, "variant": "paper", "draws": 100, "sigma": 1e9}
    e = xai.explain(PROMPT, guide, method="gsmile", **settings)
    details = e.record["method"]["details"]
    kept = np.array(details["p_values"]) <= 0.5
    assert details["significant"] == kept[1:].sum()
    assert 8 <= kept[1:].sum() < 62
    kept[0] = True
    masks, words = Gsmile().plan(6, None, 0), PROMPT.split()
    prompts = [" ".join(w for w, k in zip(words, row, strict=True) if k) for row in masks]
    distance = text_distance("wmd", guide(PROMPT), [guide(text) for text in prompts])
    plain = LinearRegression().fit(masks[kept], distance[kept])
    np.testing.assert_allclose(e.total, -plain.coef_, atol=1e-9)


def test_tests_need_answers():
    toy = ToyModel()
    with pytest.raises(XaiError, match="value='text'"):
        xai.explain(TRAVEL, toy, method="gsmile", value="logprob", alpha=0.05)
    assert toy.scored == 0


# Settings


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("surrogate", "forest", "linear, bayesian-ridge"),
        ("input_distance", "euclid", "wmd-P"),
        ("input_distance", "wmd-0.5", "wmd-P"),
        ("sigma", 0, "above 0"),
        ("sigma", "wide", "above 0"),
        ("alpha", 1.0, "below 1"),
        ("alpha", -0.1, "above 0"),
        ("draws", 0, "at least 1"),
        ("draws", 1.5, "at least 1"),
        ("stopping", "soon", "decision, p-value, never"),
        ("variant", "printed", "corrected, paper"),
        ("seen", None, "it has surrogate"),
    ],
)
def test_settings_out_of_range_say_what_is_allowed(setting, value, said):
    with pytest.raises(XaiError, match=said):
        methods.get("gsmile", **{setting: value})


def test_an_unknown_distance_is_refused_before_the_model_is_asked():
    guide = Guide()
    with pytest.raises(XaiError, match="wmd-P"):
        xai.explain(PROMPT, guide, method="gsmile", distance="wmd-0")
    assert guide.asked == []


def test_without_texts_nothing_is_solved():
    masks = Gsmile().plan(4, 8, 0)
    with pytest.raises(ValueError, match="reading"):
        solve(Gsmile(), masks, np.ones((len(masks), 1)))
