"""Whether the history can teach a channel's effect: does its spend vary, on its own, and not because of sales?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
#: Share of its variation beyond season and trend that known drivers explain from which spend is said to follow them,
#: and from which most of what it follows is in the model.
SHARE, MOSTLY = 0.10, 0.5
#: Parts of the baseline that spend is planned by, and that no one calls demand.
SLOW = ("the trend", "the season")
_NONE = np.zeros(0, dtype=np.int64)
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


@dataclass(frozen=True)
class Follows:
    """How far one channel's spend follows what sells anyway.

    Attributes
    ----------
    lead : float
        t of next week's spend in this week's outcome, everything in the model given; positive where more is spent after
        weeks that sold more than the model expects.
    known : float
        t of the part of the outcome that controls and holidays make, in spend, season and trend given.
    share : float
        Of what season and trend leave of the spend's variance: how much that part explains.
    p_lead, p_known : float
        One-sided p-values.
    """

    lead: float
    known: float
    share: float
    p_lead: float
    p_known: float


def follows(linear: Linearised, channel: int) -> Follows:
    r"""Test whether a channel's spend follows demand.

    By a lead: spend that is set without regard to sales says nothing of the week before it, everything in the model
    given (the test of strict exogeneity of Wooldridge 2010, *Econometric Analysis of Cross Section and Panel Data*,
    ch. 10.7). By what is known: spend that rises where controls and holidays raise sales anyway follows what is not
    known as well. Standard errors: the larger of ordinary and Newey–West.
    """
    kept = ~last_weeks(linear.geo) & np.isfinite(linear.leads[channel])
    rows = np.vstack([linear.leads[channel], linear.outcome, linear.units[channel], linear.effects])
    left = linear.take_out(np.where(np.isfinite(rows), rows, 0.0))[:, kept]
    lead, p_lead, _ = _one_sided(left[0], left[1], left[2:], linear.geo[kept], linear.design.shape[1])
    drivers = np.concatenate([columns for part, columns in linear.blocks.items() if part not in SLOW] or [_NONE])
    if not len(drivers):
        return Follows(lead, 0.0, 0.0, p_lead, 1.0)
    made = (linear.design[:, drivers] * linear.mean[:, drivers]).sum(axis=1)
    both = linear.take_out(np.vstack([made, linear.units[channel]]), drivers)
    known, p_known, share = _one_sided(both[0], both[1], both[:0], linear.geo, linear.design.shape[1] - len(drivers))
    return Follows(lead, known, share, p_lead, p_known)


def _one_sided(
    regressor: FloatArray, target: FloatArray, others: FloatArray, geo: IntArray, taken: int
) -> tuple[float, float, float]:
    """Return t, one-sided p and partial R² of a regressor in (N,) target, (R, N) others and ``taken`` columns a geo."""
    own, rest = apart(regressor, others), apart(target, others)
    power, freedom = float(own @ own), len(own) - len(others) - 1 - taken * len(np.unique(geo))
    if freedom < 1 or power < 1e-9 * max(float(regressor @ regressor), 1e-300):
        return 0.0, 1.0, 0.0
    coef = float(own @ rest) / power
    residual = rest - coef * own
    ordinary = float(residual @ residual) / freedom * power
    robust = _long_run(own * residual, geo) * len(own) / freedom
    t = coef * power / np.sqrt(max(ordinary, robust, 1e-300))
    return float(t), float(stats.t.sf(t, freedom)), coef**2 * power / max(float(rest @ rest), 1e-300)


def _long_run(score: FloatArray, geo: IntArray) -> float:
    """Return the Newey–West variance of the sum of a score, geos independent."""
    total = float(score @ score)
    for lag in range(1, LAGS + 1):
        same = geo[lag:] == geo[:-lag]
        total += 2.0 * (1.0 - lag / (LAGS + 1.0)) * float((score[lag:] * score[:-lag])[same].sum())
    return total


def check_demand(linear: Linearised, channels: Sequence[str]) -> Finding:
    """Judge whether a channel's spend follows demand rather than makes it."""
    tests = {name: follows(linear, c) for c, name in enumerate(channels)}
    limit = LEVEL / max(2 * len(channels), 1)
    after = [name for name, one in tests.items() if one.p_lead < limit]
    along = [name for name, one in tests.items() if one.p_known < limit and one.share > SHARE and name not in after]
    if not after and not along:
        smallest = min((min(one.p_lead, one.p_known) for one in tests.values()), default=1.0)
        return Finding(
            "spend_follows_demand",
            Severity.OK,
            "No channel's spend is seen to follow what sells anyway, neither what the model leaves unexplained nor "
            f"what controls and holidays explain (smallest p = {smallest:.2g}, limit {limit:.2g}).",
            "Nothing to do; spend that follows the same week's demand exactly would not be seen.",
        )
    says = []
    if after:
        figures = join_parts([f"{isolate(name)} (t = {tests[name].lead:.1f})" for name in after])
        says.append(f"Spend rises after weeks that sold more than the model expects: {figures}.")
    if along:
        figures = join_parts([f"{isolate(name)} ({100 * tests[name].share:.0f}% of its variation)" for name in along])
        says.append(f"Spend rises where controls and holidays raise sales anyway: {figures}.")
    names = [*after, *along]
    where = ", ".join(names)
    if not after and all(tests[name].share > MOSTLY for name in along):
        return Finding(
            "spend_follows_demand",
            Severity.NOTE,
            " ".join(says),
            "Keep these controls in the model; ask whether anything else that sells moves this spend as well.",
            means="Most of what it follows is in the model, so it is not credited for it; little of its own is "
            "left to learn from.",
            where=where,
        )
    return Finding(
        "spend_follows_demand",
        Severity.WARNING,
        " ".join(says),
        "Add what moves both as a control (search queries for your category, a demand index, price, weather), model "
        "clicks as its exposure, or state its ROAS from an experiment: priors: {channels: {"
        f"{isolate(names[0])}: {{roas: …}}}}}}.",
        means="Demand that would have come anyway is credited to it: its ROAS is too high, and plans overspend on it.",
        where=where,
    )
