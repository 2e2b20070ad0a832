import numpy as np
import pytest

from jupyter_xai.distance import DISTANCES, text_distance, words
from jupyter_xai.errors import XaiError

TEXTS = ["The cat sleeps.", "A dog barks loudly!", "Stocks fell on Monday.", "xqzzt 🦊", "", "..."]


@pytest.mark.parametrize("kind", DISTANCES)
@pytest.mark.parametrize("text", [*TEXTS, " "])
def test_a_text_is_at_no_distance_from_itself(kind, text):
    assert text_distance(kind, text, [text])[0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", ["cosine", "wmd"])
def test_distances_are_finite_and_symmetric(kind):
    table = np.stack([text_distance(kind, text, TEXTS) for text in TEXTS])
    assert np.isfinite(table).all()
    assert (table >= 0).all()
    np.testing.assert_allclose(table, table.T, atol=1e-6)


def test_wmd_obeys_the_triangle():
    table = np.stack([text_distance("wmd", text, TEXTS) for text in TEXTS])
    assert (table[:, None, :] <= table[:, :, None] + table[None, :, :] + 1e-9).all()


def test_wmd_of_single_words_is_their_distance_and_order_is_nothing():
    cat, dog, both = text_distance("wmd", "cat", ["cat cat", "dog", "cat dog"])
    assert cat == 0
    assert both == pytest.approx(dog / 2)
    assert text_distance("wmd", "cat dog", ["dog cat"])[0] == pytest.approx(0, abs=1e-12)


def test_cosine_is_one_minus_the_product_of_embeddings():
    from jupyter_xai.embeddings import embed

    first, second = embed(TEXTS[:2])
    found = text_distance("cosine", TEXTS[0], TEXTS[1:2])[0]
    assert found == pytest.approx(1 - float(first @ second), abs=1e-6)


def test_the_mean_of_both_scales_each_by_its_median():
    found = text_distance("wmd+cosine", TEXTS[0], TEXTS)
    parts = [text_distance(kind, TEXTS[0], TEXTS) for kind in ("wmd", "cosine")]
    np.testing.assert_allclose(found, sum(part / np.median(part) for part in parts) / 2)


@pytest.mark.parametrize("kind", DISTANCES)
def test_no_texts_have_no_distances(kind):
    assert text_distance(kind, "a", []).shape == (0,)


def test_an_unknown_kind_lists_the_known():
    with pytest.raises(XaiError, match="wmd"):
        text_distance("euclid", "a", ["b"])


def test_words_leave_punctuation_out_unless_there_is_nothing_else():
    assert words("Don't  stop, É!") == ["don", "t", "stop", "é"]
    assert words("?!") == ["?", "!"]
    assert words(" ") == []
