import re

import numpy as np
import pytest
import sacrebleu

from jupyter_xai import metrics

RESPONSE = "Go to a warm island. It is quiet there. Take the best hotel."
ANSWERS = [
    RESPONSE,
    "Go to a warm city. It is loud there. Take the best hotel.",
    "Take a train.",
    "Hotel best the take, there quiet is it.",
    "Stocks fell on Monday.",
    "",
    " ",
]


def test_bleu_equals_sacrebleu_on_whole_texts():
    found = metrics.bleu(RESPONSE, ANSWERS)
    expected = [
        sacrebleu.sentence_bleu(answer, [RESPONSE], use_effective_order=True).score / 100
        for answer in ANSWERS
    ]
    np.testing.assert_allclose(found, expected)
    assert found[0] == pytest.approx(1)
    assert found[-2:].tolist() == [0, 0]
    assert found[1] > found[2]


def test_bleu_by_hand():
    # 4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 quadruples; equal lengths.
    found = metrics.bleu("a b c d e", ["a b c d f"])[0]
    assert found == pytest.approx((4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4))


def test_bleu_counts_words_and_not_characters():
    # On characters, as XPrompt's code has it, an anagram keeps much of its score.
    words = metrics.bleu("no more stars here", ["on mroe tsars eerh"])[0]
    spaced = metrics.bleu(" ".join("nomorestarshere"), [" ".join("onmroetsarseerh")])[0]
    assert words < 0.1 < spaced


@pytest.mark.parametrize("text", ["Yes.", "no", "It is."])
def test_short_answers_can_be_perfect(text):
    assert metrics.bleu(text, [text])[0] == pytest.approx(1)
    assert metrics.rouge_l(text, [text]).f1[0] == 1


def longest_common_subsequence(a, b):
    """By the textbook table."""
    table = np.zeros((len(a) + 1, len(b) + 1), dtype=int)
    for i, first in enumerate(a):
        for j, second in enumerate(b):
            step = table[i, j] + 1 if first == second else 0
            table[i + 1, j + 1] = max(step, table[i, j + 1], table[i + 1, j])
    return int(table[-1, -1])


def test_rouge_equals_the_textbook_table():
    found = metrics.rouge_l(RESPONSE, ANSWERS)
    said = re.findall(r"[a-z]+", RESPONSE.lower())
    for row, answer in enumerate(ANSWERS):
        words = re.findall(r"[a-z]+", answer.lower())
        common = longest_common_subsequence(said, words)
        precision, recall = common / max(len(words), 1), common / len(said)
        f1 = 2 * precision * recall / (precision + recall) if common else 0
        assert found.precision[row] == pytest.approx(precision)
        assert found.recall[row] == pytest.approx(recall)
        assert found.f1[row] == pytest.approx(f1)


def test_rouge_of_the_paper():
    # Lin 2004, section 3.1: S1 against S2 and S3, F1 of 3/4 and 1/2.
    reference = "police killed the gunman"
    found = metrics.rouge_l(reference, ["police kill the gunman", "the gunman kill police"])
    np.testing.assert_allclose(found.f1, [3 / 4, 1 / 2])


def test_rouge_by_hand():
    found = metrics.rouge_l("a b c d", ["a c e", "d c b a", ""])
    np.testing.assert_allclose(found.precision, [2 / 3, 1 / 4, 0])
    np.testing.assert_allclose(found.recall, [1 / 2, 1 / 4, 0])
    np.testing.assert_allclose(found.f1, [4 / 7, 1 / 4, 0])


def test_rouge_reads_every_script():
    # With a tokenizer that knows the letters a to z only, both would be 0.
    assert metrics.rouge_l("Поезжай на остров", ["на остров"]).f1[0] == pytest.approx(0.8)
    assert metrics.rouge_l("l'été à la mer", ["l'été"]).precision[0] == 1


def test_similarity_is_the_cosine_of_embeddings():
    from jupyter_xai.text.embeddings import embed

    found = metrics.embedding_similarity(RESPONSE, ANSWERS)
    vectors = embed([RESPONSE, *ANSWERS])
    np.testing.assert_allclose(found, vectors[1:] @ vectors[0], atol=1e-6)
    assert found[0] == pytest.approx(1, abs=1e-6)
    assert found[-1] == 0
    assert found[1] > found[4]


def test_no_answers_give_no_scores():
    assert metrics.bleu(RESPONSE, []).shape == (0,)
    assert metrics.rouge_l(RESPONSE, []).f1.shape == (0,)
    assert metrics.embedding_similarity(RESPONSE, []).shape == (0,)
