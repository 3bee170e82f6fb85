"""The page of simulated markets names what comes with the package."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from simulations.market import preset_names
from simulations.market.patterns import SpendPattern

PAGE = Path(__file__).parents[3] / "docs" / "markets.md"


def test_the_page_lists_every_world() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8").split("## The worlds")[1], re.MULTILINE)
    assert named == sorted(preset_names())


def test_the_spend_that_the_page_writes_is_understood() -> None:
    written = re.findall(r"`spend: (\{pattern.*?\})`", PAGE.read_text("utf-8"))
    assert written
    for text in written:
        pattern = TypeAdapter(SpendPattern).validate_python(yaml.safe_load(text))
        assert pattern.weekly > 0
