"""How a constraint sees a plan: by channel, with geos added up, whatever the plan's own rows are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.units import EVERYWHERE, Units
from optimizer.limits import Constraint, Frame, Limit


@dataclass(frozen=True, eq=False)
class View:
    """Some of a plan's U rows, added up by channel.

    Attributes
    ----------
    adds : (C, U)
        1 where a row counts for a channel.
    frame : Frame
        Of those C channels: baseline and observed range of the same geos.
    """

    adds: FloatArray
    frame: Frame

    def plan(self, spend: FloatArray) -> FloatArray:
        """Return the plan as the constraint sees it, (C, T), of one in rows, (U, T)."""
        return spend if self._same else np.asarray(self.adds @ spend)

    @property
    def _same(self) -> bool:
        return self.adds.shape[0] == self.adds.shape[1] and bool((self.adds == np.eye(len(self.adds))).all())

    def limits(self, constraint: Constraint, spend: cp.Expression) -> tuple[Limit, ...]:
        """Return a constraint's rows on an expression of the plan in rows, (U, T)."""
        if self._same:
            return constraint.limits(spend, self.frame)
        found = constraint.limits(self.adds @ spend, self.frame)
        return tuple(replace(one, relax=_through(one, self.adds)) for one in found)

    def cells(self, cells: Sequence[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
        """Translate cells of channels into cells of rows; a sum that several rows share is left out, nothing is not."""
        rows = [(np.flatnonzero(self.adds[c]), t, money) for c, t, money in cells]
        return [(int(row), t, money) for some, t, money in rows if len(some) == 1 or money == 0 for row in some]


def _through(limit: Limit, adds: FloatArray) -> Callable[[FloatArray], FloatArray]:
    relax = limit.relax
    return lambda plan: relax(np.asarray(adds @ plan))


def national_view(units: Units, frame: Frame) -> View:
    """See all geos together."""
    return View((np.arange(len(units.share))[:, None] == units.channel[None, :]).astype(np.float64), frame)


def geo_view(units: Units, geos: tuple[str, ...], picked: Sequence[str], part: Frame) -> View:
    """See some geos only.

    Parameters
    ----------
    units : Units
    geos : tuple of str
        All of the fit.
    picked : sequence of str
        Those that the constraint is about.
    part : Frame
        The channels' baseline and observed range in the picked geos.

    Raises
    ------
    SpecError
        A geo is unknown or has ended, or the plan does not decide geos.
    """
    if not units.by_geo:
        raise SpecError(
            "a constraint is about geos, and this plan decides national spend",
            where="constraints",
            do="Ask for granularity: geo_week or geo_total, or remove 'geos'.",
        )
    planned = {geos[g] for g in units.geo if g != EVERYWHERE}
    for name in picked:
        if name not in planned:
            says = f"the geo '{name}' is not in the fit" if name not in geos else f"the geo '{name}' has ended"
            raise SpecError(says, where="constraints", do=f"Known: {', '.join(sorted(planned))}.")
    inside = np.array([g != EVERYWHERE and geos[g] in picked for g in units.geo])
    adds = national_view(units, part).adds * inside
    local = np.flatnonzero(adds.any(axis=1))
    # Channels that run only nationally are nowhere in particular.
    return View(
        adds[local],
        replace(
            part,
            channels=tuple(part.channels[c] for c in local),
            baseline=part.baseline[local],
            observed_max=part.observed_max[local],
        ),
    )
