"""Figures as finance reads them."""

from __future__ import annotations

import math
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmm.reporting import numbers

N = "\u00a0"
M = "\u2212"


@pytest.mark.parametrize(
    ("amount", "currency", "says"),
    [
        (1_234_567.4, "EUR", f"EUR{N}1,234,567"),
        (12.5, "EUR", f"EUR{N}12.50"),
        (12.5, "JPY", f"JPY{N}12"),
        (12.5, "KWD", f"KWD{N}12.500"),
        (-4_000, "USD", f"{M}USD{N}4,000"),
        (0.0, "EUR", f"EUR{N}0"),
        (-0.001, "EUR", f"EUR{N}0.00"),
        (math.nan, "EUR", "–"),
    ],
)
def test_money(amount: float, currency: str, says: str) -> None:
    assert numbers.money(amount, currency) == says


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        (4_000_000, f"EUR{N}4.00{N}m"),
        (999_499, f"EUR{N}999{N}k"),
        (999_600, f"EUR{N}1.00{N}m"),
        (12_345_678_901, f"EUR{N}12.3{N}bn"),
        (950, f"EUR{N}950"),
        (-312_345, f"{M}EUR{N}312{N}k"),
    ],
)
def test_short_money(amount: float, says: str) -> None:
    assert numbers.money_short(amount, "EUR") == says


def test_signs() -> None:
    assert numbers.money_short(312_345, "EUR", signed=True) == f"+EUR{N}312{N}k"
    assert numbers.percent(0.123, signed=True) == "+12.3%"
    assert numbers.percent(-0.123, signed=True) == f"{M}12.3%"
    assert numbers.percent(0.00001, signed=True) == "0.0%"
    assert numbers.percent(-0.00001) == "0.0%"


def test_probabilities_are_never_certain() -> None:
    assert numbers.probability(1.0) == "over 99%"
    assert numbers.probability(0.0) == "under 1%"
    assert numbers.probability(0.873) == "87%"


def test_interval_says_all_three() -> None:
    assert numbers.interval(2.4, 1.9, 2.95, numbers.ratio) == "2.40 (1.90 to 2.95)"
    assert "EUR" in numbers.interval(1.0, 0.5, 2.0, partial(numbers.money_short, currency="EUR"))


@given(st.floats(min_value=-1e14, max_value=1e14).filter(lambda x: abs(x) > 1e-5))
def test_significant_figures_are_close_and_plain(x: float) -> None:
    text = numbers.significant(x).replace(M, "-").replace(",", "")
    assert "e" not in text
    assert float(text) == pytest.approx(x, rel=5.1e-3)


@given(st.floats(min_value=1.0, max_value=1e15))
def test_short_keeps_three_figures(x: float) -> None:
    scale = {"k": 1e3, "m": 1e6, "bn": 1e9, "tn": 1e12}
    number, _, suffix = numbers.short(x).replace(",", "").partition(N)
    assert float(number) * scale.get(suffix, 1.0) == pytest.approx(x, rel=5.1e-3)
    assert 0.9 <= float(number) < 1000.5 or suffix == "tn"
