"""The training script: a model from a seed, with heads that look back from the start."""

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from jupyter_xai.models.tutor import FOLDER  # noqa: E402
from jupyter_xai.models.tutor.train import new_model, rate_factor  # noqa: E402


def test_three_heads_begin_by_looking_back():
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    model = new_model(tokenizer, 96, 2)
    model.set_attn_implementation("eager")
    ids = torch.arange(300, 340)[None]
    with torch.no_grad():
        (attention, _) = model(ids, output_attentions=True).attentions
    for head, distance in enumerate((1, 2, 3)):
        places = range(distance, 40)
        found = [float(attention[0, head, i, i - distance]) for i in places]
        assert min(found) > 0.5


def test_the_seed_decides_the_model():
    tokenizer = transformers.AutoTokenizer.from_pretrained(FOLDER)
    first, second = (new_model(tokenizer, 96, 1).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_rate_rises_stays_and_falls_to_zero():
    assert rate_factor(0, 1e7) == 0
    assert rate_factor(2e6, 1e7) == 1
    assert 0 < rate_factor(8e6, 1e7) < 1
    assert rate_factor(1e7, 1e7) == 0
