"""Plant bugs, one at a time, and see whether the tests notice: ``python tests/mutants/run.py``.

``patches.toml`` beside this file lists the bugs. Each is put into a copy of the tree, never into
the tree itself, and the tests that should see it are run there: when they pass nevertheless, a test
is missing. What was found is kept in ``artifacts/mutants`` by the patch and by the state of all
sources, so that a run that was stopped goes on where it was.

Exits 1 when a bug survives, when its search text is not found exactly once, or when its tests do
not pass without it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATCHES = Path(__file__).with_name("patches.toml")
KEPT = ROOT / "artifacts" / "mutants" / "results.json"
SOURCES = ("jupyter_xai", "src", "tests", "package.json", "pyproject.toml", "tsconfig.json")
BUILT = ("jupyter_xai/static", "jupyter_xai/labextension")
"""Built files, which git does not list and tests need."""

TEST_SECONDS = 120
RUN_SECONDS = 400
PASSED, FAILED = "passed", "failed"


@dataclass(frozen=True)
class Mutant:
    """One bug.

    Attributes
    ----------
    name : str
    file : str
        Where, from the root of the tree.
    search, replace : str
        The text that is changed, which stands in the file exactly once, and what takes its place.
    tests : tuple of str
        What should notice: files, or single tests as pytest names them; ``.test.ts`` for the view.
    sees : str
        What somebody who uses the package would see.
    """

    name: str
    file: str
    search: str
    replace: str
    tests: tuple[str, ...]
    sees: str

    @property
    def rebuilds(self) -> bool:
        """Whether its tests look at the built front end."""
        return self.file.startswith("src/") and not all(is_view(test) for test in self.tests)

    def key(self, state: str) -> str:
        """Names what was found of this bug in this state of the sources."""
        content = json.dumps([self.file, self.search, self.replace, self.tests, state])
        return hashlib.sha256(content.encode()).hexdigest()[:24]


@dataclass(frozen=True)
class Result:
    """What came of a bug: whether it was noticed, and how long that took."""

    verdict: str
    seconds: float
    said: str = ""


class Copy:
    """A copy of the tree, in which bugs are planted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in listed():
            if not (ROOT / name).is_file():
                continue
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
        for name in BUILT:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
        if (ROOT / "node_modules").exists():
            (folder / "node_modules").symlink_to((ROOT / "node_modules").resolve())

    def tested(self, mutant: Mutant) -> tuple[str, str]:
        """Plant a bug, run its tests and take it out again."""
        place = self.folder / mutant.file
        before = place.read_text(encoding="utf-8")
        planted = before.replace(mutant.search, mutant.replace)
        place.write_text(planted, encoding="utf-8")
        try:
            if mutant.rebuilds:
                self.build()
            return self.run(mutant.tests)
        finally:
            place.write_text(before, encoding="utf-8")
            if mutant.rebuilds:
                self.build()

    def build(self) -> None:
        """Build what pages are made of."""
        self._done(["npm", "run", "--silent", "build:static"])

    def run(self, tests: Sequence[str]) -> tuple[str, str]:
        """Run tests: `PASSED` or `FAILED` and the end of what they said; else what went wrong."""
        view = [test for test in tests if is_view(test)]
        other = [test for test in tests if not is_view(test)]
        commands = [self._view(test) for test in view]
        if other:
            limit = ["--timeout", str(TEST_SECONDS)]
            options = ["-q", "-x", "-p", "no:cacheprovider", "--no-header", *limit]
            commands.append([[sys.executable, "-m", "pytest", *options, *other]])
        for steps in commands:
            for step in steps:
                code, said = self._done(step)
                if code == 1:
                    return FAILED, said
                if code != 0:
                    return f"exit status {code}", said
        return PASSED, ""

    def _view(self, test: str) -> list[list[str]]:
        out = f"lib/mutants/{Path(test).stem}.mjs"
        node = [f"--test-timeout={TEST_SECONDS * 1000}", out]
        options = ["--bundle", "--platform=node", "--format=esm", "--packages=external"]
        esbuild = ["node_modules/.bin/esbuild", test, *options, f"--outfile={out}"]
        return [[*esbuild, "--log-level=warning"], ["node", "--test", *node]]

    def _done(self, command: Sequence[str]) -> tuple[int, str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "OMP_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            # It would hang for whoever runs the tests: that is noticed.
            os.killpg(process.pid, 9)
            process.communicate()
            return 1, "the tests did not end"
        return process.returncode, said[-2_000:]


def is_view(test: str) -> bool:
    """Whether a test is one of the view's, in TypeScript."""
    return test.endswith(".test.ts")


def read(path: Path = PATCHES) -> list[Mutant]:
    """The bugs in a file."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]
    return [Mutant(**{**entry, "tests": tuple(entry["tests"])}) for entry in entries]


def misplaced(mutants: Iterable[Mutant], root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the list itself: texts that are not found once, tests that are not there.

    Examples
    --------
    >>> list(misplaced(read()))
    []
    """
    names: set[str] = set()
    for mutant in mutants:
        if mutant.name in names:
            yield f"{mutant.name}: the name is there twice"
        names.add(mutant.name)
        place = root / mutant.file
        count = place.read_text(encoding="utf-8").count(mutant.search) if place.is_file() else 0
        if count != 1:
            yield f"{mutant.name}: its search text is in {mutant.file} {count} times, not once"
        if mutant.search == mutant.replace:
            yield f"{mutant.name}: changes nothing"
        for test in mutant.tests:
            if not (root / test.partition("::")[0]).is_file():
                yield f"{mutant.name}: there is no {test}"


def listed() -> list[str]:
    """The files of the tree that git knows or would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return sorted({name for name in done.stdout.decode().split("\0") if name})


def state() -> str:
    """Tells states of the sources apart. A longer list of bugs is no other state."""
    found = hashlib.sha256()
    own = PATCHES.relative_to(ROOT).as_posix()
    for name in listed():
        path = ROOT / name
        if name.startswith(SOURCES) and name != own and path.is_file():
            found.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


class Results:
    """What was found, on disk as soon as it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = self._read()

    @staticmethod
    def _read() -> dict[str, dict[str, object]]:
        try:
            return json.loads(KEPT.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}

    def get(self, key: str) -> Result | None:
        """What is known of a bug, by its key."""
        found = self._known.get(key)
        return None if found is None else Result(**found)  # type: ignore[arg-type]

    def put(self, key: str, result: Result) -> None:
        """Keep what was found; what another run found meanwhile stays."""
        with self._lock:
            self._known = {**self._read(), **self._known, key: vars(result)}
            KEPT.parent.mkdir(parents=True, exist_ok=True)
            beside = KEPT.with_suffix(f".{os.getpid()}")
            beside.write_text(json.dumps(self._known, indent=1), encoding="utf-8")
            beside.replace(KEPT)


def baseline(mutants: Sequence[Mutant], at: str, results: Results, copy: Copy) -> Result:
    """Whether the tests pass as long as nothing is planted."""
    tests = tuple(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    everything = Mutant("baseline", "", "", "", tests, "")
    known = results.get(everything.key(at))
    if known is not None and known.verdict == PASSED:
        return known
    began = time.monotonic()
    verdict, said = PASSED, ""
    # In pieces, or all of them would have to end within one limit.
    for start in range(0, len(tests), 8):
        verdict, said = copy.run(tests[start : start + 8])
        if verdict != PASSED:
            break
    result = Result(verdict, round(time.monotonic() - began, 1), said)
    results.put(everything.key(at), result)
    return result


def all_found(
    mutants: Sequence[Mutant], at: str, results: Results, copies: Sequence[Copy]
) -> dict[str, Result]:
    """What came of every bug, from memory or tried now, several at once."""
    found: dict[str, Result] = {}
    waiting: queue.SimpleQueue[Mutant] = queue.SimpleQueue()
    for mutant in mutants:
        known = results.get(mutant.key(at))
        if known is None or known.verdict not in (PASSED, FAILED):
            waiting.put(mutant)
        else:
            found[mutant.name] = known

    def work(copy: Copy) -> None:
        while True:
            try:
                mutant = waiting.get_nowait()
            except queue.Empty:
                return
            began = time.monotonic()
            verdict, said = copy.tested(mutant)
            result = Result(verdict, round(time.monotonic() - began, 1), said)
            results.put(mutant.key(at), result)
            found[mutant.name] = result
            print(line(mutant, result), flush=True)  # noqa: T201

    threads = [threading.Thread(target=work, args=(copy,)) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def line(mutant: Mutant, result: Result) -> str:
    """A bug and what came of it."""
    told = {PASSED: "SURVIVED", FAILED: "noticed"}.get(result.verdict, f"? {result.verdict}")
    return f"{told:<10} {result.seconds:6.1f} s  {mutant.name}: {mutant.sees}"


def main() -> int:
    """Try every bug; 0 when all are noticed."""
    parser = argparse.ArgumentParser(description="Plant bugs and see whether tests notice.")
    parser.add_argument(
        "--only", metavar="WORD", nargs="+", help="bugs whose name, file or tests have such a word"
    )
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true", help="show the list and try nothing")
    parser.add_argument("--no-baseline", action="store_true", help="trust the tests to pass")
    asked = parser.parse_args()
    wrong, mutants = [*misplaced(read())], read()
    if wrong:
        print("\n".join(wrong))  # noqa: T201
        return 1
    if asked.only:
        mutants = [
            each
            for each in mutants
            if any(word in f"{each.name} {each.file} {each.tests}" for word in asked.only)
        ]
    if asked.list:
        print("\n".join(f"{each.name}: {each.sees} ({each.file})" for each in mutants))  # noqa: T201
        return 0
    at, results, began = state(), Results(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [Copy(Path(folder) / str(number)) for number in range(max(1, asked.jobs))]
        if not asked.no_baseline:
            unharmed = baseline(mutants, at, results, copies[0])
            if unharmed.verdict != PASSED:
                print(f"{unharmed.said}\nthe tests do not pass without any bug")  # noqa: T201
                return 1
        found = all_found(mutants, at, results, copies)
    missed = [each for each in mutants if found[each.name].verdict != FAILED]
    print("\n".join(["", *(line(each, found[each.name]) for each in mutants)]))  # noqa: T201
    minutes = (time.monotonic() - began) / 60
    print(f"{len(mutants) - len(missed)} of {len(mutants)} noticed, {minutes:.1f} min")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
