"""What stands in the weeks of a geo that have no row.

Outcome and spend are zero there and never used. The carryover needs media in every week, and the linear part a control
in every week: they are continued from the weeks that were observed.
"""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.columns import Role
from mmm.transforms.adstock import INITIAL_WEEKS


def fill_unobserved(values: FloatArray, observed: BoolArray, role: Role) -> FloatArray:
    """Fill the weeks that were not observed, (G, T).

    Outcome and spend: zero. Value per outcome, population and controls: a straight line, held beyond the ends.
    Exposure and organic activity: a straight line inside; before a geo's first row the mean of its first eight observed
    weeks, which is the steady state that the carryover starts from; after its last row zero.

    Parameters
    ----------
    values : (G, T)
        Anything where ``observed`` is False.
    observed : (G, T) bool
        True at least once a geo.
    role : Role
    """
    if role in (Role.OUTCOME, Role.SPEND):
        return np.where(observed, values, 0.0)
    filled = values.copy()
    every = np.arange(values.shape[1])
    for g in np.flatnonzero(~observed.all(axis=1)):
        at = np.flatnonzero(observed[g])
        filled[g] = np.interp(every, at, values[g, at])
        if role in (Role.EXPOSURE, Role.ORGANIC):
            filled[g, : at[0]] = values[g, at[:INITIAL_WEEKS]].mean()
            filled[g, at[-1] + 1 :] = 0.0
    return filled


def fill_national(values: FloatArray, observed: BoolArray, share: FloatArray) -> FloatArray:
    """Fill what a channel that runs only nationally showed in geo-weeks without a row, (G, T): the geo's known share.

    After a geo's last row zero, as for every medium.

    Parameters
    ----------
    values : (G, T)
    observed : (G, T) bool
        True at least once a week, and once a geo.
    share : (G,)
        Of the national figure.
    """
    there = np.where(observed, values, 0.0).sum(axis=0)
    part = (observed * share[:, None]).sum(axis=0)
    national = np.divide(there, part, out=np.zeros_like(there), where=part > 0)
    filled = np.where(observed, values, share[:, None] * national)
    for g in np.flatnonzero(~observed[:, -1]):
        filled[g, np.flatnonzero(observed[g])[-1] + 1 :] = 0.0
    return filled
