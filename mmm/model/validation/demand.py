"""Spend that follows demand: is more spent after weeks that sold more than anything in the model explains?

People search because they want to buy, and budgets follow orders: then spend and sales share a cause, and the channel
is credited with its work. Two things are done.

For each channel: a regression of this week's media on last week's sales, given calendar, controls, what media did
last week and the channel's own two weeks before. Spend that is set without regard to sales is not predicted by them
(Granger 1969; it is the mirror of the test with next week's spend that the fit's own page has, and sees more where
spend follows demand closely).

Each channel that fails is then refitted with a stand-in for demand as a control: last week's sales beyond what
calendar, controls and other media explain. What its ROAS loses was demand, so much of it as lasts from week to week and
shows in sales. It is a bound, not a correction: a proxy measured with error takes only part of the bias away
(Wooldridge 2010, "Econometric analysis of cross section and panel data", section 4.3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.model.validation.base import Base
from mmm.model.validation.edits import with_control
from mmm.model.validation.parts import Parts, power, rest
from mmm.model.validation.refits import Job, Refit
from mmm.reporting.numbers import ratio
from mmm.reporting.text import isolate, join_names, join_parts

#: Chance of a false alarm over all channels together: beyond chance, and worth knowing.
SURE, LIKELY = 0.02, 0.10


@dataclass(frozen=True)
class Follow:
    """One channel.

    Attributes
    ----------
    channel : str
    t : float
        Of last week's sales in this week's spend; positive where more is spent after weeks that sold more.
    roas, roas_with : float
        Mean ROAS in the fit, and with the stand-in for demand; NaN where no refit was made or it could not be used.
    """

    channel: str
    t: float
    roas: float
    roas_with: float


@dataclass(frozen=True)
class Following:
    """Every channel that was looked at.

    Attributes
    ----------
    channels : tuple of Follow
    """

    channels: tuple[Follow, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Name the channels whose spend follows demand."""
        certain, possible = (limit(level, len(self.channels)) for level in (SURE, LIKELY))
        sure = [one for one in self.channels if one.t >= certain]
        likely = [one for one in self.channels if possible <= one.t < certain]
        found = []
        if sure:
            names = [one.channel for one in sure]
            moved = [
                f"{isolate(one.channel)} {ratio(one.roas)} to {ratio(one.roas_with)}"
                for one in sure
                if np.isfinite(one.roas_with)
            ]
            held = f" With those sales held the mean ROAS goes from {join_parts(moved)}." if moved else ""
            found.append(
                Finding(
                    "spend_follows_sales",
                    Severity.WARNING,
                    f"More is spent on {join_names(names)} after weeks that sold more than the model explains: spend "
                    f"follows demand.{held}",
                    "Add what demand was as a control (searches for the category or brand, visits, enquiries), or take "
                    "the ROAS from an experiment: a lift test, or priors. Raise no budget on this figure.",
                    means="The channel is credited with sales that would have come anyway. Its ROAS is too high, most "
                    "likely by more than the refit shows: sales are a poor measure of demand.",
                    where=", ".join(names),
                )
            )
        if likely:
            names = [one.channel for one in likely]
            found.append(
                Finding(
                    "spend_follows_sales",
                    Severity.NOTE,
                    f"A little more is spent on {join_names(names)} after weeks that sold more than expected.",
                    "Ask how its budget is set; if it follows orders or searches, add those as a control.",
                    means="It can be chance; if it is not, the ROAS is too high.",
                    where=", ".join(names),
                )
            )
        if not found:
            says = "In no channel is more spent after weeks that sold more than the model explains."
            do = "Nothing to do; spend that follows demand within the same week, and no longer, would not be seen."
            found.append(Finding("spend_follows_sales", Severity.OK, says, do))
        return tuple(found)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures JSON-ready."""
        return {
            one.channel: {
                "t_last_weeks_sales": one.t,
                "roas": one.roas,
                "roas_with_last_weeks_sales": one.roas_with if np.isfinite(one.roas_with) else None,
            }
            for one in self.channels
        }


def limit(level: float, channels: int) -> float:
    """Return the t that is passed by chance with this probability in any of so many channels (Bonferroni)."""
    return NormalDist().inv_cdf(1.0 - level / max(channels, 1))


def suspects(base: Base) -> dict[str, float]:
    """Return t of every channel that may follow demand, most likely first."""
    panel, parts = base.panel, base.parts
    found = {name: follows(parts, panel.exposure[c]) for c, name in enumerate(panel.channels)}
    least = limit(LIKELY, len(found))
    return {name: t for name, t in sorted(found.items(), key=lambda item: -item[1]) if t >= least}


def count(base: Base) -> int:
    """Return the number of refits."""
    return len(suspects(base))


def run(base: Base, refit: Callable[[Job], Refit]) -> Following:
    """Test every channel, and refit with a stand-in for demand where one may follow it."""
    panel, parts = base.panel, base.parts
    held = {}
    for name in suspects(base):
        unexplained = (parts.residual + parts.effects[panel.channels.index(name)]) * parts.observed
        before = np.concatenate([unexplained.mean(axis=1, keepdims=True), unexplained[:, :-1]], axis=1)
        spec, wider = with_control(base.spec, panel, f"last week's demand for {name}", before)
        done = refit(Job(f"last week's demand for {name} as a control", spec, wider))
        if done.usable:
            held[name] = done.mean_roas(name)
    return Following(
        tuple(
            Follow(name, follows(parts, panel.exposure[c]), base.reference.mean_roas(name), held.get(name, np.nan))
            for c, name in enumerate(panel.channels)
        )
    )


def follows(parts: Parts, media: FloatArray) -> float:
    """Return t of last week's outcome in this week's media, pooled over geos; 0 where it cannot be told.

    Parameters
    ----------
    parts : Parts
    media : (G, T)
        Of the channel, raw.
    """
    tops, bottoms, spread, freedom = 0.0, 0.0, [], 0
    for g, seen in enumerate(parts.observed):
        now = np.flatnonzero(seen[2:] & seen[1:-1] & seen[:-2]) + 2
        known = np.concatenate([columns[g] for columns in parts.groups.values()] or [np.empty((len(seen), 0))], axis=1)
        given = np.column_stack(
            [np.ones(len(now)), known[now], known[now - 1], parts.effects[:, g, now - 1].T, media[g, now - 1],
             media[g, now - 2]]
        )  # fmt: skip
        if len(now) <= given.shape[1] + 1 or np.ptp(media[g, now]) == 0:
            continue
        own, sales = rest(media[g, now], given), rest(parts.outcome[g, now - 1], given)
        tops, bottoms = tops + float(sales @ own), bottoms + power(sales)
        spread.append((own, sales))
        freedom += len(now) - int(np.linalg.matrix_rank(given))
    if freedom < 2 or bottoms <= 1e-12 * sum(power(row) for row in parts.outcome):
        return 0.0
    slope = tops / bottoms
    left = sum(power(own - slope * sales) for own, sales in spread) / (freedom - 1)
    return float(slope * np.sqrt(bottoms / max(left, 1e-300)))
