"""What is evaluated: prompts, with the response and the true causes where these are known."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_xai.errors import Worded, XaiError
from jupyter_xai.models.base import Message
from jupyter_xai.models.prompts import checked_prompt, checked_response
from jupyter_xai.text.document import Document, Span

if TYPE_CHECKING:
    import pandas

    from jupyter_xai.models.tutor.generator import Sample

Cause = int | str | Span
"""A unit's index, a piece of the prompt's text, or its (start, end) in the prompt."""

_COLUMNS = ("prompt", "response", "truth", "family", "human", "other")


@dataclass(frozen=True)
class Truth:
    """What causes a response, or one unit of it.

    Attributes
    ----------
    causes : tuple of int, str or (int, int)
        Indices of prompt units, pieces of the prompt's text, or spans of the prompt.
    target : int, optional
        Index of the response unit; None stands for the whole response.
    """

    causes: tuple[Cause, ...]
    target: int | None = None


@dataclass(frozen=True)
class Case:
    """A prompt to be explained.

    Attributes
    ----------
    prompt : str or list of messages
    response : str, optional
        What is explained instead of the model's own answer.
    truth : tuple of Truth
        Empty where the causes are not known.
    family : str
        The kind of prompt, by which results are told apart.
    human, other : str
        A person's and another model's answer, to train interpreters by; empty where not known.
    """

    prompt: str | Sequence[Message]
    response: str | None = None
    truth: tuple[Truth, ...] = ()
    family: str = ""
    human: str = ""
    other: str = ""

    def name(self) -> str:
        """Tells cases apart: equal names have equal prompts, responses and truths."""
        truth = [[each.target, list(each.causes)] for each in self.truth]
        content = json.dumps([self.prompt, self.response, truth], ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def read_cases(data: Any, *, n: int = 10, seed: int = 0, units: str = "sentence") -> list[Case]:
    """Cases from whatever holds them.

    Parameters
    ----------
    data : str, Path, DataFrame or list
        ``"tutor:FAMILY"`` (held-out prompts with their right answers and causes), ``"tutor"``
        (all families), a ``.jsonl`` or ``.csv`` file or a DataFrame with the columns ``prompt``
        and, if known, ``response``, ``truth``, ``family``, ``human`` and ``other``; or a list of
        prompts, of mappings with these names, of `Case`, or of any of the names above. A ``truth``
        lists causes of the whole response (unit indices, or texts of the prompt), or maps response
        units (their indices) to causes; in files it is JSON.
    n, seed : int
        How many prompts of each of the tutor's families, and which.
    units : str
        For the tutor: whether the causes are given as sentences, or as words.

    Raises
    ------
    XaiError
        When nothing can be read, or a row is damaged; the message names the row.

    Examples
    --------
    >>> cases = read_cases([{"prompt": "Be brief. Be kind.", "truth": [1]}])
    >>> cases[0].truth
    (Truth(causes=(1,), target=None),)
    """
    found = list(_read(data, n, seed, units))
    if not found:
        msg = "there is no prompt in the data"
        raise XaiError(msg)
    return found


def matters(truth: Truth, document: Document, prompt: str | Sequence[Message]) -> list[bool]:
    """Which sources of a cut prompt are true causes: bool [n].

    Raises
    ------
    XaiError
        When a cause is no unit and no text of the prompt.
    """
    sources = document.sources
    found = [False] * len(sources)
    base = document.text.find(prompt) if isinstance(prompt, str) else 0
    for cause in truth.causes:
        if isinstance(cause, int):
            if not 0 <= cause < len(sources):
                msg = f"the truth names unit {cause}; the prompt has units 0 to {len(sources) - 1}"
                raise XaiError(msg)
            found[cause] = True
            continue
        if isinstance(cause, str):
            start = document.text.find(cause)
            if start < 0 or not cause.strip():
                msg = f"the truth names {cause!r:.80}, which is no text of the prompt"
                raise XaiError(msg)
            end = start + len(cause.rstrip())
        else:
            start, end = base + cause[0], base + cause[1]
        for place, unit in enumerate(sources):
            # White space after a unit is no part of what it says.
            found[place] |= start < unit.start + len(unit.text.rstrip()) and unit.start < end
    return found


def _read(data: Any, n: int, seed: int, units: str) -> Iterator[Case]:
    if isinstance(data, str) and data.partition(":")[0] == "tutor":
        yield from _tutor(data, n, seed, units)
    elif isinstance(data, str | Path) and Path(data).suffix in (".jsonl", ".csv"):
        yield from _rows(_file(Path(data)), str(data))
    elif isinstance(data, str | Path):
        msg = f"cannot read {str(data)!r}; give a .jsonl or .csv file, a list, or 'tutor:travel'"
        raise XaiError(msg)
    elif hasattr(data, "to_dict") and hasattr(data, "columns"):
        yield from _rows(_records(data), "the frame")
    elif isinstance(data, Iterable) and not isinstance(data, Mapping):
        for place, each in enumerate(data):
            if isinstance(each, str) and each.partition(":")[0] == "tutor":
                yield from _tutor(each, n, seed, units)
            elif isinstance(each, Case):
                yield each
            else:
                yield _case(each if isinstance(each, Mapping) else {"prompt": each}, f"row {place}")
    else:
        msg = f"cannot read prompts from {type(data).__name__}; give a list, a frame or a file"
        raise XaiError(msg)


def _rows(rows: Iterable[Mapping[str, Any]], where: str) -> Iterator[Case]:
    for place, row in enumerate(rows):
        yield _case(row, f"{where}, row {place}")


def _case(row: Mapping[str, Any], where: str) -> Case:
    unknown = [name for name in row if name not in _COLUMNS]
    if "prompt" not in row or unknown:
        what = f"has an unknown column {unknown[0]!r}" if unknown else "has no prompt"
        msg = f"{where} {what}; there are {', '.join(_COLUMNS)}"
        raise XaiError(msg)
    try:
        prompt = checked_prompt(row["prompt"])
        response = checked_response(row.get("response"))
        truth = _truths(row.get("truth"))
        human, other = (_said(row.get(name), name) for name in ("human", "other"))
    except XaiError as error:
        msg = Worded(f"{where}: ", error.message)
        raise XaiError(msg) from None
    return Case(prompt, response, truth, str(row.get("family") or ""), human, other)


def _said(text: Any, what: str) -> str:
    if text is not None and not isinstance(text, str):
        msg = f"{what} must be a text, not {type(text).__name__}"
        raise XaiError(msg)
    return text or ""


def _truths(given: Any) -> tuple[Truth, ...]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            msg = f'the truth must be JSON, such as [0, 2] or {{"0": [1]}}, not {given!r:.80}'
            raise XaiError(msg) from None
    if given is None:
        return ()
    try:
        if isinstance(given, Mapping):
            return tuple(Truth(_causes(each), int(target)) for target, each in given.items())
        return (Truth(_causes(given)),)
    except (TypeError, ValueError, OverflowError, RecursionError):
        msg = f"the truth must list unit indices or texts of the prompt, not {given!r:.80}"
        raise XaiError(msg) from None


def _causes(given: Iterable[Any]) -> tuple[Cause, ...]:
    if isinstance(given, str):
        raise TypeError
    found: list[Cause] = []
    for each in given:
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, Sequence):
            start, end = each
            found.append((int(start), int(end)))
        else:
            found.append(int(each))
    return tuple(found)


def _file(path: Path) -> list[dict[str, Any]]:
    try:
        if path.suffix == ".csv":
            import pandas as pd

            return _records(pd.read_csv(path))
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        msg = f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}"
        raise XaiError(msg) from error
    # Texts may hold other line breaks than this one.
    lines = [line for line in text.split("\n") if line.strip()]
    return [_object(line, f"{path}, row {place}") for place, line in enumerate(lines)]


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        # Python reads neither what nests a thousand deep nor numbers of thousands of digits.
        msg = f"{where} is no JSON that can be read: {str(error).partition(';')[0]}"
        raise XaiError(msg) from None
    if not isinstance(row, dict):
        msg = f"{where} is no object with a prompt"
        raise XaiError(msg)
    return row


def _records(frame: pandas.DataFrame) -> list[dict[str, Any]]:
    """Rows without their empty cells."""
    rows = frame.to_dict(orient="records")
    # NaN, which is not equal to itself, is how frames write an empty cell.
    return [{str(k): v for k, v in row.items() if v is not None and v == v} for row in rows]


def _tutor(name: str, n: int, seed: int, units: str) -> Iterator[Case]:
    from jupyter_xai.models import tutor

    _, _, family = name.partition(":")
    if family and family not in tutor.FAMILIES:
        msg = f"the tutor has no family {family!r}; there are {', '.join(tutor.FAMILIES)}"
        raise XaiError(msg)
    for each in [family] if family else tutor.FAMILIES:
        yield from (tutor_case(sample, units) for sample in tutor.samples(each, n, seed))


def tutor_case(sample: Sample, units: str = "sentence") -> Case:
    """The case of one of the tutor's samples: its right answer, and what causes each sentence.

    The answer is given, so only those causes count that still matter when the sentences before it
    are there.
    """
    from jupyter_xai.models import tutor

    starts, at = [], 0
    for sentence in sample.prompt_sentences:
        starts.append(at)
        at += len(sentence) + 1
    truth = []
    for target in dict.fromkeys(link.response for link in sample.links):
        links = [link for link in sample.links if link.response == target]
        spans: dict[Span, None] = {}
        for link in links:
            if units == "word":
                for index, word in link.words:
                    if index not in link.direct:
                        continue
                    sentence = sample.prompt_sentences[index]
                    place = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", sentence)
                    if place is not None:
                        start = starts[index] + place.start()
                        spans[start, start + len(word)] = None
            else:
                for index in link.direct:
                    length = len(sample.prompt_sentences[index])
                    spans[starts[index], starts[index] + length] = None
        if spans:
            truth.append(Truth(tuple(spans), target))
    said = tutor.human_answer(sample)
    return Case(sample.prompt, sample.response, tuple(truth), sample.family, said)
