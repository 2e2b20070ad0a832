"""Local models of the transformers library: causal and encoder-decoder, on CPU or GPU."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import FROM_TEXT, Masks
from jupyter_xai.models.base import (
    Answered,
    Capability,
    Message,
    Operator,
    Prompt,
    Response,
    Sampling,
    Scored,
)
from jupyter_xai.models.capabilities import Attended, Differentiable, Diverged, Of
from jupyter_xai.models.local.alternatives import other_answer
from jupyter_xai.models.local.answer_tokens import Wording
from jupyter_xai.models.local.answer_writer import AnswerWriter
from jupyter_xai.models.local.attentions import attended, shows_attention
from jupyter_xai.models.local.batched_answers import Answering
from jupyter_xai.models.local.divergence import divergences
from jupyter_xai.models.local.fingerprints import behaviour, checkpoint, identity, state
from jupyter_xai.models.local.gradients import EmbeddedPrompt, is_differentiable
from jupyter_xai.models.local.input_maker import InputMaker
from jupyter_xai.models.local.masked_inputs import MaskedInput, check_length
from jupyter_xai.models.local.pretrained import load_pretrained
from jupyter_xai.models.local.rendering import encode, encode_continued, render_prompt, sample_rows
from jupyter_xai.models.local.scoring import ScoringKernel
from jupyter_xai.models.local.traits import (
    attends,
    check_language_model,
    context_length,
    input_device,
    may_fill_gaps,
    sides,
)
from jupyter_xai.text.document import Span, check_characters


class TransformersModel:
    """A causal or encoder-decoder language model of the transformers library.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        Used as it is; neither it nor the tokenizer is changed.
    tokenizer : transformers.PreTrainedTokenizerBase
    name : str, optional
        Shown to readers; the checkpoint's name unless given.
    include_eos : bool
        Whether the end-of-turn token that the model generated counts as part of the response.
        False unless asked for: readers ask about the text.

    Examples
    --------
    >>> import jupyter_xai as xai
    >>> model = xai.load("tutor")
    >>> sorted(model.capabilities)
    ['attentions', 'gradients', 'logprob', 'text']
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str | None = None,
        kind: str = "transformers",
        include_eos: bool = False,
    ) -> None:
        check_language_model(model)
        self.model = model
        self.tokenizer = tokenizer
        self._name = name or getattr(model.config, "_name_or_path", "") or type(model).__name__
        self._kind = kind
        self._wording = Wording(model, tokenizer, include_eos=include_eos)
        self._maker = InputMaker(model, tokenizer, self._name)
        self._kernel = ScoringKernel(model, lambda: sample_rows(tokenizer))
        self._answering = Answering(model, self._kernel)
        self._writer = AnswerWriter(
            model, tokenizer, self._name, wording=self._wording, answering=self._answering
        )
        if may_fill_gaps(model):
            self._kernel.bearing()

    @classmethod
    def load(
        cls,
        name: str | Path,
        *,
        dtype: Any = None,
        device: str | None = None,
        kind: str = "transformers",
        include_eos: bool = False,
        display_name: str | None = None,
        **options: Any,
    ) -> TransformersModel:
        """Load a model and its tokenizer by hub id or folder.

        Parameters
        ----------
        name : str or Path
        dtype : torch.dtype or str, optional
            The checkpoint's own on CUDA and MPS, float32 on a CPU.
        device : str, optional
            ``cuda``, ``mps`` or ``cpu``; the first of these that is there.
        **options
            Handed to ``from_pretrained``: ``device_map``, ``quantization_config``, ``revision``,
            ``trust_remote_code``, ...

        Raises
        ------
        XaiError
            When the id or folder cannot be loaded.
        """
        model, tokenizer = load_pretrained(name, dtype=dtype, device=device, **options)
        return cls(
            model, tokenizer, name=display_name or str(name), kind=kind, include_eos=include_eos
        )

    def __repr__(self) -> str:
        return f"TransformersModel({self._name!r})"

    @property
    def name(self) -> str:
        """The id, folder or given name."""
        return self._name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All but attention of recurrent models, and gradients of those that take no embeddings."""
        found: set[Capability] = {"text", "logprob"}
        if attends(self.model) and shows_attention(self.model):
            found.add("attentions")
        if is_differentiable(self.model):
            found.add("gradients")
        return frozenset(found)

    @property
    def context_length(self) -> int | None:
        """Most tokens of prompt and response together; None when the model sets no limit.

        Of encoder-decoder models, which have room for each apart, None too.
        """
        return None if self.model.config.is_encoder_decoder else context_length(self.model)

    def describe(self) -> Mapping[str, str | None]:
        """See `Model.describe`."""
        template = getattr(self.tokenizer, "chat_template", None)
        digest = hashlib.sha256(str(template).encode()).hexdigest() if template else None
        return {
            "name": self._name,
            "kind": self._kind,
            "revision": getattr(self.model.config, "_commit_hash", None) or self.checkpoint()[:16],
            "dtype": self.dtype,
            "device": str(input_device(self.model)),
            "template": digest,
        }

    def fingerprint(self) -> str:
        """SHA-256 over weights, configurations, hooks, and the logits of one short input.

        Read anew at each call, so that a model that was changed in between, in whatever way, is
        told apart. It holds within this process, see `identity`.
        """
        self._kernel.bearing()
        parts = [
            state(self.model),
            *self.cautions,
            behaviour(self.model, sample_rows(self.tokenizer)),
        ]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def checkpoint(self) -> str:
        """See `LastingModel.checkpoint`."""
        return checkpoint(self.model)

    def identity(self) -> str:
        """See `LastingModel.identity`."""
        return identity(self.model)

    @property
    def dtype(self) -> str:
        """See `MeasuredModel.dtype`."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def cautions(self) -> tuple[str, ...]:
        """See `MeasuredModel.cautions`."""
        return (*self._kernel.notes, *self._answering.notes)

    @property
    def lessons(self) -> int:
        """See `MeasuredModel.lessons`."""
        return self._kernel.lessons + self._answering.lessons

    def prompt(
        self,
        prompt: str | Sequence[Message],
        *,
        units: str = "sentence",
        spans: Sequence[Span] = (),
        language: str = "en",
        system: str | None = None,
        explain_system: bool = False,
    ) -> Prompt:
        """See `Model.prompt`. Refuses prompts that leave no room for a response."""
        rendered = render_prompt(
            self.tokenizer,
            prompt,
            units=units,
            spans=spans,
            language=language,
            system=system,
            explain_system=explain_system,
        )
        ids = len(rendered.ids or ())
        if self.model.config.is_encoder_decoder:
            self._check_length(ids, "the prompt", sides(self.model)[0])
        else:
            self._check_length(ids + 1, "the prompt")
        return rendered

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        """See `Model.respond`."""
        return next(self.respond_all([prompt], sampling, at_once=1))[1]

    def respond_all(
        self, prompts: Sequence[Prompt], sampling: Sampling, *, at_once: int
    ) -> Iterator[tuple[int, Response]]:
        """See `BatchModel.respond_all`."""
        inputs = [
            self.inputs(prompt, np.ones((1, len(prompt.document.sources)), dtype=bool), Operator())
            for prompt in prompts
        ]
        first = [each[0] for each in inputs]
        for place, ids in self._writer.answers(first, sampling, at_once=at_once):
            response = self._wording.response(prompts[place].ids or (), ids)
            if self.model.generation_config.stop_strings:
                # At such a text an answer ends without an end token.
                stopped = len(ids) < self._writer.room(first[place], sampling)
                response = replace(response, finished=response.finished or stopped)
            yield place, response

    def runner_up(self, prompt: Prompt, response: Response, sampling: Sampling) -> Response:
        """See `RunnerUpModel.runner_up`."""
        whole = np.ones((1, len(prompt.document.sources)), dtype=bool)
        inputs = self.inputs(prompt, whole, Operator())
        forced = self._wording.forced()
        said = [*forced, *(response.ids or ())]
        longest = max(sampling.max_new_tokens, len(said))
        most = replace(sampling, temperature=0.0, max_new_tokens=longest)

        def go_on(begun: list[int]) -> Response:
            generated = begun + self._writer.write(inputs, most, begun)[0]
            return self._wording.response(prompt.ids or (), generated)

        found = other_answer(self._kernel, inputs[0], response, go_on, self._wording)
        if found is None:
            msg = Worded(
                f"{self._name} knows no other answer; give one to contrast with, as ",
                Option("foil", "..."),
            )
            raise XaiError(msg)
        return found

    def supplied(self, prompt: Prompt, text: str) -> Response:
        """Tokenise a given response as a continuation of whatever stands before it.

        The rule: the response is tokenised by itself, never together with the prompt, without
        special tokens and without the space that some tokenizers put before a text.
        """
        check_characters(text, "the response")
        if self.model.config.is_encoder_decoder:
            encoded = encode(self.tokenizer, text, special=False)
        else:
            encoded = encode_continued(self.tokenizer, text)
        # A decoder reads one token before the response, and not its last one.
        tokens = len(encoded.ids)
        if self.model.config.is_encoder_decoder:
            self._check_length(tokens, "the response", sides(self.model)[1])
        else:
            self._check_length(len(prompt.ids or ()) + tokens, "the prompt with this response")
        return Response(text, encoded.ids, tuple(encoded.spans), supplied=True)

    def inputs(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[MaskedInput]:
        """What the model reads for each mask, in tokens.

        Raises
        ------
        XaiError
            When the operator does not fit the model or its tokenizer.
        """
        if (
            operator.name == "attention"
            and not self.model.config.is_encoder_decoder
            and not self._kernel.takes_positions
        ):
            msg = Worded(
                f"{self._name} cannot keep the positions of hidden tokens; use ",
                Option("operator", "delete"),
            )
            raise XaiError(msg)
        return self._maker.inputs(prompt, masks, operator)

    def keys(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[bytes]:
        """See `Model.keys`."""
        return [item.key() for item in self.inputs(prompt, masks, operator)]

    def score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        """See `ScoringModel.score`."""
        return self._score(prompt, masks, operator, response, checked=True)

    def score_unchecked(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response
    ) -> Iterator[Scored]:
        """See `MeasuredModel.score_unchecked`."""
        return self._score(prompt, masks, operator, response, checked=False)

    def tokens(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[int]:
        """See `LocalModel.tokens`."""
        return [len(item) for item in self.inputs(prompt, masks, operator)]

    def working_bytes(self, prompt_tokens: int, response_tokens: int, rows: int) -> int:
        """See `LocalModel.working_bytes`."""
        return self._kernel.working_bytes(prompt_tokens, response_tokens, rows)

    def divergence(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response, of: Of
    ) -> Iterator[Diverged]:
        """See `DivergenceModel.divergence`."""
        whole, *inputs = self.inputs(
            prompt, np.concatenate([np.ones((1, masks.shape[1]), dtype=bool), masks]), operator
        )
        forced = self._wording.forced()
        said = [*forced, *(response.ids or ())]
        for batch in divergences(self._kernel, whole, inputs, said, of):
            yield replace(batch, divergence=batch.divergence[:, len(forced) :])

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        """See `Model.answer`."""
        if operator.name not in FROM_TEXT:
            msg = (
                f"answers to masked prompts need the operator {' or '.join(FROM_TEXT)}, "
                f"not {operator.name!r}"
            )
            raise XaiError(msg)
        inputs = self.inputs(prompt, masks, operator)
        for row, generated in self._writer.answers(inputs, sampling):
            item = inputs[row]
            text = self._wording.text(item.ids.tolist(), generated)
            yield Answered(row, text, len(item) + len(generated))

    def token_spans(self, text: str) -> Sequence[Span]:
        """See `ScoringModel.token_spans`."""
        return encode(self.tokenizer, text, special=False).spans

    def differentiable(self, prompt: Prompt, response: Response) -> Differentiable:
        """See `GradientModel.differentiable`."""
        if not response.ids or prompt.ids is None or prompt.token_source is None:
            msg = "the response has no tokens; give another response"
            raise XaiError(msg)
        blank = self._maker.blank_token()
        return EmbeddedPrompt(self.model, prompt.ids, prompt.token_source, response.ids, blank)

    def attentions(self, prompt: Prompt, response: Response) -> Attended:
        """See `AttentionModel.attentions`."""
        return attended(self.model, prompt.ids or (), response.ids or ())

    def _score(
        self, prompt: Prompt, masks: Masks, operator: Operator, response: Response, *, checked: bool
    ) -> Iterator[Scored]:
        if not response.ids:
            msg = "the response has no tokens; give another response"
            raise XaiError(msg)
        forced = self._wording.forced()
        inputs = self.inputs(prompt, masks, operator)
        for batch in self._kernel.score(inputs, [*forced, *response.ids], checked=checked):
            yield replace(batch, logprobs=batch.logprobs[:, len(forced) :])

    def _check_length(self, tokens: int, what: str, limit: int | None = None) -> None:
        check_length(tokens, limit or self.context_length, what, self._name)
