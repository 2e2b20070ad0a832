"""The interpreter that ships finds causes that similarity of meaning does not, and is what its
record says."""

from __future__ import annotations

import json

import pytest

from jupyter_xai.methods.energy.configs import config
from jupyter_xai.methods.energy.importance import SHIPPED, load_once
from jupyter_xai.methods.energy.origin import identity
from jupyter_xai.methods.similarity import Similarity
from jupyter_xai.models.load import load
from jupyter_xai.training import ship
from jupyter_xai.training.auroc import auroc_by_family, auroc_of

RECORD = json.loads((SHIPPED / ship.RECORD).read_text(encoding="utf-8"))
MOST_BYTES = 8_000_000


def similarity(sources, targets):
    return Similarity().score(sources, targets, seed=0).scores


def test_it_finds_causes_that_similarity_does_not():
    families = ("travel", "reviews", "questions")
    # Other prompts than the record's.
    found = auroc_by_family(load_once(SHIPPED), 8, 5, families)
    baseline = auroc_of(similarity, 8, 5, families)
    for family in families:
        assert found[family] > baseline[family] + 0.1, family


def test_the_record_is_what_is_measured():
    held = RECORD["held_out"]
    found = auroc_by_family(load_once(SHIPPED), held["prompts"], held["seed"], ("reviews",))
    assert found["reviews"] == pytest.approx(RECORD["auroc"]["reviews"], abs=1e-3)


def test_it_is_of_the_tutor_that_ships():
    interpreter = load_once(SHIPPED)
    assert RECORD["model"] == identity(load("tutor")) == interpreter.origin.model
    assert interpreter.config == config(RECORD["config"])
    assert interpreter.origin.steps == interpreter.origin.of


def test_it_is_small():
    assert sum(each.stat().st_size for each in SHIPPED.iterdir()) <= MOST_BYTES
