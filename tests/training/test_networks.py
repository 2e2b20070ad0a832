"""The networks: sizes as reported, and a closed gate is an absent sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from jupyter_xai.errors import XaiError
from jupyter_xai.methods.energy.configs import CONFIGS, EnergyConfig, config
from jupyter_xai.methods.energy.networks import EnergyNetwork, GatedAttention, Interpreter
from jupyter_xai.training import counts
from jupyter_xai.training.selection import draw

TOY = EnergyConfig(embedding_width=12, width=16, heads=2, projection_blocks=2, cross_blocks=2)
PAPER = replace(TOY, matching=False)


def seeded(kind, seed=0, config=TOY):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return kind(config).eval()


def sentences(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(*shape, 12, generator=generator), dim=-1)


@pytest.mark.parametrize(("name", "millions"), [("paper-167m", 167), ("paper-181m", 181)])
def test_the_papers_sizes_to_three_digits(name, millions):
    total = counts.energy_parameters(CONFIGS[name]) + counts.encoder_parameters()
    assert round(total / 1e6) == millions


def test_a_cross_block_by_hand():
    width = 768
    attention = 4 * (width * width + width)
    feed_forward = 2 * 4 * width * width + 4 * width + width
    by_hand = attention + feed_forward + 2 * 2 * width
    four, six = (counts.energy_parameters(CONFIGS[f"paper-{m}m"]) for m in (167, 181))
    assert six - four == 2 * by_hand


def test_the_small_interpreter_is_fit_to_ship():
    bytes_in_half_precision = 2 * counts.interpreter_parameters(CONFIGS["small"])
    assert bytes_in_half_precision < 8e6


def test_attention_by_the_definition():
    module = GatedAttention(8, 2)
    generator = torch.Generator().manual_seed(1)
    x, context = (torch.randn(1, n, 8, generator=generator) for n in (3, 4))
    gates = torch.tensor([[1.0, 0.0, 0.3, 1.0]])
    query, key, value = (
        layer(each).view(-1, 2, 4).transpose(0, 1)
        for layer, each in ((module.query, x), (module.key, context), (module.value, context))
    )
    weights = torch.exp(query @ key.transpose(1, 2) / 2.0) * gates
    # The zero key has the weight exp(0), its value adds nothing.
    heads = (weights @ value) / (weights.sum(-1, keepdim=True) + 1)
    expected = module.out(heads.transpose(0, 1).reshape(1, 3, 8))
    torch.testing.assert_close(module(x, context, gates), expected)


def test_a_closed_gate_is_an_absent_sentence():
    energy, interpreter = seeded(EnergyNetwork), seeded(Interpreter)
    prompt, response = sentences(1, 5), sentences(1, 4, seed=1)
    gates, kept = torch.tensor([[1.0, 0, 1, 1, 0]]), torch.tensor([[0.0, 1, 1, 0]])
    closed = energy(prompt, gates, response, kept)
    absent = energy(prompt[:, [0, 2, 3]], torch.ones(1, 3), response[:, 1:3], torch.ones(1, 2))
    torch.testing.assert_close(closed, absent)
    targets = torch.tensor([[0.0, 1, 0, 0]])
    closed = interpreter(prompt, gates, response, kept, targets)
    absent = interpreter(
        prompt[:, [0, 2, 3]], torch.ones(1, 3), response[:, 1:3], torch.ones(1, 2), targets[:, 1:3]
    )
    torch.testing.assert_close(closed[:, [0, 2, 3]], absent)
    assert (closed[:, [1, 4]] == -torch.inf).all()


def test_a_batch_is_its_rows_in_any_order():
    energy, interpreter = seeded(EnergyNetwork), seeded(Interpreter)
    prompt, response = sentences(6, 5), sentences(6, 4, seed=1)
    generator = torch.Generator().manual_seed(2)
    gates = (torch.rand(6, 5, generator=generator) < 0.7).float()
    kept = (torch.rand(6, 4, generator=generator) < 0.7).float()
    kept[:, 0] = 1
    targets = torch.zeros(6, 4)
    targets[:, 0] = 1
    order = torch.tensor([3, 5, 0, 1, 4, 2])
    for together in (
        lambda rows: energy(prompt[rows], gates[rows], response[rows], kept[rows]),
        lambda rows: interpreter(
            prompt[rows], gates[rows], response[rows], kept[rows], targets[rows]
        ),
    ):
        batch = together(torch.arange(6))
        alone = torch.cat([together(torch.tensor([row])) for row in range(6)])
        torch.testing.assert_close(batch, alone)
        torch.testing.assert_close(together(order), batch[order])


def test_what_padding_holds_does_not_matter():
    energy = seeded(EnergyNetwork)
    prompt, response = sentences(1, 5), sentences(1, 3, seed=1)
    gates, kept = torch.tensor([[1.0, 1, 1, 0, 0]]), torch.tensor([[1.0, 1, 0]])
    before = energy(prompt, gates, response, kept)
    prompt[:, 3:], response[:, 2:] = 50.0, -50.0
    torch.testing.assert_close(energy(prompt, gates, response, kept), before)


def test_an_empty_prompt_has_an_energy():
    energy = seeded(EnergyNetwork)
    found = energy(sentences(1, 3), torch.zeros(1, 3), sentences(1, 2), torch.ones(1, 2))
    assert torch.isfinite(found).all()


def test_only_the_targets_are_attended_to():
    interpreter = seeded(Interpreter)
    prompt, response = sentences(1, 4), sentences(1, 3, seed=1)
    everything = torch.ones(1, 4), response, torch.ones(1, 3)
    first, second = (
        interpreter(prompt, *everything, torch.tensor([row]))
        for row in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    )
    assert not torch.allclose(first, second)


def test_matching_is_seen_only_where_the_configuration_says_so():
    """With a head of zeros but for one weight, the logits are what that weight reads."""
    prompt, response = sentences(1, 4), sentences(1, 3, seed=1)
    targets = torch.tensor([[1.0, 0.0, 1.0]])
    asked = prompt, torch.ones(1, 4), response, torch.ones(1, 3), targets
    interpreter = seeded(Interpreter)
    read = []
    interpreter.head = torch.nn.Module()
    interpreter.head.forward = lambda x: (read.append(x), x[..., :1])[1]
    interpreter(*asked)
    own = interpreter.prompt_concepts(prompt, torch.ones(1, 4))
    concepts = interpreter.response_concepts(response, torch.ones(1, 3))
    mean = (concepts[:, 0] + concepts[:, 2]) / 2
    torch.testing.assert_close(read[0][..., 16:32], own * mean[:, None])
    alike = prompt @ ((response[:, 0] + response[:, 2]) / 2)[:, :, None]
    torch.testing.assert_close(read[0][..., 32:], 4 * alike)
    paper = seeded(Interpreter, config=PAPER)
    assert paper.head[0].in_features == 16 == paper.head[0].out_features
    assert torch.isfinite(paper(*asked)).all()


def test_projections_are_taken_over():
    energy, interpreter = seeded(EnergyNetwork, 1), seeded(Interpreter, 2)
    interpreter.start_from(energy)
    prompt = sentences(2, 3)
    torch.testing.assert_close(
        interpreter.prompt_concepts(prompt, torch.ones(2, 3)),
        energy.prompt_concepts(prompt, torch.ones(2, 3)),
    )


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_gradients_of_gates_are_right_even_where_they_are_closed(value):
    energy = seeded(EnergyNetwork).double()
    prompt, response = sentences(1, 4).double(), sentences(1, 3, seed=1).double()
    ones = torch.ones(1, 3, dtype=torch.double)

    def at(gate):
        gates = torch.tensor([[1.0, gate, 1.0, 0.0]], dtype=torch.double, requires_grad=True)
        return energy(prompt, gates, response, ones), gates

    total, gates = at(value)
    (gradient,) = torch.autograd.grad(total.sum(), gates)
    assert torch.isfinite(gradient).all()
    # What is like a target counts from the first hint of a gate.
    step = 1e-11 if value == 0 else 1e-4
    low, high = (value, value + step) if value == 0 else (value - step, value)
    slope = (at(high)[0] - at(low)[0]).item() / (high - low)
    assert float(gradient[0, 1]) == pytest.approx(slope, rel=2e-3, abs=1e-7)


@pytest.mark.parametrize("draws", ["without-replacement", "independent"])
def test_gradients_reach_the_selector(draws):
    energy, interpreter = seeded(EnergyNetwork, 1), seeded(Interpreter, 2)
    prompt, response = sentences(3, 5), sentences(3, 4, seed=1)
    here, there = torch.ones(3, 5), torch.ones(3, 4)
    targets = torch.zeros(3, 4)
    targets[:, 1] = 1
    logits = interpreter(prompt, here, response, there, targets)
    generator = torch.Generator().manual_seed(0)
    chosen = draw(logits, 2, temperature=0.7, generator=generator, draws=draws)
    gap = energy(prompt, here - chosen, response, targets) - energy(
        prompt, chosen, response, targets
    )
    gap.mean().backward()
    for parameter in (interpreter.head[0].weight, *interpreter.cross.parameters()):
        assert parameter.grad is not None
    choosing = [each for name, each in interpreter.named_parameters() if name != "offset"]
    assert all(torch.isfinite(each.grad).all() for each in choosing)
    assert interpreter.head[0].weight.grad.abs().sum() > 0
    assert interpreter.prompt_concepts.widen.weight.grad.abs().sum() > 0


def test_unknown_and_impossible_sizes_are_named():
    with pytest.raises(XaiError, match="paper-181m"):
        config("huge")
    with pytest.raises(XaiError, match="multiple of heads=3"):
        EnergyConfig(8, 16, 3, 1, 1)
    with pytest.raises(XaiError, match="cross_blocks=0"):
        EnergyConfig(8, 16, 2, 1, 0)
