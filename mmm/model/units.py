"""From the sampler's unconstrained values back to the variables' own units, with the transforms' own formulas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
from pymc.logprob.transforms import IntervalTransform, LogOddsTransform, LogTransform
from pytensor.graph.basic import Constant
from scipy.special import expit

from mmm.arrays import FloatArray

Formula = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class Back:
    """One free variable: its place among the joined values, its shape, and its transform's way back.

    Attributes
    ----------
    name : str
    start : int
    shape : tuple of int
    formula : Callable
    """

    name: str
    start: int
    shape: tuple[int, ...]
    formula: Formula

    def values(self, joined: FloatArray) -> FloatArray:
        """Return the variable's draws, (draws, …), from joined unconstrained values, (draws, size)."""
        size = int(np.prod(self.shape))
        part = joined[:, self.start : self.start + size]
        return np.ascontiguousarray(self.formula(part).reshape(len(joined), *self.shape))


def formulas(model: pm.Model) -> dict[str, Formula] | None:
    """Return the way back of every free variable; None if one has a transform without a formula here."""
    found = {variable.name: _formula(model.rvs_to_transforms[variable], variable) for variable in model.free_RVs}
    known = {name: formula for name, formula in found.items() if formula is not None}
    return known if len(known) == len(found) else None


def _formula(transform: Any, variable: Any) -> Formula | None:
    # Exactly these classes: a subclass may mean something else.
    if transform is None:
        return _same
    if type(transform) is LogTransform:
        return np.exp
    if type(transform) is LogOddsTransform:
        return expit
    if isinstance(transform, IntervalTransform):
        return _interval(*transform.args_fn(*variable.owner.inputs))
    return None


def _same(values: FloatArray) -> FloatArray:
    return values


def _interval(lower: Any, upper: Any) -> Formula | None:
    """Return the formula between two finite constants, or above or below one; None for bounds that are data."""
    low, high = _number(lower, -np.inf), _number(upper, np.inf)
    if low is None or high is None:
        return None
    if np.isfinite(low) and np.isfinite(high):
        return lambda values: expit(values) * high + expit(-values) * low
    if np.isfinite(low):
        return lambda values: low + np.exp(values)
    if np.isfinite(high):
        return lambda values: high - np.exp(values)
    return _same


def _number(bound: Any, absent: float) -> float | None:
    if bound is None:
        return absent
    if isinstance(bound, Constant):
        bound = bound.data
    elif hasattr(bound, "owner"):
        return None
    return float(bound) if np.ndim(bound) == 0 else None
