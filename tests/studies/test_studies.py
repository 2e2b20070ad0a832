"""Every study runs to its end at a small size, and says only what its numbers say."""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import conftest
from jupyter_xai import XaiError, load, studies
from jupyter_xai.game.ledger import SESSION
from jupyter_xai.models.base import Operator, Sampling
from jupyter_xai.studies import pages
from jupyter_xai.studies.gsmile_distances import PAPER as TABLE_9
from jupyter_xai.studies.gsmile_fidelity import PAPER as TABLE_5
from jupyter_xai.studies.gsmile_perturbations import PAPER as TABLES_6_TO_8
from jupyter_xai.studies.lab import NOISE, Lab, noisy
from jupyter_xai.studies.results import Study, Table
from jupyter_xai.studies.searches import steepness, walks
from jupyter_xai.studies.word_removal import boards
from jupyter_xai.studies.xprompt_faithfulness import PAPER as XPROMPT_TABLE_1


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """One for all studies, so that they share what the model said."""
    yield Lab(load("tutor"), "small")
    SESSION.clear()


@pytest.fixture(scope="module")
def made(lab: Lab) -> dict[str, Study]:
    return {}


def study(name: str, lab: Lab, made: dict[str, Study]) -> Study:
    if name not in made:
        made[name] = studies.run(name, lab)
    return made[name]


@pytest.mark.parametrize("name", studies.names())
def test_every_study_runs_to_its_end(name: str, lab: Lab, made: dict[str, Study]) -> None:
    found = study(name, lab, made)
    assert found.name == name
    assert found.source == studies.STUDIES[name].source
    for table in [*found.tables, *found.paper]:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}
    assert found.findings
    assert all(not re.search(r"\bnan\b|\binf\b|None", each) for each in found.findings)
    assert found.expectation
    chart = found.chart()
    assert chart is not None
    bundle: Any = chart._repr_mimebundle_()
    rows = bundle["application/vnd.vegalite.v5+json"]["data"]["values"]
    assert rows
    page = found._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert page.count("<table") == len(found.tables) + len(found.paper)


def test_a_greedy_model_is_consistent_where_all_masks_are_there(lab: Lab) -> None:
    runs = [
        lab.explain("What is life?", "gsmile", perturbations=64, seed=seed).total for seed in (0, 1)
    ]
    np.testing.assert_allclose(*runs, atol=1e-9)


def test_figures_of_a_study_are_those_of_the_explanations(lab: Lab, made: dict[str, Study]) -> None:
    found = study("gsmile-wordings", lab, made)
    frame = found.frame()
    question = frame[frame["wording"] == "question"]
    own = lab.explain("What is the meaning of life?", "gsmile", perturbations=12)
    np.testing.assert_allclose(question["score"], own.total)
    np.testing.assert_allclose(question["over the largest"], own.total / np.abs(own.total).max())


def test_joint_search_lowers_pr_at_least_as_far_as_its_own_smaller_sets(
    lab: Lab, made: dict[str, Study]
) -> None:
    frame = study("xprompt-sizes", lab, made).frame().set_index("method")
    ratios = frame.loc["XPrompt (joint)"].to_numpy(dtype=float)
    assert (np.diff(ratios) <= 1e-6).all()


def test_the_search_never_loses_what_it_found(lab: Lab, made: dict[str, Study]) -> None:
    for row in study("xprompt-convergence", lab, made).tables[0].rows:
        known = [value for value in row[1:] if isinstance(value, float)]
        assert all(b <= a + 1e-9 for a, b in itertools.pairwise(known))


def test_the_papers_numbers_are_those_of_its_text() -> None:
    """A few cells of each table, typed a second time from the paper."""
    assert TABLE_5.rows[2] == ["Claude 2.1", 0.0265, 0.6967, 0.1251, 0.1981, 0.0708, 0.6240]
    last = [table.rows[3] for table in TABLES_6_TO_8]
    assert last[0] == [256, 0.0116, 0.4276, 0.0675, 0.0872, 0.0163, 0.4138]
    assert last[1] == [256, 0.0058, 0.2387, 0.0605, 0.0667, 0.0118, 0.2203]
    assert last[2] == [256, 0.0191, 0.2670, 0.0902, 0.0873, 0.0163, 0.2494]
    best = max(TABLE_9.rows, key=lambda row: row[4])  # type: ignore[arg-type,return-value]
    assert best[:5] == ["linear", "wmd", "wmd", 0.0388, 0.7104]
    assert len(XPROMPT_TABLE_1.rows) == 24
    assert XPROMPT_TABLE_1.rows[3][-2:] == [0.549, 0.504]
    assert XPROMPT_TABLE_1.rows[19][-2:] == [0.317, 1.006]


def test_checkpoints_leave_the_model_alone_and_are_the_same_for_a_seed(lab: Lab) -> None:
    before = lab.model.fingerprint()
    first, second = noisy(lab.model, 0.3, 1), noisy(lab.model, 0.3, 1)
    assert lab.model.fingerprint() == before
    assert first.fingerprint() == second.fingerprint() != before
    assert noisy(lab.model, 0.3, 2).fingerprint() != first.fingerprint()
    assert len(lab.checkpoints(6)) == len(NOISE) == 6


def test_what_cannot_be_studied_is_told() -> None:
    with pytest.raises(XaiError, match="weights of net are not at hand"):
        studies.study("gsmile-accuracy", conftest.ToyModel(name="net"))
    with pytest.raises(XaiError, match="unknown study"):
        studies.study("gsmile-table-1")
    with pytest.raises(XaiError, match="unknown size"):
        studies.study("gsmile-time", size="large")


def test_pages_hold_everything_and_hold_text_as_text(tmp_path: Path, lab: Lab) -> None:
    found = Study(
        setup="What was run.",
        tables=[Table("Ours", ["word", "score"], [["a|b <i>", 0.12345], ["c", None]])],
        findings=["It rises."],
        expectation="Nothing.",
        name="gsmile-time",
        title="Time?",
        source="A paper, Table 1",
        size="small",
    )
    page = pages.write(found, tmp_path, lab).read_text(encoding="utf-8")
    assert "| a\\|b <i> | 0.123 |" in page
    assert "It rises." in page
    assert "--size small" in page
    assert "&lt;i&gt;" in found._repr_mimebundle_()["text/html"]
    assert "gsmile-time.md" in (tmp_path / "README.md").read_text(encoding="utf-8")
    pages.write(found, tmp_path / "smollm2", lab)
    pages.write(found, tmp_path, lab)
    assert "[smollm2](smollm2/README.md)" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_charts_of_pages_are_vega_lite(tmp_path: Path, lab: Lab, made: dict[str, Study]) -> None:
    found = study("xprompt-highlights", lab, made)
    pages.write(found, tmp_path, lab)
    spec = json.loads((tmp_path / "xprompt-highlights.vl.json").read_text(encoding="utf-8"))
    assert spec["data"]["values"]


def test_attention_is_that_of_the_last_layer(lab: Lab, made: dict[str, Study]) -> None:
    """By a plain forward: mean of heads and answer's tokens, sum of a word's tokens."""
    import torch

    model: Any = lab.model
    row = study("gsmile-attention", lab, made).tables[0].rows[0]
    prompt = model.prompt(row[0], units="word")
    answer = model.respond(prompt, Sampling(256))
    ids, source = list(prompt.ids or ()), prompt.token_source
    net = copy.deepcopy(model.model)
    net.set_attn_implementation("eager")
    with torch.no_grad():
        told = net(torch.tensor([[*ids, *answer.ids[:-1]]]), output_attentions=True).attentions
    last = told[-1][0].mean(dim=0)[len(ids) - 1 :, : len(ids)].mean(dim=0).numpy()
    for word, value in zip(("meaning", "life"), row[1:], strict=True):
        place = next(i for i, u in enumerate(prompt.document.sources) if word in u.text)
        assert value == pytest.approx(float(last[source == place].sum()), rel=1e-4)


def test_life_leads_in_six_of_the_ten_sentences() -> None:
    found = studies.run("gsmile-attention", Lab(load("tutor"), "full"))
    assert found.findings[0] == "“life” gets more than “meaning” in 6 of 10 sentences."


def test_multiple_choice_is_cut_into_words(lab: Lab, made: dict[str, Study]) -> None:
    found = study("gsmile-choice", lab, made)
    words = [str(row[0]) for row in found.tables[1].rows]
    (sample,) = lab.samples(["choice"], 1)
    assert words == sample.prompt.split()
    decisive = {row[0] for row in found.tables[1].rows if row[2]}
    assert decisive
    named = {word for link in sample.links for _, words in link.words for word in words.split()}
    assert {word.strip(".?()") for word in decisive} <= {word.strip(".?()") for word in named}


def test_leaving_one_out_misses_the_pair_at_two_words(lab: Lab, made: dict[str, Study]) -> None:
    """Either of doctor and patient implies the other: numbers by plain forwards."""
    rows = {
        (row[0], row[1]): row[2:] for row in study("xprompt-highlights", lab, made).tables[0].rows
    }
    model: Any = lab.model
    prompt = model.prompt("Write a story about a doctor and his patient.", units="word")
    answer = model.respond(prompt, Sampling(96))
    words = [unit.text.strip(" .") for unit in prompt.document.sources]
    for k, change in ((2, -0.58), (3, -38.5)):
        chosen, told = rows["Captum (leave-one-out)", k]
        mask = np.ones((1, len(words)), dtype=bool)
        # Of the two “a” the second is meant.
        last = {word: place for place, word in enumerate(words)}
        mask[0, [last[word] for word in str(chosen).split(", ")]] = False
        both = np.concatenate([np.ones_like(mask), mask])
        scored = {
            int(row): float(logprobs.sum())
            for batch in model.score(prompt, both, Operator(), answer)
            for row, logprobs in zip(batch.rows, batch.logprobs, strict=True)
        }
        assert told == pytest.approx(scored[1] - scored[0], abs=1e-3)
        assert told == pytest.approx(change, abs=0.05)
    assert rows["Captum (leave-one-out)", 2][0] == "a, doctor"
    chosen, told = rows["XPrompt (joint)", 2]
    assert chosen == "doctor, patient"
    assert told == pytest.approx(-35.8, abs=0.05)


def test_printed_walks_make_as_many_evaluations_as_ours(lab: Lab) -> None:
    prompts = boards(lab, 1)
    for of_log in (False, True):
        for settings in ({}, {"start": "random"}, {"swaps": "uniform"}):
            found, made = walks(lab, prompts, (25, 50), 3, of_log=of_log, **settings)
            assert made == [50] * len(prompts)
            assert (found[:, 1] <= found[:, 0] + 1e-9).all()
    of_p, of_log = (steepness(prompts, of_log=each)[0] for each in (False, True))
    _, board = prompts[0]
    whole = float(board.values(np.ones((1, board.n), dtype=bool))[0, -1])
    assert of_p == pytest.approx(of_log * np.exp(whole))


def test_any_model_can_be_studied_with_shorter_answers(tmp_path: Path) -> None:
    model = load("tutor:novice")
    short = Lab(model, "small", 0, 5)
    found = studies.run("gsmile-fidelity", short)
    assert found.tables[0].rows[0][0] == model.name
    e = short.explain("What is life?", "gsmile", perturbations=4)
    assert len(model.supplied(model.prompt("What?"), e.response).ids or ()) <= 5  # type: ignore[attr-defined]
    page = pages.write(found, tmp_path, short).read_text(encoding="utf-8")
    assert f"--model {model.name} --max-new-tokens 5`" in page
