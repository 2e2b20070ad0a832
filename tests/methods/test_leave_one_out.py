import numpy as np

from games import random_game
from jupyter_xai import methods


def test_scores_are_the_plain_differences():
    method = methods.get("leave-one-out")
    game = random_game(7, 3)
    masks = method.plan(7, None, 0)
    result = method.solve(masks, game(masks)[:, None], lengths=[1], seed=0)
    for unit in range(7):
        kept = np.ones((1, 7), dtype=bool)
        kept[0, unit] = False
        expected = game(np.ones((1, 7), dtype=bool))[0] - game(kept)[0]
        assert result.scores[unit, 0] == expected
    assert result.exact


def test_units_that_were_not_removed_yet_are_unknown():
    method = methods.get("leave-one-out")
    masks = method.plan(4, None, 0)[:3]
    scores = method.solve(masks, np.zeros((3, 2)), lengths=[1, 1], seed=0).scores
    assert np.isnan(scores).tolist() == [[False] * 2, [False] * 2, [True] * 2, [True] * 2]


def test_it_equals_captums_ablation():
    import torch
    from captum.attr import FeatureAblation

    weights = torch.linspace(-1, 2, 6, dtype=torch.float64)

    def forward(kept):
        return (kept @ weights) * kept[:, 0] + torch.exp(kept[:, 1] * kept[:, 2])

    reference = FeatureAblation(forward).attribute(
        torch.ones(1, 6, dtype=torch.float64), baselines=0.0
    )
    method = methods.get("leave-one-out")
    masks = method.plan(6, None, 0)
    values = forward(torch.from_numpy(masks.astype(np.float64))).numpy()[:, None]
    scores = method.solve(masks, values, lengths=[1], seed=0).scores[:, 0]
    np.testing.assert_allclose(scores, reference[0].numpy(), rtol=1e-12)
