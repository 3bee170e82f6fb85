"""Exchange rates written the wrong way round: how many rupiah a euro is, where what a rupiah is worth was asked for."""

from __future__ import annotations

import math

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.data.joining.lines import NONE
from mmm.data.joining.pieces import Pieces
from mmm.data.log import ReadingLog
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

#: Rough worth in US dollars, of the years 2023 to 2025, written from knowledge. Only orders of magnitude are judged by
#: it: a rate is turned round if it lies near the reciprocal of what this says, and far from what it says.
_DOLLARS = {
    "AED": 0.27, "ARS": 0.001, "AUD": 0.66, "BDT": 0.0085, "BGN": 0.56, "BHD": 2.65, "BRL": 0.18, "CAD": 0.73,
    "CHF": 1.15, "CLP": 0.00105, "CNY": 0.14, "COP": 0.00024, "CZK": 0.044, "DKK": 0.146, "EGP": 0.021, "EUR": 1.09,
    "GBP": 1.28, "GHS": 0.075, "HKD": 0.128, "HUF": 0.0028, "IDR": 0.000062, "ILS": 0.28, "INR": 0.012, "ISK": 0.0073,
    "JOD": 1.41, "JPY": 0.0068, "KES": 0.0077, "KHR": 0.00025, "KRW": 0.00073, "KWD": 3.25, "KZT": 0.002,
    "LKR": 0.0033, "MAD": 0.1, "MXN": 0.055, "MYR": 0.22, "NGN": 0.0008, "NOK": 0.094, "NZD": 0.6, "OMR": 2.6,
    "PEN": 0.27, "PHP": 0.0175, "PKR": 0.0036, "PLN": 0.25, "PYG": 0.00013, "QAR": 0.275, "RON": 0.22, "RSD": 0.0093,
    "RUB": 0.011, "SAR": 0.267, "SEK": 0.095, "SGD": 0.74, "THB": 0.029, "TND": 0.32, "TRY": 0.028, "TWD": 0.031,
    "TZS": 0.00038, "UAH": 0.025, "UGX": 0.00027, "USD": 1.0, "UYU": 0.025, "UZS": 0.00008, "VND": 0.00004,
    "ZAR": 0.055,
}  # fmt: skip
#: Times that a rate may be off its reciprocal, and must be off what is usual.
_NEAR, _FAR = 3.0, 6.0
#: Two rates at most so many days apart, whose product is within 5 % of 1, while one is over 1.15 times the other.
_DAYS, _PRODUCT, _JUMP = 62, 1.05, 1.15
#: Times that money in one currency is more or less than all other money of its channel, and then may be once turned.
_ABSURD, _PLAUSIBLE = 1e4, 300.0


def refuse_turned(code: str, worth: FloatArray, days: WeekArray, where: str, home: str) -> None:
    """Refuse a rate that lies where its reciprocal belongs.

    Parameters
    ----------
    code, home : str
        Currencies of the money and of the panel.
    worth : (N,)
        Of one unit of ``code`` in ``home``.
    days : (N,)
    where : str
        That gives the rates.

    Raises
    ------
    DataError
    """
    if code not in _DOLLARS or home not in _DOLLARS:
        return
    usual = _DOLLARS[code] / _DOLLARS[home]
    turned = np.flatnonzero(_within(worth, 1 / usual, _NEAR) & ~_within(worth, usual, _FAR))
    if len(turned):
        i = int(turned[0])
        rate = float(worth[i])
        raise DataError(
            f"the rate of {code} looks turned round: it says that 1 {code} is {rate:.6g} {home}, which is about what 1 "
            f"{home} is in {code}",
            where=where if (worth == rate).all() else f"{where}, on {days[i]}",
            do=f"Give the worth of 1 {code} in {home}: {1 / rate:.6g} instead of {rate:.6g}.",
        )


def warn_of_turns(code: str, days: WeekArray, rates: FloatArray, file: str, home: str, log: ReadingLog) -> None:
    """Warn where one of two neighbouring rates is about the reciprocal of the other.

    Parameters
    ----------
    code, home : str
    days, rates : (N,)
        Of one currency, sorted.
    file : str
    log : ReadingLog
    """
    if len(rates) < 2:
        return
    ratio, product = np.abs(np.log(rates[1:] / rates[:-1])), np.abs(np.log(rates[1:] * rates[:-1]))
    close = np.diff(days).astype(np.int64) <= _DAYS
    at = np.flatnonzero((product < math.log(_PRODUCT)) & (ratio > math.log(_JUMP)) & close)
    if len(at):
        i = int(at[0])
        log.warned(
            "turned_rates",
            f"The rate of {code} is {rates[i]:.6g} on {days[i]} and {rates[i + 1]:.6g} on {days[i + 1]}: one is about "
            "the other turned round.",
            where=file,
            means=f"Money in {code} is worth {math.exp(ratio[i]):.2f} times as much on one of the two days.",
            do=f"Write what 1 {code} is worth in {home} on every line.",
        )


def refuse_absurd(pieces: Pieces, code: int, worth: float, where: str, spec: PanelSpec) -> None:
    """Refuse a rate of a little known currency by which its money is out of all proportion, and which turned is not.

    Parameters
    ----------
    pieces : Pieces
        Converted.
    code : int
        Number of the currency.
    worth : float
        By which its money was multiplied.
    where : str
    spec : PanelSpec

    Raises
    ------
    DataError
    """
    text = pieces.lines.currency.texts[code]
    if text in _DOLLARS and spec.currency in _DOLLARS:
        return
    currency = pieces.lines.currency.codes[pieces.line]
    for n in np.unique(pieces.series[(currency == code) & pieces.used]):
        own = pieces.used & (pieces.series == n) & (currency != NONE)
        mine = _typical(pieces.value[own & (currency == code)])
        others = _typical(pieces.value[own & (currency != code)])
        if not (mine and others):
            continue
        times, once = abs(math.log(mine / others)), abs(math.log(mine / worth**2 / others))
        if times > math.log(_ABSURD) and once < math.log(_PLAUSIBLE):
            raise DataError(
                f"the rate of {text} looks turned round: by it a figure in {text} is usually {mine:,.6g} "
                f"{spec.currency}, and one in other currencies of the same channel {others:,.6g}",
                where=where,
                do=f"Give the worth of 1 {text} in {spec.currency}: {1 / worth:.6g} instead of {worth:.6g}.",
            )


def _typical(values: FloatArray) -> float:
    """Return the median size of figures that are neither missing nor zero; 0 where there is none."""
    some = np.abs(values[np.isfinite(values) & (values != 0)])
    return float(np.median(some)) if len(some) else 0.0


def _within(rates: FloatArray, other: float, times: float) -> np.typing.NDArray[np.bool_]:
    """Say which rates are within some times of another."""
    return np.asarray(np.abs(np.log(rates / other)) < math.log(times))
