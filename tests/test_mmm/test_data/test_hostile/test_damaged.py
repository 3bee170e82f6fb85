"""Files damaged at random whose truth is known: refused with a place and a remedy, or read as what they say."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile.damage import ORDERED
from benchmarks.hostile.mutant import judge, mutate
from benchmarks.hostile.sheet import clean


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**40))
def test_any_damage_is_refused_or_read_as_what_it_says(number: int) -> None:
    """``python -m benchmarks.hostile.fuzz --show NUMBER`` shows a file that fails."""
    mutant = mutate(Random(number))
    with tempfile.TemporaryDirectory() as folder:
        verdict = judge(mutant, Path(folder))
    assert not verdict.wrong, (verdict, mutant.sheet.done)


def test_the_judge_sees_what_it_should() -> None:
    """A file that says something else than its truth, and one that should not be read, are told."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(12):
            mutant = mutate(Random(number), most=1)
            verdict = judge(mutant, Path(folder))
            if verdict.outcome == "refused" or mutant.sheet.torn:
                continue
            for line in mutant.sheet.lines:
                line.figures["tv_spend"] += 0.01
            assert judge(mutant, Path(folder)).wrong
            mutant.sheet.refuse.append("it is here to be refused")
            assert "accepted although" in judge(mutant, Path(folder)).wrong


def test_a_cell_asks_for_something_only_while_it_stands() -> None:
    """A later damage may write another text over an odd cell; then nothing is to be refused for it."""
    for later, refused in (("12.5", []), (None, ["'lots' stands in price"])):
        sheet = clean(Random(1))
        sheet.put(sheet.lines[3], "price", "lots", "'lots' stands in price")
        if later is not None:
            sheet.lines[3].put["price"] = later
        sheet.finish()
        assert sheet.refuse == refused
    for declared in ({}, {"placeholder": "zero"}):
        sheet = clean(Random(1))
        sheet.put(sheet.lines[3], "price", "-", "a declaration is needed", "placeholder")
        sheet.declare(**declared)
        sheet.finish()
        assert bool(sheet.refuse) is not bool(declared)


@pytest.mark.parametrize("damage", ORDERED, ids=lambda damage: damage.__name__)
def test_every_damage_can_be_done(damage) -> None:
    sheet = clean(Random(1))
    before = sheet.render()
    assert any(
        damage(made := clean(Random(1)), Random(i)) and (made.formats or made.render() != before) for i in range(8)
    )
