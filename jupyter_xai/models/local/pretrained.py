"""Loading models and tokenizers of the transformers library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from jupyter_xai.errors import XaiError
from jupyter_xai.models.local.gguf import read_quickly

_SHARED_OPTIONS = (
    *("revision", "token", "trust_remote_code", "cache_dir", "local_files_only"),
    *("subfolder", "gguf_file"),
)
"""What configuration, model and tokenizer are all told."""

_REFUSALS = (OSError, ValueError, KeyError, ImportError, RuntimeError)
"""What transformers raises when it cannot load something."""


def load_pretrained(
    name: str | Path, *, dtype: Any = None, device: str | None = None, **options: Any
) -> tuple[Any, Any]:
    """Load a model and its tokenizer; see `TransformersModel.load`."""
    import torch
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForSeq2SeqLM,
        AutoTokenizer,
    )

    if Path(name).is_absolute() and not Path(name).is_dir():
        msg = f"there is no folder {str(name)!r} to load a model from; check the path"
        raise XaiError(msg)
    placed = "device_map" in options or "quantization_config" in options
    device = device or _best_device()
    if dtype is None:
        # Half precision is slow and coarse on most CPUs.
        dtype = torch.float32 if device == "cpu" and not placed else "auto"
    # Otherwise transformers would ask, and wait for an answer.
    options.setdefault("trust_remote_code", False)
    shared = {key: options[key] for key in _SHARED_OPTIONS if key in options}
    try:
        reading = read_quickly() if "gguf_file" in options else nullcontext()
        with _quiet_for_folders(name), reading:
            config = AutoConfig.from_pretrained(name, **shared)
            auto: Any = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
            # A GGUF file tells its configuration slowly, so that it is read once.
            known = {"config": config} if "gguf_file" in options else {}
            model = auto.from_pretrained(name, dtype=dtype, **known, **options)
            tokenizer = AutoTokenizer.from_pretrained(name, **shared)
        if not placed:
            model.to(device)
    except Exception as error:
        # A damaged GGUF file may fail in any way.
        if not (isinstance(error, _REFUSALS) or "gguf_file" in options):
            raise
        if "trust_remote_code" in str(error) and not options["trust_remote_code"]:
            msg = (
                f"the model {str(name)!r} brings code of its own, which would run here; if you "
                "trust it, pass trust_remote_code=True"
            )
            raise XaiError(msg) from error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        msg = (
            f"could not load the model {str(name)!r}: {reason} Give the id of a causal or "
            "encoder-decoder model on the hub, or a local folder that holds one"
        )
        raise XaiError(msg) from error
    return model.eval(), tokenizer


def _best_device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def _quiet_for_folders(name: str | Path) -> Iterator[None]:
    """No progress bar for weights that are on disk; downloads keep theirs.

    In a notebook the bar would be a widget that stays above the explanation and is saved with it.
    """
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    if not (shown and Path(name).is_dir()):
        yield
        return
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.enable_progress_bar()
