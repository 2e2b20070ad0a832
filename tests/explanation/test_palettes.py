"""The colours of scores are told apart in every colour vision, and text stays readable."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

STYLE = Path(__file__).parents[2] / "src" / "view" / "style"
PAIRS = re.compile(
    r"--jxai-supports: light-dark\((#\w+), (#\w+)\);\s+"
    r"--jxai-opposes: light-dark\((#\w+), (#\w+)\);"
)
# Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color
# Vision Deficiency": whole loss of one cone, on linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# JupyterLab's own paper and ink, light and dark.
THEMES = [("#ffffff", "#212121"), ("#111111", "#ffffff")]
FULL = 0.56


def pairs() -> list[tuple[str, int, str, str]]:
    """Each pair of hues: where it stands, its theme, and what supports and opposes."""
    found = []
    for name in ("theme.css", "palettes.css"):
        for light, dark, other_light, other_dark in PAIRS.findall((STYLE / name).read_text()):
            found += [(name, 0, light, other_light), (name, 1, dark, other_dark)]
    return found


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB, white D65."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def tinted(hue: str, paper: str) -> str:
    mixed = [
        FULL * int(hue[i : i + 2], 16) + (1 - FULL) * int(paper[i : i + 2], 16) for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def test_every_palette_of_the_settings_has_its_colours() -> None:
    schema = (STYLE.parents[1] / "schema" / "plugin.json").read_text()
    offered = re.findall(r'"const": "(\w+-\w+)"', schema)
    styled = re.findall(r"data-jxai-palette='([\w-]+)'", (STYLE / "palettes.css").read_text())
    # The first is the theme's own.
    assert offered[1:] == styled
    assert len(pairs()) == 2 * len(offered)


@pytest.mark.parametrize("vision", VISIONS)
def test_the_two_hues_are_told_apart(vision: str) -> None:
    for name, theme, supports, opposes in pairs():
        paper = THEMES[theme][0]
        seen = [
            lab(np.array(VISIONS[vision]) @ linear(tinted(c, paper))) for c in (supports, opposes)
        ]
        # Ten times what can just be seen: units stand apart, and are small.
        assert np.linalg.norm(seen[0] - seen[1]) > 23, (name, supports, opposes)


def test_text_on_full_colour_can_be_read() -> None:
    for name, theme, *hues in pairs():
        paper, ink = THEMES[theme]
        for hue in hues:
            lights = sorted(
                float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (tinted(hue, paper), ink)
            )
            assert (lights[1] + 0.05) / (lights[0] + 0.05) >= 4.5, (name, hue)
