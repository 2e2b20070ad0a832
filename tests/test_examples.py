"""The examples in docstrings run and are true."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import jupyter_xai
from jupyter_xai.models import tutor

_NEED_THE_TUTOR = {"jupyter_xai.models.local.transformers"}
_MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(jupyter_xai.__path__, "jupyter_xai.")
    if not module.name.startswith("jupyter_xai.models.tutor.")
)


@pytest.mark.parametrize("name", _MODULES)
def test_examples(name: str) -> None:
    if name in _NEED_THE_TUTOR and not (tutor.FOLDER / "config.json").exists():
        pytest.skip("the tutor's weights are not here")
    failures, _ = doctest.testmod(import_module(name), optionflags=doctest.ELLIPSIS)
    assert failures == 0
