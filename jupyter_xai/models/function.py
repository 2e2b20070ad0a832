"""Any Python function from text to text, as a model."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from jupyter_xai.errors import XaiError
from jupyter_xai.masking import Masks
from jupyter_xai.models.base import Answered, Capability, Operator, Prompt, Response, Sampling
from jupyter_xai.models.bounds import within_bounds
from jupyter_xai.models.messages import MessageModel, as_text, check_operator, kept_messages
from jupyter_xai.text.document import Document, check_characters, whole_characters

Answer = Callable[..., str]
"""A function that answers one prompt."""

_counter = itertools.count(1)
_numbers: WeakKeyDictionary[Answer, int] = WeakKeyDictionary()


class FunctionModel(MessageModel):
    """A model that is a Python function: it takes a text and returns a text.

    Only answers can be asked of it, so explanations compare its answers to masked prompts with its
    answer to the whole prompt.

    Parameters
    ----------
    function : callable
        Takes the prompt (str) and returns the answer (str). A parameter of the name ``seed``, where
        it has one, is given a number: another one for each prompt and each of several answers, the
        same for the same seed of an explanation. A function that draws its answers repeats them
        by it.
    name : str, optional
        Shown to readers; the function's own name unless given.

    Raises
    ------
    XaiError
        When ``function`` cannot be called. Later: when it raises, returns something else than a
        text, or more than `jupyter_xai.models.bounds.MOST_CHARACTERS` of it, or has nothing to
        say to the whole prompt.

    Examples
    --------
    >>> model = FunctionModel(str.upper, name="shout")
    >>> prompt = model.prompt("Be brief. Be kind.")
    >>> model.respond(prompt, Sampling()).text
    'BE BRIEF. BE KIND.'
    """

    capabilities: frozenset[Capability] = frozenset({"text"})

    def __init__(self, function: Answer, name: str | None = None) -> None:
        if not callable(function):
            msg = f"a function from text to text is needed, not {type(function).__name__}"
            raise XaiError(msg)
        self._function = function
        self._name = name or _name_of(function)
        self._number = _number_of(function)
        self._takes_seed = _takes_seed(function)

    @property
    def name(self) -> str:
        """What readers see."""
        return self._name

    @property
    def takes_text_only(self) -> bool:
        """True: a function is handed one text."""
        return True

    def __repr__(self) -> str:
        return f"FunctionModel({self._name})"

    def describe(self) -> Mapping[str, str | None]:
        """The ``model`` block of an explanation."""
        return {
            "name": self._name,
            "kind": "function",
            "revision": "",
            "dtype": None,
            "device": None,
            "template": None,
        }

    def fingerprint(self) -> str:
        """Tells functions apart by identity, within this session."""
        return f"function:{self._number}"

    def respond(self, prompt: Prompt, sampling: Sampling) -> Response:
        """Answer the whole prompt."""
        whole = [True] * len(prompt.document.sources)
        text = self._ask(_sent(prompt.document, whole, Operator("text")), sampling)
        if not text.strip():
            msg = f"{self._name} answered the prompt with nothing, so there is nothing to explain"
            raise XaiError(msg)
        return Response(text)

    def supplied(self, prompt: Prompt, text: str) -> Response:
        """Make a response of a text that the user gives."""
        text = within_bounds(text, self._name, "was given a response of")
        return Response(check_characters(text, "the response"), supplied=True)

    def keys(self, prompt: Prompt, masks: Masks, operator: Operator) -> list[bytes]:
        """The texts that would be sent."""
        return [
            _sent(prompt.document, row, operator).encode("utf-8", "surrogatepass")
            for row in masks.tolist()
        ]

    def answer(
        self, prompt: Prompt, masks: Masks, operator: Operator, sampling: Sampling
    ) -> Iterator[Answered]:
        """Answer masked prompts one by one; of ``sampling`` only the seed is told."""
        for index, row in enumerate(masks.tolist()):
            text = self._ask(_sent(prompt.document, row, operator), sampling)
            yield Answered(index, text, tokens=0)

    def _ask(self, text: str, sampling: Sampling) -> str:
        options: dict[str, int] = {}
        if self._takes_seed:
            options["seed"] = sampling.seed_for(text.encode("utf-8", "surrogatepass"))
        try:
            answer = self._function(text, **options)
        except Exception as error:
            said = _shortened(" ".join(str(error).split("\n", 1)[0].split()), 300)
            msg = (
                f"{self._name} raised {type(error).__name__}: {said} "
                f"(asked {_shortened(text)!r}); it must answer shortened prompts too"
            )
            raise XaiError(msg) from error
        if not isinstance(answer, str):
            msg = f"{self._name} returned {type(answer).__name__}, but a text (str) is needed"
            raise XaiError(msg)
        return whole_characters(within_bounds(answer, self._name, "answered with"))


def _sent(document: Document, mask: Sequence[bool], operator: Operator) -> str:
    """The text sent for a mask."""
    check_operator(operator, "a function")
    return as_text(kept_messages(document, mask, operator))


def _name_of(function: Answer) -> str:
    name = getattr(function, "__name__", None) or type(function).__name__
    return "lambda" if name == "<lambda>" else name


def _takes_seed(function: Answer) -> bool:
    try:
        return "seed" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions tell no parameters
        return False


def _number_of(function: Answer) -> int:
    # Not id(): Python gives the id of a forgotten function to the next one.
    try:
        return _numbers.setdefault(function, next(_counter))
    except TypeError:  # neither hashable nor weakly referable
        return next(_counter)


def _shortened(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
