"""The energy paper's figures: what is compared is alike, and findings follow their numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from jupyter_xai import load, studies
from jupyter_xai.game.ledger import SESSION
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.models.tutor.published import REVIEWS
from jupyter_xai.studies.energy_energies import findings
from jupyter_xai.studies.energy_training import SIZES, Course, Measured, courses
from jupyter_xai.studies.lab import Lab
from jupyter_xai.training.negatives import KINDS
from jupyter_xai.training.validation import KindEnergies


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    yield Lab(load("tutor"), "small")
    SESSION.clear()


def course(size: str, wins: dict[str, float], gap: float, own: float = -3.0) -> Course:
    """A course whose only measurement has these win rates and this gap for every kind."""
    kinds = tuple(
        KindEnergies(kind, 4, own, float(at), wins.get(kind, 1.0), gap, 0.9)
        for at, kind in enumerate(KINDS)
    )
    return Course(size, (1, 1), [Measured(0, kinds, 1.0, 1.0)])


def test_both_sizes_are_measured_on_the_same_pairs_at_the_same_steps(lab: Lab) -> None:
    small, large = (courses(lab).by_size[size] for size in SIZES)
    assert small.parameters < large.parameters
    assert [each.steps for each in small.measured] == [each.steps for each in large.measured]
    assert small.measured[0].steps == 0
    counts = [[(k.kind, k.count) for k in each.measured[-1].kinds] for each in (small, large)]
    assert counts[0] == counts[1]
    assert [at for at, _ in small.losses] == [at for at, _ in large.losses]


def test_losses_start_where_energies_are_equal_and_energies_change(lab: Lab) -> None:
    for each in courses(lab).by_size.values():
        first, last = each.measured[0], each.measured[-1]
        assert first.energies != last.energies
        # Untrained energies are about equal: the loss is the log of the number of candidates.
        assert first.held_out == pytest.approx(np.log(7), abs=0.3)


def test_both_figures_are_of_one_training(lab: Lab) -> None:
    energies, losses = (studies.run(name, lab) for name in ("energy-energies", "energy-losses"))
    found = courses(lab).by_size
    table = energies.frame(1).set_index(["size", "steps"])
    rows = losses.frame().set_index(["size", "steps"])
    for size, each in found.items():
        for at in each.measured:
            assert table.loc[(size, at.steps), "authentic"] == at.energies["authentic"]
            assert rows.loc[(size, at.steps), "held out"] == at.held_out


def test_the_mean_energy_of_authentic_pairs_weighs_kinds_by_their_counts() -> None:
    kinds = (
        KindEnergies("human", 3, -1.0, 0.0, 1.0, None, 1.0),
        KindEnergies("off-topic", 1, -5.0, 2.0, 1.0, None, 1.0),
    )
    assert Measured(0, kinds, 0.0, 0.0).energies == {
        "authentic": -2.0,
        "human": 0.0,
        "off-topic": 2.0,
    }


def test_findings_name_what_the_numbers_name() -> None:
    small = course("tiny", {"human": 0.6}, gap=1.0)
    large = course("compact", {"human": 0.7, "off-topic": 0.9}, gap=2.0)
    said = findings({"tiny": small, "compact": large})
    assert "authentic pairs have the lowest" in said[0]
    assert "60% (human)" in said[0]
    assert "70% (human)" in said[1]
    assert "wider than the smaller one's for 5 of 5 kinds" in said[2]
    assert "its win rate higher for 1 of 5 kinds (human)" in said[2]
    above = findings({"tiny": course("tiny", {}, 1.0, own=3.0), "compact": large})[0]
    assert "authentic pairs have not the lowest" in above


def test_chosen_sentences_are_those_of_the_explanation(lab: Lab) -> None:
    found = studies.run("energy-reviews", lab)
    sentences, verdicts = found.frame(1), found.frame()
    for number, (_, review) in enumerate(REVIEWS[:2], 1):
        own = sentences[sentences["review"] == number]
        explained = lab.explain(review, "energy", units="sentence")
        np.testing.assert_array_equal(own["score"], explained.total)
        chosen = np.flatnonzero(own["interpreter"] == "yes").tolist()
        assert explained.sets
        assert tuple(chosen) == tuple(explained.sets[2])
        row = verdicts.iloc[number - 1]
        assert row["best"] >= max(row["interpreter"], row["leave-one-out"], row["mean"])
        # The fall is that of the model's own log-probability without these sentences.
        cut = lab.model.prompt(review)
        game = MaskingGame(lab.model, cut, lab.model.supplied(cut, explained.response))
        whole, left = game.values(
            np.isin(np.arange(game.n), chosen, invert=True) | [[True], [False]]
        )
        assert row["interpreter"] == pytest.approx(whole[-1] - left[-1], abs=1e-4)
