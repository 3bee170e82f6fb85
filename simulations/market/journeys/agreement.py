"""Two views of one market: what the journeys add up to, beside the panel, with the error of having followed few people.

What n people of a geo buy in a week is n draws with the panel's share p, so the sum over them, scaled to the geo's
people, has the standard error people × √(p(1 − p) / n). The weeks of one person hang together, so the total over the
weeks takes its error from the spread between the people followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Agreement:
    """Purchases of G geos in T weeks.

    Attributes
    ----------
    geos : tuple of str
    panel, journeys, error : (G, T)
        Purchases in the panel before noise, the journeys' scaled to the geo's people, and the standard error.
    total_error : float
        Standard error of the journeys' sum over geos and weeks.
    """

    geos: tuple[str, ...]
    panel: FloatArray
    journeys: FloatArray
    error: FloatArray
    total_error: float

    @property
    def z(self) -> FloatArray:
        """Differences in standard errors, (G, T); 0 where nobody can buy."""
        difference = self.journeys - self.panel
        return np.divide(difference, self.error, out=np.zeros_like(difference), where=self.error > 0)

    @property
    def total_z(self) -> float:
        """The difference of the totals in standard errors."""
        return float((self.journeys.sum() - self.panel.sum()) / self.total_error) if self.total_error > 0 else 0.0

    @property
    def mean_square(self) -> float:
        """Mean of the squared z; about 1 where the two views agree."""
        able = self.error > 0
        return float(np.mean(self.z[able] ** 2)) if able.any() else 0.0

    def to_frame(self) -> pd.DataFrame:
        """Return one row a geo: ``geo``, ``panel``, ``journeys``, their ``ratio``, ``mean_square_z``."""
        return pd.DataFrame(
            {
                "geo": list(self.geos),
                "panel": self.panel.sum(axis=1),
                "journeys": self.journeys.sum(axis=1),
                "ratio": self.journeys.sum(axis=1) / self.panel.sum(axis=1),
                "mean_square_z": np.mean(self.z**2, axis=1),
            }
        )


def agreement(
    panel: FloatArray, people: FloatArray, geos: Sequence[str], columns: IntArray, buyer: IntArray, week: IntArray
) -> Agreement:
    """Hold purchases of people followed against the panel.

    Parameters
    ----------
    panel : (G, T)
        Purchases in each geo and week, before noise.
    people : (G,)
        People of each geo.
    geos : sequence of str
    columns : (n,)
        Geo of each person followed.
    buyer, week : (B,)
        Person and week of each purchase of the people followed.
    """
    followed = np.bincount(columns, minlength=len(people)).astype(np.float64)
    stands_for = np.divide(people, followed, out=np.zeros(len(people)), where=followed > 0)
    count = np.zeros(panel.shape)
    np.add.at(count, (columns[buyer], week), 1.0)
    share = panel / people[:, None]
    each = np.bincount(buyer, minlength=len(columns)).astype(np.float64)
    spread = np.array([np.var(each[columns == geo]) if followed[geo] else 0.0 for geo in range(len(people))])
    return Agreement(
        geos=tuple(geos),
        panel=panel,
        journeys=count * stands_for[:, None],
        error=stands_for[:, None] * np.sqrt(followed[:, None] * share * (1.0 - share)),
        total_error=float(np.sqrt(np.sum(stands_for**2 * followed * spread))),
    )
