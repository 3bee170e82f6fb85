"""Courses of events to draws: hundreds of futures in one pass, in chunks that bound the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.response.batch import BatchResponse, CourseDraws, Courses
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import baseline_outcome
from simulations.future import Future
from simulations.rollouts import weighted
from simulations.season import with_season
from simulations.supply import delivered

#: Bytes that the weekly draws of one chunk of futures may take.
CHUNK_BYTES = 128e6
#: Outcomes without paid media that are kept, each for its values of the controls.
KEPT = 32


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one future brings, draw by draw, outcome units.

    Attributes
    ----------
    expected : (T, S)
        Outcome of each week of the horizon without residual noise, as far as supply goes.
    wanted : (T, S)
        The same without a limit of supply.
    media : (C, S)
        What each channel's spend in the horizon adds to what is wanted, in the horizon and after it.
    later : (A, S)
        Outcome of each week after the horizon that its media, or orders that wait, bring.
    marginal : (C, S)
        Derivative of ``media`` when a channel's spend is scaled in proportion (per 100 % of it).
    """

    expected: FloatArray
    wanted: FloatArray
    media: FloatArray
    later: FloatArray
    marginal: FloatArray


class _Market:
    """The response of the whole market, or of a part of it, under one season."""

    def __init__(self, response: ResponseDraws, calendar: SpendCalendar) -> None:
        self.response, self.calendar = response, calendar
        self.batch = BatchResponse(response, calendar)
        self._base: dict[bytes | None, FloatArray] = {}
        dark = Future.as_usual(calendar)
        none = Courses(np.zeros_like(dark.spend)[None], dark.cost[None], dark.demand[None])
        #: What the tail brings without any spend in the horizon, (A, S).
        self._quiet = self.batch.evaluate(none).weekly[0, len(calendar.weeks) :]

    def base(self, controls: FloatArray | None) -> FloatArray:
        """Return the outcome without paid media, (T, S)."""
        key = None if controls is None else controls.tobytes()
        if key not in self._base:
            if len(self._base) >= KEPT:
                self._base.pop(next(reversed(self._base)))
            self._base[key] = baseline_outcome(self.response, self.calendar.weeks, controls=controls)
        return self._base[key]

    def run(self, futures: Sequence[Future]) -> CourseDraws:
        """Evaluate futures of this market; the weeks after the horizon hold what its spend adds."""
        courses = Courses(
            np.array([future.spend for future in futures]),
            np.array([future.cost for future in futures]),
            np.array([future.demand for future in futures]),
        )
        found = self.batch.evaluate(courses)
        found.weekly[:, len(self.calendar.weeks) :] -= self._quiet
        return found


class Runner:
    """Evaluates futures on all draws; each season and part of the market is prepared once.

    Parameters
    ----------
    response : ResponseDraws
    calendar : SpendCalendar
        Both with a row for every launched channel (:func:`simulations.launches.aligned`).
    """

    def __init__(self, response: ResponseDraws, calendar: SpendCalendar) -> None:
        self.response, self.calendar = response, calendar
        self._markets: dict[tuple[int, bytes], _Market] = {}
        span = len(calendar.weeks) + len(calendar.tail_weeks)
        self._size = max(1, int(CHUNK_BYTES / (8 * span * response.n_draws)))

    def run(self, futures: Sequence[Future]) -> Iterator[Outcome]:
        """Yield what each future brings, in their order."""
        for first in range(0, len(futures), self._size):
            yield from self._chunk(futures[first : first + self._size])

    def _market(self, season: int, weight: FloatArray) -> _Market:
        key = (season, weight.tobytes())
        if key not in self._markets:
            self._markets[key] = _Market(weighted(with_season(self.response, season), weight), self.calendar)
        return self._markets[key]

    def _chunk(self, futures: Sequence[Future]) -> Iterator[Outcome]:
        """Group the parts of futures by market, run each group at once, and add the parts up."""
        whole = np.ones(len(self.response.geos))
        groups: dict[_Market, list[tuple[int, Future]]] = {}
        for m, future in enumerate(futures):
            for weight, course in [(part.weight, part.future) for part in future.parts] or [(whole, future)]:
                groups.setdefault(self._market(course.season, weight), []).append((m, course))
        found: list[Outcome | None] = [None] * len(futures)
        for market, members in groups.items():
            draws = market.run([course for _, course in members])
            for j, (m, course) in enumerate(members):
                found[m] = _added(found[m], _of(draws, j, market.base(course.controls), course))
        for future, one in zip(futures, found, strict=True):
            if one is not None:
                yield _sold(one, future)


def _of(draws: CourseDraws, j: int, base: FloatArray, course: Future) -> Outcome:
    """Return one course's draws, base sales included."""
    weeks = len(base)
    weekly = draws.weekly[j]
    wanted = base * (course.base * course.demand)[:, None] + weekly[:weeks]
    return Outcome(wanted, wanted, draws.media[j], weekly[weeks:], draws.marginal[j])


def _added(one: Outcome | None, other: Outcome) -> Outcome:
    if one is None:
        return other
    wanted = one.wanted + other.wanted
    return Outcome(wanted, wanted, one.media + other.media, one.later + other.later, one.marginal + other.marginal)


def _sold(one: Outcome, future: Future) -> Outcome:
    """Cut what is wanted to what can be sold; orders that still wait are delivered in the first week after."""
    if np.isinf(future.supply_cap).all():
        return one
    sold, waiting = delivered(one.wanted, future.supply_cap, future.backlog)
    later = one.later.copy()
    later[0] += waiting
    return Outcome(sold, one.wanted, one.media, later, one.marginal)
