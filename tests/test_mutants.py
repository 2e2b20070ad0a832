"""The list of bugs to plant fits the sources; planting them is for `make mutants`."""

from __future__ import annotations

from mutants import run


def test_every_bug_can_be_planted_and_its_tests_are_there() -> None:
    assert list(run.misplaced(run.read())) == []


def test_every_room_of_the_house_has_bugs_to_notice() -> None:
    files = [mutant.file for mutant in run.read()]
    assert len(files) >= 42
    for room in (
        "models/",
        "methods/",
        "metrics/",
        "evaluation/",
        "training/",
        "src/view",
        "src/lab",
    ):
        assert any(room in file for file in files), room
    for name in ("budget.py", "storage.py", "magics.py", "cli.py", "jobs.py", "text_values.py"):
        assert any(file.endswith(name) for file in files), name


def test_a_bug_that_fits_nowhere_is_told() -> None:
    one = run.read()[0]
    spoilt = [
        run.Mutant("a", one.file, "no such text", "", one.tests, ""),
        run.Mutant("b", one.file, "return", "", one.tests, ""),
        run.Mutant("c", one.file, one.search, one.search, ("tests/none.py::test_x",), ""),
    ]
    told = list(run.misplaced(spoilt))
    assert "0 times" in told[0]
    assert "times, not once" in told[1]
    assert told[2:] == ["c: changes nothing", "c: there is no tests/none.py::test_x"]
