r"""Spend that follows the outcome, and an outcome that is odd where a channel runs.

Demand: a channel's spend of the next week is regressed on its own last two weeks, the calendar, and what is left of
this week's outcome once season, controls and media are taken out (Granger, 1969, *Econometrica* 37). Spend that rises
after weeks that sold more than expected follows something that sells by itself.

Company: what is left of the outcome is compared between weeks with and without the channel by the spread about its
median (Brown & Forsythe, 1974, *JASA* 69). An effect moves the mean; what comes with the channel only at times, as a
promotion that nobody recorded, makes its weeks unsteady.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.panel import Panel
from mmm.data.watch_base import Leftover, calendar_columns
from mmm.findings import Finding, Severity

#: Chance of an alarm in a panel where nothing follows, over all channels together.
_LEVEL = 0.02
#: Least partial correlation that is worth a word.
_CORRELATION = 0.2
#: Least ratio of the spreads, and chance over all channels together.
_TIMES = 1.5
_UNSTEADY_LEVEL = 0.002
#: Weeks on, and off, from which their spread can be compared.
_WEEKS = 20
#: Weeks on from which it can be seen whether spend follows anything.
_ACTIVE = 26


def _chance(t: float, freedom: int) -> float:
    """Return the chance of more than t under Student's distribution."""
    from scipy import special  # noqa: PLC0415  (a third of a second to load; few panels come this far)

    return float(special.stdtr(freedom, -t))


def is_rare(t: float, freedom: int, level: float) -> bool:
    """Say whether the chance of more than t under Student's distribution is at most ``level``.

    The normal's tail is the lighter one beyond any t above zero, so that what is too usual for it needs no library.
    """
    return 0.5 * math.erfc(max(t, 0.0) / math.sqrt(2.0)) <= level and _chance(t, freedom) <= level


def follows(spend: FloatArray, left: FloatArray, calendar: FloatArray) -> tuple[float, float]:
    """Return the partial correlation of next week's spend with what is left of this week's outcome, and its chance.

    Parameters
    ----------
    spend : (T,)
    left : (T,)
    calendar : (T, P)

    Returns
    -------
    correlation, p : float
        One-sided: small where more is spent after weeks that sold more than expected. 0 and 1 where it cannot be told.
    """
    r, t, freedom = _followed(spend, left, calendar)
    return (r, _chance(t, freedom)) if freedom else (0.0, 1.0)


def _followed(spend: FloatArray, left: FloatArray, calendar: FloatArray) -> tuple[float, float, int]:
    """Return the correlation, its statistic and degrees of freedom; all 0 where it cannot be told."""
    level = spend / max(float(spend.mean()), 1e-300)
    here, before, ahead = level[1:-1], level[:-2], level[2:]
    own = np.column_stack([calendar[2:], here, before, here > 0, before > 0])
    freedom = len(ahead) - own.shape[1] - 1
    if freedom < _WEEKS or (spend > 0).sum() < _ACTIVE:
        return 0.0, 0.0, 0
    both = np.column_stack([ahead, left[1:-1]])
    rest = both - own @ np.linalg.lstsq(own, both)[0]
    size = np.sqrt((rest**2).sum(axis=0))
    if size[0] < 1e-9 * np.sqrt(len(ahead)) or size[1] < 1e-12:
        return 0.0, 0.0, 0
    r = float(np.clip(rest[:, 0] @ rest[:, 1] / (size[0] * size[1]), -1 + 1e-12, 1 - 1e-12))
    return r, r * math.sqrt(freedom / (1.0 - r**2)), freedom


def unsteady(left: FloatArray, on: BoolArray) -> tuple[float, float]:
    """Return how many times as far what is left, (T,), lies about its median in marked weeks, and the chance of that.

    One-sided Brown–Forsythe statistic; 1 and 1 where too few weeks are marked, or unmarked.
    """
    times, t, freedom = _unsteadied(left, on)
    return (times, _chance(t, freedom)) if freedom else (1.0, 1.0)


def _unsteadied(left: FloatArray, on: BoolArray) -> tuple[float, float, int]:
    """Return the ratio of spreads, its statistic and degrees of freedom; 1, 0 and 0 where it cannot be told."""
    if min(on.sum(), (~on).sum()) < _WEEKS:
        return 1.0, 0.0, 0
    one, other = (np.abs(part - np.median(part)) for part in (left[on], left[~on]))
    freedom = len(one) + len(other) - 2
    pooled = (((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()) / freedom
    if pooled <= 0 or other.mean() <= 0:
        return 1.0, 0.0, 0
    t = (one.mean() - other.mean()) / np.sqrt(pooled * (1.0 / len(one) + 1.0 / len(other)))
    return float(one.mean() / other.mean()), float(t), freedom


def _demand(panel: Panel, left: Leftover) -> Iterator[Finding]:
    calendar = calendar_columns(panel.weeks)
    for name, spend in zip(panel.channels, panel.spend.sum(axis=1), strict=True):
        r, t, freedom = _followed(spend, left.residual, calendar)
        if r < _CORRELATION or not is_rare(t, freedom, _LEVEL / len(panel.channels)):
            continue
        yield Finding(
            name="spend_follows_outcome",
            severity=Severity.WARNING,
            says=f"'{name}' is spent after weeks that sold more than season, trend, controls and media explain "
            f"(correlation {r:.2f}).",
            means="Demand that would have come anyway is credited to it: its return is too high, and plans overspend "
            "on it.",
            do="Add what moves both as a control (searches for your category, a demand index, prices, weather), or a "
            "lift test of it.",
            where=name,
        )


def _company(panel: Panel, left: Leftover) -> Iterator[Finding]:
    for name, spend in zip(panel.channels, panel.exposure.sum(axis=1), strict=True):
        times, t, freedom = _unsteadied(left.residual, spend > 0)
        if times < _TIMES or not is_rare(t, freedom, _UNSTEADY_LEVEL / len(panel.channels)):
            continue
        yield Finding(
            name="unsteady_with_channel",
            severity=Severity.WARNING,
            says=f"In weeks with '{name}' the outcome lies {times:.1f} times as far from what is expected as in weeks "
            "without it.",
            means="Something that nobody recorded comes with it in some weeks (a promotion, an event): what that sells "
            "is credited to the channel.",
            do="Ask what else ran in its best weeks, and add it as a control of 0 and 1.",
            where=name,
        )


def demand_findings(panel: Panel, left: Leftover | None) -> list[Finding]:
    """Return warnings of spend that follows sales, and of what comes with a channel; ``where`` names the channel."""
    return [] if left is None else [*_demand(panel, left), *_company(panel, left)]
