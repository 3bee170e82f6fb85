"""What an analyst says of future weeks, spend and controls as tables or arrays, put on the fit's axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray, IntArray, WeekArray
from mmm.exceptions import SpecError
from mmm.response.calendar import BaselineRule, SpendCalendar
from mmm.response.draws import ResponseDraws
from mmm.response.forecast import last_year

if TYPE_CHECKING:
    import pandas as pd


def stated_spend(
    response: ResponseDraws, calendar: SpendCalendar, given: pd.DataFrame | FloatArray | BaselineRule
) -> FloatArray:
    """Return what is spent, (C, G, N)."""
    shares = response.geo_shares()[..., None]
    if isinstance(given, BaselineRule):
        return np.asarray(shares * calendar.baseline[:, None])
    if not isinstance(given, np.ndarray):
        return _spend_of_table(response, calendar.weeks, given)
    national, wide = calendar.baseline.shape, (*response.spend.shape[:2], len(calendar.weeks))
    values = np.asarray(given, dtype=np.float64)
    if values.shape not in (national, wide):
        raise SpecError(f"spend has shape {values.shape}, not {national} or {wide}", where="spend")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise SpecError("spend holds a figure that is no sum of money", where="spend", do="Give 0 or more everywhere.")
    return np.asarray(shares * values[:, None] if values.ndim == 2 else values)


def _spend_of_table(response: ResponseDraws, weeks: WeekArray, given: pd.DataFrame) -> FloatArray:
    by_geo = "geo" in given.columns
    places = [_places(given, "week", weeks, "spend"), _places(given, "channel", response.channels, "spend")]
    geos = _places(given, "geo", response.geos, "spend") if by_geo else np.zeros(len(given), dtype=np.int64)
    money = _numbers(given, "spend", "spend")
    if (money < 0).any():
        raise SpecError("a row spends less than 0", where="spend", do="Give 0 or more.")
    values = np.zeros((len(response.channels), len(response.geos) if by_geo else 1, len(weeks)))
    np.add.at(values, (places[1], geos, places[0]), money)
    return np.asarray(values if by_geo else response.geo_shares()[..., None] * values)


def stated_controls(response: ResponseDraws, weeks: WeekArray, given: pd.DataFrame | FloatArray | None) -> FloatArray:
    """Return raw controls, (K, G, N)."""
    base, geos = response.baseline, len(response.geos)
    if given is None:
        return last_year(base.controls, response, weeks)
    wide = (len(base.control_names), geos, len(weeks))
    if isinstance(given, np.ndarray):
        values = np.asarray(given, dtype=np.float64)
        if values.shape not in (wide, (wide[0], wide[2])):
            raise SpecError(f"controls has shape {values.shape}, not {wide} or {(wide[0], wide[2])}", where="controls")
        return np.ascontiguousarray(np.broadcast_to(values if values.ndim == 3 else values[:, None], wide))
    t = _places(given, "week", weeks, "controls")
    by_geo = "geo" in given.columns
    g = _places(given, "geo", response.geos, "controls") if by_geo else np.zeros(len(given), dtype=np.int64)
    table_of = np.full((wide[0], geos if by_geo else 1, wide[2]), np.nan)
    for k, name in enumerate(base.control_names):
        table_of[k, g, t] = _numbers(given, name, "controls")
    alive = response.active if by_geo else np.ones(1, dtype=np.bool_)
    if np.isnan(table_of[:, alive]).any():
        raise SpecError(
            "the table has no row for some of the predicted weeks" + (" and geos" if by_geo else ""),
            where="controls",
            do=f"Give every week from {weeks[0]} to {weeks[-1]}.",
        )
    return np.ascontiguousarray(np.broadcast_to(np.nan_to_num(table_of), wide))


def _places(given: pd.DataFrame, column: str, known: tuple[str, ...] | WeekArray, where: str) -> IntArray:
    """Return where each row's label stands among the known ones."""
    labels = [str(one) for one in known]
    if column not in given.columns:
        raise SpecError(f"the table has no column '{column}'", where=where, do="Add it.")
    index = {label: i for i, label in enumerate(labels)}
    asked = given[column].astype("str")
    if column == "week":
        asked = asked.str.slice(0, 10)
    missing = [one for one in asked if one not in index]
    if missing:
        shown = ", ".join(labels if len(labels) <= 8 else [*labels[:3], "…", labels[-1]])
        raise SpecError(
            f"the {column} '{missing[0]}' is not one of those predicted", where=where, do=f"Known: {shown}."
        )
    return np.array([index[one] for one in asked], dtype=np.int64)


def _numbers(given: pd.DataFrame, column: str, where: str) -> FloatArray:
    if column not in given.columns:
        raise SpecError(f"the table has no column '{column}'", where=where, do="Add it.")
    try:
        values = given[column].to_numpy(dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise SpecError(f"the column '{column}' holds text", where=where, do="Give numbers only.") from error
    if not np.isfinite(values).all():
        raise SpecError(f"the column '{column}' has an empty cell", where=where, do="Fill it in.")
    return np.asarray(values)
