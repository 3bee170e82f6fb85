"""Visits on one's own account before a purchase or before giving up: their number and times, from fixed draws.

Nothing here needs a market. The draws are made once and the dials turned afterwards, so a figure moves one way and
without jumps from new luck when its dial is turned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mmm.arrays import BoolArray, FloatArray, IntArray
from simulations.market.journeys.spec import Research

#: Single precision: fine enough for luck, and there is a lot of it.
Luck = npt.NDArray[np.float32]
#: Visits before one purchase that are told at most.
MOST_VISITS = 40


@dataclass(frozen=True, eq=False)
class Visits:
    """Possible visits of E episodes, each of which ends in a purchase or in giving up.

    Attributes
    ----------
    lag : (E, V)
        Days before the end of the episode.
    happened : (E, V)
    """

    lag: Luck
    happened: BoolArray


@dataclass(frozen=True, eq=False)
class ResearchDraws:
    """The luck of E episodes.

    Attributes
    ----------
    looks, many : (E,)
        Uniform: whether someone looks around at all, and how often.
    early : (E, V)
        Exponential with mean 1: how early each visit is.
    """

    looks: FloatArray
    many: FloatArray
    early: Luck

    @classmethod
    def draw(cls, episodes: int, rng: np.random.Generator) -> ResearchDraws:
        """Draw the luck of so many episodes."""
        return cls(
            rng.random(episodes),
            rng.random(episodes),
            rng.standard_exponential((episodes, MOST_VISITS), dtype=np.float32),
        )

    def visits(self, dials: Research, longest: FloatArray) -> Visits:
        """Return the visits under some dials.

        Parameters
        ----------
        dials : Research
        longest : (E,)
            Days before the end of an episode from which on a visit would be of another journey.
        """
        count = np.where(self.looks < dials.share, visit_count(self.many, dials.visits), 0)
        lag = np.asarray(np.float32(dials.days) * self.early, dtype=np.float32)
        happened = (np.arange(MOST_VISITS) < count[:, None]) & (lag < longest[:, None])
        return Visits(lag, np.asarray(happened))


def visit_count(luck: FloatArray, mean: float) -> IntArray:
    """Return geometric numbers of visits, (E,): the more, the larger the luck; at most ``MOST_VISITS``.

    P(count >= k) = (mean / (1 + mean))^k.
    """
    if mean <= 0:
        return np.zeros(len(luck), dtype=np.int64)
    count = np.log(np.maximum(1.0 - luck, 1e-300)) / np.log(mean / (1.0 + mean))
    return np.asarray(np.minimum(np.floor(count), MOST_VISITS), dtype=np.int64)
