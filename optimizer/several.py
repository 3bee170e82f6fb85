"""One response made of those of several fits: their draws side by side, for plans that must hold under each of them."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Self, override

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.exceptions import SpecError
from mmm.response.horizon import Curvature, Evaluation, HorizonResponse


class SeveralResponses(HorizonResponse):
    """The responses of F fits to the same horizon, as one whose draws are theirs, one fit after the other.

    Every fit keeps as many draws as the one with the fewest, evenly spaced, so that a mean over all draws weighs the
    fits alike.

    Parameters
    ----------
    fits : sequence of HorizonResponse
        Of the same rows, weeks and business-as-usual spend.

    Attributes
    ----------
    fits : tuple of HorizonResponse
    fit : (S,)
        The fit that each draw is of.

    Raises
    ------
    SpecError
        The fits are of other channels, weeks or spend.
    """

    def __init__(self, fits: Sequence[HorizonResponse]) -> None:
        first = fits[0]
        for other in fits[1:]:
            _check_same(first, other)
        fewest = min(one.n_draws for one in fits)
        self._adopt([_thinned(one, fewest) for one in fits])

    def _adopt(self, fits: Sequence[HorizonResponse]) -> None:
        self.fits = tuple(fits)
        # The fit whose carryover lasts longest lays out the weeks.
        first = max(fits, key=lambda one: len(one.calendar.tail_weeks))
        self.fit: IntArray = np.repeat(np.arange(len(fits)), [one.n_draws for one in fits])
        self.units, self.calendar = first.units, first.calendar
        self.week_value, self.effect_factor = first.week_value, first.effect_factor
        self.cost_factor = first.cost_factor
        # Names, geos, history and prices are the same in every fit; chains are told apart.
        chains = [one.response.chain + 1000 * k for k, one in enumerate(fits)]
        self.response = replace(first.response, chain=np.concatenate(chains))

    def _like(self, fits: Sequence[HorizonResponse]) -> Self:
        other = copy(self)
        other._adopt(fits)  # noqa: SLF001  (its own)
        return other

    @property
    @override
    def n_draws(self) -> int:
        """Number of draws S of all fits."""
        return len(self.fit)

    @property
    @override
    def separable(self) -> bool:
        """Whether the outcome is a sum over rows in every fit."""
        return all(one.separable for one in self.fits)

    @property
    @override
    def concave(self) -> BoolArray:
        """Whether every draw of a row's response is concave in its spend, in every fit, (C,)."""
        return np.asarray(np.logical_and.reduce([one.concave for one in self.fits]), dtype=np.bool_)

    @override
    def media(self, spend: FloatArray) -> FloatArray:
        """Return the media units that a plan buys, (C, G, T + A): prices are the same in every fit."""
        return self.fits[0].media(spend)

    @override
    def evaluate(
        self,
        spend: FloatArray,
        order: int = 0,
        *,
        weights: FloatArray | None = None,
        curvature: Curvature = Curvature.EXACT,
    ) -> Evaluation:
        """Evaluate a plan; see :meth:`mmm.response.horizon.HorizonResponse.evaluate`."""
        whole = np.full(self.n_draws, 1.0 / self.n_draws) if weights is None else np.asarray(weights, dtype=np.float64)
        parts = [
            one.evaluate(spend, order, weights=whole[self.fit == k], curvature=curvature)
            for k, one in enumerate(self.fits)
        ]
        per_draw = np.concatenate([part.per_draw for part in parts])
        gradients = [part.gradient for part in parts if part.gradient is not None]
        hessians = [part.hessian for part in parts if part.hessian is not None]
        return Evaluation(
            float(per_draw @ whole),
            per_draw,
            np.sum(gradients, axis=0) if gradients else None,
            np.sum(hessians, axis=0) if hessians else None,
        )

    @override
    def per_unit(self, spend: FloatArray) -> FloatArray:
        """Return what each row of a plan brings, by draw, (U, S)."""
        return np.concatenate([one.per_unit(spend) for one in self.fits], axis=1)

    @override
    def weekly_effect(self, spend: FloatArray) -> FloatArray:
        """Return each channel's effect by week and draw, carry-in included, (C, T + A, S)."""
        made = [one.weekly_effect(spend) for one in self.fits]
        longest = max(part.shape[1] for part in made)
        return np.concatenate([np.pad(p, ((0, 0), (0, longest - p.shape[1]), (0, 0))) for p in made], axis=2)

    @override
    def within_and_after(self, spend: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the incremental outcome inside the horizon and after it, by draw, ((S,), (S,))."""
        pairs = [one.within_and_after(spend) for one in self.fits]
        return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])

    @override
    def by_weeks(self, spend: FloatArray, group: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the mean effect over all draws by row and groups of outcome weeks; see :class:`HorizonResponse`."""
        groups = int(group[-1]) + 1
        total, slopes = np.zeros((len(spend), groups)), np.zeros((len(spend), groups, spend.shape[1]))
        for one in self.fits:
            # A fit with a shorter tail has fewer weeks, and perhaps none in the last groups.
            mine = group[: len(one.week_value)]
            value, slope = one.by_weeks(spend, mine)
            share, known = one.n_draws / self.n_draws, value.shape[1]
            total[:, :known] += share * value
            slopes[:, :known] += share * slope
        return total, slopes

    @override
    def select(self, draws: BoolArray | IntArray) -> HorizonResponse:
        """Return the response of some draws only, each in its own fit; every fit needs one."""
        picked = np.flatnonzero(draws) if np.asarray(draws).dtype == np.bool_ else np.asarray(draws)
        first = np.searchsorted(self.fit, np.arange(len(self.fits)))
        return self._like([one.select(picked[self.fit[picked] == k] - first[k]) for k, one in enumerate(self.fits)])

    @override
    def envelope(self, upper: FloatArray) -> Self:
        """Return the draws' concave envelopes up to ``upper``."""
        return self._like([one.envelope(upper) for one in self.fits])


def _thinned(one: HorizonResponse, draws: int) -> HorizonResponse:
    if one.n_draws == draws:
        return one
    return one.select(np.linspace(0, one.n_draws - 1, draws).round().astype(np.int64))


def _check_same(first: HorizonResponse, other: HorizonResponse) -> None:
    same = first.channels == other.channels and np.array_equal(first.weeks, other.weeks)
    spend = (first.calendar.baseline, other.calendar.baseline)
    if not same or not np.allclose(*spend, rtol=1e-6, atol=1e-9 * float(spend[0].max(initial=1.0))):
        raise SpecError(
            "the fits are of other channels, weeks or spend",
            where="fit",
            do="Give fits of the same data, which differ in the model only.",
        )


def fits_of(response: HorizonResponse) -> IntArray:
    """Return the fit that each draw is of, (S,); zeros where there is one fit."""
    if isinstance(response, SeveralResponses):
        return response.fit
    return np.zeros(response.n_draws, dtype=np.int64)
