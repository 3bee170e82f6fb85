"""Plans in volumes: what a channel's money serves or buys, for channels that the model sees by volume or exposure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from optimizer.problem import AllocationProblem

#: Relative difference below which money is the same everywhere, and a unit costs the same.
SAME = 1e-9
#: A channel → money for one unit of its volume in the planned weeks.
Cost = Callable[[str], float]


def by_volume(response: ResponseDraws) -> BoolArray:
    """Return whether the model sees a channel by something else than its money, (C,)."""
    known = response.observed[None]
    media, money = response.paid.media * known, response.gross_spend() * known
    far = np.abs(media - money) > SAME * np.maximum(media, money)
    return np.asarray(far.any(axis=(1, 2)), dtype=np.bool_)


def volumes(problem: AllocationProblem, row_spend: FloatArray) -> Mapping[str, FloatArray]:
    """Return what a plan serves or buys in each week, over all geos, in units of what the model sees.

    Parameters
    ----------
    problem : AllocationProblem
    row_spend : (U, T)
        Money as it is decided: by channel, or by channel and geo.

    Returns
    -------
    Mapping
        Channel → (T,); channels that the model sees by their money are not in it.
    """
    horizon = problem.horizon
    bought = horizon.media(row_spend)[..., : row_spend.shape[1]].sum(axis=1)
    seen = by_volume(horizon.response)
    return {name: bought[c] for c, name in enumerate(horizon.response.channels) if seen[c]}


def cost_of_a_unit(
    response: ResponseDraws, factor: FloatArray | None, dearer: Mapping[str, object], *, by_geo: bool
) -> Cost:
    """Return a function: channel → money for one unit of its volume in the planned weeks.

    Parameters
    ----------
    response : ResponseDraws
    factor : (C, T) or None
        Planned cost over today's.
    dearer : mapping
        Its keys are the channels whose price rises with volume.
    by_geo : bool
        Whether the plan decides geos; else they share a channel's money as in recent weeks.

    Returns
    -------
    callable
        It raises SpecError where a volume is no one sum of money: the model sees the channel by its money, or a unit
        costs different sums in the planned weeks, at different volumes or in different geos.
    """
    seen, today, shares = by_volume(response), response.cost_per_exposure(), response.geo_shares()

    def cost(channel: str) -> float:
        c = response.channels.index(channel)
        money = "Write the sum in money: without 'unit'."
        if not seen[c]:
            raise SpecError(f"'{channel}' has no volume: the model sees it by its money", do=money)
        if channel in dearer:
            raise SpecError(f"a further unit of '{channel}' is dearer at volume (future.price_curve)", do=money)
        path, here = np.ones(1) if factor is None else factor[c], today[c][shares[c] > 0]
        for costs, where in ((path, "planned weeks"), *([(here, "geos")] if by_geo else [])):
            if np.ptp(costs) > SAME * costs.max():
                raise SpecError(f"a unit of '{channel}' costs different sums in different {where}", do=money)
        return float(path[0] / (shares[c] / today[c]).sum())

    return cost
