"""Files that are damaged or made to harm: they open and can be drawn, or one line says why."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import jupyter_xai as xai
from conftest import TRAVEL, ToyModel
from jupyter_xai.errors import XaiError
from jupyter_xai.explanation.render.html import static_html
from jupyter_xai.explanation.render.svg import svg
from jupyter_xai.explanation.render.text import as_text
from jupyter_xai.explanation.storage import compact
from jupyter_xai.explanation.wire import embeddable, sendable
from jupyter_xai.files import dumps
from jupyter_xai.interface.commands import cli
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.interface.widget.display import full_bundle
from spoiling import WRONG, Place, places, replaced

SCHEMA = json.loads(
    (Path(xai.__file__).parent / "schema" / "explanation.schema.json").read_text("utf-8")
)


def _made() -> dict[str, dict[str, Any]]:
    """Saved explanations that together have every field of the schema."""
    toy = ToyModel()
    joint = xai.explain(TRAVEL, toy, method="joint", k=2, progress=False).measured().traced()
    sampled = xai.explain(
        TRAVEL, toy, method="linear", perturbations=6, targets=[(0, 12)], progress=False
    )
    foil = xai.explain(TRAVEL, toy, method="shap", foil="Go to a cold city.", progress=False)
    texts = xai.explain(
        TRAVEL, toy, method="gsmile", value="text", perturbations=12, system="Be kind."
    )
    data = {
        "joint": joint.to_dict(),
        "sampled": sampled.to_dict(),
        "foil": foil.to_dict(),
        "texts": texts.to_dict(),
    }
    chance = {"mean": 0.1, "low": -0.5, "high": 0.6}
    data["joint"]["lds"] = {"value": 0.9, "kind": "fresh", "masks": 9, "low": 0.8, "high": 1.0}
    data["joint"]["lds"] |= {"random": chance, "leave_one_out": 0.5}
    data["texts"] |= {"partial": True, "stopped": {"limit": "max_forwards", "most": 9}}
    top = compact(sampled, most=1)
    top["top"] = {"rows": [[0, 2]] * 3, "scores": [[1.0, -2.0]] * 3}
    data["top"] = top
    return data


@pytest.fixture(scope="module")
def saved() -> dict[str, dict[str, Any]]:
    return _made()


def own_places(name: str, saved: dict[str, dict[str, Any]]) -> list[Place]:
    """Every field that no other explanation before it has; of lists the first entry only."""
    found: dict[Place, str] = {}
    for each, data in saved.items():
        for at in places(data):
            if not any(isinstance(i, int) and i for i in at):
                found.setdefault(at, each)
    return [at for at, owner in found.items() if owner == name]


def drawn(e: Explanation, thorough: bool) -> None:
    """Everything that shows an explanation."""
    assert repr(e)
    assert as_text(e)
    assert str(e.evidence())
    assert len(e.frame()) == e.attribution.scores.size
    assert len(e.top()) >= len(e.targets)
    assert static_html(e)
    assert svg(e)
    again = Explanation.from_dict(json.loads(dumps(e.to_dict())))
    assert again.sources == e.sources
    if thorough:
        e.chart()
        if "curves" in e.record:
            e.chart("curve")
        full_bundle(e)
        dumps(sendable(e))
        dumps(embeddable(e))
        e.html()


@pytest.mark.parametrize("name", ["joint", "sampled", "foil", "texts", "top"])
def test_any_field_may_be_wrong(name: str, saved: dict[str, dict[str, Any]]) -> None:
    data = saved[name]
    jsonschema.validate(data, SCHEMA)
    drawn(Explanation.from_dict(data), thorough=True)
    refused = 0
    for at in own_places(name, saved):
        for number, wrong in enumerate(WRONG):
            spoilt = replaced(data, at, wrong)
            try:
                e = Explanation.from_dict(spoilt)
            except XaiError as error:
                message = str(error)
                assert "\n" not in message
                assert len(message) < 500
                refused += 1
                continue
            try:
                drawn(e, thorough=number % 7 == len(at) % 7)
            except Exception as error:
                pytest.fail(f"{at} = {wrong!r:.60} opens but cannot be drawn: {error!r}")
    assert refused > 10


LINES: dict[str, tuple[Place, Any, str]] = {
    "k": (("k",), "many", "k must be integer"),
    "k as a fraction": (("k",), 2.0, "k must be integer"),
    "notes": (("notes",), "none", "notes must be array"),
    "a note": (("notes",), [5], "notes[0] must be string"),
    "cost": (("cost", "tokens"), "many", "cost.tokens must be integer"),
    "negative cost": (("cost", "forwards"), -1, "cost.forwards must be bigger than or equal to 0"),
    "checks": (("checks", 0, "drop"), "x", "checks[0].drop must be number or null"),
    "place in a check": (("checks", 0, "removed"), [0, 9], "checks[0].removed must name some of 4"),
    "lds": (("lds", "masks"), None, "lds is neither null nor what belongs there"),
    "sets": (("sets",), {"x": [1]}, "sets must have numbers for keys"),
    "a set": (("sets", "2"), [1, 77], "sets.2 must name some of 4 prompt units"),
    "value": (("value",), "nats", "value must be one of"),
    "noise": (("noise",), "low", "noise must be number or null"),
    "negative noise": (("noise",), -1.0, "noise must be bigger than or equal to 0"),
    "model": (("model",), "toy", "model must be object"),
    "unit text": (("prompt", "units", 1, "text"), 5, "prompt.units[1].text must be string"),
    "response text": (("response", "units", 0, "text"), None, "response.units[0].text must be"),
    "score": (("scores", 0, 0), 10**400, "scores: int too large to convert to float"),
    "score as text": (("scores", 0, 0), "5", "scores[0][0] must be number or null"),
    "total": (("total", 0), float("inf"), "total[0] is inf, which is too large or no number"),
    "full": (("full", 0), 1e305, "full[0] is 1e+305, which is too large or no number"),
    "seed": (("seed",), 10**5000, "seed is a very large int, which is too large"),
    "curve": (("curves", "deletion"), [1.0], "curves.deletion must be as long as curves.sizes"),
    "order": (("curves", "order"), [0, 1, 2, 4], "curves.order must name some of 4 prompt units"),
    "no units": (("prompt", "units"), [], "it has 0 prompt units that can be removed"),
    "row": (("scores",), [[1.0]], "scores must be 4 x 3 numbers, not 1 x 1"),
    "nested": (
        ("method", "settings"),
        {"x": json.loads("[" * 80 + "]" * 80)},
        "method.settings.x[0]",
    ),
}


@pytest.mark.parametrize("what", LINES)
def test_the_line_names_the_field(what: str, saved: dict[str, dict[str, Any]]) -> None:
    at, wrong, line = LINES[what]
    with pytest.raises(XaiError, match=re.escape(f"damaged ({line}")):
        Explanation.from_dict(replaced(saved["joint"], at, wrong))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"seed":0', '"seed":' + "9" * 5_000),
        ('"seed":0', '"seed":1e999'),
        ('"notes":[', '"notes":' + "[" * 100_000 + "["),
        ('"total":[', '"total":[Infinity,'),
        ('"k":2', '"k":-Infinity'),
    ],
)
def test_files_that_python_can_hardly_read_end_in_one_line(
    before: str,
    after: str,
    saved: dict[str, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = dumps(saved["joint"])
    assert before in text
    path = tmp_path / "why.json"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(XaiError, match="damaged") as caught:
        xai.open(path)
    assert "\n" not in str(caught.value)
    assert cli.main(["open", str(path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("jupyter xai: ")
    assert error.count("\n") == 1


def test_what_a_later_version_wrote_beside_is_let_pass(saved: dict[str, dict[str, Any]]) -> None:
    data = replaced(saved["joint"], ("later",), {"x": 1})
    data["checks"][0]["rank"] = 2
    data["metrics"].append({**data["metrics"][0], "name": "novelty", "kind": "novelty"})
    data["method"]["details"]["fidelity"] = {"in_sample": {"novel": 0.5}}
    e = Explanation.from_dict(data)
    assert "novelty" in str(e.evidence())
    drawn(e, thorough=True)


@pytest.mark.parametrize("path", [5, None, b"why.json\0", "~nobody-at-all/why.json", "a\0b"])
def test_what_is_no_path_is_told(path: Any) -> None:
    with pytest.raises(XaiError) as caught:
        xai.open(path)
    assert "\n" not in str(caught.value)


def test_a_comparison_is_no_explanation(tmp_path: Path, toy: ToyModel) -> None:
    compared = xai.compare(TRAVEL, toy, methods=["shap", "random"], progress=False)
    path = tmp_path / "compared.json"
    path.write_text(json.dumps(compared.to_dict()), encoding="utf-8")
    with pytest.raises(XaiError, match="not a saved explanation"):
        xai.open(path)


@pytest.mark.parametrize("text", ["null", "5", '"x"', "[]", "{}", '{"schema": true}', "[" * 5_000])
def test_other_json_is_no_explanation(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(XaiError, match=r"not a saved explanation|has format"):
        xai.open(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.data())
def test_anything_may_stand_anywhere(saved: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(saved)))
    at = data.draw(st.sampled_from([*places(saved[name])]))
    spoilt = replaced(saved[name], at, data.draw(JSON))
    try:
        e = Explanation.from_dict(spoilt)
    except XaiError as error:
        lines = str(error).count("\n") + 1
    else:
        drawn(e, thorough=False)
        lines = 1
    assert lines == 1


def test_half_an_emoji_reaches_every_kind_of_file(tmp_path: Path) -> None:
    e = xai.explain("Warm.", ToyModel(answer="So."), method="leave-one-out")
    e = e.changed(
        notes=["\ud83d"], response={**e.record["response"], "units": [{"text": "\ud83d"}]}
    )
    for ending in ("json", "html", "svg"):
        assert e.save(tmp_path / f"why.{ending}").stat().st_size
    assert "\ufffd" in (tmp_path / "why.html").read_text("utf-8")
    assert xai.open(tmp_path / "why.json").response == "\ud83d"


@pytest.mark.parametrize("ending", ["json", "html", "svg"])
def test_saving_through_a_link_replaces_its_target(
    ending: str, tmp_path: Path, saved: dict[str, dict[str, Any]]
) -> None:
    e = Explanation.from_dict(saved["joint"])
    (tmp_path / "kept").mkdir()
    target, link = tmp_path / "kept" / f"real.{ending}", tmp_path / f"link.{ending}"
    target.write_text("old", encoding="utf-8")
    target.chmod(0o640)
    link.symlink_to(Path("kept") / f"real.{ending}")
    assert e.save(link) == link
    assert link.is_symlink()
    assert "warm island" in target.read_text("utf-8")
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in target.parent.iterdir()) == [f"real.{ending}"]
    # A link to what is not there yet makes it.
    target.unlink()
    e.save(link)
    assert link.is_symlink()
    assert target.stat().st_size > 100


def test_what_is_no_file_is_written_to_and_stays(
    tmp_path: Path, saved: dict[str, dict[str, Any]]
) -> None:
    """Written as another file is, a device or a pipe would be replaced by a file of its name."""
    import os
    import threading

    pipe, heard = tmp_path / "pipe.json", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text("utf-8")))
    reader.start()
    e = Explanation.from_dict(saved["joint"])
    e.save(pipe)
    reader.join(30)
    assert json.loads(heard[0]) == e.to_dict()
    assert pipe.is_fifo()


def test_opening_imports_little() -> None:
    """The check's library is light, and is imported when something is opened."""
    import subprocess
    import sys

    code = "import sys, jupyter_xai; print('fastjsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
