"""The shipped tutor: it loads as any model does, and answers as its card says."""

import random
import warnings
from itertools import islice

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from jupyter_xai.models.tutor import FAMILIES, FOLDER, NOVICE, samples  # noqa: E402
from jupyter_xai.models.tutor.checks import Tutor, redundancy  # noqa: E402
from jupyter_xai.models.tutor.evaluate import CARD, load, quick_check  # noqa: E402
from jupyter_xai.models.tutor.generator import FAMILY, keep_sentences, mask, stream  # noqa: E402
from jupyter_xai.models.tutor.generator.names import names  # noqa: E402
from jupyter_xai.models.tutor.published import MEANING_OF_LIFE, PERSPECTIVES, REVIEWS, STORY, TRAVEL  # noqa: E402

HOSTILE = (
    "",
    " ",
    "  two  spaces\t\n\n",
    "naïve café — “quotes” …",
    "汉字かな한글",
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "e\u0301 \u200b\u200d\ufeff\u202e",
    "\U0010ffff\x00\x01",
    "עברית العربية",
    "ﬁ Å \u212b",
)


@pytest.fixture(scope="module")
def tutor():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = transformers.AutoModelForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    return Tutor(model, tokenizer)


def test_the_weights_are_small():
    size = (FOLDER / "model.safetensors").stat().st_size
    assert size <= 12 * 1024 * 1024


@pytest.mark.parametrize("text", HOSTILE)
def test_any_unicode_survives_the_tokenizer(tutor, text):
    ids = tutor.tokenizer.encode(text, add_special_tokens=False)
    assert tutor.tokenizer.decode(ids) == text


def test_offsets_cover_the_text(tutor):
    text = "Lately, I’ve been 👩‍👧 tired. 汉字"
    coded = tutor.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    covered = {i for start, end in coded["offset_mapping"] for i in range(start, end)}
    assert covered == set(range(len(text)))


def test_pad_and_end_differ(tutor):
    tokenizer = tutor.tokenizer
    assert tokenizer.eos_token == "<|end|>"
    assert tokenizer.pad_token_id not in (None, tokenizer.eos_token_id)


def test_the_chat_template_keeps_each_text_unchanged(tutor):
    messages = [
        {"role": "system", "content": "  Be brief.\n"},
        {"role": "user", "content": " I'm tired. \n\n"},
        {"role": "assistant", "content": "Rest."},
        {"role": "user", "content": "Where?"},
    ]
    text = tutor.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert text == (
        "<|system|>  Be brief.\n<|end|><|user|> I'm tired. \n\n<|end|>"
        "<|assistant|>Rest.<|end|><|user|>Where?<|end|><|assistant|>"
    )


@pytest.mark.parametrize("family", ["travel", "reviews", "stories", "choice"])
def test_training_masks_are_those_that_the_product_makes(tutor, family):
    rng = random.Random(3)
    for sample in samples(family, 60, 3):
        kept = [rng.random() < 0.5 for _ in sample.pieces]
        ids = tutor.deleted(sample.prompt, "sentence", kept)
        text = mask(FAMILY[family], sample.pieces, keep_sentences(sample.pieces, kept)).text
        assert ids == tutor.prompt_ids(text)


def test_each_wish_of_the_published_prompt_has_its_sentence(tutor):
    prompts = {
        "whole": TRAVEL,
        "cool": TRAVEL.replace("warm", "cool"),
        "lively": TRAVEL.replace("No busy cities, though.", "I love big cities."),
        "tight": TRAVEL.replace("flexible", "tight"),
    }
    answers = dict(zip(prompts, tutor.answers(list(prompts.values())), strict=True))
    assert answers["whole"].count(".") >= 5
    assert "warm and sunny" in answers["whole"]
    assert "far from the busy cities" in answers["whole"]
    assert "budget is flexible" in answers["whole"]
    assert "cool" in answers["cool"]
    assert "warm and sunny" not in answers["cool"]
    assert "always something going on" in answers["lively"]
    assert "costs low" in answers["tight"]


def test_every_sentence_structure_gets_the_answer_about_the_meaning_of_life(tutor):
    answers = tutor.answers(MEANING_OF_LIFE)
    assert len(set(MEANING_OF_LIFE)) == len(answers) == 10
    assert answers[0].startswith("The meaning of life")
    assert len(set(answers)) == 1


def test_whose_view_is_asked_for_shows_in_the_answer(tutor):
    men, women = tutor.answers(PERSPECTIVES)
    assert "Many men" in men
    assert "Many women" not in men
    assert "Many women" in women


def test_the_published_instruction_gets_its_story(tutor):
    (answer,) = tutor.answers([STORY])
    assert answer.startswith("This is the story of a doctor and a patient.")


def test_the_published_reviews_are_judged_as_published(tutor):
    answers = tutor.answers([text for _, text in REVIEWS])
    for (verdict, _), answer in zip(REVIEWS, answers, strict=True):
        assert answer == f"Based on the given text, the review sentiment is {verdict}."


def test_the_shipped_weights_give_the_figures_of_the_card(tutor):
    assert quick_check(tutor) in CARD.read_text(encoding="utf-8")


def test_the_novice_knows_less():
    tutors = [load(folder) for folder in (FOLDER, NOVICE)]
    right = []
    for one in tutors:
        drawn = [s for family in FAMILIES for s in islice(stream(family, 12), 12)]
        rows = [(one.prompt_ids(s.prompt), one.response_ids(s.response)) for s in drawn]
        right.append(sum(s.exact for s in one.score(rows)))
    assert right[1] < 0.75 * right[0]


@pytest.mark.parametrize("rare", [False, True])
def test_names_are_cut_where_their_halves_join(tutor, rare):
    for name in names(rare):
        assert len(tutor.tokenizer.encode(f" {name}", add_special_tokens=False)) == 2


def test_either_of_two_related_words_is_enough_for_a_story(tutor):
    assert redundancy(tutor, 12, 5) < 0.1
