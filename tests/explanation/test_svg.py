"""The picture of an explanation, and what `save` writes by a name's ending."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import jupyter_xai as xai
from jupyter_xai.explanation.render.svg import svg
from jupyter_xai.interface.explanation import Explanation

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "Be <script>alert(1)</script> & brief.\x00 " + "w" * 300 + " 旅行の助言。 Be kind."


def explained(prompt: str, units: str = "sentence") -> Explanation:
    return xai.explain(prompt, str.upper, method="leave-one-out", units=units)


@pytest.mark.parametrize("units", ["word", "sentence"])
def test_the_picture_holds_every_word_and_nothing_else_acts(units: str) -> None:
    e = explained(HOSTILE, units)
    root = ElementTree.fromstring(svg(e))
    assert {each.tag for each in root.iter()} == {
        f"{SVG}{name}" for name in ("svg", "rect", "text")
    }
    drawn = "".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    for word in " ".join(e.sources).replace("\x00", "\ufffd").split():
        assert word in drawn


def test_shades_are_the_scores(tmp_path: Path) -> None:
    e = explained("Be brief. Be kind.")
    root = ElementTree.fromstring(svg(e))
    shades = [
        (each.get("fill"), float(each.get("fill-opacity") or 0)) for each in root.iter(f"{SVG}rect")
    ][1:]
    largest = max(abs(e.total))
    expected = [round((abs(score) / largest) ** 0.75 * 0.56, 2) for score in e.total]
    assert [opacity for _, opacity in shades] == pytest.approx(expected)
    assert {colour for colour, _ in shades} == {"rgb(0,114,178)"}


def test_nothing_leaves_the_picture() -> None:
    for text in ElementTree.fromstring(svg(explained(HOSTILE))).iter(f"{SVG}text"):
        assert float(text.get("x") or 0) + float(text.get("textLength") or 0) <= 1040


def test_save_goes_by_the_ending(tmp_path: Path) -> None:
    e = explained("Be brief. Be kind.")
    assert e.save(tmp_path / "e.svg").read_text() == svg(e)
    assert e.save(tmp_path / "e.html").read_text() == e.html()
    assert json.loads(e.save(tmp_path / "e.xai.json").read_text()) == e.to_dict()
    with pytest.raises(xai.XaiError, match=r"take \.svg or \.html"):
        e.save(tmp_path / "e.png")
