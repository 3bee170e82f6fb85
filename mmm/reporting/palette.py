"""Colours: quiet, told apart by colour-blind readers, and the same for a channel throughout a page."""

from __future__ import annotations

from collections.abc import Sequence

INK = "#1b2733"
MUTED = "#5b6875"
RULE = "#d9dee3"
FAINT = "#eef1f4"
ACCENT = "#1f4e79"
BASELINE = "#9aa5b1"
GOOD = "#1e6b45"
CAUTION = "#8a5a00"
BAD = "#a3232c"

#: Paul Tol's "muted" qualitative scheme (distinct under the common colour-vision deficiencies), reordered.
CYCLE = ("#332288", "#44aa99", "#cc6677", "#ddcc77", "#88ccee", "#117733", "#882255", "#999933", "#aa4499")


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with a share (0..1) of ``other`` in it."""
    parts = (round(a + share * (b - a)) for a, b in zip(_channels(colour), _channels(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def fade(colour: str, opacity: float) -> str:
    """Return the colour as ``rgba()`` with an opacity (0..1)."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def channel_colours(names: Sequence[str]) -> dict[str, str]:
    """Give every name its colour, by position: nine hues, then lighter, then darker variants of them."""
    variants = (("#ffffff", 0.0), ("#ffffff", 0.45), ("#000000", 0.4))
    colours = {}
    for index, name in enumerate(names):
        turn, place = divmod(index, len(CYCLE))
        towards, share = variants[turn % len(variants)]
        colours[name] = mix(CYCLE[place], towards, share)
    return colours


def _luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = [value / 255 for value in _channels(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(colour: str, other: str = "#ffffff") -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def for_line(colour: str, least: float = 3.0) -> str:
    """Darken a colour until a thin line of it stands out on white."""
    for step in range(20):
        darker = mix(colour, "#000000", 0.05 * step)
        if contrast(darker) >= least:
            return darker
    return INK
