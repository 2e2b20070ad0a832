"""Explanation: accessors, tables, charts, pages, saving and opening."""

from __future__ import annotations

import errno
import json
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import numpy as np
import pytest

import jupyter_xai as xai
from conftest import ANSWER, HOSTILE, TRAVEL, ToyModel
from jupyter_xai import files
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.explanation.render.text import bar
from jupyter_xai.explanation.result import MIME
from jupyter_xai.explanation.storage import compact
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.display import full_bundle
from jupyter_xai.interface.widget.front_end import WIDGET_VIEW
from jupyter_xai.text.formatting import signed
from results import huge

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)


@pytest.fixture
def explanation(toy: ToyModel) -> Explanation:
    return xai.explain(TRAVEL, toy, method="leave-one-out", k=2)


def test_top_ranks_each_response_unit_and_the_whole(explanation: Explanation) -> None:
    top = explanation.top(1)
    assert list(top["target"]) == [0, 1, 2, 3]
    assert list(top["source"]) == [1, 2, 3, 1]
    assert list(top["rank"]) == [1] * 4
    assert top["text"][0] == "Warm places please. "
    assert len(explanation.top()) == 2 * 4
    assert list(explanation.top(2, target=3)["source"]) == [1, 2]
    with pytest.raises(XaiError, match="there is no response unit 4; they are counted from 0 to 2"):
        explanation.top(target=4)
    with pytest.raises(XaiError, match="k must be at least 1"):
        explanation.top(0)


def test_frame_holds_every_score(explanation: Explanation) -> None:
    frame = explanation.frame()
    assert len(frame) == 4 * 4
    wide = frame.pivot_table(index="source", columns="target", values="score")
    np.testing.assert_array_equal(wide.to_numpy(), explanation.attribution.scores)
    assert set(frame.loc[frame["target"] == 3, "target_text"]) == {"(the whole response)"}


def test_metrics_with_and_without_the_model(explanation: Explanation, tmp_path: Path) -> None:
    live = explanation.metrics().set_index("metric")
    assert live.loc["drop, top 2", "value"] == pytest.approx(5.0, abs=1e-5)
    drop = live.loc["drop, top 2"]
    assert drop["random_low"] <= drop["random"] <= drop["random_high"] <= drop["leave_one_out"]
    saved = xai.open(explanation.save(tmp_path / "e.json")).metrics().set_index("metric")
    assert saved.loc["drop, top 2", "value"] == pytest.approx(5.0, abs=1e-5)
    other = explanation.metrics(k=1).set_index("metric")
    assert other.loc["drop, top 1", "value"] == pytest.approx(3.0, abs=1e-5)
    with pytest.raises(XaiError, match="k is 9, but the prompt has only 4 sentences"):
        explanation.metrics(k=9)


def test_metrics_score_fresh_masks(toy: ToyModel) -> None:
    prompt = "Warm. No cities. Money. " + " ".join(f"Filler number {i}." for i in range(9))
    e = xai.explain(prompt, toy, method="shap", perturbations=64)
    table = e.metrics().set_index("metric")
    assert table.loc["LDS, fresh", "value"] > 0.95


def test_saving_and_opening_keeps_everything(explanation: Explanation, tmp_path: Path) -> None:
    path = explanation.save(tmp_path / "why.json")
    opened = xai.open(path)
    assert opened.to_dict() == explanation.to_dict()
    assert opened.live is None
    np.testing.assert_allclose(opened.scores, explanation.scores, rtol=1e-5)
    assert opened.response == ANSWER
    assert [each.name for each in tmp_path.iterdir()] == ["why.json"]


@pytest.mark.parametrize(
    ("limit", "most"), [("max_forwards", 9), ("max_seconds", 0.01234567), ("max_cost", 2.5e6)]
)
def test_what_stopped_a_run_is_told_by_files_of_any_age(limit: str, most: float) -> None:
    note = f"stopped at {limit}={most:g}: the scores are complete, checks were left out"
    e = huge(2, 1).changed(partial=True, stopped={"limit": limit, "most": most}, notes=["a", note])
    assert e.stopped_at == note
    for data in (e.to_dict(), compact(e), compact(e, most=1)):
        jsonschema.validate(data, SCHEMA)
        assert Explanation.from_dict(data).stopped_at == note
        # As it was saved before there was the field.
        del data["stopped"]
        opened = Explanation.from_dict(data)
        assert opened.stopped_at == note
        assert opened.record["stopped"] == {"limit": limit, "most": pytest.approx(most, rel=1e-5)}
    assert e.changed(notes=[]).stopped_at == note.partition(":")[0]


@pytest.mark.parametrize(
    ("partial", "note"),
    [
        (True, "stopped during the checks; the scores are complete"),
        (True, "stopped at max_forwards=1e999999: no such limit"),
        (False, "stopped at max_forwards=9: the scores are complete, checks were left out"),
    ],
)
def test_other_notes_tell_of_no_budget(partial: bool, note: str) -> None:
    data = huge(2, 1).changed(partial=partial, notes=[note]).to_dict()
    assert Explanation.from_dict(data).stopped_at == ""


def test_numbers_are_rounded_and_nan_is_null() -> None:
    e = huge(2, 1)
    e.attribution.scores[:] = [[1 / 3, np.nan], [1e-20 / 3, 123456789.0]]
    data = e.to_dict()
    assert data["scores"] == [[0.333333], [3.33333e-21]]
    assert data["total"] == [None, 123457000.0]
    jsonschema.validate(data, SCHEMA)
    assert np.isnan(Explanation.from_dict(data).total[0])


def test_a_full_disk_loses_nothing(
    explanation: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = explanation.save(tmp_path / "why.json")
    before = path.read_text("utf-8")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(XaiError, match="No space left on device; nothing was changed"):
        explanation.changed(k=1).save(path)
    assert path.read_text("utf-8") == before
    assert [each.name for each in tmp_path.iterdir()] == ["why.json"]


def test_saving_into_a_missing_folder(explanation: Explanation, tmp_path: Path) -> None:
    with pytest.raises(XaiError, match="No such file or directory"):
        explanation.save(tmp_path / "none" / "why.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "is not a saved explanation, or damaged"),
        (b"\xff\xfe", "not a text file"),
        (b"[1]", "this is not a saved explanation"),
        (b'{"schema": 2}', "has format 2, but this jupyter-xai reads format 1; update"),
        (b'{"schema": 1}', "this saved explanation is damaged"),
        (b'{"schema": 1, "scores": "<script>"}', "this saved explanation is damaged"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "why.json"
    path.write_bytes(content)
    with pytest.raises(XaiError, match=re.escape(message)):
        xai.open(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(XaiError, match="cannot read"):
        xai.open(tmp_path / "none.json")


@pytest.mark.parametrize("field", ["scores", "total", "full", "prompt", "response", "checks"])
def test_fields_of_a_wrong_shape_are_refused(explanation: Explanation, field: str) -> None:
    data = {**explanation.to_dict(), field: [[1], [2, 3]]}
    if field == "checks":
        del data["checks"]
    with pytest.raises(XaiError, match="damaged"):
        Explanation.from_dict(data)


def test_half_a_surrogate_pair_can_be_saved(tmp_path: Path) -> None:
    e = huge(1, 1).changed(notes=["\ud83d"])
    assert xai.open(e.save(tmp_path / "e.json")).notes == ["\ud83d"]


def test_marimo_draws_a_live_view_wherever_it_is_shown(
    explanation: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert WIDGET_VIEW not in full_bundle(explanation)
    marimo = SimpleNamespace(running_in_notebook=lambda: True)
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    shown = [full_bundle(explanation)[WIDGET_VIEW]["model_id"] for _ in range(2)]
    assert len({*shown}) == 2, "a cell that runs again closes its own"


@pytest.mark.parametrize(
    ("n", "m", "kept"),
    [(30, 30, "all"), (300, 300, "top"), (10_000, 1_000, "top"), (100, 12_000, "totals")],
)
def test_a_notebook_saves_at_most_two_megabytes(n: int, m: int, kept: str) -> None:
    e = huge(n, m)
    bundle = full_bundle(e)
    assert sum(len(json.dumps(part).encode()) for part in bundle.values()) < 2_000_000
    data = bundle[MIME]
    jsonschema.validate(data, SCHEMA)
    np.testing.assert_allclose(data["total"], e.total, rtol=1e-3)
    listed = [*data["scores"], *data.get("top", {"scores": []})["scores"]]
    known = sum(score is not None for row in listed for score in row)
    assert known == {"all": n * m, "top": 20 * m, "totals": 0}[kept]
    opened = Explanation.from_dict(data)
    assert np.isfinite(opened.scores).sum() == known
    assert opened.low is not None
    np.testing.assert_allclose(opened.low[:, -1], e.low[:, -1], rtol=1e-3)
    if kept == "top":
        best = np.argmax(np.abs(e.scores), axis=0)
        np.testing.assert_allclose(
            opened.scores[best, range(m)], e.scores[best, range(m)], rtol=1e-3
        )
    assert any("save() keeps everything" in note for note in data["notes"]) == (kept != "all")


@pytest.mark.parametrize("rows", [[[300]], [[-1]], [[0, 1]], [["x"]]])
def test_damaged_top_scores_are_refused(rows: list[list[Any]]) -> None:
    data = compact(huge(300, 300))
    data["top"]["rows"][:1] = rows
    with pytest.raises(XaiError, match="damaged"):
        Explanation.from_dict(data)


def test_the_static_html_is_bounded_for_long_texts() -> None:
    assert len(static_html(huge(20_000, 100, words=5)).encode()) < 600_000


class _Tags(HTMLParser):
    """Collects tags, and the text within them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_static_html_is_inert_and_complete() -> None:
    e = xai.explain(HOSTILE * 2, ToyModel(answer=HOSTILE), method="leave-one-out")
    parsed = _Tags(static_html(e))
    allowed = {"div", "style", "pre", "p", "h4", "span"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td"}
    assert {tag for tag, _ in parsed.tags} <= allowed
    assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)
    assert HOSTILE.strip() in parsed.text
    assert '<script>alert("x")' in parsed.text


def test_static_html_shows_a_ranking_where_styles_are_stripped(explanation: Explanation) -> None:
    html = static_html(explanation)
    stripped = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    stripped = re.sub(r' (class|style|id)="[^"]*"', "", stripped)
    (plain,) = re.findall(r"<pre>(.*?)</pre>", stripped, flags=re.DOTALL)
    assert "Warm places please." in plain
    assert "removing the top 2: −5" in plain
    assert '<div hidden="until-found">' in stripped


def test_the_page_is_complete_in_itself(explanation: Explanation, tmp_path: Path) -> None:
    path = explanation.html(tmp_path / "why.html")
    assert path == tmp_path / "why.html"
    page = path.read_text("utf-8")
    # Addresses may be written about, but nothing is loaded.
    assert not re.search(r'(src|href)="', page)
    assert "@import" not in page
    assert page.count("<script") == 3


def test_hostile_text_cannot_leave_the_pages_data() -> None:
    e = xai.explain(HOSTILE, ToyModel(answer=HOSTILE), method="leave-one-out", units="word")
    page = e.html()
    assert isinstance(page, str)
    found = re.search(r'id="jxai-explanation">(.*?)</script>', page, flags=re.DOTALL)
    assert found is not None
    assert "<" not in found[1]
    assert json.loads(found[1]) == e.to_dict()
    parsed = _Tags(page)
    assert [tag for tag, _ in parsed.tags].count("script") == 3
    assert "img" not in {tag for tag, _ in parsed.tags}


def test_without_the_front_end_the_page_says_how_to_build_it(
    explanation: Explanation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    files.static_file.cache_clear()
    with pytest.raises(XaiError, match=r"the front end was not built \(widget.css is missing\)"):
        explanation.html()
    files.static_file.cache_clear()


def test_charts_are_drawn_offline(toy: ToyModel) -> None:
    e = xai.explain(TRAVEL, toy, method="linear", perturbations=8)
    for chart in (e.chart(), e.chart(0), e.chart().properties(width=300)):
        bundle = chart._repr_mimebundle_()
        assert list(bundle) == [
            "application/vnd.vegalite.v5+json",
            "text/markdown",
            "text/plain",
        ]
        spec = bundle["application/vnd.vegalite.v5+json"]
        assert spec["$schema"].endswith("/v5.json")
        assert len(spec["data"]["values"]) == 4
        assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert "| 2  Warm places please&#46; | &#43;" in bundle["text/markdown"]


def test_charts_escape_their_table() -> None:
    e = xai.explain(HOSTILE, ToyModel(), method="leave-one-out", units="word")
    table = e.chart()._repr_mimebundle_()["text/markdown"]
    assert "<" not in table
    assert "{" not in table
    assert {line.count("|") for line in table.splitlines()} == {5}


def test_without_a_kernel_there_is_no_live_view(explanation: Explanation) -> None:
    assert list(explanation._repr_mimebundle_()) == [MIME, "text/html", "text/plain"]
    assert not hasattr(explanation, "_repr_html_")


def test_text_has_bars_and_numbers(explanation: Explanation) -> None:
    text = str(explanation)
    assert "████████████      +3  Warm places please." in text
    assert "████████          +2  No cities." in text
    assert "▸ It is quiet there." in text
    assert "\n" not in repr(explanation)
    assert "4 prompt x 3 response units" in repr(explanation)


def test_bars_and_signs() -> None:
    assert bar(1.0) == "█" * 12
    assert bar(-0.5) == "░" * 6 + " " * 6
    assert bar(0.0) == bar(-0.001) == " " * 12
    assert {len(bar(share)) for share in np.linspace(-1, 1, 41)} == {12}
    assert [signed(x) for x in (0.0, -0.25, float("nan"))] == ["0", "−0.25", "?"]


def test_umask_is_respected_and_left_alone(
    explanation: Explanation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patched:
            # It is the process's own: whoever sets it, for a moment even, sets it for all threads.
            patched.delattr(os, "umask")
            path = explanation.save(tmp_path / "why.json")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_replaces_a_private_file_is_private_all_the_time(tmp_path: Path) -> None:
    path = tmp_path / "why.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o600)
    with files.replacing(path) as beside:
        assert beside.stat().st_mode & 0o777 == 0o600
        beside.write_text("new", encoding="utf-8")
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("new", 0o600)


def test_the_text_leaves_out_what_only_fills_up_the_k() -> None:
    e = xai.explain("Be brief. Be kind.", str.upper, method="leave-one-out", k=2)
    lines = str(e).splitlines()
    told = lines[lines.index("▸ BE KIND.") + 1 :][:2]
    assert told[0].endswith("Be kind.")
    assert told[1] == ""
    assert len(e.top(target=1)) == 2


def test_no_role_can_leave_its_attribute(explanation: Explanation) -> None:
    role = '"><img src=x onerror="alert(1)"><i title="'
    units = [{"text": "Be kind. ", "role": role, "protected": True}]
    units += explanation.record["prompt"]["units"]
    hostile = explanation.changed(prompt={**explanation.record["prompt"], "units": units})
    parsed = _Tags(static_html(hostile))
    assert not {"img", "i"} & {tag for tag, _ in parsed.tags}
    titles = [attributes.get("title") for tag, attributes in parsed.tags if tag == "span"]
    assert role in titles
