"""Pages of studies for the documentation: Markdown, and a chart that JupyterLab opens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from jupyter_xai import studies
from jupyter_xai.explanation.render.offline_chart import specification
from jupyter_xai.files import write as write_file
from jupyter_xai.studies.lab import Lab
from jupyter_xai.studies.results import Study


def write(study: Study, folder: Path, lab: Lab) -> Path:
    """Write ``NAME.md`` and ``NAME.vl.json``, and the list of all pages that are there."""
    folder.mkdir(parents=True, exist_ok=True)
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    revision = lab.model.describe().get("revision") or "?"
    of_model = "" if lab.model.name == "tutor" else f" --model {lab.model.name}"
    short = "" if lab.max_new_tokens == 256 else f" --max-new-tokens {lab.max_new_tokens}"
    command = f"python -m jupyter_xai.studies {study.name} --size {study.size} --seed {lab.seed}"
    foot = (
        f"\n---\n\nMade by `{command}{of_model}{short}` on {made} in {study.seconds:.0f} s, on "
        f"{lab.model.name} (revision {revision})."
    )
    if study.plot is not None:
        chart = folder / f"{study.name}.vl.json"
        write_file(
            chart, json.dumps(specification(study.plot), indent=1, ensure_ascii=False) + "\n"
        )
        foot += f" Chart: [{chart.name}]({chart.name}), which JupyterLab draws."
    page = write_file(folder / f"{study.name}.md", study.markdown() + foot + "\n")
    _index(folder)
    return page


def _index(folder: Path) -> None:
    lines = ["# Studies", "", "The papers' tables and figures, made again.", ""]
    for name, entry in studies.STUDIES.items():
        if (folder / f"{name}.md").exists():
            lines.append(f"- [{entry.title}]({name}.md) ({entry.source})")
    # Pages of other models lie in folders of their own, named as the models are.
    others = sorted(page.parent.name for page in folder.glob("*/README.md"))
    if others:
        links = ", ".join(f"[{name}]({name}/README.md)" for name in others)
        lines += ["", f"Some of them on other models: {links}."]
    write_file(folder / "README.md", "\n".join([*lines, ""]))
