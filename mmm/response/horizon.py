"""The incremental outcome of spend in a horizon: value, gradient and exact Hessian over all draws.

Value = outcome(spend) − outcome(no spend in the horizon), with the same history, bridge and tail; carryover is followed
by the model's own recursion until it has decayed.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray, WeekArray
from mmm.response.blocks import pack
from mmm.response.calendar import SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.effects import effect_by_week, end_state, forms
from mmm.response.prices import PriceCurve
from mmm.response.units import Units, national_units
from mmm.transforms import kernels
from mmm.transforms.adstock import DECAYED
from mmm.transforms.saturation import Saturation


class Curvature(StrEnum):
    """What the second derivatives hold."""

    EXACT = "exact"
    CLIPPED = "clipped"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The response at one plan.

    Attributes
    ----------
    value : float
        Weighted mean over draws.
    per_draw : (S,)
    gradient : (C, T) or None
        Per unit of money.
    hessian : (C, T, T) or None
        Its diagonal blocks; channels do not interact.
    """

    value: float
    per_draw: FloatArray
    gradient: FloatArray | None = None
    hessian: FloatArray | None = None


class HorizonResponse:
    """The response of one horizon, compiled; immutable.

    Parameters
    ----------
    response : ResponseDraws
        C channels, G geos, S draws.
    calendar : SpendCalendar
        B bridge, T horizon and A tail weeks.
    week_value : (T + A,), optional
        What an outcome unit counts for in each week (money, margin, discount); default 1.
    cost_factor : (C, T) or (C, T + A), optional
        1.1: a unit of media costs 10 % more than today; default 1 (and 1 after the horizon).
    effect_factor : (T + A,), optional
        Factor on media effects in each week (a demand shock); default 1.
    decayed : float
        Each draw is followed until this share of its carryover has gone, as far as the calendar's tail goes.
    units : Units, optional
        What a plan's rows are; default: channels, nationally. Where geos are decided, ``calendar`` is of units too.
    price_curve : PriceCurve, optional
        How media get dearer at volume, for each row of a plan, inside the horizon; default: they do not.

    Raises
    ------
    ValueError
        A shape does not fit.
    """

    def __init__(
        self,
        response: ResponseDraws,
        calendar: SpendCalendar,
        *,
        week_value: FloatArray | None = None,
        cost_factor: FloatArray | None = None,
        effect_factor: FloatArray | None = None,
        units: Units | None = None,
        decayed: float = DECAYED,
        price_curve: PriceCurve | None = None,
    ) -> None:
        self.response = response
        self.price_curve = price_curve
        self.units = national_units(response) if units is None else units
        self.calendar = calendar
        horizon, tail = len(calendar.weeks), len(calendar.tail_weeks)
        span = horizon + tail
        ones = np.ones(span)
        self.week_value: FloatArray = ones if week_value is None else np.asarray(week_value, dtype=np.float64)
        self.effect_factor: FloatArray = ones if effect_factor is None else np.asarray(effect_factor, dtype=np.float64)
        if self.week_value.shape != (span,) or self.effect_factor.shape != (span,):
            raise ValueError(f"week_value and effect_factor must have shape ({span},)")
        if price_curve is not None and price_curve.start.shape != (len(self.units.names),):
            raise ValueError(f"price_curve must have {len(self.units.names)} rows")
        self.cost_factor = np.ones((len(response.channels), span))
        if cost_factor is not None:
            self.cost_factor[:, : cost_factor.shape[1]] = cost_factor
        #: Media units that one unit of the owner's money buys, (C, G, T + A).
        self._rate = (self.units.share / response.cost_per_exposure())[..., None] / self.cost_factor[:, None, :]
        #: The first block of each unit.
        self._first = np.searchsorted(self.units.owner, np.arange(len(self.units.names)))
        demand = response.demand
        factor = None
        if demand is not None:
            factor = demand.multiplier(np.concatenate([calendar.weeks, calendar.tail_weeks]))
        #: Adstock at the end of the bridge, (C, G, S).
        self._carry = self._carried_in()
        self._blocks = pack(forms(response.paid), self._carry, response.paid, (horizon, tail), factor, decayed)
        self._decayed = decayed
        self._reference = self._totals(np.zeros(self.shape))

    def _carried_in(self) -> FloatArray:
        """Return the adstock at the end of the bridge, (C, G, S)."""
        paid = self.response.paid
        state = end_state(paid)
        media = self.units.by_block(self.calendar.bridge) / self.response.cost_per_exposure()[..., None]
        for week in range(media.shape[2]):
            state = paid.alpha * state + (1.0 - paid.alpha) * media[..., week, None]
        return state

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of a plan's rows: the paid channels, or the U units where geos are decided."""
        return self.units.names

    @property
    def separable(self) -> bool:
        """Whether the outcome is a sum over rows, so that the Hessian has a block a row and envelopes bound it."""
        return True

    @property
    def weeks(self) -> WeekArray:
        """The horizon's weeks, (T,)."""
        return self.calendar.weeks

    @property
    def n_draws(self) -> int:
        """Number of draws S."""
        return self.response.n_draws

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (C, T) of a plan; (U, T) where geos are decided."""
        return len(self.channels), len(self.calendar.weeks)

    @property
    def concave(self) -> BoolArray:
        """Whether every draw of a row's response is concave in its spend, (C,)."""
        paid = self.response.paid
        hill = np.array([form is Saturation.HILL for form in paid.saturation], dtype=np.bool_)
        blocks = ~hill[:, None] | (paid.slope <= 1.0).all(axis=2)
        return np.logical_and.reduceat(blocks.ravel(), self._first)

    def media(self, spend: FloatArray) -> FloatArray:
        """Return the media units that a plan and the tail's spend buy, (C, G, T + A)."""
        if spend.shape != self.shape:
            raise ValueError(f"spend has shape {spend.shape}, not {self.shape}")
        worth = spend if self.price_curve is None else self.price_curve.units(spend)
        whole = np.concatenate([worth, self.calendar.tail], axis=1)
        return np.asarray(self._rate * whole[self.units.owner].reshape(self._rate.shape), dtype=np.float64)

    def _run(
        self, spend: FloatArray, weights: FloatArray, order: int, *, clip: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Run the kernel; ``weights`` are of the draws, (S,), or of each row's draws, (U, S)."""
        b = self._blocks
        if weights.ndim == 1:
            sorted_weights = weights[b.order]
        else:
            sorted_weights = np.take_along_axis(weights[self.units.owner], b.order, axis=1)
        media = np.ascontiguousarray(self.media(spend).reshape(len(b.alpha), -1))
        result: tuple[FloatArray, FloatArray, FloatArray] = kernels.evaluate_blocks(
            b.form, media, self.shape[1], b.carry, b.alpha, b.half, b.slope, b.beta, b.knee, b.chord, clip, b.tails,
            self.week_value * self.effect_factor, b.factor, sorted_weights, order,
        )  # fmt: skip
        return result

    def _unsorted(self, total: FloatArray) -> FloatArray:
        """Put the kernel's (B, S) values back into draw order and add them up by unit: (U, S)."""
        back = np.empty_like(total)
        np.put_along_axis(back, self._blocks.order, total, axis=1)
        return self._by_unit(back)

    def _by_unit(self, blocks: FloatArray) -> FloatArray:
        """Add up blocks (B, …) by unit, (U, …)."""
        return np.asarray(np.add.reduceat(blocks, self._first, axis=0), dtype=np.float64)

    def _totals(self, spend: FloatArray) -> FloatArray:
        """Return the media effect with this spend in the horizon, not yet incremental, (U, S)."""
        total, _, _ = self._run(spend, np.full(self.n_draws, 1.0 / self.n_draws), 0, clip=False)
        return self._unsorted(total)

    def evaluate(
        self,
        spend: FloatArray,
        order: int = 0,
        *,
        weights: FloatArray | None = None,
        curvature: Curvature = Curvature.EXACT,
    ) -> Evaluation:
        """Evaluate a plan.

        Parameters
        ----------
        spend : (C, T)
            Money per week, ≥ 0.
        order : int
            0 value, 1 and gradient, 2 and Hessian.
        weights : (S,), optional
            Weights of the draws in value and derivatives, summing to 1; default equal.
        curvature : Curvature
            ``CLIPPED`` drops positive second derivatives term by term (a concave model for a step).
        """
        w = self._draw_weights(weights)
        parts, gradient, hessian = self._derivatives(np.asarray(spend, dtype=np.float64), w, order, curvature)
        per_draw = parts.sum(axis=0)
        return Evaluation(float(per_draw @ w), per_draw, gradient, hessian)

    def _derivatives(
        self, spend: FloatArray, weights: FloatArray, order: int, curvature: Curvature
    ) -> tuple[FloatArray, FloatArray | None, FloatArray | None]:
        """Return what each row brings by draw, (U, S), and the weighted derivatives; ``weights`` (S,) or (U, S)."""
        total, gradient, hessian = self._run(spend, weights, order, clip=curvature is Curvature.CLIPPED)
        horizon = self.shape[1]
        rate = self._rate[..., :horizon].reshape(-1, horizon)
        grad = hess = None
        if order >= 1:
            grad = self._by_unit(gradient * rate)
        if order >= 2:
            hess = self._by_unit(hessian * rate[:, :, None] * rate[:, None, :])
        return (self._unsorted(total) - self._reference, *self._priced(spend, grad, hess))

    def _priced(
        self, spend: FloatArray, gradient: FloatArray | None, hessian: FloatArray | None
    ) -> tuple[FloatArray | None, FloatArray | None]:
        """Take derivatives by the flat price's worth h(x) to those by money x: chain rule, week by week."""
        if self.price_curve is None or gradient is None:
            return gradient, hessian
        slope = self.price_curve.slope(spend)
        if hessian is not None:
            own = (gradient * self.price_curve.bend(spend))[:, :, None] * np.eye(spend.shape[1])
            hessian = hessian * slope[:, :, None] * slope[:, None, :] + own
        return gradient * slope, hessian

    def _draw_weights(self, weights: FloatArray | None) -> FloatArray:
        return np.full(self.n_draws, 1.0 / self.n_draws) if weights is None else np.asarray(weights, dtype=np.float64)

    def per_channel(self, spend: FloatArray) -> FloatArray:
        """Return each channel's incremental outcome by draw, horizon and tail together, (C, S)."""
        return self.units.summed(self.per_unit(spend))

    def per_unit(self, spend: FloatArray) -> FloatArray:
        """Return what each row of a plan brings, by draw, horizon and tail together, (U, S)."""
        return self._totals(np.asarray(spend, dtype=np.float64)) - self._reference

    def weekly(self, spend: FloatArray) -> FloatArray:
        """Return each channel's incremental outcome by week and draw, (C, T + A, S)."""
        return self.weekly_effect(np.asarray(spend, dtype=np.float64)) - self.weekly_effect(np.zeros(self.shape))

    def weekly_effect(self, spend: FloatArray) -> FloatArray:
        """Return each channel's effect by week and draw, carry-in included, (C, T + A, S).

        Geos that have ended make none.
        """
        media = self.media(spend)
        weight = np.outer(self.response.active, self.week_value * self.effect_factor)
        effect = effect_by_week(self.response.paid, weight, units=media, carry=self._carry)
        if self.response.demand is not None:
            weeks = np.concatenate([self.calendar.weeks, self.calendar.tail_weeks])
            effect *= self.response.demand.multiplier(weeks)
        return effect

    def within_and_after(self, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the incremental outcome inside the horizon and after it, by draw, ((S,), (S,))."""
        whole = self.evaluate(spend).per_draw
        inside = self._only_horizon().evaluate(spend).per_draw
        return inside, whole - inside

    def _only_horizon(self) -> Self:
        other = copy(self)
        other.week_value = np.where(np.arange(len(self.week_value)) < self.shape[1], self.week_value, 0.0)
        other._reference = other._totals(np.zeros(self.shape))  # noqa: SLF001
        return other

    def by_weeks(self, spend: FloatArray, group: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the mean media effect by row and groups of outcome weeks, (U, G), and its gradient, (U, G, T).

        Not yet incremental; ``group`` (T + A,) numbers the weeks' groups, never decreasing from 0.
        """
        b, horizon = self._blocks, self.shape[1]
        total, gradient = kernels.week_parts(
            b.form, self.media(spend).reshape(len(b.alpha), -1), horizon, b.carry, b.alpha, b.half, b.slope, b.beta,
            b.knee, b.chord, b.tails, self.week_value * self.effect_factor, b.factor,
            np.full(b.alpha.shape, 1.0 / self.n_draws), group,
        )  # fmt: skip
        slopes = self._by_unit(gradient * self._rate[..., :horizon].reshape(-1, 1, horizon))
        bought = 1.0 if self.price_curve is None else self.price_curve.slope(spend)[:, None, :]
        return self._by_unit(total), slopes * bought

    def select(self, draws: BoolArray | IntArray) -> HorizonResponse:
        """Return the response of some draws only."""
        return HorizonResponse(
            self.response.select(draws),
            self.calendar,
            week_value=self.week_value,
            cost_factor=self.cost_factor,
            effect_factor=self.effect_factor,
            units=self.units,
            decayed=self._decayed,
            price_curve=self.price_curve,
        )

    def envelope(self, upper: FloatArray) -> Self:
        """Return the mean of the draws' concave envelopes up to ``upper``: concave, and never below the value.

        Each draw's Hill curve with slope n > 1 is replaced, up to its tangent point
        :math:`u^* = k (n-1)^{1/n}` (or up to the most adstock that ``upper`` can make), by the line from the origin.

        Parameters
        ----------
        upper : (C, T)
            The most that any plan may spend.

        Notes
        -----
        The reference without spend stays exact, so :meth:`evaluate` bounds the exact incremental value from above.
        """
        other = copy(self)
        b = self._blocks
        media = self.media(np.asarray(upper, dtype=np.float64)).reshape(len(b.alpha), -1)
        # The adstock is a weighted mean of the carry-in and the weeks' media: it never passes the largest of them.
        most = np.maximum(b.carry, media.max(axis=1)[:, None])
        shaped = (b.form == kernels.HILL_FREE)[:, None] & (b.slope > 1.0)
        slope = np.where(shaped, b.slope, 2.0)
        knee = np.minimum(b.half * (slope - 1.0) ** (1.0 / slope), most)
        level = 1.0 / (1.0 + (b.half / np.maximum(knee, 1e-300)) ** slope)
        chord = np.where(shaped, level / np.maximum(knee, 1e-300), 0.0)
        other._blocks = replace(b, knee=np.where(shaped, knee, 0.0), chord=chord)  # noqa: SLF001
        return other
