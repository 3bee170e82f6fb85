"""Experiments in a market: what is changed where and when, and what the company makes of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import BoolArray, FloatArray
from mmm.config import PlacedError, StrictModel
from mmm.data.lift_tests import LiftTest
from mmm.exceptions import SpecError
from simulations.market.protocol import SimulatedMarket
from simulations.market.regions import Regions
from simulations.market.streams import Streams

WEEK = np.timedelta64(7, "D")
#: A geo experiment needs so many weeks before it, from which the geos' usual relation is learned.
LEAST_BEFORE = 12
#: The line's errors are taken to last no longer than this correlation from week to week says.
_MOST_PERSISTENT = 0.95


class _Tried(StrictModel):
    name: str = Field(min_length=1)
    channel: str
    start: date
    weeks: int = Field(ge=1, le=104)
    measured_weeks: int = Field(default=2, ge=0, le=52)


class GeoExperiment(_Tried):
    """Spend is changed in some geos, and the other geos say what would have been sold there.

    Attributes
    ----------
    name, channel : str
    start : date
        First day of the first week.
    weeks : int
        In which spend is changed.
    measured_weeks : int
        After them, in which the lift still counts.
    change : float
        −1 is a holdout, 1 doubles the spend.
    geos : tuple of str, optional
        Where; otherwise a ``share`` of the geos is drawn by lot.
    share : float
    """

    kind: Literal["geo"]
    change: float = Field(default=-1.0, ge=-1, le=10)
    geos: tuple[str, ...] = ()
    share: float = Field(default=0.3, gt=0, lt=1)


class PeopleExperiment(_Tried):
    """A platform withholds ads from people drawn by lot, and scales what it finds to all of them; spend is unchanged.

    Attributes
    ----------
    name, channel, start, weeks, measured_weeks
        As of a geo experiment.
    error : float
        Standard error of the lift, as a share of the true one.
    """

    kind: Literal["people"]
    error: float = Field(default=0.15, gt=0, le=2)


Experiment = Annotated[GeoExperiment | PeopleExperiment, Field(discriminator="kind")]


@dataclass(frozen=True)
class SimulatedTest(LiftTest):
    """A row of ``tests.csv`` with the truth that it estimates.

    Attributes
    ----------
    true_lift : float
        Outcome units because of the experiment, by rerunning the market.
    """

    true_lift: float = field(kw_only=True)


@dataclass(frozen=True, eq=False)
class RunExperiment[MarketT: SimulatedMarket]:
    """An experiment that was run.

    Attributes
    ----------
    market : SimulatedMarket
        The market with the experiment in it.
    test : SimulatedTest
        What the company has of it: a row of ``tests.csv``; and the truth.
    """

    market: MarketT
    test: SimulatedTest


def refuse_impossible(experiments: Sequence[Experiment], channels: Sequence[str], geos: Regions | None) -> None:
    """Refuse what a world's list of experiments cannot mean, before anything is drawn.

    Raises
    ------
    PlacedError
        Two of one name, an unknown channel, or geos where the company's data have none.
    """
    for number, spec in enumerate(experiments):
        if spec.name in [earlier.name for earlier in experiments[:number]]:
            raise PlacedError(f"two experiments are called '{spec.name}': rename one", "experiments", number, "name")
        if spec.channel not in channels:
            says = f"there is no channel '{spec.channel}' that spends money: known are {', '.join(channels)}"
            raise PlacedError(says, "experiments", number, "channel")
        if isinstance(spec, GeoExperiment) and geos is not None and not geos.recorded:
            says = (
                f"'{spec.name}' is a geo experiment, and the company adds its geos up: leave 'recorded: false' out, or "
                "make the experiment's kind 'people'"
            )
            raise PlacedError(says, "experiments", number, "kind")


def assign_experiment[MarketT: SimulatedMarket](
    market: MarketT, spec: GeoExperiment | PeopleExperiment, seed: int
) -> RunExperiment[MarketT]:
    """Run an experiment in a market.

    Parameters
    ----------
    market : SimulatedMarket
    spec : GeoExperiment or PeopleExperiment
    seed : int
        Of the lot and of a platform's error.

    Raises
    ------
    SpecError
        A geo experiment in a national market; a geo, channel or week that is not there; or nothing was spent there.
    """
    where = f"experiments.{spec.name}"
    if spec.channel not in market.names:
        do = f"Known: {', '.join(market.names)}."
        raise SpecError(f"there is no channel '{spec.channel}'", where=f"{where}.channel", do=do)
    first = _week(market, spec, where)
    last = first + spec.weeks
    timing = _Timing(slice(first, last), slice(first, last + spec.measured_weeks))
    rng = Streams(seed)(f"experiment:{spec.name}")
    if isinstance(spec, PeopleExperiment):
        return _by_people(market, spec, timing, rng)
    return _by_geo(market, spec, timing, rng)


def run_experiments[MarketT: SimulatedMarket](
    market: MarketT, specs: Sequence[GeoExperiment | PeopleExperiment], seed: int
) -> tuple[MarketT, tuple[SimulatedTest, ...]]:
    """Run experiments one after the other in one market; each sees what the earlier ones changed."""
    tests = []
    for spec in specs:
        run = assign_experiment(market, spec, seed)
        market = run.market
        tests.append(run.test)
    return market, tuple(tests)


def _week(market: SimulatedMarket, spec: _Tried, where: str) -> int:
    start, weeks = np.datetime64(spec.start, "D"), market.weeks
    found = np.flatnonzero(weeks == start)
    last = len(weeks) - spec.weeks - spec.measured_weeks
    if last < 0:
        raise SpecError(
            f"the experiment '{spec.name}' takes {spec.weeks} weeks and is measured for {spec.measured_weeks} "
            f"more, and the data have {len(weeks)}",
            where=f"{where}.weeks",
            do="Shorten it, or give the world more weeks.",
        )
    if weeks[0] <= start < weeks[-1] + WEEK and not len(found):
        raise SpecError(
            f"the experiment '{spec.name}' starts on {start}, within a week",
            where=f"{where}.start",
            do=f"Start on the first day of a week, such as {weeks[weeks < start][-1]}.",
        )
    if not len(found) or found[0] > last:
        raise SpecError(
            f"the experiment '{spec.name}' would run from {spec.start} for {spec.weeks} weeks and be measured for "
            f"{spec.measured_weeks} more, outside the data's weeks",
            where=f"{where}.start",
            do=f"Start on the first day of a week from {weeks[0]} to {weeks[last]}.",
        )
    return int(found[0])


@dataclass(frozen=True)
class _Timing:
    """Weeks of an experiment within the window: those of the change, and those in which the lift counts."""

    during: slice
    counted: slice


@dataclass(frozen=True)
class _Result:
    """Where an experiment ran, what it cost, what was found, and what is true."""

    geos: tuple[str, ...]
    money: float
    lift: float
    error: float
    true: float


def _test(market: SimulatedMarket, spec: _Tried, timing: _Timing, result: _Result) -> SimulatedTest:
    digits = market.decimals[market.outcome_name]
    return SimulatedTest(
        name=spec.name,
        channel=spec.channel,
        geos=result.geos,
        start=market.weeks[timing.during][0],
        end=market.weeks[timing.during][-1],
        measured_to=market.weeks[timing.counted][-1],
        spend_change=round(result.money, 2),
        lift=round(result.lift, digits),
        standard_error=max(round(result.error, digits), 10.0**-digits),
        true_lift=result.true,
    )


def _by_people[MarketT: SimulatedMarket](
    market: MarketT, spec: PeopleExperiment, timing: _Timing, rng: np.random.Generator
) -> RunExperiment[MarketT]:
    spend = market.spend_by_geo[market.names.index(spec.channel)].copy()
    money = float(spend[:, timing.during].sum())
    _spent(money, spec)
    spend[:, timing.during] = 0.0
    change = market.outcome_under({}) - market.outcome_under({spec.channel: spend})
    true = float(change[:, timing.counted].sum())
    error = spec.error * abs(true)
    found = true + error * float(rng.standard_normal())
    return RunExperiment(market, _test(market, spec, timing, _Result((), money, found, error, true)))


def _by_geo[MarketT: SimulatedMarket](
    market: MarketT, spec: GeoExperiment, timing: _Timing, rng: np.random.Generator
) -> RunExperiment[MarketT]:
    treated = _treated(market, spec, rng)
    before = timing.during.start
    if before < LEAST_BEFORE:
        raise SpecError(
            f"only {before} weeks lie before the experiment '{spec.name}', and the geos' usual relation is "
            f"learned from {LEAST_BEFORE}",
            where=f"experiments.{spec.name}.start",
            do=f"Start on {market.weeks[LEAST_BEFORE]} or later.",
        )
    meant = market.spend_by_geo[market.names.index(spec.channel)]
    spend = meant.copy()
    spend[treated, timing.during] = np.round(spend[treated, timing.during] * (1.0 + spec.change), 2)
    money = float((spend - meant).sum())
    _spent(money, spec)
    after = market.with_spend({spec.channel: spend})
    seen = after.outcome_under({})
    true = float((seen - market.outcome_under({}))[treated][:, timing.counted].sum())
    lift, error = regression_lift(seen[treated].sum(axis=0), seen[~treated].sum(axis=0), before, timing.counted)
    geos = tuple(geo for geo, chosen in zip(market.geos, treated, strict=True) if chosen)
    return RunExperiment(after, _test(market, spec, timing, _Result(geos, money, lift, error, true)))


def _spent(money: float, spec: _Tried) -> None:
    if abs(money) < 0.01:
        raise SpecError(
            f"the experiment '{spec.name}' changes no money of '{spec.channel}' where and when it runs",
            where=f"experiments.{spec.name}.start",
            do="Choose weeks in which it is on air, and a change other than 0.",
        )


def _treated(market: SimulatedMarket, spec: GeoExperiment, rng: np.random.Generator) -> BoolArray:
    count = len(market.geos)
    where = f"experiments.{spec.name}.geos"
    if count < 2:
        raise SpecError(
            "a geo experiment needs a market with geos, and this one is national",
            where=where,
            do="Give the world 'geos', or make the experiment's kind 'people'.",
        )
    unknown = sorted(set(spec.geos) - set(market.geos))
    if unknown:
        raise SpecError(f"there is no geo '{unknown[0]}'", where=where, do=f"Known: {', '.join(market.geos)}.")
    if spec.geos:
        chosen = np.array([geo in spec.geos for geo in market.geos])
    else:
        chosen = np.zeros(count, dtype=np.bool_)
        chosen[rng.choice(count, min(max(round(spec.share * count), 1), count - 1), replace=False)] = True
    if chosen.all():
        raise SpecError("no geo is left to compare with", where=where, do="Leave at least one geo out.")
    return chosen


def regression_lift(treated: FloatArray, control: FloatArray, before: int, counted: slice) -> tuple[float, float]:
    """Return the lift of a geo experiment and its standard error, from the geos' outcomes alone.

    Parameters
    ----------
    treated, control : (T,)
        Outcome of the geos with and without the change.
    before : int
        Weeks before the experiment, from which the line of treated on control is learned.
    counted : slice
        Weeks in which the lift counts.

    Notes
    -----
    Time-based regression: Kerman, Wang & Vaver (2017), "Estimating ad effectiveness using geo experiments in a
    time-based regression framework". The variance is that of the sum of the new weeks' errors plus that of the line;
    errors that last from week to week, as a first-order autoregression, count in both (its coefficient with the small
    sample's bias taken off: Kendall 1954, "Note on bias in the estimation of autocorrelation").
    """
    design = np.column_stack([np.ones(before), control[:before]])
    line, *_ = np.linalg.lstsq(design, treated[:before])
    left = treated[:before] - design @ line
    sigma2 = float(left @ left) / (before - 2)
    seen = float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300)
    lasts = float(np.clip(seen + (1.0 + 3.0 * seen) / before, 0.0, _MOST_PERSISTENT))
    ahead = np.column_stack([np.ones(counted.stop - counted.start), control[counted]])
    total = ahead.sum(axis=0)
    spread = float(total @ np.linalg.pinv(design.T @ design) @ total)
    lift = float((treated[counted] - ahead @ line).sum())
    weeks = np.arange(len(ahead))
    new = float((lasts ** np.abs(weeks[:, None] - weeks)).sum())
    return lift, float(np.sqrt(sigma2 * (new + spread * (1.0 + lasts) / (1.0 - lasts))))
