"""What can be taken away from a view: text, files, pictures, and a variable in the kernel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import fixtures
from accessibility import violations
from harness import Harness

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def view(browser: Browser) -> Any:
    harness = Harness(browser)
    harness.mount(fixtures.travel())
    yield harness
    harness.context.close()
    assert harness.problems == []


def menu(page: Page) -> Locator:
    """The open menu."""
    trigger = page.get_by_role("button", name="Save", exact=True)
    if trigger.get_attribute("aria-expanded") == "false":
        trigger.click()
    return page.locator(".jxai-popover:visible")


def saved(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as started:
        menu(page).get_by_role("button", name=name).click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def test_the_json_is_the_explanation(view: Harness, tmp_path: Path) -> None:
    path = saved(view.page, "JSON", tmp_path)
    assert path.name == "linear.xai.json"
    assert json.loads(path.read_text()) == fixtures.travel()


def test_the_text_is_copied(view: Harness) -> None:
    menu(view.page).get_by_role("button", name="Text").click()
    expect(menu(view.page).get_by_role("status").first).to_have_text("Copied.")


def test_the_menu_is_used_with_the_keyboard(view: Harness) -> None:
    page = view.page
    trigger = page.get_by_role("button", name="Save", exact=True)
    trigger.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Text")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="JSON")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    page.keyboard.press("Escape")
    expect(trigger).to_be_focused()
    expect(page.locator(".jxai-popover:visible")).to_have_count(0)
    trigger.click()
    page.locator(".jxai-question").click()
    expect(page.locator(".jxai-popover:visible")).to_have_count(0)


@pytest.mark.parametrize("name", ["travel", "chat", "hostile"])
def test_the_picture_shows_both_texts(
    browser: Browser, artifacts: Path, tmp_path: Path, name: str
) -> None:
    harness = Harness(browser)
    explanation = getattr(fixtures, name)()
    harness.mount(explanation)
    page = harness.page
    page.locator(".jxai-pane-response .jxai-unit").nth(1).click()
    path = saved(page, "SVG", tmp_path)
    root = ElementTree.parse(path).getroot()
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
        "svg",
        "title",
        "rect",
        "line",
        "text",
    }
    drawn = "".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for side in ("prompt", "response"):
        for unit in explanation[side]["units"]:
            if unit.get("role") != "template":
                for word in unit["text"].replace("\x00", "\ufffd").split():
                    assert word in drawn
    page.set_content(path.read_text())
    assert page.evaluate("window.pwned") is None
    (artifacts / f"picture-{name}.svg").write_text(path.read_text())
    page.set_viewport_size({"width": 1060, "height": 700})
    page.screenshot(path=artifacts / f"picture-{name}.png", full_page=True)
    harness.context.close()
    assert harness.problems == []


def test_the_image_is_the_picture(view: Harness, tmp_path: Path) -> None:
    path = saved(view.page, "PNG", tmp_path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 2080


def test_the_page_is_the_view_and_saves_itself_again(
    view: Harness, browser: Browser, tmp_path: Path
) -> None:
    path = saved(view.page, "Page", tmp_path)
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    expect(page.locator(".jxai-pane-prompt .jxai-unit")).to_have_count(8)
    page.locator(".jxai-pane-response .jxai-unit").nth(1).click()
    expect(page.locator(".jxai-question")).to_contain_text("warm and quiet")
    again = saved(page, "Page", tmp_path / "again")
    assert again.read_text() == path.read_text()
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    page.close()


def test_a_page_of_many_scores_reads_as_the_view_and_saves_itself_again(
    browser: Browser, tmp_path: Path
) -> None:
    explanation = fixtures.long(400, 200)
    path = explanation.html(tmp_path / "many.html")
    page = browser.new_page()
    page.goto(Path(path).as_uri())
    expect(page.locator(".jxai-notes")).to_contain_text("half precision; save() keeps everything")
    page.get_by_role("tab", name="Matrix").click()
    row = int(explanation.scores[:, 3].argmax())
    page.locator(".jxai-pane-response .jxai-unit").nth(3).click()
    page.get_by_role("tab", name="Scores").click()
    score = f"{explanation.scores[row, 3]:+.2f}"
    expect(page.locator(".jxai-panel:visible")).to_contain_text(score)
    once = saved(page, "Page", tmp_path / "once")
    page.goto(once.as_uri())
    expect(page.locator(".jxai-notes p", has_text="half precision")).to_have_count(1)
    assert saved(page, "Page", tmp_path / "twice").read_text() == once.read_text()
    page.close()


def test_hostile_text_is_inert_in_a_page(browser: Browser, tmp_path: Path) -> None:
    harness = Harness(browser)
    harness.mount(fixtures.hostile())
    path = saved(harness.page, "Page", tmp_path)
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.locator(".jxai-pane-prompt .jxai-unit")).to_have_count(6)
    assert page.evaluate("window.pwned") is None
    page.close()
    harness.context.close()


def test_without_its_files_a_saved_view_says_who_can_write_a_page(browser: Browser) -> None:
    harness = Harness(browser)
    harness.mount_saved(fixtures.travel())
    page = menu(harness.page).get_by_role("button", name="Page")
    expect(page).to_be_disabled()
    expect(page).to_contain_text("kernel")
    expect(menu(harness.page).get_by_role("button", name="Send")).to_be_disabled()
    expect(menu(harness.page)).to_contain_text("Run the cell again")
    harness.context.close()


def test_a_data_frame_never_overwrites_unasked(view: Harness) -> None:
    page = view.page
    name = menu(page).get_by_label("Name of the variable")
    name.fill("found")
    name.press("Enter")
    asked = {"kind": "frame", "name": "found"}
    assert view.sent() == [{**asked, "id": 1, "replace": False}]
    taken = {"request": 1, "rows": 0, "taken": True, "error": "found is in use (int)."}
    view.arrive("framed", taken)
    expect(menu(page)).to_contain_text("found is in use (int).")
    menu(page).get_by_role("button", name="Replace it").click()
    assert view.sent()[1:] == [{**asked, "id": 2, "replace": True}]
    view.arrive("framed", {"request": 2, "rows": 40, "taken": False, "error": ""})
    expect(menu(page)).to_contain_text("found has 40 rows now.")
    expect(menu(page).get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_the_menu_fits_and_axe_finds_nothing(
    browser: Browser, artifacts: Path, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    harness = Harness(browser, viewport=size, color_scheme=scheme)
    harness.mount(fixtures.travel())
    page = harness.page
    box = menu(page).bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert violations(page) == []
    page.screenshot(path=artifacts / f"menu-{scheme}-{width}.png")
    harness.context.close()
