"""What each week's expected outcome is made of: the parts of the baseline and every medium."""

from __future__ import annotations

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from mmm.response.metrics import value_unit
from mmm.response.weekly import media_by_week, value_weights
from mmm.transforms.time_bases import TimeBasis

#: Parts of the baseline, by how the names of their columns begin; a column of another name wanders.
_BEGINNINGS = {"intercept": "intercept", "trend": "trend", "sin_": "season", "cos_": "season", "holiday:": "holidays"}
WANDERING = "wandering level"


def baseline_part(column: str) -> str:
    """Return the part of the baseline that a column of its time basis belongs to."""
    return next((part for start, part in _BEGINNINGS.items() if column.startswith(start)), WANDERING)


def _columns(basis: TimeBasis, controls: tuple[str, ...]) -> dict[str, list[int]]:
    """Return the coefficients of each part, in the order in which parts first appear."""
    names = [*map(baseline_part, basis.names), *(f"control:{name}" for name in controls)]
    parts: dict[str, list[int]] = {}
    for index, part in enumerate(names):
        parts.setdefault(part, []).append(index)
    return parts


def decomposition(response: ResponseDraws, *, geo: str | None = None) -> xr.DataArray:
    """Return the parts of every fitted week's expected outcome; they sum to it.

    Parameters
    ----------
    response : ResponseDraws
    geo : str, optional
        One geo alone; by default all geos together. Geo-weeks without a row are left out.

    Returns
    -------
    DataArray (part, week, sample)
        Value units per week. Parts: ``intercept``, ``trend``, ``season``, ``holidays``, ``control:<name>``, a
        wandering level where the model has one, then each medium by name, carry-in from before the window included.

    Raises
    ------
    SpecError
        The geo is not in the fit.
    """
    weight = value_weights(response)
    if geo is not None:
        if geo not in response.geos:
            raise SpecError(f"the geo '{geo}' is not in the fit", where="geo", do=f"Known: {', '.join(response.geos)}.")
        weight = weight * (np.asarray(response.geos, dtype=object) == geo)[:, None]
    base = response.baseline
    parts = _columns(base.basis, base.control_names)
    design = _design(response)
    values = [_part(design[:, :, index], weight, base.coef[index]) for index in parts.values()]
    media = (*response.paid.names, *response.organic.names)
    return xr.DataArray(
        np.concatenate([np.stack(values), media_by_week(response, weight)]),
        dims=("part", "week", "sample"),
        coords={
            "part": [*parts, *media],
            "week": response.weeks.astype("datetime64[ns]"),
            "chain": ("sample", response.chain),
        },
        name="decomposition",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def _design(response: ResponseDraws) -> FloatArray:
    """Return the baseline's columns, (G, T, P + K)."""
    base = response.baseline
    time = base.basis.design(response.weeks)
    time = np.broadcast_to(time, (len(response.geos), *time.shape))
    scaled = (base.controls - base.control_center[..., None]) / base.control_scale[..., None]
    return np.concatenate([time, scaled.transpose(1, 2, 0)], axis=2)


def _part(design: FloatArray, weight: FloatArray, coef: FloatArray) -> FloatArray:
    """Return Σ over geos of weight · design · coef, (T, S), from (G, T, p), (G, T) and (p, G, S)."""
    total = np.zeros((design.shape[1], coef.shape[-1]))
    for g in np.flatnonzero(weight.any(axis=1)):
        total += (weight[g][:, None] * design[g]) @ coef[:, g]
    return total
