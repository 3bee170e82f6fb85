r"""Breaks: a week from which the outcome stands on another level or grows otherwise, or a channel's spend does.

The outcome's break is looked for in what season, trend, controls and media leave of it: for every week :math:`\tau` but
those near the ends, a step :math:`1[t \ge \tau]` and a bend :math:`(t - \tau)_+` are added to the regression, and the
largest F statistic is taken (Andrews, 1993, *Econometrica* 61). What is left may last for weeks, so its distribution
without a break comes from a sieve bootstrap with an autoregression of order one (Bühlmann, 1997, *Bernoulli* 3).

A channel's break is Pettitt's rank statistic (1979, *Applied Statistics* 28) on the weeks in which it is active.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.data.watch_base import Leftover
from mmm.findings import Finding, Severity
from mmm.reporting.numbers import money, significant

#: Share of the weeks at either end in which no break is looked for.
_ENDS = 0.12
_DRAWS = 999
#: Chance of an alarm where nothing breaks.
_LEVEL = 0.003
#: Smaller steps (share of the outcome), and smaller changes of growth (share a year), harm little.
_STEP, _BEND = 0.04, 0.06
_YEAR = 52.18
#: A channel's level changes for good where its median week does at least so many times over.
_TIMES = 2.5
_CHANNEL_LEVEL = 1e-4
_ACTIVE = 10


@dataclass(frozen=True)
class Break:
    """The most likely break of a series.

    Attributes
    ----------
    week : int
        First week of the new regime.
    bends : bool
        True where growth changes, False where the level does.
    size : float
        Step as a share of the mean outcome; of a bend, the change of growth as such a share a year.
    p : float
        Chance of one so clear where there is none.
    """

    week: int
    bends: bool
    size: float
    p: float


def _off(columns: FloatArray, basis: FloatArray) -> FloatArray:
    """Take an orthonormal basis, (T, P), out of columns, (T, K)."""
    return np.asarray(columns - basis @ (basis.T @ columns))


def _largest(series: FloatArray, units: FloatArray, freedom: int) -> FloatArray:
    """Return the F of each unit column, (K, R), in series whose regression is taken out, (T, R)."""
    gain = (units.T @ series) ** 2
    rest = np.maximum((series**2).sum(axis=0)[None] - gain, 1e-300)
    return np.asarray(gain * freedom / rest)


def _lasting(residual: FloatArray) -> float:
    """Return the correlation from week to week, corrected for its bias in short series (Kendall, 1954)."""
    rho = float(residual[1:] @ residual[:-1]) / max(float(residual @ residual), 1e-300)
    return float(np.clip(rho + (1.0 + 3.0 * rho) / len(residual), 0.0, 0.97))


def _like(rho: float, weeks: int, rng: np.random.Generator) -> FloatArray:
    """Draw series that last like that from a standard normal, (T, draws)."""
    drawn = rng.standard_normal((weeks, _DRAWS))
    drawn[0] /= np.sqrt(1.0 - rho**2)
    for t in range(1, weeks):
        drawn[t] += rho * drawn[t - 1]
    return drawn


def outcome_break(left: Leftover) -> Break:
    """Return the most likely break of the outcome and how likely it is by chance."""
    weeks = len(left.outcome)
    bound = np.clip(left.residual, -3.0 * left.spread, 3.0 * left.spread)
    target = left.outcome - left.residual + bound  # single odd weeks are no break
    edge = max(8, round(_ENDS * weeks))
    at = np.arange(edge, weeks - edge)
    time = np.arange(weeks, dtype=np.float64)[:, None]
    columns = np.hstack([(time >= at).astype(np.float64), np.maximum(time - at, 0.0)])
    basis = np.linalg.qr(left.design)[0]
    apart = _off(columns, basis)
    size = np.sqrt((apart**2).sum(axis=0))
    usable = size > 1e-3 * np.sqrt((columns**2).sum(axis=0))
    units = np.where(usable, apart / np.maximum(size, 1e-300), 0.0)
    freedom = weeks - left.design.shape[1] - 1
    rest = _off(target[:, None], basis)
    found = _largest(rest, units, freedom)[:, 0]
    best = int(found.argmax())
    coefficient = float(units[:, best] @ rest[:, 0]) / max(float(size[best]), 1e-300)
    rho = _lasting(rest[:, 0] - units[:, best] * float(units[:, best] @ rest[:, 0]))
    without = _off(_like(rho, weeks, np.random.default_rng(weeks)), basis)
    beaten = int((_largest(without, units, freedom).max(axis=0) >= found[best]).sum())
    bends = best >= len(at)
    scale = _YEAR if bends else 1.0
    return Break(int(at[best % len(at)]), bends, coefficient * scale, (1 + beaten) / (1 + _DRAWS))


def _outcome(panel: Panel, left: Leftover | None) -> Iterator[Finding]:
    if left is None:
        return
    found = outcome_break(left)
    least = _BEND if found.bends else max(_STEP, 1.5 * left.spread)
    if found.p > _LEVEL or abs(found.size) < least:
        return
    week = panel.weeks[found.week]
    percent = f"{100 * abs(found.size):.0f} %"
    if found.bends:
        turn = "faster" if found.size > 0 else "slower"
        says = f"From about {week} on the outcome grows by {percent} of its mean a year {turn} than before"
    else:
        side = "above" if found.size > 0 else "below"
        says = f"From about {week} on the outcome stands {percent} {side} what went before"
    yield Finding(
        name="outcome_break",
        severity=Severity.WARNING,
        says=f"{says}, beyond season, trend, controls and media (chance of that without a break: "
        f"{100 * found.p:.1g} %).",
        means="The change is credited to channels whose spend changed at about that time, or held against them.",
        do="Ask what happened then (a distributor, prices, a rival, tracking). Add a control that is 0 before that "
        "week and 1 from it on (for growth: counts the weeks since), or begin the data there.",
        where=panel.outcome_name,
    )


def pettitt(series: FloatArray) -> tuple[int, float]:
    """Return the first index after the most likely change of level, and its approximate chance (Pettitt, 1979)."""
    n = len(series)
    ranks = np.sign(series[:, None] - series[None, :]).sum(axis=1)
    path = np.abs(np.cumsum(ranks)[:-1])
    at = int(path.argmax())
    return at + 1, float(min(1.0, 2.0 * np.exp(-6.0 * path[at] ** 2 / (n**3 + n**2))))


def level_change(series: FloatArray, times: float, level: float) -> tuple[int, float, float] | None:
    """Return (first index, median before, median after) where a positive series changes its level for good, or None."""
    if len(series) < 2 * _ACTIVE:
        return None
    at, p = pettitt(series)
    if p > level or min(at, len(series) - at) < _ACTIVE:
        return None
    before, after = float(np.median(series[:at])), float(np.median(series[at:]))
    high, low = max(before, after), min(before, after)
    return (at, before, after) if high >= times * low else None


def _spend(panel: Panel) -> Iterator[Finding]:
    for name, spend in zip(panel.channels, panel.spend.sum(axis=1), strict=True):
        active = np.flatnonzero(spend > 0)
        found = level_change(spend[active], _TIMES, _CHANNEL_LEVEL)
        if found is None:
            continue
        at, before, after = found
        yield Finding(
            name="spend_break",
            severity=Severity.NOTE,
            says=f"From {panel.weeks[active[at]]} on '{name}' usually spends {money(after, panel.currency)} a week, "
            f"before it {money(before, panel.currency)} (medians of its active weeks): "
            f"{significant(after / before, 2)} times as much.",
            means="If that is a changed budget, it is worth learning from; if a source is missing or a unit changed, "
            "the channel's return is wrong by as much.",
            do="Compare the months before and after with the ledger.",
            where=name,
        )


def break_findings(panel: Panel, left: Leftover | None) -> list[Finding]:
    """Return what breaks in outcome and spend; ``where`` names the column or the channel."""
    return [*_outcome(panel, left), *_spend(panel)]
