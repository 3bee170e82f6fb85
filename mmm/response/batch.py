"""What many courses of spend, prices and demand bring over one horizon, in one pass over the draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.effects import end_state, forms
from mmm.transforms import batch_kernels, kernels, window_kernels
from mmm.transforms.adstock import DECAYED, decay_weeks


@dataclass(frozen=True, eq=False)
class Courses:
    """M courses of events.

    Attributes
    ----------
    spend : (M, C, T)
        National money per week.
    cost : (M, C, T)
        Cost of an exposure over today's.
    effect : (M, T)
        Factor on media effects.
    """

    spend: FloatArray
    cost: FloatArray
    effect: FloatArray


@dataclass(frozen=True, eq=False)
class CourseDraws:
    """What M courses bring.

    Attributes
    ----------
    weekly : (M, T + A, S)
        Media effect by week of horizon and tail, carry-in included; in the tail each draw is followed until its
        carryover has decayed, so that there only differences of courses mean something.
    media : (M, C, S)
        What each channel's spend in the horizon adds, in the horizon and after it.
    after : (M, S)
        The part of ``media``, over all channels, that comes after the horizon.
    marginal : (M, C, S)
        Derivative of ``media`` when a channel's spend in the horizon is scaled in proportion (per 100 % of it).
    """

    weekly: FloatArray
    media: FloatArray
    after: FloatArray
    marginal: FloatArray


@dataclass(frozen=True, eq=False)
class _Rows:
    """Channels' courses, each once: R different ones, and the row of each course's channel, (M, C)."""

    units: FloatArray
    weight: FloatArray
    owner: IntArray
    row: IntArray


class BatchResponse:
    """One horizon's response, ready for many courses; immutable.

    Parameters
    ----------
    response : ResponseDraws
        C channels, G geos, S draws.
    calendar : SpendCalendar
        T horizon and A tail weeks.
    decayed : float
        As in :class:`~mmm.response.horizon.HorizonResponse`, whose values these are.
    """

    def __init__(self, response: ResponseDraws, calendar: SpendCalendar, *, decayed: float = DECAYED) -> None:
        self.response, self.calendar = response, calendar
        self.horizon, self.tail = len(calendar.weeks), len(calendar.tail_weeks)
        paid = response.paid
        #: Media units that one unit of national money buys today, (C, G).
        self._rate = response.geo_shares() / response.cost_per_exposure()
        self._carry = self._carried_in()
        self._parameters = paid.parameters()
        self._forms = forms(paid)
        self._steps = self.horizon + np.minimum(_tails(paid.alpha, decayed), self.tail)
        self._order = _longest_first(self._steps)
        self._tail_units = self._rate[..., None] * calendar.tail[:, None, :]
        self._factor = np.empty((0, 0))
        if response.demand is not None:
            weeks = np.concatenate([calendar.weeks, calendar.tail_weeks])
            self._factor = np.ascontiguousarray(response.demand.multiplier(weeks))

    def evaluate(self, courses: Courses, *, weeks: int | None = None) -> CourseDraws:
        """Evaluate courses, the same channel's course once for all that share it.

        Parameters
        ----------
        courses : Courses
            M of them.
        weeks : int, optional
            How many weeks of ``weekly`` to make; default T + A.

        Raises
        ------
        ValueError
            A shape does not fit.
        """
        shape = (len(courses.spend), len(self.response.channels), self.horizon)
        if courses.spend.shape != shape or courses.cost.shape != shape or courses.effect.shape != (shape[0], shape[2]):
            raise ValueError(f"spend and cost need shape {shape}, effect {shape[::2]}")
        rows = self._rows(courses)
        # Rows without spend have no user: no course is made of them.
        taken, none = rows.row[: shape[0]], rows.row[shape[0] :]
        users = np.argsort(taken.ravel(), kind="stable")
        first = np.searchsorted(taken.ravel()[users], np.arange(len(rows.owner) + 1))
        draws = self.response.n_draws
        inside, after, marginal = (np.zeros((len(rows.owner), draws)) for _ in range(3))
        weekly = np.zeros((shape[0], self.horizon + self.tail if weeks is None else weeks, draws))
        window_kernels.over_chunks(
            batch_kernels.add_courses, 1, draws, self._forms, rows.units, self.horizon, rows.weight,
            self.response.active.astype(np.float64), rows.owner, first, users // shape[1], self._carry,
            *self._parameters, self._steps, self._order, self._factor, inside, after, marginal, weekly,
        )  # fmt: skip
        later = after[taken] - after[none]
        return CourseDraws(
            weekly=weekly,
            media=(inside[taken] + after[taken]) - (inside[none] + after[none]),
            after=later.sum(axis=1),
            marginal=marginal[taken],
        )

    def _carried_in(self) -> FloatArray:
        """Return the adstock at the end of the bridge, (C, G, S)."""
        alpha = self.response.paid.alpha
        state = end_state(self.response.paid)
        for week in range(self.calendar.bridge.shape[1]):
            state = alpha * state + (1.0 - alpha) * (self._rate * self.calendar.bridge[:, week, None])[..., None]
        return np.ascontiguousarray(state)

    def _rows(self, courses: Courses) -> _Rows:
        """Find the different rows; after the M courses come M without spend, which are what media are compared with.

        Rows stand in the order of the courses that they are first a part of, so that one course's weeks stay in the
        processor's cache while its channels are added up.
        """
        count, channels, _ = courses.spend.shape
        worth = courses.spend / courses.cost
        none = np.zeros(self.horizon)
        weights: dict[bytes, int] = {}
        found: dict[tuple[int, int, bytes], int] = {}
        kept: list[tuple[int, int, FloatArray]] = []
        row = np.empty((2 * count, channels), dtype=np.int64)
        for m in range(count):
            w = weights.setdefault(courses.effect[m].tobytes(), len(weights))
            for c in range(channels):
                for place, money in ((m, worth[m, c]), (count + m, none)):
                    key = (c, w, money.tobytes())
                    if key not in found:
                        found[key] = len(kept)
                        kept.append((c, w, money))
                    row[place, c] = found[key]
        owner = np.array([c for c, _, _ in kept], dtype=np.int64)
        effects = np.array([np.frombuffer(key) for key in weights]).reshape(len(weights), self.horizon)
        weight = np.ones((len(kept), self.horizon + self.tail))
        weight[:, : self.horizon] = effects[[w for _, w, _ in kept]]
        money = np.array([row_money for _, _, row_money in kept])
        units = np.concatenate([self._rate[owner][..., None] * money[:, None, :], self._tail_units[owner]], axis=2)
        return _Rows(np.ascontiguousarray(units), weight, owner, row)


def _tails(alpha: FloatArray, decayed: float) -> IntArray:
    """Return for how many weeks after the horizon each draw is followed, (C, G, S): as the planner's kernel does.

    Draws are taken in chunks by their retention, and a chunk is followed as long as its slowest draw needs.
    """
    order = np.argsort(alpha, axis=-1, kind="stable")
    draws = alpha.shape[-1]
    ends = np.minimum(np.arange(kernels.CHUNK, draws + kernels.CHUNK, kernels.CHUNK), draws) - 1
    slowest = np.take_along_axis(alpha, order[..., ends], axis=-1)
    weeks = np.repeat(decay_weeks(slowest, decayed).astype(np.int64), kernels.CHUNK, axis=-1)[..., :draws]
    result = np.empty(alpha.shape, dtype=np.int64)
    np.put_along_axis(result, order, weeks, axis=-1)
    return result


def _longest_first(steps: IntArray) -> IntArray:
    """Return the order of the draws within each of the kernel's chunks, (C, G, S), the longest followed first."""
    order = np.empty_like(steps)
    for lo in range(0, steps.shape[-1], window_kernels.CHUNK):
        chunk = slice(lo, lo + window_kernels.CHUNK)
        order[..., chunk] = np.argsort(-steps[..., chunk], axis=-1, kind="stable")
    return order
