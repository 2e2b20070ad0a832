"""Changed prompts: switches and an edit field, the newest answer, why it is switched off."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import fixtures
from accessibility import violations
from harness import IDLE, Harness, Open
from test_curve import struck
from view_parts import running

pytestmark = pytest.mark.browser


def panel(page: Page) -> Locator:
    return page.get_by_role("tabpanel", name="What if")


def switches(page: Page) -> Locator:
    return panel(page).get_by_role("switch")


def ask(page: Page) -> Locator:
    return panel(page).get_by_role("button", name="Ask without")


@pytest.fixture
def changing(view: Harness) -> Harness:
    view.page.get_by_role("tab", name="What if").click()
    return view


def test_units_are_switched_off_and_asked_without(changing: Harness) -> None:
    page = changing.page
    expect(switches(page)).to_have_count(8)
    expect(ask(page)).to_be_disabled()
    switches(page).nth(5).click()
    expect(switches(page).nth(5)).to_have_attribute("aria-checked", "false")
    assert struck(page) == [5]
    ask(page).click()
    assert changing.sent() == [{"id": 1, "kind": "what-if", "removed": [5]}]
    changing.arrive("progress", running(1, done=1, total=3))
    status = panel(page).get_by_role("status").first
    expect(status).to_contain_text("1 of 3")
    changing.arrive("what_if", fixtures.answered(1))
    changing.arrive("progress", IDLE | {"request": 1})
    expect(status).to_have_text("")
    expect(panel(page)).to_contain_text("Without 1 sentence the answer changes.")
    expect(panel(page).locator("del")).to_have_text(" water is clear and good for swimming.")
    expect(panel(page).locator("ins")).to_have_text(" forest is cool.")
    expect(panel(page)).to_contain_text(
        "The old answer: log p −9.61, before −3.40 (−6.21 nats: 0.20\u00a0% as likely as before)."
    )
    expect(panel(page)).to_contain_text("The new answer: log p −2.75.")
    expect(panel(page)).to_contain_text("2 forwards, 1 answer, 1 reused, 0.2 s")


def test_an_answer_about_parts_goes_with_them(changing: Harness) -> None:
    page = changing.page
    changing.arrive("what_if", fixtures.answered(1))
    told = panel(page).get_by_text("Without 1 sentence")
    expect(told).to_be_visible()
    changing.arrive("result", {"request": 2, "explanation": fixtures.chat()})
    expect(told).to_be_hidden()


def test_a_saved_answer_stands_beside_what_was_asked(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    page = harness.page
    page.evaluate("found => window.first.view.answered(found)", fixtures.answered(1))
    assert struck(page) == []
    page.get_by_role("tab", name="What if").click()
    expect(panel(page)).to_contain_text("Without 1 sentence the answer changes.")
    off = switches(page).and_(page.locator("[aria-checked=false]"))
    assert off.evaluate_all("all => all.map(each => each.dataset.jxaiRow)") == [
        str(row) for row in fixtures.answered(1)["removed"]
    ]
    assert struck(page) == fixtures.answered(1)["removed"]


def test_it_can_all_be_done_with_the_keyboard(changing: Harness) -> None:
    page = changing.page
    switches(page).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(switches(page).nth(7)).to_be_focused()
    assert struck(page) == [1, 7]
    page.keyboard.press("Tab")
    expect(panel(page).get_by_role("button", name="Remove top 3")).to_be_focused()
    page.keyboard.press("Enter")
    assert struck(page) == [2, 5, 6]
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert changing.sent()[-1] == {"id": 1, "kind": "what-if", "removed": [2, 5, 6]}


def test_all_can_be_switched_on_again_and_not_all_off(changing: Harness) -> None:
    page = changing.page
    for switch in switches(page).all():
        switch.click()
    expect(ask(page)).to_be_disabled()
    expect(ask(page)).to_have_attribute(
        "title", "All sentences are switched off: nothing is left to answer."
    )
    panel(page).get_by_role("button", name="Switch all on").click()
    assert struck(page) == []
    expect(panel(page).get_by_role("button", name="Switch all on")).to_be_disabled()


def test_the_prompts_last_text_is_edited(changing: Harness) -> None:
    page = changing.page
    field = panel(page).get_by_role("textbox", name="Edited text")
    button = panel(page).get_by_role("button", name="Ask the edited text")
    expect(field).to_have_value("Where should I go?")
    expect(button).to_be_disabled()
    field.fill("  ")
    expect(button).to_be_disabled()
    expect(button).to_have_attribute("title", "There is no text to ask.")
    field.fill("Where should I work?")
    button.click()
    assert changing.sent()[-1] == {"id": 1, "kind": "what-if", "text": "Where should I work?"}
    field.fill("Where should we go?")
    field.press("Control+Enter")
    assert changing.sent()[-1] == {"id": 2, "kind": "what-if", "text": "Where should we go?"}
    changing.arrive("what_if", fixtures.answered(2, removed=None, text="Where should we go?"))
    expect(panel(page)).to_contain_text("With the edited text the answer changes.")


def test_the_newest_question_wins_and_stale_answers_are_dropped(changing: Harness) -> None:
    page = changing.page
    switches(page).nth(5).click()
    ask(page).click()
    switches(page).nth(2).click()
    ask(page).click()
    assert changing.sent()[-1] == {"id": 2, "kind": "what-if", "removed": [2, 5]}
    changing.arrive("what_if", fixtures.answered(1))
    expect(panel(page)).not_to_contain_text("Without 1 sentence")
    changing.arrive("what_if", fixtures.answered(2, removed=[2, 5]))
    expect(panel(page)).to_contain_text("Without 2 sentences")
    changing.arrive("what_if", fixtures.answered(1))
    expect(panel(page)).to_contain_text("Without 2 sentences")


def test_new_scores_put_a_question_aside(changing: Harness) -> None:
    page = changing.page
    switches(page).nth(5).click()
    ask(page).click()
    page.get_by_label("method", exact=True).select_option("shap")
    changing.arrive("what_if", fixtures.answered(1))
    changing.arrive("progress", running(2))
    expect(panel(page)).not_to_contain_text("Without 1 sentence")
    expect(panel(page).get_by_role("status").first).to_contain_text("Put aside")


def test_cancel_and_failures_are_told(changing: Harness) -> None:
    page = changing.page
    switches(page).nth(5).click()
    ask(page).click()
    changing.arrive("progress", running(1, done=0, total=3))
    panel(page).get_by_role("button", name="Cancel").click()
    assert changing.sent()[-1] == {"id": 2, "kind": "cancel"}
    changing.arrive("progress", IDLE | {"request": 1, "state": "cancelled"})
    status = panel(page).get_by_role("status").first
    expect(status).to_have_text("Cancelled.")
    ask(page).click()
    gone = IDLE | {"request": 3, "state": "failed", "message": "The server at x said 503."}
    changing.arrive("progress", gone)
    expect(status).to_have_text("The server at x said 503.")
    expect(page.locator(".jxai-inquiry.jxai-failed")).to_be_visible()


def test_an_answer_that_stays_and_one_that_cannot_be_written(changing: Harness) -> None:
    page = changing.page
    same = "".join(fixtures.RESPONSE)
    changing.arrive(
        "what_if",
        fixtures.answered(1, response=same, changes=[{"kind": "same", "text": same}]),
    )
    expect(panel(page)).to_contain_text("the answer stays the same.")
    none = fixtures.answered(2, response=None, changes=[], notes=["no new answer can be written"])
    changing.arrive("what_if", none)
    expect(panel(page)).to_contain_text("no new answer can be written")
    expect(panel(page)).not_to_contain_text("Before")
    silent = {"logprob": None, "logprob_before": None, "logprob_response": None}
    changing.arrive("what_if", fixtures.answered(3, **silent))
    expect(panel(page)).to_contain_text("the answer changes.")
    expect(panel(page)).not_to_contain_text("log p")


def test_hostile_answers_are_text(changing: Harness) -> None:
    page = changing.page
    evil = "".join(fixtures.HOSTILE)
    changing.arrive(
        "what_if", fixtures.answered(1, response=evil, changes=[{"kind": "added", "text": evil}])
    )
    expect(panel(page).locator("ins")).to_contain_text("<img src=x onerror")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 1000


def test_other_prompts_have_other_switches(changing: Harness) -> None:
    page = changing.page
    switches(page).nth(5).click()
    changing.arrive("result", {"request": 0, "explanation": fixtures.chat()})
    expect(switches(page)).to_have_count(len("".join(fixtures.PROMPT).split()))
    assert struck(page) == []


def test_what_is_removed_are_computed_units_however_the_prompt_is_cut(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    page.get_by_role("tab", name="What if").click()
    words = "".join(fixtures.PROMPT).split()
    page.locator(".jxai-header").get_by_label("units").select_option(label="sentences, summed")
    expect(switches(page)).to_have_count(len(words))
    last = len(fixtures.PROMPT[-1].split())
    for word in switches(page).all()[-last:]:
        assert struck(page) == []
        word.click()
    assert struck(page) == [7], "a sentence is struck out with the last of its words"
    ask(page).click()
    removed = list(range(len(words) - last, len(words)))
    assert harness.sent() == [{"id": 1, "kind": "what-if", "removed": removed}]


def test_only_the_open_tab_strikes_out_also_on_paper(changing: Harness) -> None:
    page = changing.page
    switches(page).nth(5).click()
    page.get_by_role("tab", name="Scores").click()
    assert struck(page) == []
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert struck(page) == []
    page.get_by_role("tab", name="What if").click()
    assert struck(page) == [5]


def test_many_units_have_bounded_switches(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.large())
    harness.page.get_by_role("tab", name="What if").click()
    expect(switches(harness.page)).to_have_count(200)
    expect(panel(harness.page)).to_contain_text("the strongest 200 of 2,000")


def test_a_saved_view_says_why_it_asks_nothing(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    page = harness.page
    page.get_by_role("tab", name="What if").click()
    expect(panel(page)).to_contain_text("It needs the model to answer another prompt.")
    expect(switches(page).first).to_be_disabled()
    expect(panel(page).get_by_role("button", name="Remove top 3")).to_be_disabled()
    expect(panel(page).get_by_role("textbox")).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1000])
def test_axe_finds_nothing_and_nothing_sticks_out(
    open_view: Open, width: int, scheme: str, artifacts: Any
) -> None:
    harness = open_view(color_scheme=scheme, viewport={"width": width, "height": 900})
    harness.mount(fixtures.travel(), what_if=fixtures.answered(0))
    page = harness.page
    page.get_by_role("tab", name="What if").click()
    switches(page).nth(5).click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.screenshot(path=artifacts / f"what-if-{scheme}-{width}.png", full_page=True)
    assert violations(page) == []
