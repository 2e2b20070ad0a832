"""``python -m jupyter_xai.studies [--all] [NAME ...]``: run studies and write their pages."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from jupyter_xai import studies
from jupyter_xai.errors import XaiError

_log = logging.getLogger("jupyter_xai.studies")


def main() -> int:
    """Run what was asked for; 1 when a study could not be run."""
    parser = argparse.ArgumentParser(prog="python -m jupyter_xai.studies", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(studies.names()))
    parser.add_argument("--all", action="store_true", help="all studies")
    parser.add_argument(
        "--model", help="what to study: all that jupyter_xai.load takes (default: tutor)"
    )
    parser.add_argument(
        "--max-new-tokens", type=int, default=256, help="length limit of answers (default: 256)"
    )
    parser.add_argument("--size", choices=studies.SIZES, default="full")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=Path("docs/studies"))
    said = parser.parse_args()
    chosen = studies.names() if said.all else said.names
    if not chosen:
        parser.error("name a study, or --all")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)

    from jupyter_xai.errors import at_least_one, one_of
    from jupyter_xai.models.load import load
    from jupyter_xai.studies.lab import Lab
    from jupyter_xai.studies.pages import write

    failed = 0
    try:
        for name in chosen:
            one_of(name, studies.STUDIES, "study")
        most = at_least_one(said.max_new_tokens, "max_new_tokens")
        lab = Lab(load(said.model or "tutor"), said.size, said.seed, most)
    except XaiError as error:
        parser.error(str(error))
    for name in chosen:
        try:
            found = studies.run(name, lab)
        except XaiError as error:
            _log.info("%s: %s", name, error)
            failed += 1
            continue
        write(found, said.folder, lab)
        _log.info("%s: %.1f s", name, found.seconds)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
