r"""A price that rises with volume: what the first euro of a week buys, the last one no longer does.

Let v be media in money at the flat price. Up to :math:`v_0` the price of a unit is 1; beyond, it has constant
elasticity, :math:`p(v) = (v / v_0)^\varepsilon`. A week's money is what all its units cost,

.. math:: x(v) = v_0 + \int_{v_0}^{v} p(u) \, du
               = v_0 + \frac{v_0}{1+\varepsilon} \left( (v/v_0)^{1+\varepsilon} - 1 \right) ,

and solved for v, with :math:`x_0 = v_0`,

.. math:: h(x) = x_0 \left( 1 + (1+\varepsilon)(x/x_0 - 1) \right)^{1/(1+\varepsilon)} \quad (x > x_0) ,

with :math:`h' = (v/v_0)^{-\varepsilon}` and :math:`h'' = -(\varepsilon/x_0)(v/v_0)^{-1-2\varepsilon}`: increasing,
concave, continuous with its slope at x₀. A concave response of h(x) is concave in x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class PriceCurve:
    """Media that a week's money buys, in money at the flat price, for each row of a plan.

    Attributes
    ----------
    start : (C,)
        Money a week from which each further unit is dearer, positive; infinity: never.
    elasticity : (C,)
        0.2: at twice the volume a further unit costs 2 ** 0.2 = 1.15 times the flat price; 0 or more.

    Raises
    ------
    ValueError
        The shapes differ, or a figure is out of its range.
    """

    start: FloatArray
    elasticity: FloatArray

    def __post_init__(self) -> None:
        if self.start.shape != self.elasticity.shape or self.start.ndim != 1:
            raise ValueError(f"start has shape {self.start.shape}, elasticity {self.elasticity.shape}")
        if not (self.start > 0).all() or not ((self.elasticity >= 0) & np.isfinite(self.elasticity)).all():
            raise ValueError("start must be positive, and elasticity 0 or more")

    def _terms(self, spend: FloatArray) -> tuple[BoolArray, FloatArray, FloatArray]:
        """Return where the price has risen, the elasticity, and volume over v₀ there (1 elsewhere), (C, T) each."""
        start, bend = self.start[:, None], np.broadcast_to(self.elasticity[:, None], spend.shape)
        dear = spend > start
        over = np.where(dear, spend / start, 1.0)
        return dear, bend, (1.0 + (1.0 + bend) * (over - 1.0)) ** (1.0 / (1.0 + bend))

    def units(self, spend: FloatArray) -> FloatArray:
        """Return h: what the money buys at the flat price's worth, (C, T)."""
        dear, _, volume = self._terms(spend)
        return np.where(dear, np.where(dear, self.start[:, None], 0.0) * volume, spend)

    def slope(self, spend: FloatArray) -> FloatArray:
        """Return h': what one more euro buys, (C, T)."""
        _, bend, volume = self._terms(spend)
        return np.asarray(volume**-bend)

    def bend(self, spend: FloatArray) -> FloatArray:
        """Return h'' ≤ 0: nothing up to x₀, and from there on what the rising price takes, (C, T)."""
        dear, bend, volume = self._terms(spend)
        return np.where(dear, -(bend / self.start[:, None]) * volume ** (-1.0 - 2.0 * bend), 0.0)

    def split(self, channel: IntArray, share: FloatArray) -> PriceCurve:
        """Return the curve of parts of channels: each part's price rises at its share of the channel's volume.

        Parameters
        ----------
        channel : (U,) int
            The row of this curve that each part belongs to.
        share : (U,)
            Each part's share of the channel's spend; a part without spend so far has the channel's own curve.
        """
        part = np.where(share > 0, share, 1.0)
        return PriceCurve(self.start[channel] * part, self.elasticity[channel])
