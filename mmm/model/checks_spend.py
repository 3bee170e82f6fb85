"""Whether the history can teach a channel's effect: does its spend vary, on its own, and not because of sales?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from mmm.arrays import FloatArray, IntArray
from mmm.findings import Finding, Severity
from mmm.model.health_linear import Linearised, apart, last_weeks
from mmm.reporting.text import isolate, join_names, join_parts
from mmm.response.draws import ResponseDraws

NOTHING = "Nothing to do."
#: Coefficient of variation below which spend hardly varies.
STILL = 0.10
#: Weeks with spend below which a channel has hardly been tried.
FEW_WEEKS = 8
#: Least week over the mean above which a channel was never near off.
NEVER_OFF = 0.5
#: Share of a channel's variation that is its own below which it is (nearly) tied to the rest.
OWN, TIED = 0.2, 0.1
#: Family-wise level of the test whether next week's spend says something of this week's outcome.
LEVEL = 0.01
#: Lags of the Newey–West variance.
LAGS = 4


def check_variation(response: ResponseDraws) -> Finding:
    """Judge how far each channel's spend moved: constant, hardly ever on, never near off."""
    national = response.paid.media.sum(axis=1)
    mean = np.maximum(national.mean(axis=1), 1e-300)
    spread = national.std(axis=1) / mean
    on = (national > 0).sum(axis=1)
    floor = national.min(axis=1) / mean
    said = {name: (spread[c], on[c], floor[c]) for c, name in enumerate(response.channels)}
    still = [name for name, (cv, _, _) in said.items() if cv < STILL]
    rare = [name for name, (_, weeks, _) in said.items() if weeks < FEW_WEEKS and name not in still]
    never = [name for name, (cv, _, low) in said.items() if low > NEVER_OFF and cv < 2 * STILL and name not in still]
    figures = join_parts([f"{isolate(name)} {100 * said[name][0]:.0f}%" for name in (still or never or list(said))])
    if still:
        return Finding(
            "spend_variation",
            Severity.WARNING,
            f"Spend on {join_names(still)} hardly varies (standard deviation over mean: {figures}).",
            "Vary it on purpose for some weeks, or run a lift test: the effect cannot be learned otherwise.",
            means="Its effect cannot be told from the baseline; what the fit says is mostly the prior.",
            where=", ".join(still),
        )
    if rare:
        weeks = join_parts([f"{isolate(name)} in {said[name][1]} of {response.n_weeks} weeks" for name in rare])
        return Finding(
            "spend_variation",
            Severity.WARNING,
            f"{join_names(rare)} hardly ran: {weeks}.",
            "Join it with a channel of its kind, or state what past studies found as a ROAS prior.",
            means="Whatever else happened in those few weeks is credited to it.",
            where=", ".join(rare),
        )
    if never:
        return Finding(
            "spend_variation",
            Severity.NOTE,
            f"Spend on {join_names(never)} never came near zero and varies little (standard deviation over mean: "
            f"{figures}).",
            "Switch it off, or to half, for a few weeks in one region or season; or calibrate by a lift test.",
            means="The first half of its response curve, and so its ROAS, rests on the curve's form.",
            where=", ".join(never),
        )
    says = f"Every channel's spend varies (standard deviation over mean: {figures})."
    return Finding("spend_variation", Severity.OK, says, NOTHING)


def own_share(linear: Linearised) -> FloatArray:
    """Return the share of each paid channel's effect variance that neither baseline nor other media explain, (C,)."""
    left = linear.take_out(linear.effects)
    centred = linear.effects - _geo_means(linear.effects, linear)
    whole = np.maximum((centred**2).sum(axis=1), 1e-300)
    count = len(linear.units)
    own = [(apart(left[c], np.delete(left, c, axis=0)) ** 2).sum() for c in range(count)]
    return np.clip(np.array(own) / whole[:count], 0.0, 1.0)


def _geo_means(series: FloatArray, linear: Linearised) -> FloatArray:
    count = np.bincount(linear.geo)
    sums = np.stack([np.bincount(linear.geo, row) for row in series])
    return np.asarray((sums / np.maximum(count, 1))[:, linear.geo], dtype=np.float64)


def check_own_variation(linear: Linearised, channels: Sequence[str]) -> Finding:
    """Judge what is left of each channel's movement once baseline and other media are taken out."""
    own = own_share(linear)
    low = np.argsort(own)
    tied = [channels[c] for c in low if own[c] < OWN]
    figures = join_parts([f"{isolate(channels[c])} {100 * own[c]:.0f}%" for c in low[: max(len(tied), 3)]])
    says = f"Share of a channel's movement that is its own, not the calendar's or another channel's: {figures}."
    if not tied:
        return Finding("own_variation", Severity.OK, says, NOTHING)
    return Finding(
        "own_variation",
        Severity.WARNING if own.min() < TIED else Severity.NOTE,
        says,
        f"Move {join_names(tied)} against the season and against the others for some weeks, or run a lift test.",
        means="Its effect is learned from that share of its movement alone (a variance inflation factor is 1 over it).",
        where=", ".join(tied),
    )


def lead_test(linear: Linearised, channel: int) -> tuple[float, float]:
    r"""Test whether next week's spend says something of this week's outcome, everything in the model given.

    Under spend set without regard to sales it cannot; where it does, spend follows demand (the test of strict
    exogeneity by a lead: Wooldridge 2010, *Econometric Analysis of Cross Section and Panel Data*, ch. 10.7).
    Newey–West variance.

    Returns
    -------
    (float, float)
        z of the lead's coefficient, and its one-sided p-value: positive where more is spent after good weeks.
    """
    kept = ~last_weeks(linear.geo) & np.isfinite(linear.leads[channel])
    rows = np.vstack([linear.leads[channel], linear.outcome, linear.units[channel], linear.effects])
    rows = np.where(np.isfinite(rows), rows, 0.0)
    left = linear.take_out(rows)[:, kept]
    lead = apart(left[0], left[2:])
    power = float(lead @ lead)
    if power < 1e-9 * max(float(left[0] @ left[0]), 1e-300):
        return 0.0, 1.0
    residual = apart(left[1], np.vstack([lead, left[2:]]))
    coef = float(lead @ left[1]) / power
    z = coef / np.sqrt(max(_long_run(lead * residual, linear.geo[kept]), 1e-300)) * power
    return float(z), float(stats.norm.sf(z))


def _long_run(score: FloatArray, geo: IntArray) -> float:
    """Return the Newey–West variance of the sum of a score, geos independent."""
    total = float(score @ score)
    for lag in range(1, LAGS + 1):
        same = geo[lag:] == geo[:-lag]
        total += 2.0 * (1.0 - lag / (LAGS + 1.0)) * float((score[lag:] * score[:-lag])[same].sum())
    return max(total, 0.1 * float(score @ score))


def check_demand(linear: Linearised, channels: Sequence[str]) -> Finding:
    """Judge whether a channel's spend follows demand rather than makes it."""
    tests = [lead_test(linear, c) for c in range(len(channels))]
    limit = LEVEL / max(len(channels), 1)
    follow = [c for c, (_, p) in enumerate(tests) if p < limit]
    smallest = min((p for _, p in tests), default=1.0)
    if not follow:
        says = (
            "No channel's spend rises after weeks that sold more than the model expects "
            f"(smallest p = {smallest:.2g}, limit {limit:.2g})."
        )
        return Finding("spend_follows_demand", Severity.OK, says, NOTHING)
    names = [channels[c] for c in follow]
    figures = join_parts([f"{isolate(channels[c])} z = {tests[c][0]:.1f}" for c in follow])
    return Finding(
        "spend_follows_demand",
        Severity.WARNING,
        f"Spend on {join_names(names)} follows demand: next week's spend goes with what this week sold beyond the "
        f"model's expectation ({figures}).",
        "Add what moves both as a control (search queries for your category, a demand index, price, weather), model "
        "clicks as its exposure, or state its ROAS from an experiment: priors: {channels: {"
        f"{isolate(names[0])}: {{roas: …}}}}}}.",
        means="Demand that would have come anyway is credited to it: its ROAS is too high, and plans overspend on it.",
        where=", ".join(names),
    )
