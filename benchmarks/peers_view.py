"""What a page takes that shows one explanation: ours, as a file and as it is saved, and Inseq's.

The quickstart's prompt and the tutor's answer; by sentences, as a person reads them, and by tokens,
as Inseq shows them. Elements are counted in Chromium once the page stands still.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from support import peers
from support.report import Table, Target, arguments, finish

import jupyter_xai as xai
from jupyter_xai.explanation.result import MIME
from jupyter_xai.files import dumps
from jupyter_xai.interface.widget.display import full_bundle

PROMPT = (
    "Lately, I've been feeling very tired from work. I want a place to relax. "
    "Somewhere with warm weather is preferable. No busy cities, though. "
    "In terms of cost, my budget is quite flexible."
)
_ELEMENTS = """() => {
  const count = (root) => [...root.querySelectorAll('*')]
    .reduce((sum, { shadowRoot }) => sum + 1 + (shadowRoot ? count(shadowRoot) : 0), 0);
  return count(document);
}"""


def elements(browser: Browser, html: str) -> int:
    """Elements of this page, shadow trees included."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.goto(file.as_uri())
        page.wait_for_load_state("networkidle")
        found = page.evaluate(_ELEMENTS)
        page.close()
    return found


def inseq_page(model: Any, response: str) -> str:
    """Inseq's own HTML of its saliency for the same tokens."""
    import inseq  # pyright: ignore[reportMissingImports]

    tokenizer = model.tokenizer
    messages = [{"role": "user", "content": PROMPT}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    # Inseq puts a beginning in front, which the tutor has not.
    tokenizer.unk_token = tokenizer.unk_token or tokenizer.eos_token
    tokenizer.bos_token = tokenizer.eos_token
    for settings in (model.model.config, model.model.generation_config):
        settings.bos_token_id = tokenizer.eos_token_id
    explainer = inseq.load_model(model.model, "saliency", tokenizer=tokenizer)
    found = explainer.attribute(
        prompt, prompt + response, show_progress=False, skip_special_tokens=True
    )
    return found.show(display=False, return_html=True)


def measure(browser: Browser, inseq: bool) -> tuple[Table, list[Target]]:
    table = Table("One explanation", ("", "units", "page", "elements", "saved in a notebook"))
    targets: list[Target] = []
    model = xai.load("tutor")
    for level in ("sentence", "token"):
        e = xai.explain(PROMPT, model, units=level, response_units=level)
        html = str(e.html())
        bundle = full_bundle(e)
        saved = len(dumps(bundle[MIME]).encode()) + len(bundle["text/html"].encode())
        count = elements(browser, html)
        shape = " x ".join(map(str, e.scores.shape))
        table.add(
            f"jupyter-xai, {level}s",
            shape,
            kilobytes(html),
            f"{count:,}",
            f"{saved / 1e3:,.0f} kB",
        )
        targets.append(Target(f"{level}s: elements of our page", count, 5_000, "", least=False))
    if inseq:
        html = inseq_page(model, e.response)
        table.add("Inseq, tokens", "", kilobytes(html), f"{elements(browser, html):,}", "")
    return table, targets


def kilobytes(text: str) -> str:
    return f"{len(text.encode()) / 1e3:,.0f} kB"


def main() -> int:
    parser = arguments(__doc__ or "")
    options = parser.parse_args()
    peers.add_folder(peers.FOLDER)
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        table, targets = measure(browser, peers.missing("inseq") is None)
        browser.close()
    return finish("peers_view", [table], targets, options.json)


if __name__ == "__main__":
    sys.exit(main())
