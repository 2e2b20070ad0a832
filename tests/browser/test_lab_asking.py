"""A real JupyterLab: the tutor's answer is pointed at, pinned, cut and asked about, both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from accessibility import violations
from hand import drag, slide
from lab_server import LabServer
from notebooks import write
from test_journey import numbers, slider, wait_until_idle
from visit import LIVE, Visit

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("patient")]

PROMPT = (
    "I want a place to relax. Somewhere with warm weather is preferable. "
    "No busy cities, though. My budget is quite flexible."
)
SOURCE = f"import jupyter_xai as xai\nxai.explain({PROMPT!r}, 'tutor', perturbations=8)"
WHOLE = "What made the whole answer"


@pytest.fixture(scope="module")
def visit(browser: Browser, lab: LabServer, patient: None) -> Iterator[Visit]:
    visit = Visit(browser, lab).open(write(lab.root / "asked.ipynb", [SOURCE])).run_all()
    wait_until_idle(visit.page.locator(LIVE))
    yield visit
    visit.end()


@pytest.fixture
def view(visit: Visit) -> Locator:
    view = visit.page.locator(LIVE)
    view.scroll_into_view_if_needed()
    return view


def prompt(view: Locator) -> Locator:
    return view.locator(".jxai-pane-prompt .jxai-unit")


def answer(view: Locator) -> Locator:
    return view.locator(".jxai-pane-response .jxai-unit")


def question(view: Locator) -> Locator:
    return view.locator(".jxai-question")


def aim(view: Locator) -> Locator:
    return view.locator(".jxai-aim-line")


def darkest(units: Locator) -> str:
    """The text with the deepest shade."""
    tints = units.evaluate_all(
        "all => all.map((unit) => Number(unit.style.getPropertyValue('--jxai-tint')))"
    )
    return units.nth(tints.index(max(tints))).inner_text()


def away(view: Locator) -> None:
    view.page.mouse.move(0, 0)


def asked_nothing(view: Locator) -> None:
    """All that is shown was known already."""
    wait_until_idle(view)
    expect(view.locator(".jxai-status-line")).to_have_text(re.compile(r"^\d+ reused, [^,]+$"))


def test_a_part_of_either_text_shades_the_other(view: Locator) -> None:
    prompt(view).nth(1).hover()
    expect(answer(view).filter(has_text="warm").locator(".jxai-number")).to_contain_text("+")
    assert "warm" in darkest(answer(view))
    away(view)
    expect(question(view)).to_have_text(WHOLE)
    answer(view).nth(0).focus()
    view.page.keyboard.press("End")
    expect(question(view)).to_contain_text("charming hotel")
    assert "budget" in darkest(prompt(view))
    view.page.keyboard.press("Shift+Tab")
    expect(question(view)).to_have_text(WHOLE)


def test_pins_are_explained_together_and_survive_a_rerun(view: Locator) -> None:
    keyboard = view.page.keyboard
    answer(view).filter(has_text="warm").click()
    answer(view).filter(has_text="busy").click()
    away(view)
    together = "What made 2 pinned sentences together"
    expect(question(view)).to_contain_text(together)
    before = numbers(view)
    slide(slider(view, "perturbations"), 1)
    expect(slider(view, "perturbations")).to_have_attribute("aria-valuetext", "15, all")
    wait_until_idle(view)
    view.page.wait_for_function(
        "([view, before]) => [...view.querySelectorAll('.jxai-pane-prompt .jxai-number')]"
        ".map(number => number.innerText).join() !== before",
        arg=[view.element_handle(), ",".join(before)],
    )
    expect(question(view)).to_contain_text(together)
    expect(answer(view).filter(has_text="busy")).to_have_attribute("aria-pressed", "true")
    keyboard.press("Escape")
    expect(question(view)).to_have_text(WHOLE)
    answer(view).nth(0).focus()
    for key in ("Enter", "End", "Space", "ArrowUp", "Enter"):
        keyboard.press(key)
    keyboard.press("Shift+Tab")
    expect(question(view)).to_contain_text("What made 3 pinned sentences together")
    answer(view).nth(0).focus()
    keyboard.press("Escape")
    expect(view.locator("[aria-pressed=true]")).to_have_count(0)


def test_fewer_perturbations_use_what_is_at_hand(view: Locator) -> None:
    slider(view, "perturbations").press("Home")
    expect(slider(view, "perturbations")).to_have_attribute("aria-valuetext", "8")
    asked_nothing(view)


def test_a_piece_is_dragged_over_and_known_without_the_model(view: Locator) -> None:
    warm = answer(view).filter(has_text="warm")
    text = warm.locator(".jxai-text").inner_text()
    start = text.index("warm and sunny")
    units = answer(view).all_inner_texts()
    index = next(i for i, unit in enumerate(units) if "warm" in unit)
    drag(answer(view), index, start, index, start + len("warm and sunny"))
    expect(aim(view)).to_have_text(re.compile(r"Explaining \[\d+:\d+\] “warm and sunny”$"))
    asked_nothing(view)
    assert "warm" in darkest(prompt(view))
    view.page.keyboard.press("Escape")
    expect(aim(view)).to_contain_text("Drag over a piece")
    asked_nothing(view)


def test_a_piece_reaches_from_unit_to_unit(view: Locator) -> None:
    keyboard = view.page.keyboard
    answer(view).nth(0).click()
    answer(view).nth(1).click(modifiers=["Shift"])
    expect(aim(view)).to_have_text(re.compile(r"Explaining \[0:\d+\] “I am happy .*”$"))
    view.locator(".jxai-target").last.click()
    expect(aim(view)).to_contain_text("Drag over a piece")
    answer(view).nth(2).focus()
    keyboard.press("Shift+ArrowDown")
    keyboard.press("Enter")
    expect(aim(view)).to_have_text(re.compile(r"Explaining \[\d+:\d+\] “It is a perfect .*”$"))
    asked_nothing(view)
    view.get_by_role("button", name="Let go of it").focus()
    keyboard.press("Enter")
    expect(aim(view)).to_contain_text("Drag over a piece")
    wait_until_idle(view)


def test_the_texts_are_cut_in_place(view: Locator) -> None:
    units = view.locator(".jxai-header").get_by_label("units")
    units.select_option(label="words, compute")
    expect(prompt(view)).to_have_count(len(PROMPT.split()))
    wait_until_idle(view)
    units.select_option(label="sentences, summed")
    expect(prompt(view)).to_have_count(4)
    expect(view.locator(".jxai-pane-prompt .jxai-size")).to_contain_text("summed from")
    units.focus()
    view.page.keyboard.type("words")
    expect(prompt(view)).to_have_count(len(PROMPT.split()))
    units.select_option(label="sentences, compute")
    expect(prompt(view)).to_have_count(4)
    asked_nothing(view)
    cut = view.locator(".jxai-pane-response").get_by_label("units")
    cut.focus()
    view.page.keyboard.type("words")
    expect(answer(view).filter(has_text="Gomera")).to_have_text(re.compile(r"Gomera\."))
    asked_nothing(view)
    cut.select_option(label="sentences, compute")
    expect(answer(view)).to_have_count(6)


def test_k_is_dragged_and_its_top_is_removed(view: Locator) -> None:
    slide(slider(view, "k"), 0)
    top = view.locator(".jxai-pane-prompt .jxai-unit[data-jxai-state~=top]")
    expect(top).to_have_count(1)
    removed = top.locator(".jxai-text").inner_text()
    view.get_by_role("tab", name="What if").click()
    panel = view.get_by_role("tabpanel", name="What if")
    panel.get_by_role("button", name="Remove top 1").click()
    struck = view.locator(".jxai-pane-prompt .jxai-removed")
    expect(struck).to_contain_text(removed)
    panel.get_by_role("button", name="Ask without").click()
    expect(panel).to_contain_text("Without 1 sentence the answer changes.")
    expect(panel.locator("del").first).to_be_visible()
    expect(panel.locator("ins").first).to_be_visible()
    expect(panel).to_contain_text(re.compile(r"The old answer: log p .*, before "))
    expect(panel).to_contain_text("The new answer: log p")


def test_other_prompts_are_asked_with_the_keyboard(view: Locator) -> None:
    keyboard = view.page.keyboard
    panel = view.get_by_role("tabpanel", name="What if")
    panel.get_by_role("switch").first.focus()
    for key in ("End", "Space", "Tab", "Tab", "Tab", "Enter"):
        keyboard.press(key)
    expect(panel).to_contain_text("Without 2 sentences the answer changes.")
    keyboard.press("Tab")
    expect(panel.get_by_role("textbox", name="Edited text")).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type("Please write a short story about a painter.")
    keyboard.press("Control+Enter")
    expect(panel).to_contain_text("With the edited text the answer changes.")


def resize(view: Locator, width: int) -> None:
    """Make the window as wide as it takes for a view of this width; sidebars give way in steps."""
    page = view.page
    for _ in range(4):
        around = page.evaluate("innerWidth") - view.evaluate("one => one.offsetWidth")
        page.set_viewport_size({"width": width + around, "height": 1000})
        page.wait_for_timeout(100)
    assert abs(view.evaluate("one => one.offsetWidth") - width) < 20


# Light last: JupyterLab keeps its theme for the tests that follow.
@pytest.mark.parametrize("theme", ["Dark", "Light"])
def test_it_follows_the_theme_and_fits_its_cell(
    visit: Visit, view: Locator, artifacts: Path, theme: str
) -> None:
    page = visit.page
    visit.theme(theme)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    paper = view.evaluate("one => getComputedStyle(one).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (theme == "Light")
    for width in (1600, 320):
        resize(view, width)
        for tab in view.get_by_role("tab").all():
            tab.click()
            assert view.evaluate("one => one.scrollWidth <= one.clientWidth"), tab.inner_text()
        places = [view.locator(f".jxai-pane-{side}") for side in ("prompt", "response")]
        tops = [place.evaluate("one => one.offsetTop") for place in places]
        assert (tops[0] == tops[1]) == (width == 1600)
        page.screenshot(path=artifacts / f"lab-view-{theme.lower()}-{width}.png")
    assert violations(page, "[data-jxai-renderer=live] .jxai-view") == []
