"""Models at servers, named in a notebook or a terminal; what opens them is kept out of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from double import Double, Reply, chat, refused, serving
from jupyter_xai.game.ledger import Ledger
from jupyter_xai.interface.commands import cli
from jupyter_xai.models import load as loading

SECRET = "sk-do-not-show-this"
SAID = 'explain "Say red. Say blue." --model openai:parrot --method leave-one-out'


def only_chat(body: dict[str, object], number: int) -> Reply:
    """It answers, and scores nothing."""
    if "messages" not in body or "prompt_logprobs" in body:
        return refused(400, "Unrecognized request argument: prompt_logprobs")
    return chat(body, number)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setattr("jupyter_xai.explainer.explainer.SESSION", Ledger())
    monkeypatch.setattr(loading, "_loaded", {})
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    yield shell
    shell.run_line_magic("unload_ext", "jupyter_xai")
    shell.configurables.clear()


def test_an_address_is_said_in_a_notebook(shell: InteractiveShell) -> None:
    with serving(only_chat) as server:
        e = shell.run_line_magic("xai", f"{SAID} --base-url {server.url}")
        listed = shell.run_line_magic("xai", f"methods -m openai:parrot --base-url {server.url}")
        compared = shell.run_line_magic(
            "xai",
            f'compare "Say red. Say blue." --models tutor,openai:parrot --base-url {server.url} '
            "--method leave-one-out --value text --max-new-tokens 4",
        )
    assert e.response == "I say red. I say blue."
    assert e.record["model"]["kind"] == "openai"
    assert "parrot gives answers" in str(listed)
    assert [each.record["model"]["kind"] for each in compared.explanations.values()] == [
        "tutor",
        "openai",
    ]


def test_an_address_is_said_in_a_terminal(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["explain", "Say red. Say blue.", "-m", "openai:parrot", "--method", "leave-one-out"]
    with serving(only_chat) as server:
        assert cli.main([*words, "--base-url", server.url, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["kind"] == "openai"


@pytest.mark.parametrize("model", ["--model tutor", "--model shout", ""])
def test_an_address_needs_a_model_at_a_server(shell: InteractiveShell, model: str) -> None:
    shell.user_ns["shout"] = str.upper
    with pytest.raises(UsageError, match=r"--base-url goes with .*--model openai:NAME"):
        shell.run_line_magic("xai", f'explain "Be kind." {model} --base-url http://localhost:1/v1')


def saved(shell: InteractiveShell, line: str, path: Path) -> str:
    """What a notebook keeps of a cell: its source and all forms of its result, or its error."""
    try:
        result = shell.run_line_magic("xai", line)
        data = shell.display_formatter.format(result)[0]  # type: ignore[union-attr]
        output = nbformat.v4.new_output("execute_result", data)
    except UsageError as error:
        output = nbformat.v4.new_output("error", evalue=str(error), traceback=[str(error)])
    cell = nbformat.v4.new_code_cell(f"%xai {line}", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    return path.read_text("utf-8")


def test_no_key_is_in_a_saved_notebook(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def closed(body: dict[str, object], number: int) -> Reply:
        return refused(401, f"Incorrect API key provided: {SECRET}.")

    def told(server: Double) -> set[str | None]:
        return {seen.headers.get("authorization") for seen in server.seen}

    for behaviour, shown in (
        (only_chat, "I say red."),
        (closed, "does not take the API key (Incorrect API key provided: [key].)"),
    ):
        with serving(behaviour) as server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
            monkeypatch.setenv("OPENAI_API_KEY", SECRET)
            text = saved(shell, SAID, tmp_path / "notebook.ipynb")
        assert told(server) == {f"Bearer {SECRET}"}, "the key was used"
        assert shown in text
        assert SECRET not in text


@pytest.mark.parametrize(
    "url", ["http://me:hunter2@127.0.0.1:1/v1", "http://127.0.0.1:1/v1?k=hunter2"]
)
def test_an_address_that_opens_the_server_is_not_taken(shell: InteractiveShell, url: str) -> None:
    with pytest.raises(UsageError, match="an address alone, without user, password") as error:
        shell.run_line_magic("xai", f"{SAID} --base-url {url}")
    assert "hunter2" not in str(error.value)


def test_a_key_of_the_environment_goes_to_no_address_that_is_said(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with serving(only_chat) as server:
        shell.run_line_magic("xai", f"{SAID} --base-url {server.url}")
    assert server.seen
    assert not [seen for seen in server.seen if SECRET in str(seen.headers)]
