"""Notebooks for tests in a real JupyterLab: written, opened and read from the page's own model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from visit import Visit

MIME = "application/vnd.jupyter-xai.explanation.v1+json"


def write(path: Path, cells: Sequence[NotebookNode | str]) -> str:
    """A notebook of these cells, code where only a source is given; its name."""
    made = [new_code_cell(each) if isinstance(each, str) else each for each in cells]
    notebook = new_notebook(cells=made)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, path)
    return path.name


def explained(explanation: dict[str, Any], source: str = "%%xai explain") -> NotebookNode:
    """A cell as it was saved with this explanation."""
    data = {MIME: explanation, "text/plain": "an explanation"}
    return new_code_cell(source, outputs=[new_output("display_data", data)])


def sources(visit: Visit) -> list[str]:
    """The sources of the current notebook's cells."""
    return visit.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
        ".map(cell => cell.getSource())"
    )


def active(visit: Visit) -> int:
    """Which cell is active."""
    return visit.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    )


def activate(visit: Visit, index: int) -> None:
    """Make this cell the active one."""
    visit.page.evaluate(
        "index => { const { content } = window.jupyterapp.shell.currentWidget;"
        " content.deselectAll(); content.activeCellIndex = index; }",
        index,
    )
