"""The HTML of saved outputs in pages that are not ours: shaded text, or else the plain ranking."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

import fixtures
from harness import Open
from jupyter_xai.explanation.render.comparison import as_html
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.interface.comparison import Comparison
from jupyter_xai.interface.explanation import Explanation

pytestmark = pytest.mark.browser

INSISTENT = "@layer base{[hidden]:where(:not([hidden='until-found'])){display:none!important}}"
"""What some hosts say of everything hidden; no sheet outside a layer can take it back."""


def outputs() -> list[str]:
    one = Explanation.from_dict(fixtures.travel())
    other = Explanation.from_dict(fixtures.fixed())
    return [static_html(one), as_html(Comparison({"one": one, "other": other}, "methods", 3))]


@pytest.fixture
def page(open_view: Open) -> Page:
    return open_view().page


@pytest.mark.parametrize("output", outputs(), ids=["explanation", "comparison"])
@pytest.mark.parametrize("sheet", ["", INSISTENT], ids=["modest", "insistent"])
def test_the_text_is_shaded(page: Page, output: str, sheet: str) -> None:
    page.set_content(f"<!doctype html><style>{sheet}</style>{output}")
    expect(page.locator("pre")).to_be_hidden()
    swim = page.locator(".jxai-rich .jxai-text span", has_text="I love to swim").first
    expect(swim).to_be_visible()
    shade = swim.evaluate("one => getComputedStyle(one).backgroundColor")
    assert shade.startswith("rgba(0, 114, 178")
    # Playwright does not know of text that has its place and is not painted.
    assert swim.evaluate("one => one.checkVisibility()")


@pytest.mark.parametrize("output", outputs(), ids=["explanation", "comparison"])
def test_where_styles_are_stripped_the_ranking_is_read(page: Page, output: str) -> None:
    bare = re.sub(r'<style>.*?</style>| (class|style|id)="[^"]*"', "", output, flags=re.DOTALL)
    page.set_content(f"<!doctype html>{bare}")
    expect(page.locator("pre")).to_contain_text("I love to swim")
    rich = page.locator("pre + div")
    assert not rich.locator("span, p, td").first.evaluate("one => one.checkVisibility()")
    box = rich.bounding_box()
    assert box is not None
    assert box["height"] == 0
