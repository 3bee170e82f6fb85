r"""Responses in which channels work on each other: the outcome is a function of what each row would bring.

.. math:: R_s(x) = \Phi_s\bigl(r_{1s}(x_1), \dots, r_{Us}(x_U)\bigr)

with :math:`r_{us}` a row's additive response. Synergy, funnels and a logarithmic outcome are such functions. By
the chain rule a row's derivatives need its draws weighted by :math:`\partial \Phi_s / \partial r_{us}`, and nothing
else.
"""

from __future__ import annotations

from copy import copy
from typing import Protocol

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.response.horizon import Curvature, Evaluation, HorizonResponse


class Interplay(Protocol):
    """How what the rows would bring makes the outcome, draw by draw; 0 where all bring nothing."""

    @property
    def concave(self) -> bool:
        """Whether every draw's function is concave and never falls in any row: tangents then bound it."""

    def outcome(self, parts: FloatArray) -> FloatArray:
        """Return the outcome, (S,), of parts (U, S)."""

    def slopes(self, parts: FloatArray) -> FloatArray:
        """Return its derivatives in the parts, (U, S)."""

    def select(self, draws: BoolArray | IntArray) -> Interplay:
        """Return the interplay of some draws."""


class CoupledHorizon(HorizonResponse):
    """A horizon's response with interplay between its rows.

    Parameters
    ----------
    horizon : HorizonResponse
        What each row brings by itself.
    interplay : Interplay
    """

    interplay: Interplay

    def __init__(self, horizon: HorizonResponse, interplay: Interplay) -> None:
        self.__dict__.update(copy(horizon).__dict__)
        self.interplay = interplay

    @property
    def separable(self) -> bool:
        """Channels work on each other."""
        return False

    @property
    def concave(self) -> BoolArray:
        """Whether the whole is known to be concave, the same for every row, (U,)."""
        whole = self.interplay.concave and bool(super().concave.all())
        return np.full(len(self.channels), whole)

    def evaluate(
        self,
        spend: FloatArray,
        order: int = 0,
        *,
        weights: FloatArray | None = None,
        curvature: Curvature = Curvature.EXACT,
    ) -> Evaluation:
        """Evaluate a plan; see :meth:`HorizonResponse.evaluate`.

        The Hessian holds the curvature of each row's own response at the present slopes: it shapes a step, and is exact
        only where the interplay is a sum.
        """
        spend = np.asarray(spend, dtype=np.float64)
        parts, w = self.per_unit(spend), self._draw_weights(weights)
        outcome = self.interplay.outcome(parts)
        value = float(outcome @ w)
        if order == 0:
            return Evaluation(value, outcome)
        _, gradient, hessian = self._derivatives(spend, w * self.interplay.slopes(parts), order, curvature)
        return Evaluation(value, outcome, gradient, hessian)

    def per_channel(self, spend: FloatArray) -> FloatArray:
        """Return what would be lost without each channel, (C, S): these do not add up to the whole."""
        parts = self.per_unit(spend)
        whole, found = self.interplay.outcome(parts), np.empty((len(self.response.channels), self.n_draws))
        for c in range(len(found)):
            without = np.where((self.units.channel == c)[:, None], 0.0, parts)
            found[c] = whole - self.interplay.outcome(without)
        return found

    def weekly(self, spend: FloatArray) -> FloatArray:
        """Return each channel's incremental outcome by week, (C, T + A, S), scaled to what the whole brings."""
        alone = super().weekly(spend)
        total = alone.sum(axis=(0, 1))
        whole = self.evaluate(spend).per_draw
        return np.asarray(alone * np.where(total > 0, whole / np.where(total > 0, total, 1.0), 0.0))

    def select(self, draws: BoolArray | IntArray) -> HorizonResponse:
        """Return the response of some draws only."""
        return CoupledHorizon(super().select(draws), self.interplay.select(draws))

    def envelope(self, upper: FloatArray) -> CoupledHorizon:  # noqa: ARG002
        """Refuse: the rows' envelopes do not bound a coupled outcome."""
        raise TypeError("a response with interplay has no envelope by rows")
