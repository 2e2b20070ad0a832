"""The built view in a real browser: what a person does with it, and what it asks of the kernel."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from playwright.sync_api import Locator, Page, expect

import fixtures
from accessibility import violations
from hand import drag
from harness import CHOICES, IDLE, ROOT, STATIC, Harness, Open

pytestmark = pytest.mark.browser

SETTLED = 600
"""Milliseconds after which a slider has surely settled and asked for what it wants."""


def prompt(page: Page) -> Locator:
    return page.locator(".jxai-pane-prompt .jxai-unit")


def response(page: Page) -> Locator:
    return page.locator(".jxai-pane-response .jxai-unit")


def question(page: Page) -> Locator:
    return page.locator(".jxai-question")


def tint(unit: Locator) -> float:
    return float(unit.evaluate("(unit) => unit.style.getPropertyValue('--jxai-tint') || '0'"))


def tints(units: Locator) -> list[float]:
    return [tint(unit) for unit in units.all()]


def top(page: Page) -> list[int]:
    """Which prompt units are outlined."""
    states = [unit.get_attribute("data-jxai-state") or "" for unit in prompt(page).all()]
    return [index for index, state in enumerate(states) if "top" in state.split()]


def away(page: Page) -> None:
    """Move the pointer off everything and wait until the view has noticed."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(150)


def running(request: int, done: int = 3, total: int = 64) -> dict[str, Any]:
    return IDLE | {
        "request": request,
        "state": "running",
        "done": done,
        "total": total,
        "seconds": 0.2,
        "seconds_left": 1.4,
    }


def contrast(page: Page, units: str) -> list[float]:
    """WCAG contrast of text against its shade, with all layers under it put together."""
    return page.evaluate(
        """(selector) => {
          const canvas = document.createElement('canvas');
          canvas.width = canvas.height = 1;
          const context = canvas.getContext('2d', { willReadFrequently: true });
          const flat = (layers) => {
            context.fillStyle = matchMedia('(prefers-color-scheme: dark)').matches
              ? '#000' : '#fff';
            context.fillRect(0, 0, 1, 1);
            for (const layer of layers) {
              context.fillStyle = layer;
              context.fillRect(0, 0, 1, 1);
            }
            return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
          };
          const light = (rgb) => rgb
            .map((part) => part / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          return [...document.querySelectorAll(selector)].map((element) => {
            const layers = [];
            for (let at = element; at; at = at.parentElement) {
              layers.unshift(getComputedStyle(at).backgroundColor);
            }
            const paper = light(flat(layers));
            const ink = light(flat([...layers, getComputedStyle(element).color]));
            return (Math.max(paper, ink) + 0.05) / (Math.min(paper, ink) + 0.05);
          });
        }""",
        units,
    )


# What the fixtures are


@pytest.mark.parametrize(
    "name", ["travel", "chat", "hostile", "partial", "fixed", "curved", "large"]
)
def test_fixtures_follow_the_schema(name: str) -> None:
    schema = json.loads((ROOT / "jupyter_xai/schema/explanation.schema.json").read_text())
    Draft202012Validator(schema).validate(getattr(fixtures, name)())


# Linked panes


def test_the_whole_answer_is_explained_at_first(view: Harness) -> None:
    expect(question(view.page)).to_have_text("What made the whole answer")
    expect(prompt(view.page)).to_have_count(8)
    expect(response(view.page)).to_have_count(4)
    assert top(view.page) == [2, 5, 6]
    assert tints(response(view.page)) == [0, 0, 0, 0]


def test_hovering_an_answer_shades_the_prompt_by_its_column(view: Harness) -> None:
    page = view.page
    before = tints(prompt(page))
    response(page).nth(3).hover()
    expect(question(page)).to_have_text("What made “The water is clear and good for swimming.”")
    shades = tints(prompt(page))
    assert shades.index(max(shades)) == 5
    expect(prompt(page).nth(5)).to_contain_text("+3.87")
    away(page)
    expect(question(page)).to_have_text("What made the whole answer")
    assert tints(prompt(page)) == before


def test_hovering_the_prompt_shades_the_answer_by_its_row(view: Harness) -> None:
    page = view.page
    before = tints(prompt(page))
    prompt(page).nth(3).hover()
    expect(response(page).nth(1)).to_contain_text("+2.24")
    expect(response(page).nth(2)).to_contain_text("−0.78")
    expect(response(page).nth(2)).to_have_attribute("data-jxai-state", re.compile("opposes"))
    assert tints(prompt(page)) == before
    away(page)
    assert tints(response(page)) == [0, 0, 0, 0]


def test_support_and_opposition_have_two_hues_and_zero_has_none(view: Harness) -> None:
    page = view.page
    prompt(page).nth(3).hover()
    page.wait_for_timeout(50)
    colours = (
        response(page)
        .locator(".jxai-text")
        .evaluate_all("(all) => all.map((one) => getComputedStyle(one).backgroundColor)")
    )
    supports = [float(part) for part in re.findall(r"[\d.]+", colours[1])]
    opposes = [float(part) for part in re.findall(r"[\d.]+", colours[2])]
    assert supports[2] > supports[0], "blue"
    assert opposes[0] > opposes[2], "orange"
    away(page)
    unshaded = response(page).nth(1).locator(".jxai-text")
    alpha = unshaded.evaluate("(one) => getComputedStyle(one).backgroundColor")
    assert alpha.endswith("/ 0)") or alpha in ("rgba(0, 0, 0, 0)", "transparent")


def test_pins_add_up_and_escape_lets_go(view: Harness) -> None:
    page = view.page
    response(page).nth(1).click()
    response(page).nth(3).click()
    away(page)
    expect(question(page)).to_have_text("What made 2 pinned sentences together (summed)")
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")
    scores = fixtures.travel()["scores"][5]
    expect(prompt(page).nth(5)).to_contain_text(f"+{scores[1] + scores[3]:.2f}")
    response(page).nth(1).click()
    away(page)
    expect(question(page)).to_have_text("What made “The water is clear and good for swimming.”")
    page.keyboard.press("Escape")
    expect(question(page)).to_have_text("What made the whole answer")
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "false")


def test_values_that_do_not_add_up_are_averaged(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | {"value": "logit"})
    response(harness.page).nth(0).click()
    response(harness.page).nth(1).click()
    away(harness.page)
    expect(question(harness.page)).to_contain_text("(averaged)")


def test_a_pin_survives_a_rerun(view: Harness) -> None:
    page = view.page
    response(page).nth(3).click()
    away(page)
    again = fixtures.travel()
    again["scores"][0][3] = 9.0
    view.arrive("result", {"request": 0, "explanation": again})
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "true")
    expect(prompt(page).nth(0)).to_contain_text("+9.00")


# Pieces of the answer


def aimed(start: int, end: int, unit: int) -> fixtures.Json:
    """The explanation of one piece, within one unit of the answer."""
    made = fixtures.travel()
    piece = "".join(fixtures.RESPONSE)[start:end]
    made["response"]["targets"] = {"kind": "spans", "spans": [[start, end]]}
    for index, each in enumerate(made["response"]["units"]):
        each["targets"] = [piece] if index == unit else []
    return made


def aim(page: Page) -> Locator:
    return page.locator(".jxai-aim-line")


def test_dragging_over_a_piece_explains_just_that(view: Harness) -> None:
    page = view.page
    expect(aim(page)).to_contain_text("Drag over a piece")
    response(page).nth(2).click()
    start = fixtures.RESPONSE[0].index("Naxos")
    drag(response(page), 0, start, 0, start + len("Naxos"))
    span = [start, start + len("Naxos")]
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"targets": [span]}}]
    expect(aim(page)).to_have_text(f"Explaining [{span[0]}:{span[1]}] “Naxos” …")
    expect(response(page).nth(2)).to_have_attribute("aria-pressed", "false")
    view.arrive("result", {"request": 1, "explanation": aimed(*span, 0)})
    expect(aim(page)).to_have_text(f"Explaining [{span[0]}:{span[1]}] “Naxos”")
    expect(response(page).nth(1)).to_have_class(re.compile("jxai-aside"))
    expect(response(page).nth(0)).not_to_have_class(re.compile("jxai-aside"))
    page.keyboard.press("Escape")
    assert view.sent()[-1] == {"id": 2, "kind": "explain", "settings": {"targets": None}}
    expect(aim(page)).to_have_text("Letting go of the piece …")
    view.arrive("result", {"request": 2, "explanation": fixtures.travel()})
    expect(aim(page)).to_contain_text("Drag over a piece")
    expect(page.locator(".jxai-aside")).to_have_count(0)


def test_a_piece_may_reach_over_several_units_in_either_direction(view: Harness) -> None:
    drag(response(view.page), 2, 3, 1, 6)
    text = "".join(fixtures.RESPONSE)
    span = [text.index("warm"), text.index("can stay") - 1]
    assert view.sent()[-1]["settings"] == {"targets": [span]}
    assert text[slice(*span)] == "warm and quiet there. You"


def test_a_click_or_a_double_click_explains_no_piece(view: Harness) -> None:
    response(view.page).nth(1).dblclick()
    response(view.page).nth(1).click()
    assert view.sent() == []


def test_shift_click_and_shift_enter_explain_from_unit_to_unit(view: Harness) -> None:
    page = view.page
    ends = [len("".join(fixtures.RESPONSE[: i + 1]).rstrip()) for i in range(4)]
    response(page).nth(0).click()
    response(page).nth(1).click(modifiers=["Shift"])
    assert view.sent()[-1]["settings"] == {"targets": [[0, ends[1]]]}
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Enter")
    assert view.sent()[-1]["settings"] == {"targets": [[0, ends[2]]]}
    view.arrive("result", {"request": 2, "explanation": aimed(0, ends[2], 0)})
    expect(response(page).nth(2)).to_be_focused()
    page.get_by_role("button", name="Let go of it").focus()
    page.keyboard.press("Enter")
    assert view.sent()[-1]["settings"] == {"targets": None}
    expect(aim(page)).to_be_focused()


def test_a_failed_piece_leaves_what_was_there(view: Harness) -> None:
    page = view.page
    response(page).nth(1).click(modifiers=["Shift"])
    view.arrive("progress", IDLE | {"request": 1, "state": "failed", "message": "No memory."})
    expect(aim(page)).to_contain_text("Drag over a piece")


@pytest.mark.parametrize(
    ("changes", "choices", "why"),
    [
        ({"value": "text"}, {}, "log-probabilities as the value"),
        ({}, {"values": ["text"]}, "needs a model with log-probabilities"),
    ],
)
def test_where_no_piece_can_be_explained_it_says_why(
    open_view: Open, changes: dict[str, Any], choices: dict[str, Any], why: str
) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | changes, choices=CHOICES | choices)
    expect(aim(harness.page)).to_contain_text(why)
    response(harness.page).nth(1).click(modifiers=["Shift"])
    drag(response(harness.page), 0, 2, 1, 6)
    assert harness.sent() == []


# Thoughts


def thinking() -> fixtures.Json:
    made = fixtures.travel()
    texts = ["<think>\nWarm, by the sea. ", "Then Naxos.</think>\n\n", *fixtures.RESPONSE[2:]]
    made["response"]["units"] = [{"text": text} for text in texts]
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_thoughts_fold_by_mouse_and_keyboard(open_view: Open, artifacts: Path, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(thinking())
    page = harness.page
    summary = page.locator("summary")
    expect(summary).to_have_text("Thoughts, 2 parts")
    expect(response(page).nth(0)).to_be_hidden()
    expect(response(page).nth(2)).to_be_visible()
    expect(response(page).nth(2)).to_have_attribute("tabindex", "0")
    response(page).nth(2).focus()
    page.keyboard.press("Home")
    expect(response(page).nth(2)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(response(page).nth(0)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    expect(response(page).nth(0)).to_be_focused()
    expect(question(page)).to_contain_text("<think>")
    harness.arrive("result", {"request": 0, "explanation": thinking() | {"k": 2}})
    expect(response(page).nth(0)).to_be_visible()
    summary.focus()
    expect(question(page)).to_have_text("What made the whole answer")
    assert violations(page) == []
    page.screenshot(path=artifacts / f"view-thoughts-{scheme}.png", full_page=True)
    summary.click()
    expect(response(page).nth(0)).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(response(page).nth(0)).to_be_visible()


# Another answer


FOIL = "I suggest that you visit the city of Paris."


def contrasted(unit: int | None = 0) -> fixtures.Json:
    made = fixtures.travel()
    made["response"]["foil"] = {"text": FOIL, "supplied": True, "unit": unit}
    return made


def test_another_answer_is_named_and_let_go_with_the_keyboard(view: Harness) -> None:
    page = view.page
    foil = page.get_by_role("textbox", name="Another answer")
    open_form = page.get_by_role("button", name="Why not another answer…")
    expect(foil).to_be_hidden()
    open_form.focus()
    page.keyboard.press("Enter")
    expect(foil).to_be_focused()
    page.keyboard.press("Enter")
    assert view.sent() == [], "nothing to compare with"
    page.keyboard.type(f" {FOIL} ")
    page.keyboard.press("Enter")
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"foil": FOIL}}]
    expect(page.locator(".jxai-view")).to_contain_text(
        "Explaining why not “I suggest that you visit"
    )
    view.arrive("result", {"request": 1, "explanation": contrasted()})
    expect(page.locator(".jxai-foil")).to_contain_text(f"Instead of{FOIL}")
    expect(question(page)).to_have_text("What made this answer, and not the other")
    expect(page.locator(".jxai-view")).not_to_contain_text("Explaining why not")
    expect(foil).to_be_hidden()
    expect(open_form).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Explain it alone")).to_be_focused()
    page.keyboard.press("Enter")
    assert view.sent()[-1] == {"id": 2, "kind": "explain", "settings": {"foil": None}}
    view.arrive("result", {"request": 2, "explanation": fixtures.travel()})
    expect(page.locator(".jxai-foil")).to_be_hidden()
    expect(page.get_by_role("button", name="Explain it alone")).to_be_hidden()
    expect(open_form).to_be_focused()


def test_another_answer_is_named_with_the_mouse(view: Harness) -> None:
    page = view.page
    foil = page.get_by_role("textbox", name="Another answer")
    page.get_by_role("button", name="Why not another answer…").click()
    foil.fill("Go <b>home</b>.")
    page.get_by_role("button", name="Ask", exact=True).click()
    assert view.sent()[-1]["settings"] == {"foil": "Go <b>home</b>."}
    failed = IDLE | {"request": 1, "state": "failed", "message": "the foil equals the response"}
    view.arrive("progress", failed)
    expect(foil).to_have_value("Go <b>home</b>.")
    expect(page.locator(".jxai-view")).not_to_contain_text("Explaining why not")


def test_escape_closes_the_form_and_keeps_the_pins(view: Harness) -> None:
    page = view.page
    response(page).nth(2).click()
    page.get_by_role("button", name="Why not another answer…").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Another answer")).to_be_hidden()
    expect(response(page).nth(2)).to_have_attribute("aria-pressed", "true")


def test_the_models_own_next_best_answer_is_not_let_go(open_view: Open) -> None:
    harness = open_view()
    own = contrasted()
    own["response"]["foil"]["supplied"] = False
    harness.mount(own)
    expect(harness.page.get_by_role("button", name="Explain it alone")).to_be_hidden()
    expect(aim(harness.page)).to_contain_text("compared with the whole one only")


def test_where_no_answer_can_be_compared_it_says_why(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel(), choices=CHOICES | {"values": ["text"]})
    harness.mount_saved(contrasted(), "second")
    for name, why in (("first", "log-probabilities"), ("second", "Run the cell again")):
        one = harness.page.locator(f".{name}")
        expect(one.get_by_role("button", name="Why not another answer…")).to_be_disabled()
        expect(one.locator(".jxai-pane-response")).to_contain_text(why)
        expect(one.get_by_role("button", name="Explain it alone")).to_be_hidden()
    below = harness.page.locator(".second .jxai-pane-response").inner_text()
    assert below.count("Run the cell again") == 1


# Keyboard


def test_everything_is_done_with_the_keyboard(view: Harness) -> None:
    page = view.page
    response(page).nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(response(page).nth(1)).to_be_focused()
    expect(question(page)).to_have_text("What made “It is warm and quiet there.”")
    page.keyboard.press("Enter")
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    expect(response(page).nth(3)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+Tab")
    expect(question(page)).to_contain_text("2 pinned sentences")
    page.keyboard.press("Escape")
    expect(response(page).nth(3)).to_have_attribute("aria-pressed", "false")


def test_one_unit_a_pane_is_reached_by_tab(view: Harness) -> None:
    for pane in (prompt(view.page), response(view.page)):
        stops = [unit.get_attribute("tabindex") for unit in pane.all()]
        assert sorted(stops) == ["-1"] * (len(stops) - 1) + ["0"]


def test_labels_tell_text_score_and_rank(view: Harness) -> None:
    label = prompt(view.page).nth(5).get_attribute("aria-label")
    assert label is not None
    assert re.match(r"“I love to swim.*”, \+6\.21 \[5\.77, 6\.65\], rank 1 of 8", label)


def test_arrows_follow_lines_of_running_text(open_view: Open) -> None:
    harness = open_view(viewport={"width": 400, "height": 900})
    harness.mount(fixtures.chat())
    page = harness.page
    words = prompt(page)
    words.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    first, second = words.nth(1).bounding_box(), page.locator(":focus").bounding_box()
    assert first
    assert second
    assert 10 < second["y"] - first["y"] < 50
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    third = page.locator(":focus").bounding_box()
    assert third
    assert abs(third["y"] - first["y"]) < 3


def test_notebook_shortcuts_are_held_off(view: Harness) -> None:
    """JupyterLab deletes a cell on two d's unless the focused element itself says no."""
    focusable = "button, input, select, [tabindex]"
    held_off = f":is({focusable})[data-lm-suppress-shortcuts]"
    view.page.get_by_role("tab", name="Matrix").click()
    assert view.page.locator(focusable).count() == view.page.locator(held_off).count() > 30


def test_the_tooltip_shows_the_number_on_focus(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    tooltip = page.locator(".jxai-tooltip")
    expect(tooltip).to_be_hidden()
    prompt(page).nth(4).focus()
    page.keyboard.press("ArrowRight")
    expect(tooltip).to_contain_text("rank")
    page.keyboard.press("Escape")
    expect(tooltip).to_be_hidden()


# Sliders


def test_k_outlines_the_top_units_and_asks_for_their_check(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("k", exact=False).first
    expect(page.locator(".jxai-coverage")).to_have_text("3 of 8 shown, cover 74\u00a0% of |score|")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".jxai-coverage")).to_contain_text("5 of 8 shown")
    assert top(page) == [1, 2, 3, 5, 6]
    page.wait_for_timeout(SETTLED)
    assert view.sent() == [{"id": 1, "kind": "checks", "k": 5}]


def test_k_has_the_set_that_a_joint_method_found(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.travel() | {"sets": {"3": [0, 4, 7]}})
    assert top(harness.page) == [0, 4, 7]


def test_units_without_a_score_are_not_among_the_top(open_view: Open) -> None:
    harness = open_view()
    sparse = fixtures.fixed()
    sparse["total"] = [
        0.0 if row not in (2, 5) else total for row, total in enumerate(sparse["total"])
    ]
    harness.mount(sparse)
    page = harness.page
    assert top(page) == [2, 5]
    coverage = page.locator(".jxai-coverage")
    expect(coverage).to_contain_text("2 of 8 shown")
    expect(coverage).to_contain_text("only 2 units have a score")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("End")
    assert top(page) == [2, 5]
    page.keyboard.press("Home")
    assert top(page) == [5]
    expect(coverage).not_to_contain_text("only")
    response(page).nth(2).hover()
    assert len(top(page)) == 1, "a question of its own has scores of its own"
    joint = open_view()
    joint.mount(sparse | {"sets": {"3": [0, 2, 5]}})
    assert top(joint.page) == [0, 2, 5], "the set that was found, whatever the scores of its units"
    expect(joint.page.locator(".jxai-coverage")).not_to_contain_text("only")


def test_a_known_check_is_shown_without_asking(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    expect(page.locator(".jxai-verdict")).to_contain_text("Removing these 3 lowers")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("Home")
    expect(page.locator(".jxai-verdict")).to_contain_text("Removing these 1 lowers")
    page.wait_for_timeout(SETTLED)
    assert view.sent() == []


def test_perturbations_are_asked_for_once_the_slider_rests(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("perturbations")
    expect(slider).to_have_attribute("aria-valuetext", "64")
    slider.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    expect(slider).to_have_attribute("aria-valuetext", "32")
    assert view.sent() == [], "nothing is sent while the slider moves"
    page.wait_for_timeout(SETTLED)
    assert view.sent() == [{"id": 1, "kind": "explain", "settings": {"perturbations": 32}}]


def test_perturbations_end_at_all_there_are(view: Harness) -> None:
    slider = view.page.get_by_label("perturbations")
    slider.focus()
    view.page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "255, all")


def test_a_fixed_number_of_masks_says_why(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.fixed())
    slider = harness.page.get_by_label("perturbations")
    expect(slider).to_be_disabled()
    expect(slider).to_have_attribute("aria-valuetext", "8, fixed")
    expect(harness.page.locator(".jxai-slider").nth(1)).to_have_attribute(
        "title", "Leave one out needs exactly 8 perturbations for 8 parts."
    )


def test_methods_that_perturb_nothing_show_no_number_of_it(open_view: Open) -> None:
    harness = open_view()
    explanation = fixtures.fixed()
    explanation["method"]["name"] = "saliency"
    explanation["perturbations"] = {"asked": None, "used": 0, "most": None}
    harness.mount(explanation)
    page = harness.page
    expect(page.get_by_label("perturbations")).to_be_hidden()
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("tabpanel", name="Settings")).to_contain_text("Perturbationsnone")


def test_the_metrics_say_that_they_are_about_the_whole_answer(view: Harness) -> None:
    page = view.page
    summary, curve = page.locator(".jxai-summary"), page.get_by_text("About the whole answer.")
    page.get_by_role("tab", name="Curve").click()
    expect(curve).to_be_hidden()
    response(page).nth(1).click()
    expect(summary).to_contain_text("whole answer:")
    expect(curve).to_be_visible()
    page.keyboard.press("Escape")
    expect(summary).not_to_contain_text("whole answer")
    expect(curve).to_be_hidden()


def test_scores_move_while_they_arrive(view: Harness) -> None:
    page = view.page
    slider = page.get_by_label("perturbations")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(SETTLED)
    for done in (16, 96):
        view.arrive("progress", running(1, done, 128))
        step = fixtures.travel()
        step["total"][5] = 5 + done / 100
        step["perturbations"] |= {"asked": 128, "used": done}
        view.arrive("result", {"request": 1, "explanation": step})
        expect(prompt(page).nth(5)).to_contain_text(f"+{step['total'][5]:.2f}")
        expect(page.locator(".jxai-status-line")).to_have_text(f"{done} of 128 · 1.4 s left")
    expect(slider).to_have_attribute("aria-valuetext", "128")


# Talk with the kernel


def test_the_newest_request_wins(view: Harness) -> None:
    page = view.page
    page.get_by_label("method", exact=True).select_option("shap")
    page.get_by_label("method", exact=True).select_option("leave-one-out")
    assert [request["id"] for request in view.sent()] == [1, 2]
    stale = fixtures.travel()
    stale["total"][0] = 99.0
    view.arrive("result", {"request": 1, "explanation": stale})
    view.arrive("progress", running(1))
    expect(prompt(page).nth(0)).to_contain_text("+0.39")
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    fresh = fixtures.fixed()
    fresh["total"][0] = 1.5
    view.arrive("result", {"request": 2, "explanation": fresh})
    expect(prompt(page).nth(0)).to_contain_text("+1.50")


def test_cancel_is_sent_and_what_arrived_is_kept(view: Harness) -> None:
    page = view.page
    page.get_by_label("method", exact=True).select_option("shap")
    view.arrive("progress", running(1))
    cancel = page.get_by_role("button", name="Cancel")
    cancel.click()
    expect(cancel).to_be_disabled()
    view.arrive("progress", running(1, 5))
    expect(page.locator(".jxai-status-line")).to_have_text("Cancelling…")
    assert view.sent()[-1] == {"id": 2, "kind": "cancel"}
    view.arrive("result", {"request": 1, "explanation": fixtures.partial()})
    view.arrive("progress", running(1, 11) | {"state": "cancelled"})
    expect(page.locator(".jxai-notes")).to_contain_text("Partial")
    expect(page.locator(".jxai-status-line")).to_contain_text("Cancelled after 11 of 64")
    expect(cancel).to_be_hidden()


def test_what_was_not_evaluated_is_not_a_zero(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.partial())
    page = harness.page
    expect(prompt(page).nth(4)).to_have_attribute("data-jxai-state", "out unknown")
    expect(prompt(page).nth(4).locator(".jxai-number")).to_have_text("–")
    expect(page.locator(".jxai-bars")).to_contain_text("not evaluated yet")


def test_a_failure_is_told(view: Harness) -> None:
    failed = IDLE | {"state": "failed", "message": "The model returned NaN; load it in float32."}
    view.arrive("progress", failed)
    expect(view.page.locator(".jxai-status-line")).to_have_text(failed["message"])


def test_the_first_run_starts_with_its_progress(open_view: Open) -> None:
    harness = open_view()
    harness.mount(None)
    page = harness.page
    harness.arrive("progress", running(0, 0, 0) | {"seconds_left": None, "message": "Loading"})
    expect(page.locator(".jxai-status-line")).to_have_text("Loading")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".jxai-panes")).to_be_hidden()
    harness.arrive("result", {"request": 0, "explanation": fixtures.travel()})
    expect(prompt(page)).to_have_count(8)


def test_levels_are_summed_here_or_asked_for(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    level = page.locator(".jxai-pane-response select")
    level.select_option(label="sentences, summed")
    expect(response(page)).to_have_count(4)
    assert harness.sent() == []
    level.select_option(label="tokens, compute")
    assert harness.sent() == [{"id": 1, "kind": "explain", "settings": {"response_units": "token"}}]
    tokens = fixtures.chat()
    tokens["response"]["level"] = "token"
    harness.arrive("result", {"request": 1, "explanation": tokens})
    expect(response(page)).to_have_count(len(tokens["response"]["units"]))
    expect(level.locator("option:checked")).to_have_text("tokens")


def test_a_control_returns_when_what_it_asked_for_fails(view: Harness) -> None:
    method = view.page.get_by_label("method", exact=True)
    method.select_option("shap")
    view.arrive("progress", IDLE | {"request": 1, "state": "failed", "message": "No memory."})
    expect(method).to_have_value("linear")


def test_a_method_that_cannot_be_had_says_why(view: Harness) -> None:
    option = view.page.locator("option[value=saliency]")
    expect(option).to_be_disabled()
    expect(option).to_have_text("Saliency (needs gradients)")


def test_cleaning_up_leaves_nothing(view: Harness) -> None:
    view.page.evaluate("first.cleanup()")
    expect(view.page.locator(".jxai-view")).to_have_count(0)
    assert view.page.evaluate("[...first.listeners.values()].flat().length") == 0


def test_two_views_are_independent(view: Harness) -> None:
    view.mount(fixtures.chat(), "second")
    page = view.page
    page.locator(".first .jxai-pane-response .jxai-unit").nth(1).click()
    page.locator(".first").get_by_label("method", exact=True).select_option("shap")
    # What is kept elsewhere would show when this view is drawn anew.
    page.locator(".second .jxai-pane-prompt .jxai-unit").nth(2).hover()
    away(page)
    expect(page.locator(".first .jxai-question")).to_contain_text("warm and quiet")
    expect(page.locator(".second .jxai-question")).to_have_text("What made the whole answer")
    assert len(view.sent("first")) == 1
    assert view.sent("second") == []
    assert page.locator("[id]").count() == 0


# Without a kernel


def test_a_saved_view_works_and_says_what_does_not(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    page = harness.page
    expect(page.locator(".jxai-notes")).to_contain_text("Saved view")
    expect(page.get_by_label("perturbations")).to_be_disabled()
    # Units alone can be chosen: larger ones are summed here.
    selects = page.locator(".jxai-header select:visible")
    expect(selects).to_have_count(1)
    expect(selects.locator("option")).to_have_text(["sentences", "paragraphs, summed"])
    expect(aim(page)).to_contain_text("Run the cell again")
    response(page).nth(3).hover()
    expect(question(page)).to_contain_text("The water is clear")
    page.get_by_label("k", exact=False).first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".jxai-coverage")).to_contain_text("4 of 8 shown")


# Tabs


def test_the_matrix_is_linked_to_the_text(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Matrix").click()
    cells = page.locator(".jxai-matrix tbody td")
    expect(cells).to_have_count(32)
    cells.nth(5 * 4 + 3).hover()
    expect(page.locator(".jxai-tooltip")).to_contain_text("+3.87")
    expect(prompt(page).nth(5)).to_have_class(re.compile("jxai-marked"))
    expect(response(page).nth(3)).to_have_class(re.compile("jxai-marked"))
    page.locator(".jxai-matrix-response button").nth(1).click()
    expect(response(page).nth(1)).to_have_attribute("aria-pressed", "true")


def test_checks_stand_beside_chance_and_the_rival(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    expect(page.locator(".jxai-verdict")).to_contain_text("13 times as much as 3 at random")
    for row in (
        "Top 3",
        "At random",
        "Leave-one-out",
        "PR, top 3",
        "What PR says.",
        "Held-out LDS",
        "Noise",
        "Model calls",
        "Time",
    ):
        expect(page.locator(".jxai-checks")).to_contain_text(row)
    # What was measured for another k is not shown beside this one.
    expect(page.locator(".jxai-checks")).not_to_contain_text("PR, top 1")


def test_more_is_measured_on_demand(view: Harness, artifacts: Path) -> None:
    page = view.page
    page.get_by_role("tab", name="Checks").click()
    panel = page.get_by_role("tabpanel", name="Checks")
    expect(panel).to_contain_text("200 forwards")
    expect(panel.get_by_role("button", name="Answers")).to_be_disabled()
    expect(panel).to_contain_text("no text")
    curves = panel.get_by_role("button", name="Curves")
    curves.focus()
    page.keyboard.press("Enter")
    assert view.sent() == [{"id": 1, "kind": "metrics", "groups": ["curves"], "k": 3}]
    view.arrive("progress", running(1) | {"message": "curves"})
    expect(curves).to_have_text("Curves: measuring…")
    expect(curves).to_be_focused()
    page.keyboard.press("Enter")
    assert len(view.sent()) == 1
    page.screenshot(path=artifacts / "checks-measuring.png", full_page=True)
    measured = fixtures.travel()
    measured["metrics"].append(fixtures.metric("AOPC", None, 0.7, 0.2))
    view.arrive("result", {"request": 1, "explanation": measured})
    view.arrive("progress", IDLE | {"request": 1})
    expect(panel).to_contain_text("AOPC")
    expect(curves).to_have_text("Curves")
    expect(curves).to_be_focused()
    curves.click()
    view.arrive("progress", IDLE | {"request": 2, "state": "failed", "message": "No memory."})
    expect(curves).to_have_text("Curves")
    expect(page.locator(".jxai-status-line")).to_have_text("No memory.")


def test_without_a_kernel_nothing_more_is_measured(open_view: Open) -> None:
    harness = open_view()
    harness.mount_saved(fixtures.travel())
    harness.page.get_by_role("tab", name="Checks").click()
    panel = harness.page.get_by_role("tabpanel", name="Checks")
    expect(panel).to_contain_text("Run the cell again")
    expect(panel.get_by_role("button")).to_have_count(0)


def test_settings_hold_what_repeats_the_run(view: Harness) -> None:
    page = view.page
    page.get_by_role("tab", name="Scores").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Settings")).to_be_focused()
    for text in ("tutor", "3f2a9c1", "float32", "delete", "Seed", "2.13.0"):
        expect(page.locator(".jxai-settings")).to_contain_text(text)


def test_scores_are_sorted_and_found_again_in_the_text(view: Harness) -> None:
    page = view.page
    rows = page.locator(".jxai-bar-row")
    expect(rows.first).to_contain_text("I love to swim")
    expect(rows.first).to_contain_text("[5.77, 6.65]")
    rows.first.hover()
    expect(prompt(page).nth(5)).to_have_class(re.compile("jxai-marked"))


def test_paper_shows_every_tab(view: Harness) -> None:
    page = view.page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for panel in ("Scores", "Matrix", "Checks", "Settings"):
        expect(page.get_by_role("tabpanel", name=panel)).to_be_visible()
    expect(page.locator(".jxai-matrix tbody td")).to_have_count(32)


# What a model may have written


def test_hostile_text_stays_text(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.hostile())
    page = harness.page
    for tab in ("Matrix", "Curve", "Checks", "What if", "Settings", "Scores"):
        page.get_by_role("tab", name=tab).click()
    response(page).nth(0).click()
    assert page.evaluate("window.pwned") is None
    for tag in ("img", "script", "i"):
        assert page.locator(f".first {tag}").count() == 0
    expect(prompt(page).nth(0)).to_contain_text('<img src=x onerror="window.pwned=1">')
    expect(page.locator(".jxai-notes")).to_contain_text("<b>note</b>")
    texts = [unit.locator(".jxai-text").text_content() for unit in prompt(page).all()]
    assert texts == [text.strip() for text in fixtures.HOSTILE]


def test_template_and_protected_text_are_quiet(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.chat())
    page = harness.page
    expect(page.locator(".jxai-role")).to_have_text(["System", "User"])
    expect(page.locator(".jxai-protected")).to_have_text(
        "You are a travel agent. Answer in four sentences."
    )
    template = page.locator(".jxai-template").first
    expect(template).to_be_hidden()
    page.get_by_role("button", name="Show template").click()
    expect(template).to_be_visible()


# How it looks and how fast it is


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800, 1400])
@pytest.mark.parametrize("name", ["travel", "chat", "hostile"])
def test_it_fits(open_view: Open, artifacts: Path, name: str, width: int, scheme: str) -> None:
    harness = open_view(viewport={"width": width, "height": 900}, color_scheme=scheme)
    harness.mount(getattr(fixtures, name)())
    page = harness.page
    response(page).nth(1).click()
    prompt(page).nth(0).hover()
    for tab in ("Matrix", "Curve", "Checks", "What if", "Settings", "Scores"):
        page.get_by_role("tab", name=tab).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, tab
    panes = [page.locator(f".jxai-pane-{side}").bounding_box() for side in ("prompt", "response")]
    assert panes[0]
    assert panes[1]
    assert (panes[0]["y"] == panes[1]["y"]) == (width >= 800), "beside each other where it is wide"
    page.screenshot(path=artifacts / f"view-{name}-{scheme}-{width}.png", full_page=True)


def test_every_control_holds_its_texts_at_every_width(open_view: Open) -> None:
    many, none = fixtures.travel(), fixtures.travel()
    many["perturbations"] |= {"asked": 1_048_576, "most": 1_048_576}
    none["perturbations"] = {"asked": None, "used": 0, "most": None}
    harness = open_view()
    harness.mount(fixtures.fixed())
    harness.mount(many, "second")
    harness.mount_saved(many, "third")
    harness.mount(none, "fourth")
    page = harness.page
    outside = page.evaluate(
        """() => {
          const beyond = (inner, outer) =>
            inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1);
          const found = [];
          for (let width = 320; width <= 1600; width += 20) {
            document.body.style.width = `${width}px`;
            for (const header of document.querySelectorAll('.jxai-header')) {
              const frame = header.getBoundingClientRect();
              for (const control of header.children) {
                const box = control.getBoundingClientRect();
                if (beyond(box, frame)) found.push([width, control.className]);
                for (const text of control.querySelectorAll('span:not(.jxai-hidden)')) {
                  const range = document.createRange();
                  range.selectNodeContents(text);
                  const place = range.getBoundingClientRect();
                  if (beyond(place, box)) found.push([width, text.textContent]);
                }
              }
            }
          }
          return found;
        }"""
    )
    assert outside == []
    page.evaluate("document.body.style.width = '320px'")
    expect(page.locator(".first .jxai-slider:visible")).to_have_count(2)
    expect(page.locator(".fourth .jxai-slider:visible")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shaded_text_stays_readable(open_view: Open, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(fixtures.chat())
    harness.mount(fixtures.travel(), "second")
    prompt(harness.page).nth(3).hover()
    for text in (".jxai-inline", ".jxai-text", ".jxai-protected", ".jxai-bar-text", ".jxai-number"):
        assert min(contrast(harness.page, text)) >= 4.5, text
    for state in ("top", "top opposes", "out", "out opposes"):
        harness.page.evaluate(
            """(state) => document.querySelectorAll('.jxai-unit').forEach((unit) => {
              unit.dataset.jxaiState = state;
              unit.style.setProperty('--jxai-tint', '1');
            })""",
            state,
        )
        harness.page.wait_for_timeout(50)
        for text in (".jxai-inline", ".jxai-text"):
            assert min(contrast(harness.page, text)) >= 4.5, f"{text} at full shade, {state}"


def test_the_theme_of_the_notebook_wins_over_the_reader(open_view: Open) -> None:
    harness = open_view(color_scheme="dark")
    harness.mount(fixtures.travel())
    page = harness.page
    page.evaluate("document.body.dataset.jpThemeLight = 'true'")
    page.add_style_tag(content="body { --jp-layout-color1: rgb(250, 250, 240); }")
    view = page.locator(".jxai-view")
    assert view.evaluate("(one) => getComputedStyle(one).colorScheme") == "light"
    assert view.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(250, 250, 240)"


@pytest.mark.parametrize(
    ("theme", "paper", "ink", "reader"),
    [
        ("vscode-dark", "rgb(31, 31, 31)", "rgb(204, 204, 204)", "light"),
        ("vscode-light", "rgb(255, 255, 255)", "rgb(59, 59, 59)", "dark"),
        ("vscode-high-contrast", "rgb(0, 0, 0)", "rgb(255, 255, 255)", "light"),
    ],
)
def test_the_theme_of_vs_code_wins_over_the_reader(
    open_view: Open, artifacts: Path, theme: str, paper: str, ink: str, reader: str
) -> None:
    harness = open_view(color_scheme=reader)
    page = harness.page
    # VS Code names its theme on the body and hands its colours to every output as variables.
    page.evaluate("theme => { document.body.className = theme; }", theme)
    page.add_style_tag(
        content=f"html {{ --vscode-editor-background: {paper};"
        f" --vscode-editor-foreground: {ink}; }}"
        "body { background: var(--vscode-editor-background); }"
    )
    harness.mount(fixtures.travel())
    style = page.locator(".jxai-view").evaluate(
        "one => { const { backgroundColor, color, colorScheme } = getComputedStyle(one);"
        " return [backgroundColor, color, colorScheme]; }"
    )
    assert style == [paper, ink, "light" if theme == "vscode-light" else "dark"]
    assert min(contrast(page, ".jxai-text")) >= 4.5
    page.screenshot(path=artifacts / f"{theme}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["travel", "chat", "partial", "fixed"])
def test_axe_finds_nothing(open_view: Open, name: str, scheme: str) -> None:
    harness = open_view(color_scheme=scheme)
    harness.mount(getattr(fixtures, name)())
    page = harness.page
    harness.arrive("progress", running(0))
    response(page).nth(1).click()
    for tab in ("Matrix", "Curve", "Checks", "What if", "Settings", "Scores"):
        page.get_by_role("tab", name=tab).click()
        assert violations(page) == [], tab


# Experimental, so axe leaves it out unless asked: what is read must be what is spoken to.
NAMES = ["label-content-name-mismatch"]


@pytest.mark.parametrize("level", ["sentence", "word"])
def test_names_hold_all_of_a_long_text(open_view: Open, level: str) -> None:
    long = (
        "This sentence goes on and on, " + "and on, " * 40 + "until its very last word: lagoon.\n"
    )
    explanation = fixtures.travel()
    for part in ("prompt", "response"):
        explanation[part]["level"] = level
        for unit in explanation[part]["units"][:2]:
            unit["text"] = long
    harness = open_view()
    harness.mount(explanation)
    page = harness.page
    for units in (prompt(page), response(page)):
        name = units.first.get_attribute("aria-label")
        assert name
        assert name.startswith(f"“{' '.join(long.split())}”, ")
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert violations(page, runOnly=NAMES) == [], tab


def test_motion_honours_the_reader(open_view: Open) -> None:
    for motion, expected in (("reduce", "0s"), ("no-preference", "0.12s")):
        harness = open_view(reduced_motion=motion)
        harness.mount(fixtures.travel())
        text = harness.page.locator(".jxai-text").first
        duration = text.evaluate("(one) => getComputedStyle(one).transitionDuration")
        assert duration == expected


def test_pointing_moves_nothing(view: Harness) -> None:
    page = view.page
    places = """() => [...document.querySelectorAll('.jxai-unit, .jxai-tab')]
      .map((one) => one.getBoundingClientRect().y)"""
    before = page.evaluate(places)
    for unit in [*prompt(page).all(), *response(page).all()]:
        unit.hover()
        assert page.evaluate(places) == before


def test_a_hover_over_two_thousand_words_changes_little(open_view: Open) -> None:
    harness = open_view()
    harness.mount(fixtures.large())
    found: dict[str, Any] = harness.page.evaluate(
        """() => {
          const view = document.querySelector('.jxai-view');
          const changes = new MutationObserver(() => {});
          changes.observe(view, {
            attributes: true, characterData: true, childList: true, subtree: true,
          });
          const hover = (unit) => {
            unit.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
            return changes.takeRecords();
          };
          const units = [...document.querySelectorAll('.jxai-pane-response .jxai-unit')];
          const first = units.map(hover);
          return {
            drawn: document.querySelectorAll('.jxai-pane-prompt .jxai-unit').length,
            answers: units.length,
            changes: first.map((records) => records.length),
            built: first.flat().filter(({ addedNodes, target }) =>
              [...addedNodes].some((node) => node.classList?.contains('jxai-unit'))).length,
            again: hover(units.at(-1)).length,
          };
        }"""
    )
    assert found["drawn"] < 500, "words near what is seen"
    assert found["answers"] == 40
    # Of each unit its shade, state and outline at most; around them a caption, a legend, a list.
    most = 3 * (found["drawn"] + found["answers"]) + 200
    assert max(found["changes"]) < most
    assert found["built"] == 0
    assert found["again"] == 0, "what is shown already is not drawn again"


def test_the_bundle_is_small() -> None:
    parts = [gzip.compress((STATIC / name).read_bytes()) for name in ("widget.js", "widget.css")]
    assert sum(map(len, parts)) < 60_000
