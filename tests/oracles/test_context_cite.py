"""`linear` equals ContextCite's published estimator, restated here from its source (0.0.4)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Lasso
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import tiny
from jupyter_xai import methods
from jupyter_xai.game.masking_game import MaskingGame
from jupyter_xai.methods.base import MaskMethod
from jupyter_xai.models.local.transformers import TransformersModel

TEXT = "I want to rest. No busy cities. My budget. A dog. The sea. New York. He walked. No. A city."
ANSWER = "New York is nice. A dog walked."


def logit_of_response(token_log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Their ``aggregate_logit_probs``: from log-odds of tokens to log-odds of the response."""
    log_p = -np.log1p(np.exp(-token_log_odds)).sum(axis=1)
    return log_p - np.log1p(-np.exp(log_p))


def lasso(
    masks: NDArray[np.bool_], outputs: NDArray[np.float64], tokens: int, alpha: float
) -> NDArray[np.float64]:
    """Their ``LassoRegression.fit``."""
    scaler = StandardScaler()
    model = Lasso(alpha=alpha, random_state=0, fit_intercept=True)
    make_pipeline(scaler, model).fit(masks.astype(np.float32), outputs / tokens)
    return model.coef_ / scaler.scale_ * tokens


@pytest.mark.parametrize("alpha", [0.01, 0.001])
@pytest.mark.parametrize("units", ["token", "sentence"])
def test_linear_equals_context_cite(units: str, alpha: float) -> None:
    model = TransformersModel(tiny.model("llama"), tiny.tokenizer(chat=True))
    prompt = model.prompt(TEXT)
    response = model.supplied(prompt, ANSWER)
    game = MaskingGame(model, prompt, response, response_units=units, value="logit")
    method = methods.get("linear", alpha=alpha)
    assert isinstance(method, MaskMethod)
    plan = method.plan(game.n, 64, seed=3)
    values = game.values(plan)
    found = method.solve(plan, values, lengths=game.lengths, seed=0).scores
    # The full mask is no draw of theirs, and takes no part in the fit.
    masks = plan[1:]

    logprobs = np.full((len(masks), len(response.ids or ())), np.nan)
    for batch in model.score(prompt, masks, game.operator, response):
        logprobs[batch.rows] = batch.logprobs
    log_odds = logprobs - np.log(-np.expm1(logprobs))
    columns = [*(np.flatnonzero(unit_of(game) == j) for j in range(game.m)), slice(None)]
    for j, column in enumerate(columns):
        outputs = logit_of_response(log_odds[:, column])
        np.testing.assert_allclose(values[1:, j], outputs, rtol=1e-5)
        # Fed the same values, the estimators agree to the last digits.
        tokens = log_odds[:, column].shape[1]
        assert game.lengths[j] == tokens
        expected = lasso(masks, values[1:, j], tokens, alpha)
        scale = max(1e-12, np.abs(expected).max())
        np.testing.assert_allclose(found[:, j], expected, rtol=1e-6, atol=1e-6 * scale)
    assert (found == 0).any() or alpha < 0.01, "the penalty should take some units out"


def unit_of(game: MaskingGame) -> NDArray[np.int64]:
    """Unit of each response token, by the character where it starts after white space."""
    text = game.response.text
    ends = [unit.end for unit in game.response_document.units]
    units = []
    for start, end in game.response.spans or ():
        while start < end - 1 and text[start].isspace():
            start += 1
        units.append(next(j for j, stop in enumerate(ends) if start < stop))
    return np.array(units)
