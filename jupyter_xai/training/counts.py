"""How many parameters a configuration has, counted without memory for them."""

from __future__ import annotations

from typing import Any

from jupyter_xai.methods.energy.configs import EnergyConfig


def energy_parameters(config: EnergyConfig) -> int:
    """Parameters of the energy network alone.

    Examples
    --------
    >>> from jupyter_xai.methods.energy.configs import CONFIGS
    >>> energy_parameters(CONFIGS["paper-181m"]) - energy_parameters(CONFIGS["paper-167m"])
    14175744
    """
    import torch

    from jupyter_xai.methods.energy.networks import EnergyNetwork

    with torch.device("meta"):
        return _count(EnergyNetwork(config))


def interpreter_parameters(config: EnergyConfig) -> int:
    """Parameters of the interpreter alone, which is all that explaining needs beside an encoder."""
    import torch

    from jupyter_xai.methods.energy.networks import Interpreter

    with torch.device("meta"):
        return _count(Interpreter(config))


def encoder_parameters() -> int:
    """Parameters of mpnet-base, the sentence encoder that the paper's sizes must hold.

    The paper names neither the encoder nor its size. Only with this one do its networks, built as
    it describes them, come to the 167 and 181 million that it reports.
    """
    import torch

    with torch.device("meta"):
        return _count(mpnet_sized())


def mpnet_sized() -> Any:
    """A randomly initialised encoder with the shapes of all-mpnet-base-v2: for counts only."""
    from transformers import MPNetConfig, MPNetModel

    return MPNetModel(MPNetConfig(max_position_embeddings=514))


def _count(module: Any) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
