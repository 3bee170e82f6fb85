r"""Lift tests as the model sees them: the test's own spend pattern, replayed with and without it.

A test in geos *A* from its first week to the last that was measured says

.. math::
    \ell \sim N\Big(\sum_{g \in A} \sum_t \beta_{cg}\, q_t\, [f(a_{cgt}) - f(a'_{cgt})],\; se^2\Big)

where *a* carries over the media as they were and *a'* as they would have been. Carryover decides how much of a pulse
falls inside the measured weeks, saturation how much it adds at that level of spend: one test constrains both.

National data hold only a trace of a test in a share *s* of the market: spend *x'* without it, *x' + d* with it. Where
it ran, media went from *x'* to *x' + d/s* (per head of the whole market); the lift is *s* times what that does to all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.lift_tests import LiftTest
from mmm.data.panel import Panel


@dataclass(frozen=True, eq=False)
class Replays:
    """J experiments as arrays.

    Attributes
    ----------
    medium : (J,)
        Index of the paid channel.
    media, base : (J, G, T)
        Its scaled media without the test, and with it where it ran.
    weight : (J, G, T)
        What a geo-week's scaled effect counts for in the lift.
    lift, standard_error : (J,)
        In units of :attr:`unit`.
    unit : float
        Outcome units of one scaled unit of lift.
    """

    medium: IntArray
    media: FloatArray
    base: FloatArray
    weight: FloatArray
    lift: FloatArray
    standard_error: FloatArray
    unit: float


def money_without(test: LiftTest, panel: Panel) -> FloatArray:
    """Return the channel's spend as it would have been without the test, (G, T), money.

    What a pulse added is taken out in proportion to what was spent in its geos and weeks; what a holdout saved is put
    back evenly over its weeks, between geos as they usually spend.
    """
    spend = panel.spend[panel.channels.index(test.channel)].copy()
    where = tested(test, panel)
    weeks = (panel.weeks >= test.start) & (panel.weeks <= test.end)
    cells = where[:, None] & weeks & panel.observed
    change = test.spend_change
    if change > 0:
        inside = np.where(cells, np.maximum(spend, 0.0), 0.0)
    else:
        usual = np.maximum(spend, 0.0).sum(axis=1)
        inside = np.where(cells, (usual if usual[where].sum() > 0 else np.ones_like(usual))[:, None], 0.0)
    total = inside.sum()
    without = np.maximum(spend - change * inside / total, 0.0) if total > 0 else spend
    return np.asarray(without, dtype=np.float64)


def tested(test: LiftTest, panel: Panel) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which geos a test ran in, (G,)."""
    return np.array([not test.geos or geo in test.geos for geo in panel.geos], dtype=np.bool_)


def replays(panel: Panel, media_scale: FloatArray, outcome_scale: FloatArray) -> Replays:
    """Return a panel's lift tests as arrays.

    Parameters
    ----------
    media_scale : (M, G)
    outcome_scale : (G,)
    """
    tests = panel.lift_tests
    shape = (len(tests), len(panel.geos), panel.n_weeks)
    media, base, weight = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    medium = np.array([panel.channels.index(test.channel) for test in tests], dtype=np.int64)
    unit = float(outcome_scale.sum())
    for j, (test, c) in enumerate(zip(tests, medium, strict=True)):
        without = money_without(test, panel)
        media[j] = _units(panel, int(c), without) / media_scale[c][:, None]
        having = np.maximum(without + (panel.spend[c] - without) / test.share, 0.0)
        base[j] = _units(panel, int(c), having) / media_scale[c][:, None]
        counted = (panel.weeks >= test.start) & (panel.weeks <= test.measured_to)
        weight[j] = (tested(test, panel) * outcome_scale)[:, None] * counted * panel.observed * test.share / unit
    return Replays(
        medium=medium,
        media=media,
        base=base,
        weight=weight,
        lift=np.array([test.lift for test in tests]) / unit,
        standard_error=np.array([test.standard_error for test in tests]) / unit,
        unit=unit,
    )


def _units(panel: Panel, channel: int, money: FloatArray) -> FloatArray:
    """Return a channel's media had its spend been this, (G, T): exposures follow at each geo's mean cost."""
    units, spend = panel.exposure[channel], panel.spend[channel]
    if not panel.exposure_based[channel]:
        # In weeks without a row the media are known and the money is not: they stay as they were.
        return np.asarray(np.where(panel.observed, money, units), dtype=np.float64)
    rate = units.sum(axis=1) / np.maximum(np.maximum(spend, 0.0).sum(axis=1), 1e-300)
    return np.asarray(np.maximum(units + (money - spend) * rate[:, None], 0.0), dtype=np.float64)
