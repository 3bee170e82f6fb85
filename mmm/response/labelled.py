"""Draws with names on their axes, for every channel or medium at once, and any draws as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from mmm.response.draws import ResponseDraws
from mmm.response.metrics import response_curve, value_unit
from mmm.response.weekly import media_by_week

if TYPE_CHECKING:
    import pandas as pd


def response_curves(response: ResponseDraws, *, points: int = 50, reach: float = 1.5) -> xr.DataArray:
    """Return every paid channel's response curve from no spend to some multiple of its largest observed week.

    Parameters
    ----------
    response : ResponseDraws
    points : int
        N of them, evenly spaced.
    reach : float
        The multiple.

    Returns
    -------
    DataArray (channel, point, sample)
        As :func:`response_curve`; the coordinate ``spend`` (channel, point) is national money per week.
    """
    spend = np.linspace(0.0, 1.0, points) * reach * response.observed_max()[:, None]
    values = np.stack([response_curve(response, name, spend[c]).to_numpy() for c, name in enumerate(response.channels)])
    return xr.DataArray(
        values,
        dims=("channel", "point", "sample"),
        coords={
            "channel": list(response.channels),
            "spend": (("channel", "point"), spend),
            "chain": ("sample", response.chain),
        },
        name="response",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def weekly_contributions(response: ResponseDraws) -> xr.DataArray:
    """Return every medium's effect in each fitted week, carry-in included, paid media first: (medium, week, sample)."""
    return xr.DataArray(
        media_by_week(response),
        dims=("medium", "week", "sample"),
        coords={
            "medium": [*response.paid.names, *response.organic.names],
            "week": response.weeks.astype("datetime64[ns]"),
            "chain": ("sample", response.chain),
        },
        name="contribution",
        attrs={"unit": f"{value_unit(response)} per week"},
    )


def table(draws: xr.DataArray) -> pd.DataFrame:
    """Return draws as a table for people: one row for each label, with mean, 5 %, 50 % and 95 %, and the unit.

    Parameters
    ----------
    draws : DataArray (..., sample)
        From any function here.

    Returns
    -------
    DataFrame
        A column for each dimension but ``sample`` (and each further coordinate of those), then ``mean``, ``q05``,
        ``q50``, ``q95`` and ``unit``.
    """
    import pandas as pd  # noqa: PLC0415  (slow to load; only tables need it)

    values = draws.transpose(..., "sample")
    labels = xr.Dataset(coords={name: c for name, c in values.coords.items() if "sample" not in c.dims})
    dims = [str(dim) for dim in values.dims[:-1]]
    shape = {dim: values.sizes[dim] for dim in dims}
    columns: dict[str, object] = {}
    for name in dict.fromkeys([*dims, *map(str, labels.coords)]):
        known = labels[name] if name in labels.coords else xr.DataArray(np.arange(shape[name]), dims=(name,))
        if known.dims:
            columns[name] = known.broadcast_like(values.isel(sample=0, drop=True)).transpose(*dims).to_numpy().ravel()
    low, middle, high = np.quantile(values.to_numpy(), [0.05, 0.5, 0.95], axis=-1)
    columns |= {"mean": values.to_numpy().mean(axis=-1).ravel()}
    columns |= {"q05": low.ravel(), "q50": middle.ravel(), "q95": high.ravel(), "unit": draws.attrs.get("unit", "")}
    return pd.DataFrame(columns)
