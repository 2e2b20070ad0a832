import numpy as np
import pytest

from jupyter_xai.errors import XaiError
from jupyter_xai.text.distance import DISTANCES, text_distance, word_costs, words

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
    from jupyter_xai.text.embeddings import embed

    first, second = embed(TEXTS[:2])
    found = text_distance("cosine", TEXTS[0], TEXTS[1:2])[0]
    assert found == pytest.approx(1 - float(first @ second), abs=1e-6)


def test_the_mean_of_both_scales_each_by_its_median():
    found = text_distance("wmd+cosine", TEXTS[0], TEXTS)
    parts = [text_distance(kind, TEXTS[0], TEXTS) for kind in ("wmd", "cosine")]
    np.testing.assert_allclose(found, sum(part / np.median(part) for part in parts) / 2)


def plain_wasserstein(first, second, order):
    """By a linear program over all words of both, embedded by their one definition."""
    from scipy.optimize import linprog

    one, two = words(first), words(second)
    cost = word_costs(one, two) ** order
    rows, columns = cost.shape
    sums = [np.kron(np.eye(rows), np.ones(columns)), np.kron(np.ones(rows), np.eye(columns))]
    shares = np.concatenate([np.full(rows, 1 / rows), np.full(columns, 1 / columns)])
    return linprog(cost.ravel(), A_eq=np.vstack(sums), b_eq=shares).fun ** (1 / order)


@pytest.mark.parametrize(
    ("kind", "order"), [("wmd", 1), ("wmd-1", 1), ("wmd-2", 2), ("wmd-4.5", 4.5)]
)
def test_wasserstein_distances_equal_a_linear_program(kind, order):
    reference = "The cat sleeps and the dog barks, and the cat sleeps."
    others = ["The dog sleeps, the cat barks.", "Stocks fell.", "the the the cat", reference]
    found = text_distance(kind, reference, others)
    expected = [plain_wasserstein(reference, other, order) for other in others]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_larger_orders_are_larger_distances():
    first, second, third = (
        text_distance(kind, TEXTS[0], TEXTS) for kind in ("wmd", "wmd-2", "wmd-100")
    )
    assert (first <= second + 1e-9).all()
    assert (second <= third + 1e-9).all()


def test_the_mean_of_both_can_be_scaled_by_other_texts():
    found = text_distance("wmd-2+cosine", TEXTS[0], TEXTS[:2], scale=TEXTS)
    parts = [text_distance(kind, TEXTS[0], TEXTS) for kind in ("wmd-2", "cosine")]
    expected = sum(part[:2] / np.median(part) for part in parts) / 2
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("kind", DISTANCES)
def test_no_texts_have_no_distances(kind):
    assert text_distance(kind, "a", []).shape == (0,)


def test_an_unknown_kind_lists_the_known():
    for kind in ("euclid", "wmd-0.5", "wmd-101", "cosine+wmd", "wmd-", None):
        with pytest.raises(XaiError, match="wmd-P"):
            text_distance(kind, "a", ["b"])


def test_words_leave_punctuation_out_unless_there_is_nothing_else():
    assert words("Don't  stop, É!") == ["don", "t", "stop", "é"]
    assert words("?!") == ["?", "!"]
    assert words(" ") == []
