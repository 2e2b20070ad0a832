"""What a masking game is about: a prompt, a response, and what its values mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_xai.game.answered_masks import AnsweredMasks
from jupyter_xai.game.asker import Asker
from jupyter_xai.game.scored_masks import ScoredMasks
from jupyter_xai.game.text_values import TextValues
from jupyter_xai.game.token_values import TokenValues
from jupyter_xai.game.values import Value, checked_value, cut_response, operator_in_force
from jupyter_xai.models.base import Model, Operator, Prompt, Response, Sampling
from jupyter_xai.models.prices import Bill, a_call
from jupyter_xai.models.substitution import left_texts


class Question:
    """What is asked of a model about masked prompts; nothing is asked here.

    Parameters
    ----------
    model : Model
    prompt : Prompt
    response : Response
    response_units, value, operator, distance, sampling, language, foil, targets
        See `jupyter_xai.game.masking_game.MaskingGame`.

    Raises
    ------
    XaiError
        When the value does not fit the model or what is explained.
    """

    def __init__(
        self,
        model: Model,
        prompt: Prompt,
        response: Response,
        *,
        response_units: str,
        value: str,
        operator: Operator | None,
        distance: str,
        sampling: Sampling | None,
        language: str,
        foil: Response | None,
        targets: NDArray[np.bool_] | None,
    ) -> None:
        self.sampling = sampling or Sampling()
        self.value: Value = checked_value(
            value, model, self.sampling, response=response, foil=foil, targets=targets
        )
        self.model = model
        self.prompt = prompt
        self.response = response
        self.chosen_operator = operator
        self.operator = operator_in_force(operator, prompt, self.value)
        self.distance = distance
        self.language = language
        self.foil = foil
        self.targets = targets
        self.response_document = cut_response(response, response_units, model, language=language)

    @property
    def n(self) -> int:
        """Number of sources."""
        return len(self.prompt.document.sources)

    @property
    def m(self) -> int:
        """Number of response units."""
        return len(self.response_document)

    @property
    def response_text(self) -> str:
        """The response that is explained."""
        return self.response.text

    @property
    def has_answers(self) -> bool:
        """Whether values rest on answers of the model."""
        return self.value == "text"

    @property
    def draws(self) -> int:
        """How many answers are drawn for each mask; 0 where none is drawn by chance."""
        return self.sampling.samples if self.has_answers and self.sampling.is_drawn else 0

    @property
    def sides(self) -> list[Response]:
        """What is scored for each mask, for log-probabilities: the response, then the foil."""
        return [self.response] if self.foil is None else [self.response, self.foil]

    @property
    def asked(self) -> tuple[object, ...]:
        """What tells this game from others about the same prompt: response, foil and targets."""
        foil = None if self.foil is None else self.foil.ids or self.foil.text
        targets = None if self.targets is None else self.targets.tobytes()
        return (self.response.ids or self.response.text, foil, targets)

    @property
    def asked_a_mask(self) -> int:
        """How often the model is asked about one mask: for two scores, or for several answers."""
        return max(1, self.draws) if self.has_answers else len(self.sides)

    @property
    def a_call(self) -> Bill:
        """The most that a call about any mask may take."""
        about = (self.model, self.prompt, self.operator, self.sampling)
        if self.has_answers:
            return a_call(*about, None)
        return max((a_call(*about, each) for each in self.sides), key=lambda bill: bill.tokens)

    def prompt_texts(self, masks: NDArray[np.bool_]) -> list[str]:
        """What is left of the prompt for each mask, without what the chat template adds."""
        return left_texts(self.prompt.document, masks, self.operator)

    def read(self, asker: Asker) -> ScoredMasks | AnsweredMasks:
        """What the model is asked about masks, and how values are read from what it gives."""
        foil, units = self.foil, self.response_document
        if self.value != "text":
            tokens = TokenValues(self.value, self.response, units, foil=foil, targets=self.targets)
            return ScoredMasks(asker, tokens, self.sides)
        texts = TextValues(
            self.distance,
            self.response.text,
            units,
            foil=None if foil is None else foil.text,
            language=self.language,
        )
        return AnsweredMasks(asker, texts, self.draws, self.response.supplied)
