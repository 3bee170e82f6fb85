"""The page of simulated markets names what comes with the package."""

from __future__ import annotations

import re
from pathlib import Path

from simulations.market import preset_names

PAGE = Path(__file__).parents[3] / "docs" / "markets.md"


def test_the_page_lists_every_world() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8").split("## The worlds")[1], re.MULTILINE)
    assert named == sorted(preset_names())
