"""Every language model of transformers, built tiny in memory: are its scores those of single rows?

For each architecture a model with random weights is made, a prompt is explained by leave-one-out,
and the scores are compared with one plain `model(input_ids=...)` call a row, in float64. It is
equal, or refused in one line; anything else is a fault. The table goes into docs/architectures.md.

    python benchmarks/sweep.py [--only NAME ...] [--seconds 60] [--kept lines.jsonl]

With `--kept` what was tried is written down, and not tried again.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import os
import sys
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "architectures.md"
_TOLERANCE = 1e-4
_TEXT = "I want to rest by the sea. No busy cities, though. My budget is flexible. A dog."
_RESPONSE = "New York is nice."
_VOCABULARY = 700
_MOST_WEIGHTS = 2e8

_SMALL: dict[str, Any] = {
    "vocab_size": _VOCABULARY,
    "hidden_size": 32,
    "d_model": 32,
    "n_embd": 32,
    "embed_dim": 32,
    "d_kv": 8,
    "d_ff": 64,
    "head_dim": 8,
    "attention_head_dim": 8,
    "intermediate_size": 64,
    "ffn_dim": 64,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "num_hidden_layers": 2,
    "num_layers": 2,
    "n_layer": 2,
    "n_layers": 2,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "num_encoder_layers": 2,
    "num_decoder_layers": 2,
    "num_attention_heads": 4,
    "num_heads": 4,
    "n_head": 4,
    "n_heads": 4,
    "attention_heads": 4,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "num_key_value_heads": 2,
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "moe_num_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 16,
    "n_group": 1,
    "topk_group": 1,
    "first_k_dense_replace": 1,
    "q_lora_rank": 16,
    "kv_lora_rank": 16,
    "qk_rope_head_dim": 8,
    "qk_nope_head_dim": 8,
    "v_head_dim": 8,
    "rotary_dim": 4,
    "state_size": 8,
    "attention_hidden_size": 32,
    "max_position_embeddings": 256,
    "n_positions": 256,
    "hidden_size_per_layer_input": 8,
    "vocab_size_per_layer_input": _VOCABULARY,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
    "decoder_start_token_id": 2,
}
"""What makes a configuration small; of these each gets what it has."""

_TOLD_TO_DECODE = [
    "bert", "bert-generation", "big_bird", "camembert", "data2vec-text", "electra", "ernie",
    "megatron-bert", "rembert", "roberta", "roberta-prelayernorm", "roc_bert", "roformer",
    "xlm-roberta", "xlm-roberta-xl", "xmod",
]  # fmt: skip
"""Made for filling gaps, unless they are told otherwise."""

_OF_ITS_OWN: dict[str, dict[str, Any]] = {
    "mamba2": {"num_heads": 8, "head_dim": 8, "n_groups": 1},
    "marian": {"decoder_vocab_size": _VOCABULARY},
    "led": {"attention_window": 8, "max_encoder_position_embeddings": 256},
    "longt5": {"local_radius": 8},
    "reformer": {"is_decoder": True, "axial_pos_shape": (16, 16), "axial_pos_embds_dim": (16, 16)},
}
"""What some need beside, to be built small or to be language models at all."""


@dataclass(frozen=True)
class Line:
    """What became of one architecture."""

    kind: str
    name: str
    outcome: str
    way: str = ""
    apart: float | None = None
    said: str = ""


def architectures() -> list[tuple[str, str]]:
    """Model type and class of every language model of transformers that reads text."""
    from transformers.models.auto import modeling_auto as auto

    found: dict[str, str] = {}
    for mapping in (
        auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
        auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES,
    ):
        for model_type, name in mapping.items():
            for each in [name] if isinstance(name, str) else name:
                found.setdefault(each, model_type)
    return [(model_type, name) for name, model_type in sorted(found.items())]


_KINDS = ("layer_types", "mlp_layer_types", "layers_block_type", "block_types")
_HEADS = {"head_dim", "attention_head_dim", "rotary_dim"}
_RANKS = {"q_lora_rank", "kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim"}

_WAYS_TO_BUILD: tuple[tuple[set[str], dict[str, Any]], ...] = (
    (set(), {}),
    ({*_KINDS}, {}),
    ({*_KINDS, *_HEADS}, {}),
    ({*_KINDS}, {"num_hidden_layers": 8, "num_layers": 8, "n_layer": 8}),
    ({*_KINDS, *_HEADS, *_RANKS}, {"num_hidden_layers": 8}),
    ({*_KINDS, *_HEADS}, {"hidden_size": 64, "num_key_value_heads": 4, "num_hidden_layers": 4}),
    ({*_KINDS, *_HEADS}, {"hidden_size": 256, "num_key_value_heads": 4, "num_hidden_layers": 4}),
)
"""What is left as it is, and what is larger, where nothing smaller can be built."""


def small(config: Any, model_type: str, left: set[str], larger: dict[str, Any]) -> Any:
    """The same configuration with small sizes, in all its parts."""
    import transformers

    wanted = _SMALL | larger | _OF_ITS_OWN.get(model_type, {})
    if model_type in _TOLD_TO_DECODE:
        wanted["is_decoder"] = True
    wanted = {name: value for name, value in wanted.items() if name not in left}
    given: dict[str, Any] = {}
    parts = getattr(config, "sub_configs", None) or {}
    known = {*config.to_dict(), *getattr(config, "attribute_map", {})}
    for name, value in wanted.items():
        if name in known and not isinstance(getattr(config, name, None), list | dict):
            given[name] = value
    for name in _KINDS:
        kinds = None if name in left else getattr(config, name, None)
        if isinstance(kinds, list | tuple) and kinds:
            given[name] = [kinds[0], kinds[-1]] if len(set(kinds)) > 1 else list(kinds[:2])
    for name in parts:
        part = getattr(config, name, None)
        if isinstance(part, transformers.PretrainedConfig):
            given[name] = small(part, part.model_type, left, larger).to_dict()
    return type(config)(**given)


def examine(model_type: str, name: str) -> Line:
    """Build one architecture and compare its scores with single rows."""
    import numpy as np
    import torch
    import transformers

    import jupyter_xai as xai
    from jupyter_xai.errors import XaiError
    from jupyter_xai.models.base import Operator

    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "support"))
    import tiny

    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = tiny.tokenizer(chat=True)
    first = ""
    for left, larger in _WAYS_TO_BUILD:
        try:
            model = _built(getattr(transformers, name), model_type, left, larger)
            break
        except Exception as error:
            first = first or _short(error)
    else:
        return Line(model_type, name, "not built", said=first)
    encodes = model.config.is_encoder_decoder

    def alone(ids: list[int], response: tuple[int, ...], start: int) -> float:
        fresh = copy.deepcopy(model)
        with torch.no_grad():
            if encodes:
                decoder = torch.tensor([[start, *response[:-1]]])
                output = fresh(input_ids=torch.tensor([ids]), decoder_input_ids=decoder)
            else:
                output = fresh(input_ids=torch.tensor([[*ids, *response[:-1]]]))
        logits = output.logits.reshape(1, -1, output.logits.shape[-1])[0, -len(response) :]
        logprobs = logits.double().log_softmax(-1)
        return float(logprobs[range(len(response)), list(response)].sum())

    try:
        wrapped = xai.load(model, tokenizer=tokenizer)
        e = xai.explain(
            _TEXT, wrapped, response=_RESPONSE, method="leave-one-out", value="logprob",
            checks=False, progress=False,
        )  # fmt: skip
    except XaiError as error:
        return Line(model_type, name, "refused", said=_short(error))
    except Exception as error:
        return Line(model_type, name, "error", said=_short(error))
    from jupyter_xai.models.local.traits import decoder_start

    prompt = wrapped.prompt(_TEXT)
    n = len(prompt.document.sources)
    masks = np.concatenate([np.ones((1, n), bool), ~np.eye(n, dtype=bool)])
    said = wrapped.supplied(prompt, _RESPONSE).ids
    start = decoder_start(model) if encodes else 0
    inputs = wrapped.inputs(prompt, masks, Operator())
    true = np.array([alone(item.ids.tolist(), said, start) for item in inputs])
    apart = float(np.abs(e.scores[:, -1] - (true[0] - true[1:])).max())
    way = wrapped._kernel.bearing().way
    outcome = "equal" if apart <= _TOLERANCE else "differs"
    return Line(model_type, name, outcome, way, apart)


def _built(cls: Any, model_type: str, left: set[str], larger: dict[str, Any]) -> Any:
    """A tiny model that reads a few tokens."""
    import torch

    config = small(cls.config_class(), model_type, left, larger)
    with torch.device("meta"):
        size = sum(parameter.numel() for parameter in cls(config).parameters())
    if size > _MOST_WEIGHTS:
        msg = f"{size:,} weights"
        raise ValueError(msg)
    model = cls(config).eval()
    encodes = model.config.is_encoder_decoder
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1 and not encodes:
                parameter.mul_(2)
        ids = torch.tensor([[5, 6, 7, 8]])
        read = {"input_ids": ids} | ({"decoder_input_ids": ids} if encodes else {})
        copy.deepcopy(model)(**read).logits  # noqa: B018
    return model


def _short(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else ""
    return f"{type(error).__name__}: {text}"[:160].replace("|", "\\|")


def _apart(model_type: str, name: str, to: Any) -> None:
    """In a process of its own, so that one that hangs or dies ends nothing else."""
    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115
    to.send(json.dumps(asdict(examine(model_type, name))))


def tried(model_type: str, name: str, seconds: float) -> Line:
    """What becomes of an architecture within a time."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_apart, args=(model_type, name, there))
    process.start()
    there.close()
    try:
        if here.poll(seconds):
            return Line(**json.loads(here.recv()))
        return Line(model_type, name, "not built", said=f"took more than {seconds:.0f} s")
    except EOFError:
        return Line(model_type, name, "error", said="the process ended")
    finally:
        process.kill()
        process.join()


_WAYS = {
    "sharing": "padded, common beginnings once",
    "padding": "padded",
    "batches": "rows of one length",
    "alone": "one by one",
}


def page(lines: list[Line]) -> str:
    """The table, as a page."""
    import torch
    import transformers

    counts = {
        outcome: sum(line.outcome == outcome for line in lines)
        for outcome in ("equal", "refused", "differs", "error", "not built")
    }
    ways = {way: sum(line.way == way for line in lines) for way in _WAYS}
    rows = "\n".join(
        f"| {line.name} | {line.outcome} | {_WAYS.get(line.way, '')} | "
        f"{'' if line.apart is None else f'{line.apart:.1e}'} | {line.said} |"
        for line in lines
        if line.outcome != "not built"
    )
    unbuilt = "\n".join(
        f"- {line.name}: {line.said}" for line in lines if line.outcome == "not built"
    )
    return f"""# Architectures

Made by `python benchmarks/sweep.py` with transformers {transformers.__version__} and torch
{torch.__version__.split("+")[0]}: each language model of transformers is built tiny, with random
weights, and a prompt of {len(_TEXT.split(". "))} sentences is explained by leave-one-out. The
scores are compared with those of one plain `model(input_ids=...)` call a row, in float64.

Of {len(lines)} architectures {counts["equal"]} are equal to single rows (within {_TOLERANCE:g}),
{counts["refused"]} are refused in one line, {counts["differs"]} differ, {counts["error"]} end in
another error, and {counts["not built"]} could not be built small, or read no text without a
picture or sound. What a model bears is measured when it is first used, and compared again at the
lengths of each run. How rows were run:
{"; ".join(f"{_WAYS[way]}, {count}" for way, count in ways.items())}.

| architecture | scores | rows are run | largest difference | what is said |
| --- | --- | --- | --- | --- |
{rows}

Not built:

{unbuilt or "- none"}
"""


def main() -> int:
    """Try all architectures, write the page; 1 where one differs or ends in an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--kept", type=Path)
    chosen = parser.parse_args()
    kept: dict[str, Line] = {}
    if chosen.kept and chosen.kept.exists():
        for text in chosen.kept.read_text(encoding="utf-8").splitlines():
            line = Line(**json.loads(text))
            kept[line.name] = line
    # All that takes long to import is there before the processes part.
    examine("llama", "LlamaForCausalLM")

    lines: list[Line] = []
    for model_type, name in architectures():
        if chosen.only and name not in chosen.only:
            continue
        line = kept.get(name) or tried(model_type, name, chosen.seconds)
        lines.append(line)
        if chosen.kept and name not in kept:
            with chosen.kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(line)) + "\n")
        print(line.outcome, line.name, line.way, line.apart or "", line.said, flush=True)
    if not chosen.only:
        PAGE.write_text(page(lines), encoding="utf-8")
    return int(any(line.outcome in ("differs", "error") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
