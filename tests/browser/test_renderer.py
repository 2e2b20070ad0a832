"""Saved output in JupyterLab: only what a person trusts becomes live.

The renderer itself runs here, on a notebook and a kernel that do what they are told.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

import fixtures
from harness import Open
from spoiling import Place, replaced

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
ENTRY = """
export { ExplanationRenderer } from './src/lab/renderer';
export { Widget } from '@lumino/widgets';
"""

SHOW = """async ({esm, explanation, trusted, known}) => {
  const source = new Blob([esm], {type: 'text/javascript'});
  const { ExplanationRenderer, Widget } = await import(URL.createObjectURL(source));
  const asked = [];
  const kernel = {
    status: 'idle',
    info: Promise.resolve({}),
    requestCommInfo: async () => {
      asked.push('comms');
      return { content: { status: 'ok', comms: known ? { w: {} } : {} } };
    },
  };
  class Live extends Widget {
    async renderModel() {
      const view = document.createElement('div');
      view.className = 'jxai-view';
      view.textContent = 'the live view';
      this.node.append(view);
    }
  }
  const rendermime = {
    createRenderer: (type) => {
      asked.push(type);
      return new Live();
    },
  };
  const panel = {
    sessionContext: { ready: Promise.resolve(), session: { kernel } },
    content: { rendermime, model: { cells: [] } },
  };
  const renderer = new ExplanationRenderer({ find: () => panel });
  Widget.attach(renderer, document.body);
  await renderer.renderModel({
    trusted,
    metadata: {},
    data: {
      'application/vnd.jupyter-xai.explanation.v1+json': explanation,
      'application/vnd.jupyter.widget-view+json': { model_id: 'w' },
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const shown = [...document.querySelectorAll('[data-jxai-renderer]')]
    .filter((one) => one.checkVisibility());
  const text = document.body.innerText;
  renderer.dispose();
  return { asked, text, shown: shown.map((one) => one.dataset.jxaiRenderer) };
}"""


@pytest.fixture(scope="module")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The renderer as one module."""
    out = tmp_path_factory.mktemp("renderer") / "renderer.js"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=esm", "--target=es2020", "--log-level=warning"]
    command = [str(esbuild), *options, "--loader=ts", f"--outfile={out}"]
    subprocess.run(command, input=ENTRY, text=True, check=True, cwd=ROOT, timeout=60)
    return out.read_text("utf-8")


@pytest.mark.parametrize(
    ("trusted", "known", "shown"),
    [(True, True, "live"), (True, False, "saved"), (False, True, "saved")],
)
def test_only_a_trusted_notebook_whose_kernel_knows_the_model_goes_live(
    renderer: str, open_view: Open, trusted: bool, known: bool, shown: str
) -> None:
    page = open_view().page
    told = {"esm": renderer, "explanation": fixtures.travel(), "trusted": trusted, "known": known}
    found = page.evaluate(SHOW, told)
    assert found["shown"] == [shown]
    # A notebook that nobody trusts does not reach the kernel at all.
    if not trusted:
        assert found["asked"] == []


@pytest.mark.parametrize(
    ("at", "wrong"),
    [
        *(((), 5), ((), None), (("prompt",), 5), (("response", "units"), None)),
        *((("scores",), "x"), (("prompt", "units", 0), None), (("notes",), 5)),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line(
    renderer: str, open_view: Open, at: Place, wrong: Any
) -> None:
    page = open_view().page
    spoilt = replaced(fixtures.travel(), at, wrong)
    told = {"esm": renderer, "explanation": spoilt, "trusted": False, "known": False}
    found = page.evaluate(SHOW, told)
    assert found["shown"] == ["saved"]
    assert found["text"].strip()
