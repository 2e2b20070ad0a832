"""The libraries that are measured beside ours, each handed the same model, prompt and response.

Every function gives float arrays in the shape that its caller compares. What a library cannot be
told through its own arguments (which masks, where sentences end) is put in place of its own draw.
"""

from __future__ import annotations

import contextlib
import io
import logging
import site
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.models.local.masked_inputs import MaskedInput
from jupyter_xai.text.document import Document

FOLDER = Path(sys.prefix) / "benchmark-peers"
"""Where the peers are installed, apart from our own environment."""


def add_folder(folder: Path) -> None:
    """Make the peers importable, behind everything that our own environment has."""
    if folder.is_dir():
        site.addsitedir(str(folder))


def missing(module: str) -> str | None:
    """Why a peer cannot be measured, or None."""
    return None if find_spec(module) else "not installed"


def plain_batched(
    model: Any, inputs: Sequence[MaskedInput], response: Sequence[int], size: int = 16
) -> NDArray[np.float64]:
    """What a careful user writes: left-padded batches, one teacher-forced pass, all logits.

    Returns
    -------
    float64 [rows, len(response)]
    """
    import torch

    found = np.empty((len(inputs), len(response)))
    with torch.inference_mode():
        for start in range(0, len(inputs), size):
            rows = [np.append(item.ids, response) for item in inputs[start : start + size]]
            width = max(map(len, rows))
            ids = torch.zeros((len(rows), width), dtype=torch.int64)
            attended = torch.zeros((len(rows), width), dtype=torch.int64)
            for i, row in enumerate(rows):
                ids[i, width - len(row) :] = torch.from_numpy(row)
                attended[i, width - len(row) :] = 1
            positions = (attended.cumsum(1) - 1).clamp(min=0)
            logits = model(
                input_ids=ids, attention_mask=attended, position_ids=positions, use_cache=False
            ).logits[:, -len(response) - 1 : -1]
            wanted = torch.tensor(response).expand(len(rows), -1)[..., None]
            logprobs = logits.log_softmax(-1).gather(2, wanted)[..., 0]
            found[start : start + len(rows)] = logprobs.double().numpy()
    return found


def captum_ablation(
    model: Any, tokenizer: Any, prompt: str, response: Sequence[int], *, one_pass: bool
) -> NDArray[np.float64]:
    """Captum's FeatureAblation over tokens.

    Parameters
    ----------
    one_pass : bool
        False runs the model once for each response token, as Captum does unless told otherwise.
        Its cache then works with transformers 4 only: from 5 on, tokens that the cache holds are
        sent again, which costs time and changes the scores.

    Returns
    -------
    float64 [prompt tokens, response tokens]
    """
    import torch
    from captum.attr import FeatureAblation, LLMAttribution, TextTokenInput

    explainer = LLMAttribution(FeatureAblation(model), tokenizer)
    features = TextTokenInput(prompt, tokenizer, baselines=tokenizer.unk_token_id)
    with torch.no_grad(), _quiet():
        result = explainer.attribute(
            features, target=torch.tensor(response), forward_in_tokens=not one_pass
        )
    return result.token_attr.double().numpy().T


def captum_integrated_gradients(
    model: Any, tokenizer: Any, prompt: str, response: Sequence[int], *, steps: int
) -> NDArray[np.float64]:
    """Captum's LLMGradientAttribution, from the unknown token.

    Returns
    -------
    float64 [prompt tokens, response tokens]
    """
    import torch
    from captum.attr import LayerIntegratedGradients, LLMGradientAttribution, TextTokenInput

    method = LayerIntegratedGradients(model, model.get_input_embeddings())
    features = TextTokenInput(prompt, tokenizer)
    blank = torch.full_like(features.to_tensor(), tokenizer.unk_token_id)
    with _quiet():
        result = LLMGradientAttribution(method, tokenizer).attribute(
            features, target=torch.tensor(response), baselines=blank, n_steps=steps
        )
    return result.token_attr.double().numpy().T


def inseq_integrated_gradients(
    model: Any, tokenizer: Any, prompt: str, response: str, *, steps: int
) -> None:
    """Inseq's integrated gradients of log-probabilities, from its own baseline.

    Its scores are lengths of vectors, which cannot be compared with sums.
    """
    import inseq
    from inseq.attr.step_functions import probability_fn

    def log_probability(args: Any) -> Any:
        return probability_fn(args, logprob=True)

    with _quiet():
        explained = inseq.load_model(model, "integrated_gradients", tokenizer=tokenizer)
        explained.attribute(
            prompt,
            prompt + response,
            attributed_fn=log_probability,
            n_steps=steps,
            show_progress=False,
            skip_special_tokens=True,
        )


def inseq_occlusion(model: Any, tokenizer: Any, prompt: str, response: str) -> NDArray[np.float64]:
    """Inseq's occlusion of the prompt's tokens, explaining log-probabilities.

    Returns
    -------
    float64 [prompt tokens, response tokens]
        Magnitudes: Inseq drops the sign.
    """
    import inseq
    from inseq.attr.step_functions import probability_fn

    def log_probability(args: Any) -> Any:
        return probability_fn(args, logprob=True)

    with _quiet():
        explained = inseq.load_model(model, "occlusion", tokenizer=tokenizer)
        result = explained.attribute(
            prompt,
            prompt + response,
            attributed_fn=log_probability,
            show_progress=False,
            skip_special_tokens=True,
        )
    step = result.sequence_attributions[0]
    scores = step.target_attributions.double().numpy()
    answered = len(tokenizer(response, add_special_tokens=False)["input_ids"])
    given = len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
    # A row may stand for the beginning-of-text token that Inseq puts first.
    first = scores.shape[0] - given - answered
    return scores[first : first + given, -answered:]


def context_cite(module: str) -> Any:
    """A module of ContextCite."""
    import nltk

    # It fetches a sentence splitter when it is imported; the sentences are ours.
    download, nltk.download = nltk.download, lambda *_, **__: True
    try:
        return import_module(f"context_cite.{module}")
    finally:
        nltk.download = download


def context_cite_scores(
    model: Any,
    tokenizer: Any,
    document: Document,
    response: str,
    masks: NDArray[np.bool_],
    *,
    size: int,
) -> Callable[[], NDArray[np.float64]]:
    """ContextCite's forward passes over our masks and our sentences.

    Returns
    -------
    callable
        Gives log-probabilities, float64 [masks, response tokens].
    """
    utils = context_cite("utils")
    ContextCiter = context_cite("context_citer").ContextCiter

    class OurSentences(context_cite("context_partitioner").BaseContextPartitioner):
        def split_context(self) -> None:
            pass

        @property
        def num_sources(self) -> int:
            return len(document.sources)

        def get_source(self, index: int) -> str:
            return document.sources[index].text

        def get_context(self, mask: NDArray[np.bool_] | None = None) -> str:
            return document.text if mask is None else document.keep(mask.tolist())

    def work() -> NDArray[np.float64]:
        citer = ContextCiter(
            model,
            tokenizer,
            document.text,
            "",
            num_ablations=len(masks),
            batch_size=size,
            prompt_template="{context}{query}",
            partitioner=OurSentences(document.text),
        )
        citer._cache["output"] = document.text + response
        drawn = utils._create_mask
        utils._create_mask = lambda _sources, _share, seed: masks[seed]
        try:
            with _quiet():
                log_odds = citer._logit_probs.astype(np.float64)
        finally:
            utils._create_mask = drawn
        return -np.logaddexp(0, -log_odds)

    return work


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and warnings of the peers out of the tables."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
