"""Train the tutor: ``python -m jupyter_xai.models.tutor.train``.

Seeded and resumable: interrupted or repeated with the same run folder, it goes on where the last
checkpoint was written. The learning rate is constant after its warm-up and falls to zero at the
end of the token budget. The first part of the budget goes mostly to the families that recall facts.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from transformers import AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM

from . import FOLDER, NOVICE
from .data import ALL, RECALL, Encoder, Example, all_taught, batches, examples
from .limits import write_words
from .tokens import ROLES, corpus, train_tokenizer

SEED = 20
_log = logging.getLogger(__name__)
WARM_UP_TOKENS = 3e5
ROPE_THETA = 1e6
"""So large that most of a head's dimensions compare contents at any distance."""
FAST_PAIRS = 6
"""Pairs of dimensions that turn fast enough to tell neighbours apart."""
LOOK = 9.0
"""How sharply the heads that look back do so at first."""
COOL_DOWN = 0.6
FIRST_STAGE = 0.24
"""The share of the budget in which the families that recall facts come first."""
NOVICE_AT = 0.36
"""The share of the budget after which the novice leaves school."""


def new_model(tokenizer: Any, width: int, layers: int) -> Any:
    """Make an untrained model from the seed."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width * 11 // 4,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        num_key_value_heads=width // 32,
        max_position_embeddings=1024,
        attention_bias=True,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_THETA},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        model = LlamaForCausalLM(config)
    look_back(model)
    return model


@torch.no_grad()
def look_back(model: Any) -> None:
    """Let three heads of the first layer begin by looking one, two and three tokens back.

    Copying needs heads that know what stood before a token, and these are slow to form. Biases of
    queries and keys, turned against each other by the distance, attend by position alone.
    """
    size = model.config.head_dim
    angles = ROPE_THETA ** (-2 * torch.arange(FAST_PAIRS) / size)
    attention = model.model.layers[0].self_attn
    for head, distance in enumerate((1, 2, 3)):
        first = head * size + torch.arange(FAST_PAIRS)
        second = first + size // 2
        attention.q_proj.bias[first] = LOOK
        attention.k_proj.bias[first] = LOOK * torch.cos(angles * distance)
        attention.k_proj.bias[second] = LOOK * torch.sin(angles * distance)


def optimizers(model: Any, rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, which learn twice as fast with it, and AdamW for the rest."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and ".layers." in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or ".layers." not in n]
    muon = torch.optim.Muon(matrices, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    return [muon, adam]


def rate_factor(tokens: float, budget: float) -> float:
    """Return the learning rate's share of its maximum when some of the budget is spent."""
    return max(0.0, min(1.0, tokens / WARM_UP_TOKENS, (1 - tokens / budget) / COOL_DOWN))


def loss_of(model: Any, batch: list[Example], device: str) -> torch.Tensor:
    """Return the mean loss over the taught tokens of a batch."""
    longest = max(len(e.ids) for e in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    taught = torch.zeros(len(batch), longest, dtype=torch.bool)
    for row, example in enumerate(batch):
        ids[row, : len(example.ids)] = torch.tensor(example.ids)
        taught[row, : len(example.ids)] = torch.tensor(example.taught)
    ids, taught = ids.to(device), taught.to(device)
    with torch.autocast(device, dtype=torch.bfloat16):
        # Padding stands to the right and attention is causal, so no mask is needed.
        states = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        chosen = taught[:, 1:]
        logits = model.lm_head(states[chosen])
    return functional.cross_entropy(logits.float(), ids[:, 1:][chosen])


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write the model in half precision as an ordinary Hugging Face folder."""
    half: Any = LlamaForCausalLM(model.config)
    half.to(torch.float16)
    half.load_state_dict(model.state_dict())
    half.tie_weights()
    half.generation_config = GenerationConfig(
        max_new_tokens=256,
        do_sample=False,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    half.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    tokenizer.save_pretrained(folder)
    # Written out, so that the folder loads alike in versions 4 and 5 of transformers.
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": tokenizer.pad_token,
        "eos_token": tokenizer.eos_token,
        "additional_special_tokens": list(ROLES),
        "clean_up_tokenization_spaces": False,
        "model_max_length": model.config.max_position_embeddings,
        "padding_side": "left",
        "model_input_names": ["input_ids", "attention_mask"],
    }
    text = json.dumps(settings, indent=2) + "\n"
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


def train(arguments: argparse.Namespace) -> None:
    """Train until the token budget or the time is spent, with checkpoints on the way."""
    torch.set_num_threads(arguments.threads)
    run: Path = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    if not (run / "tokenizer.json").exists():
        train_tokenizer(corpus(SEED)).save_pretrained(run)
    tokenizer: Any = AutoTokenizer.from_pretrained(run)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = new_model(tokenizer, arguments.width, arguments.layers).to(device)
    steppers = optimizers(model, arguments.rate)
    state: dict[str, Any] = {"tokens": 0, "part": 0, "steps": 0}
    checkpoint = run / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        for stepper, kept in zip(steppers, saved["optimizers"], strict=True):
            stepper.load_state_dict(kept)
        state = saved["state"]
    encoder = Encoder(tokenizer)

    def feed() -> Iterator[list[Example]]:
        # A resumed run draws fresh samples instead of repeating those it has seen.
        state["part"] += 1
        seed = f"{SEED}:{state['part']}"
        drawn = examples(encoder, seed, RECALL if recall() else ALL)
        drawn = map(all_taught, drawn) if recall() else drawn
        return batches(drawn, arguments.batch, random.Random(seed))

    def recall() -> bool:
        return state["tokens"] < FIRST_STAGE * arguments.tokens

    def write() -> None:
        kept = [stepper.state_dict() for stepper in steppers]
        torch.save(
            {"model": model.state_dict(), "optimizers": kept, "state": state},
            checkpoint,
        )
        save(model, tokenizer, run / "weights")

    started = shown = stored = time.monotonic()
    losses: list[float] = []
    since = 0
    model.train()
    fed = feed()
    while (
        state["tokens"] < arguments.tokens and time.monotonic() - started < arguments.minutes * 60
    ):
        factor = rate_factor(state["tokens"] + 1, arguments.tokens)
        for stepper in steppers:
            for group in stepper.param_groups:
                group["lr"] = arguments.rate * factor
        batch = next(fed)
        loss = loss_of(model, batch, device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad()
        count = sum(len(example.ids) for example in batch)
        before, state["tokens"] = state["tokens"], state["tokens"] + count
        if before < FIRST_STAGE * arguments.tokens <= state["tokens"]:
            fed = feed()
        if before < NOVICE_AT * arguments.tokens <= state["tokens"]:
            save(model, tokenizer, run / "novice")
        state["steps"] += 1
        since += count
        losses.append(loss.item())
        now = time.monotonic()
        if now - shown > 30:
            speed = since / (now - shown)
            mean = sum(losses) / len(losses)
            _log.info(
                f"{(now - started) / 60:5.1f} min  step {state['steps']:6d}  "
                f"{state['tokens'] / 1e6:6.2f} M tokens  {speed:6.0f}/s  "
                f"rate {factor:.2f}  loss {mean:.4f}",
            )
            losses, since, shown = [], 0, now
        if now - stored > arguments.every * 60:
            write()
            stored = now
    write()
    if state["tokens"] >= arguments.tokens and arguments.ship:
        save(model, tokenizer, FOLDER)
        shutil.copytree(run / "novice", NOVICE, dirs_exist_ok=True)
        write_words()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--run", type=Path, default=Path("tutor-run"), help="folder for checkpoints"
    )
    parser.add_argument("--tokens", type=float, default=13.6e6, help="budget of tokens")
    parser.add_argument(
        "--minutes", type=float, default=1e9, help="stop after this time; resume later"
    )
    parser.add_argument("--every", type=float, default=5, help="minutes between checkpoints")
    parser.add_argument("--batch", type=int, default=2048, help="tokens in a batch")
    parser.add_argument("--rate", type=float, default=2.5e-3, help="highest learning rate")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2, help="1 is faster on a busy machine")
    parser.add_argument(
        "--ship", action="store_true", help="write the finished model into the package"
    )
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
