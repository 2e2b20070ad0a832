"""%xai and %%xai, in a shell without a kernel and in a real kernel."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from IPython.core.completer import CompletionContext
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import jupyter_xai as xai
import tiny
from conftest import TRAVEL, ToyModel
from jupyter_xai.interface.commands import arguments
from jupyter_xai.interface.commands.parser import COMMANDS, parser_for
from jupyter_xai.interface.explanation import Explanation
from jupyter_xai.models.local.transformers import TransformersModel


@pytest.fixture
def shell(toy: ToyModel) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "jupyter_xai")
    shell.user_ns.update(net=toy, text=TRAVEL, shout=str.upper, number=3)
    yield shell
    shell.run_line_magic("unload_ext", "jupyter_xai")
    shell.configurables.clear()


def complete(shell: InteractiveShell, line: str) -> list[str]:
    (matcher,) = [
        m for m in shell.Completer.custom_matchers if m.__qualname__.startswith("Completer.")
    ]
    context = CompletionContext(
        token=line.split(" ")[-1],
        full_text=line,
        cursor_position=len(line),
        cursor_line=0,
        limit=500,
    )
    return [completion.text for completion in matcher(context)["completions"]]


def test_loading_is_quiet_and_idempotent(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(shell.configurables), len(shell.Completer.custom_matchers)
    shell.run_line_magic("reload_ext", "jupyter_xai")
    xai.load_ipython_extension(shell)
    assert (len(shell.configurables), len(shell.Completer.custom_matchers)) == before
    assert capsys.readouterr().out == ""


def test_unloading_leaves_nothing_behind() -> None:
    shell = InteractiveShell()
    before = len(shell.configurables), len(shell.Completer.custom_matchers)
    xai.load_ipython_extension(shell)
    assert (len(shell.configurables), len(shell.Completer.custom_matchers)) != before
    xai.unload_ipython_extension(shell)
    assert (len(shell.configurables), len(shell.Completer.custom_matchers)) == before
    assert shell.find_line_magic("xai") is None
    assert shell.find_cell_magic("xai") is None


def test_a_line_is_explained(shell: InteractiveShell) -> None:
    e = shell.run_line_magic("xai", f'explain "{TRAVEL}" --model net --method leave-one-out -k 2')
    assert isinstance(e, Explanation)
    assert e.prompt == f"<s>{TRAVEL}"
    assert e.k == 2
    assert e.ranking(0)[0] == 1
    assert "the model is the variable 'net' of this notebook" in e.notes


def test_a_cell_is_explained_as_it_is_written(shell: InteractiveShell) -> None:
    text = 'He said "{number}" and paid $number.\n\n  {{Warm}} \\n -k 9 --units word\n'
    e = shell.run_cell_magic("xai", "explain --model net --method leave-one-out -o kept", text)
    assert e.prompt == "<s>" + text.removesuffix("\n")
    assert shell.user_ns["kept"] is e


def test_braces_on_the_line_are_not_expanded(shell: InteractiveShell) -> None:
    shell.run_cell('e = %xai explain "Take {number} or $number." --model net', store_history=False)
    assert shell.user_ns["e"].prompt == "<s>Take {number} or $number."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"Be kind." --model shout --value logprob', "use --value text, or a model"),
        ('"Be kind." --model shout --max-new-tokens 0', "--max-new-tokens must be at least 1"),
        ('"Be kind." --model shout --method contrastive', 'needs --foil "..."'),
        ('"Be kind." --model shout --targets 0:3', "shout gives text only; leave them out"),
        (
            '"Be kind." --model shout --targets zzz',
            "give context-dependent, or pieces such as 0:12",
        ),
        ('"Be kind." --model shout --targets 0:x', "names no characters of the answer"),
        ('"Be kind." --model shout --samples 3 --max-cost 1', "--max-cost needs the prices"),
    ],
)
def test_errors_speak_of_options(shell: InteractiveShell, line: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        shell.run_line_magic("xai", f"explain {line}")
    assert said in str(error.value)
    assert not re.search(r"value=|max_new|max_cost|foil=", str(error.value))


@pytest.mark.parametrize("given", ["--value text", '--response "New."', "--method saliency"])
def test_a_model_that_gives_no_numbers_is_one_line(shell: InteractiveShell, given: str) -> None:
    model = tiny.model("llama")
    with torch.no_grad():
        model.lm_head.weight.fill_(torch.nan)
    shell.user_ns["broken"] = TransformersModel(model, tiny.tokenizer(chat=True), name="broken")
    with pytest.raises(UsageError, match=r"^broken returned NaN log-probabilities; load it in"):
        shell.run_line_magic("xai", f'explain "I rest. New cities." --model broken {given}')


def test_variables_are_named(shell: InteractiveShell) -> None:
    shell.user_ns["answer"] = "Somewhere warm."
    line = "explain --prompt text --model net --response-from answer --method shap -o kept"
    e = shell.run_line_magic("xai", line)
    assert e.prompt == f"<s>{TRAVEL}"
    assert e.response == "Somewhere warm."
    assert shell.user_ns["kept"] is e


def test_local_variables_are_found(shell: InteractiveShell, toy: ToyModel) -> None:
    shell.user_ns["toy"] = toy
    shell.run_cell(
        "def ask():\n"
        "    mine = 'Warm. Cold.'\n"
        "    return get_ipython().run_line_magic('xai', 'explain --prompt mine --model toy')\n"
        "e = ask()"
    )
    assert shell.user_ns["e"].sources == ("Warm. ", "Cold.")


def test_functions_and_names_are_models(shell: InteractiveShell) -> None:
    shell.user_ns["named"] = "tutr"
    e = shell.run_line_magic("xai", 'explain "Be brief." --model shout --method leave-one-out')
    assert e.record["model"]["name"] == "shout"
    with pytest.raises(UsageError, match="did you mean 'tutor'"):
        shell.run_line_magic("xai", 'explain "Be brief." --model named')


def test_magic_function_and_terminal_give_the_same(shell: InteractiveShell, toy: ToyModel) -> None:
    said = "--units word --method shap --perturbations 40 --seed 3 --value logprob"
    one = shell.run_line_magic("xai", f'explain "{TRAVEL}" --model net {said}')
    options = arguments.options(
        parser_for("x", notebook=False).parse_args(["explain", *arguments.split(said)])
    )
    two = xai.explain(TRAVEL, toy, **options)
    assert one.to_dict()["scores"] == two.to_dict()["scores"]


def test_settings_of_the_method(shell: InteractiveShell) -> None:
    e = shell.run_line_magic("xai", "explain --prompt text --model net --set alpha=0.02")
    assert e.record["method"]["settings"]["alpha"] == 0.02
    said = (
        "--method gsmile --set surrogate=bayesian-ridge --set sigma=.5 --set input-distance=cosine"
    )
    e = shell.run_line_magic("xai", f"explain --prompt text --model net {said} --value logprob")
    settings = e.record["method"]["settings"]
    assert (settings["surrogate"], settings["sigma"]) == ("bayesian-ridge", 0.5)
    assert settings["input_distance"] == "cosine"


def test_defaults_can_be_configured(
    shell: InteractiveShell, caplog: pytest.LogCaptureFixture
) -> None:
    shell.run_line_magic("config", "XaiMagics.method = 'leave-one-out'")
    shell.run_line_magic("config", "XaiMagics.model = 'net'")
    shell.run_line_magic("config", "XaiMagics.k = 2")
    e = shell.run_line_magic("xai", "explain --prompt text")
    assert e.record["method"]["name"] == "leave-one-out"
    assert e.k == 2
    assert shell.run_line_magic("xai", "explain --prompt text -k 1").k == 1
    for wrong in ("method = 'leave'", "k = 0", "units = 'sentences'"):
        shell.run_line_magic("config", f"XaiMagics.{wrong}")
    assert "unknown method 'leave'" in caplog.text
    assert shell.run_line_magic("xai", "explain --prompt text").to_dict()["k"] == 2


def test_lists_and_help(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    for line, expected in [
        ("models", "tutor"),
        ("config", "XaiMagics.perturbations"),
        ("help", "example:"),
        ("", "example:"),
        ("--help", "example:"),
        ("explain --help", "--perturbations"),
    ]:
        assert shell.run_line_magic("xai", line) is None
        assert expected in capsys.readouterr().out
    assert "%xai explain" in (shell.find_line_magic("xai").__doc__ or "")


def test_methods_are_a_table_that_marks_what_a_model_cannot_serve(
    shell: InteractiveShell, toy: ToyModel
) -> None:
    assert "leave-one-out" in repr(shell.run_line_magic("xai", "methods"))
    shell.push({"shout": str.upper})
    table = shell.run_line_magic("xai", "methods --model shout")
    served = {row.name: not row.why_not for row in table.rows}
    assert served["leave-one-out"]
    assert all("gives answers" in row.why_not for row in table.rows if row.why_not)
    assert (toy.scored, toy.answered) == (0, 0)


def test_an_estimate_asks_nothing(shell: InteractiveShell, toy: ToyModel) -> None:
    line = "explain --prompt text --model net --method leave-one-out"
    estimate = shell.run_line_magic("xai", f"{line} --estimate")
    assert (toy.scored, toy.answered) == (0, 0)
    counted = shell.run_line_magic("xai", line).to_dict()["cost"]
    assert estimate.forwards - 2 <= counted["forwards"] <= estimate.forwards
    assert estimate.generations == counted["generations"] == 1


def test_a_budget_can_be_said(shell: InteractiveShell, toy: ToyModel) -> None:
    e = shell.run_line_magic("xai", "explain --prompt text --model net --max-forwards 3")
    assert e.partial
    assert toy.scored == 3


@pytest.mark.parametrize(
    ("line", "cell", "message"),
    [
        ("bogus", None, "there is no command 'bogus'"),
        ("explain", None, "there is no prompt; write %xai explain"),
        ("explain", "", "there is no prompt"),
        ("explain", " \n", "the prompt is empty"),
        ('explain "a" --prompt text', None, "given on the line and by --prompt; give it once"),
        ("explain a", "b", "given on the line and in the cell"),
        ("explain --prompt none", None, "--prompt none: there is no variable of that name"),
        ("explain --prompt number", None, "must be a text or a list of messages, not int"),
        ("explain hi --model number", None, "cannot explain int"),
        ("explain hi --model net --methd x", None, "unrecognized arguments: --methd"),
        ("explain hi --model net --method shapley", None, "shap"),
        ("explain hi --model net -k x", None, "invalid int value: 'x'"),
        ("explain hi --model net -k 7", None, "k is 7, but the prompt has only 1 sentence;"),
        ("explain hi --model net --set alpha", None, "--set takes key=value"),
        ("explain hi --model net --set units=word", None, "write --units instead"),
        ("explain hi --model net -o 3x", None, "takes the name of a variable"),
        ("explain hi --model tutr", None, "did you mean 'tutor'?"),
        ("explain hi --model net --tokenizer none", None, "no variable of that name"),
        ("explain hi --model other --tokenizer text", None, "there is none called 'other'"),
        ("methods", "text", "only %%xai explain and %%xai compare take a text"),
    ],
)
def test_mistakes_give_one_line_without_traceback(
    shell: InteractiveShell, line: str, cell: str | None, message: str
) -> None:
    xai_magic = shell.find_line_magic("xai")
    assert xai_magic is not None
    with pytest.raises(UsageError) as caught:
        xai_magic(line, cell, {})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_interrupt_hands_back_a_partial_explanation(
    shell: InteractiveShell, toy: ToyModel
) -> None:
    toy.interrupt_after = 6
    e = shell.run_line_magic("xai", "explain --prompt text --model net")
    assert e.partial
    assert not shell.run_line_magic("xai", "explain --prompt text --model net").partial


def test_an_interrupt_before_the_answer_gives_one_line(
    shell: InteractiveShell, toy: ToyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def respond(prompt: object, sampling: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(toy, "respond", respond)
    with pytest.raises(UsageError, match="stopped before there was a result"):
        shell.run_line_magic("xai", "explain --prompt text --model net")


@pytest.mark.parametrize(
    ("line", "words_"),
    [
        ("%xai ", [*COMMANDS]),
        ("%xai ex", ["explain"]),
        ("%%xai explain --me", ["--method"]),
        ("%xai explain --method sh", ["shap"]),
        ("%xai explain --units se", ["sentence"]),
        ("%xai explain --response-units p", ["paragraph"]),
        ("%xai explain --value log", ["logprob", "logit"]),
        ("%xai explain --operator zero", ["zero-embedding"]),
        ("%xai explain --model tu", ["tutor", "tutor:novice"]),
        ("%xai explain --model ne", ["net"]),
        ("%xai explain --prompt te", ["text"]),
        ('%xai explain "--units se" --res', ["--response", "--response-from", "--response-units"]),
        ("%xai evaluate --which cu", ["curves"]),
        ("%xai evaluate --tr", ["--truth"]),
        ("%xai methods --mo", ["--model"]),
        ("%xai models ", []),
        ("xai ex", []),
        ("%xaiex", []),
    ],
)
def test_completion(shell: InteractiveShell, line: str, words_: list[str]) -> None:
    assert complete(shell, line) == words_


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a "b c" d', ["a", "b c", "d"]),
        (r'"say \"hi\" \n {x}"', [r'say "hi" \n {x}']),
        ("it's what's 'in here' o'clock", ["it's", "what's", "in here", "o'clock"]),
        ('a "b', ["a", '"b']),
        ('--set a="x y"', ["--set", "a=x y"]),
        (r"C:\models\x", [r"C:\models\x"]),
        ('""', [""]),
        ("", []),
    ],
)
def test_splitting_takes_words_as_they_are_written(line: str, expected: list[str]) -> None:
    assert arguments.split(line) == expected


def test_every_option_of_explain_can_be_said() -> None:
    import inspect

    named = {
        name
        for name, parameter in inspect.signature(xai.explain).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    parsed: argparse.Namespace = parser_for("x", notebook=True).parse_args(["explain"])
    # The interpreter is a setting of a method, which has an option of its own.
    assert named - {"checks", "progress"} == set(arguments.NAMED) - {"interpreter"}
    assert set(arguments.NAMED) <= set(vars(parsed))


def test_an_interpreter_is_trained_and_explains(shell: InteractiveShell, tmp_path: Path) -> None:
    shell.user_ns["data"] = [f"I am {i}. It rains. Help me." for i in ("cold", "ill", "lost")]
    line = f"train --prompts data --model net --steps 2 --out {tmp_path} -o mine"
    found = shell.run_line_magic("xai", line)
    assert shell.user_ns["mine"] is found
    assert not found.partial
    e = shell.run_line_magic(
        "xai", "explain --prompt text --model net --method energy --interpreter mine"
    )
    assert e.record["method"]["settings"]["interpreter"] == str(tmp_path)
    compared = "compare --prompt text --model net --methods shap,energy --interpreter mine"
    assert shell.run_line_magic("xai", compared)["energy"].total.shape == (4,)
    with pytest.raises(UsageError, match="either --prompts FILE or --family"):
        shell.run_line_magic("xai", "train --model net")


def test_the_words_of_training_are_completed(shell: InteractiveShell) -> None:
    assert complete(shell, "%xai tr") == ["train"]
    assert complete(shell, "%xai train --ma") == ["--max-queries"]
    assert complete(shell, "%xai train --config t") == ["tiny"]
    assert complete(shell, "%xai train --family tr") == ["travel"]
    assert complete(shell, "%xai train --prompts te") == ["text"]
    assert complete(shell, "%xai explain --method en") == ["energy"]
    assert complete(shell, "%xai explain --interpreter te") == ["text"]


@pytest.mark.parametrize("words_given", [["--method", "linear", "text"], ["--units", "word", "x"]])
def test_a_forgotten_command_is_named(words_given: list[str]) -> None:
    with pytest.raises(arguments.WordingError, match="to explain an answer write %xai explain"):
        parser_for("%xai", notebook=True).parse_args(words_given)
