"""What one model reads for a prompt and masks, by any operator that it knows."""

from __future__ import annotations

from typing import Any

from jupyter_xai.errors import Option, Worded, XaiError
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Operator, Prompt
from jupyter_xai.models.local.masked_inputs import MaskedInput, masked_inputs
from jupyter_xai.models.local.rendering import encode, typed_ids
from jupyter_xai.models.local.token_substitution import substitute_tokens


class InputMaker:
    """Turns masks into inputs of one model; neither it nor the tokenizer is changed.

    Parameters
    ----------
    model : transformers.PreTrainedModel
    tokenizer : transformers.PreTrainedTokenizerBase
    name : str
        What errors call the model.
    """

    def __init__(self, model: Any, tokenizer: Any, name: str) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._name = name

    def inputs(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[MaskedInput]:
        """What the model reads for each mask.

        Raises
        ------
        XaiError
            When the operator puts a token in place that the tokenizer does not have.
        """
        if operator.name == "text":
            return self._typed(prompt, masks)
        return masked_inputs(
            prompt,
            masks,
            operator,
            stand_ins=self._stand_ins(operator),
            anchor=self._anchor(),
            keeps_unattended=self._model.config.is_encoder_decoder,
            substitutes=self._substitutes(prompt, operator),
        )

    def blank_token(self) -> int | None:
        """The token that stands for nothing, where the tokenizer has one."""
        for name in ("mask_token_id", "unk_token_id", "pad_token_id", "eos_token_id"):
            token = getattr(self._tokenizer, name, None)
            if token is not None:
                return int(token)
        return None

    def _typed(self, prompt: Prompt, masks: Masks) -> list[MaskedInput]:
        """What the model reads when somebody types what is left."""
        whole = prompt.ids or ()
        return [
            MaskedInput.of(
                whole if all(row) else typed_ids(self._tokenizer, prompt, row) or (self._anchor(),)
            )
            for row in masks.tolist()
        ]

    def _substitutes(self, prompt: Prompt, operator: Operator) -> list[tuple[int, ...]]:
        if operator.name != "substitute":
            return []
        return substitute_tokens(self._tokenizer, prompt, operator)

    def _stand_ins(self, operator: Operator) -> tuple[int, ...]:
        if operator.name not in ("mask-token", "replace"):
            return ()
        if operator.replacement:
            return encode(self._tokenizer, operator.replacement, special=False).ids
        blank = self.blank_token()
        if blank is not None:
            return (blank,)
        msg = Worded(
            f"the tokenizer of {self._name} has no mask token; name one, for example ",
            Option("operator", "mask-token"),
            ", ",
            Option("replacement", "_"),
        )
        raise XaiError(msg)

    def _anchor(self) -> int:
        """What an empty prompt gets, since a model cannot continue nothing."""
        tokenizer = self._tokenizer
        for token in (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id):
            if token is not None:
                return int(token)
        return 0
