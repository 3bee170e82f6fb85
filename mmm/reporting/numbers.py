"""Figures as people read them: money by its currency, percent, ratios, intervals. A missing figure is an en dash."""

from __future__ import annotations

import math
from collections.abc import Callable

MISSING = "–"
#: Currencies whose minor unit is not 1/100 (ISO 4217), plus IDR, whose cents are never used.
_WITHOUT = "BIF CLP DJF GNF IDR ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_MINOR_DIGITS = dict.fromkeys(_WITHOUT.split(), 0) | dict.fromkeys(_THREE.split(), 3)
_NBSP = "\u00a0"
_STEPS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))


def minor_digits(currency: str) -> int:
    """Return how many decimals amounts of a currency have: 2, but 0 for JPY or IDR and 3 for KWD."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


def _minus(text: str) -> str:
    """Use a real minus sign; a rounded zero has none."""
    if text.startswith("-") and not any(char in "123456789" for char in text):
        return text[1:]
    return text.replace("-", "\u2212")


def count(x: float, decimals: int = 0, *, signed: bool = False) -> str:
    """Say a number with thousands separators, e.g. ``12,345``."""
    if not math.isfinite(x):
        return MISSING
    text = _minus(f"{x:,.{decimals}f}")
    return f"+{text}" if signed and x > 0 and any(char in "123456789" for char in text) else text


def significant(x: float, digits: int = 3) -> str:
    """Say a number to some significant digits, never in exponent form between 1e-6 and 1e15."""
    if not math.isfinite(x):
        return MISSING
    if x == 0:
        return "0"
    rounded = float(f"{x:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded)))
    if decimals > digits + 6:
        return _minus(f"{x:.{digits - 1}e}")
    return count(rounded, max(0, decimals))


def money(x: float, currency: str, *, signed: bool = False) -> str:
    """Say an amount in full: ``EUR 1,234,567``; amounts under 1,000 keep the currency's decimals."""
    if not math.isfinite(x):
        return MISSING
    decimals = minor_digits(currency) if 0 < abs(x) < 1_000 else 0
    return _minus_before(f"{abs(x):,.{decimals}f}", x, currency, signed=signed)


def money_short(x: float, currency: str, *, signed: bool = False) -> str:
    """Say an amount to three significant digits: ``EUR 1.23 m``, ``EUR 45.6 k``."""
    return _minus_before(short(abs(x)), x, currency, signed=signed) if math.isfinite(x) else MISSING


def _minus_before(digits: str, x: float, currency: str, *, signed: bool) -> str:
    zero = not any(char in "123456789" for char in digits)
    sign = "" if zero else "\u2212" if x < 0 else "+" if signed else ""
    return f"{sign}{currency}{_NBSP}{digits}" if currency else f"{sign}{digits}"


def short(x: float) -> str:
    """Say a number to three significant digits with k, m, bn or tn."""
    if not math.isfinite(x):
        return MISSING
    for step, suffix in _STEPS:
        if round(abs(x) / step, 3) >= 1 or abs(x) >= 0.9995 * step:
            return f"{significant(x / step)}{_NBSP}{suffix}"
    return significant(x)


def percent(x: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Say a fraction as percent: 0.123 → ``12.3%``."""
    if not math.isfinite(x):
        return MISSING
    text = _minus(f"{100 * x:,.{decimals}f}")
    positive = signed and any(char in "123456789" for char in text) and x > 0
    return f"+{text}%" if positive else f"{text}%"


def probability(x: float) -> str:
    """Say a probability in whole percent, never a false 0 % or 100 %."""
    if not math.isfinite(x):
        return MISSING
    if x < 0.005:
        return "under 1%"
    return "over 99%" if x > 0.995 else percent(x, 0)


def ratio(x: float) -> str:
    """Say a ROAS or another ratio with two decimals."""
    return count(x, 2)


def interval(mean: float, q05: float, q95: float, fmt: Callable[[float], str]) -> str:
    """Say a mean with its 90 % interval: ``2.40 (1.90 to 2.95)``."""
    return f"{fmt(mean)} ({fmt(q05)} to {fmt(q95)})"
