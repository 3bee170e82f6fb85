"""Whether single geos are left badly explained: slow residuals, tails and coverage, the worst named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.loo import Loo
from mmm.reporting.text import isolate, join_parts

#: Family-wise level of the tests over geos; share of geos off beyond which the model, not a geo, is to blame.
LEVEL, MANY = 0.01, 0.2
#: Excess kurtosis beyond which a geo's residuals have heavy tails.
HEAVY = 3.0


@dataclass(frozen=True)
class GeoResidual:
    """One geo's residuals.

    Attributes
    ----------
    geo : str
    weeks : int
        Observed.
    autocorrelation : float
        Of neighbouring observed weeks.
    kurtosis : float
        Excess.
    coverage : float
        Share of weeks inside their leave-one-out 90 % interval.
    """

    geo: str
    weeks: int
    autocorrelation: float
    kurtosis: float
    coverage: float


def by_geo(residual: FloatArray, loo: Loo, geos: Sequence[str]) -> tuple[GeoResidual, ...]:
    """Describe the (N,) residuals of :class:`mmm.model.loo.Loo`'s observations geo by geo."""
    found = []
    for g, name in enumerate(geos):
        rows = loo.geo == g
        if rows.sum() < 8:
            continue
        centred = residual[rows] - residual[rows].mean()
        power = max(float((centred**2).mean()), 1e-300)
        next_to = np.diff(loo.week[rows]) == 1
        slow = float((centred[1:] * centred[:-1])[next_to].mean()) / power if next_to.any() else 0.0
        tails = float((centred**4).mean()) / power**2 - 3.0
        inside = float(((loo.pit[rows] > 0.05) & (loo.pit[rows] < 0.95)).mean())
        found.append(GeoResidual(name, int(rows.sum()), slow, tails, inside))
    return tuple(found)


def check_geos(found: Sequence[GeoResidual]) -> Finding:
    """Judge the geos one by one; limits allow for how many there are."""
    limit = float(stats.norm.isf(LEVEL / (2 * max(len(found), 1))))
    off = {one.geo: why for one in found if (why := _why(one, limit))}
    worst = max(found, key=lambda one: abs(one.autocorrelation) * np.sqrt(one.weeks))
    if not off:
        return Finding(
            "geo_residuals",
            Severity.OK,
            f"No geo is left badly explained (slowest residuals: {isolate(worst.geo)}, {worst.autocorrelation:+.2f}).",
            "Nothing to do.",
        )
    shown = dict(list(off.items())[:5])
    more = f" and {len(off) - len(shown)} more" if len(off) > len(shown) else ""
    return Finding(
        "geo_residuals",
        Severity.WARNING if len(off) > MANY * len(found) or worst.autocorrelation > 0.5 else Severity.NOTE,
        f"{len(off)} of {len(found)} geos are left badly explained: "
        f"{join_parts([f'{isolate(geo)} ({why})' for geo, why in shown.items()])}{more}.",
        "Look at these geos' weeks: openings, closures, local events. Give them a control, or leave the geo out.",
        means="What they do beyond the common pattern is noise to the model, and can bend the channels that ran there.",
        where=", ".join(shown),
    )


def _why(one: GeoResidual, limit: float) -> str:
    """Say why a geo stands out; empty where it does not."""
    if abs(one.autocorrelation) > max(limit / np.sqrt(one.weeks), 0.2):
        return f"neighbouring weeks correlate {one.autocorrelation:+.2f}"
    if one.coverage < 0.9 - limit * np.sqrt(0.09 / one.weeks):
        return f"{100 * one.coverage:.0f}% of its weeks inside their 90% interval"
    if one.kurtosis > 2 * HEAVY:
        return f"excess kurtosis {one.kurtosis:.1f}"
    return ""
