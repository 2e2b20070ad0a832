"""What help and documentation ask of the tutor, it knows, and it does what is wished for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import jupyter_xai as xai
from jupyter_xai.interface.commands.magics import XaiMagics
from jupyter_xai.interface.commands.parser import parser_for
from jupyter_xai.models.tutor.limits import remark

ROOT = Path(__file__).parents[3]

_ASKED = re.compile(r'(?:explain|compare)\(?\s*"([^"…]+ [^"…]+)"')
_NAMED = re.compile(r'^prompt = "(.+)"', re.MULTILINE)
_IN_CELL = re.compile(r"^\s*%%xai explain --model tutor.*\n\s*(.+)$", re.MULTILINE)

UNWANTED = {"No busy cities": "lively streets", "museums": "museums", "No cities": "lively streets"}
"""What a wish rules out."""


def shown() -> list[str]:
    """Every prompt that a reader may try: of the help texts, the documentation, the quickstart."""
    texts = [parser_for("xai", notebook=True).format_help().replace("\n", " ")]
    texts += [XaiMagics.xai.__doc__ or ""]
    texts += [path.read_text() for path in (ROOT / "docs").glob("*.md")]
    texts += [path.read_text() for path in (ROOT / "docs" / "methods").glob("*.md")]
    found = {
        each for text in texts for of in (_ASKED, _NAMED, _IN_CELL) for each in of.findall(text)
    }
    return sorted({*found, *quickstart()})


def quickstart() -> list[str]:
    notebook = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text())
    (source,) = [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if "".join(cell["source"]).startswith("%%xai explain")
    ]
    return [source.partition("\n")[2]]


def test_there_are_some() -> None:
    assert len(shown()) >= 7


@pytest.mark.parametrize("prompt", shown())
def test_the_tutor_knows_what_is_shown(prompt: str) -> None:
    assert remark(prompt) is None
    answer = xai.explain(prompt, method="leave-one-out").response
    for wish, unwanted in UNWANTED.items():
        assert wish not in prompt or unwanted not in answer


def test_the_quickstart_has_causes_among_what_does_not_matter() -> None:
    (prompt,) = quickstart()
    e = xai.explain(prompt, perturbations=32)
    assert 4 <= len(e.sources) - 3 <= 6
    causes = {each for each in range(len(e.sources)) if e.total[each] > 5}
    assert {e.sources[each].split()[0] for each in causes} == {"Somewhere", "No", "In"}
    (check,) = [each for each in e.record["checks"] if each["k"] == 3]
    assert set(check["removed"]) == causes
    assert check["drop"] > 1.3 * check["random"]["high"], "clear of chance"
