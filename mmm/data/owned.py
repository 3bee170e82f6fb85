"""Owned channels: what a service gave, times what giving it costs, is the channel's money."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.columns import Columns, Role, Series
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.spec import ChannelSpec, Fill, PanelSpec
from mmm.exceptions import DataError


def price_owned(columns: Columns, spec: PanelSpec, log: ReadingLog) -> Columns:
    """Give every owned channel its money, row by row: volume × cost of service.

    Parameters
    ----------
    columns : Columns
        With the volumes as exposures, and the columns of cost.
    spec : PanelSpec
    log : ReadingLog
        What each channel cost is listed here.

    Returns
    -------
    Columns
        With the money as spend, before the volume it is of; without the columns of cost.

    Raises
    ------
    DataError
        A row with volume and without a cost, or a cost below zero.
    """
    owned = {name: channel for name, channel in spec.channels.items() if channel.is_owned}
    if not owned:
        return columns
    costs = {one.name: one for one in columns.series if one.role is Role.COST}
    series: list[Series] = []
    for one in columns.series:
        if one.role is Role.EXPOSURE and one.name in owned:
            volume = _filled(one, columns, spec, log)
            cost = _cost(owned[one.name], costs, volume, columns)
            spend = Series(Role.SPEND, one.name, one.column, volume.values * cost)
            _say(owned[one.name], volume, cost, columns, spec.currency, log)
            series += [spend, volume]
        elif one.role is not Role.COST:
            series.append(one)
    return replace(columns, series=tuple(series))


def _filled(volume: Series, columns: Columns, spec: PanelSpec, log: ReadingLog) -> Series:
    """Fill empty cells with zero where that is declared: here, so that it is said once for volume and money."""
    empty = np.flatnonzero(~np.isfinite(volume.values))
    if not len(empty) or spec.data.fill_of(volume.column) is not Fill.ZERO:
        return volume
    log.repaired(
        "missing_filled",
        f"{counted(len(empty), 'empty cell')} filled by 'zero', as declared "
        f"(rows {listed(columns.table.rows[i] for i in empty)}).",
        where=f"{columns.table.file}, column {volume.column}",
        do="Nothing, if that is what an empty cell means.",
    )
    return replace(volume, values=np.nan_to_num(volume.values))


def _cost(channel: ChannelSpec, costs: Mapping[str, Series], volume: Series, columns: Columns) -> FloatArray:
    """Return what a unit of volume costs in each row, money, (N,)."""
    given = channel.cost_of_service
    if not isinstance(given, str):
        return np.full(len(volume.values), float(given or 0.0))
    cost = costs[volume.name].values
    wrong = np.flatnonzero((cost < 0) | (~np.isfinite(cost) & (np.nan_to_num(volume.values) > 0)))
    if len(wrong):
        i = int(wrong[0])
        more = f" (and in {counted(len(wrong) - 1, 'more row')})" if len(wrong) > 1 else ""
        below = "is below zero" if cost[i] < 0 else "is missing, and something was served"
        raise DataError(
            f"the cost of service of '{volume.name}' {below}{more}",
            where=columns.table.place(i, given),
            do=f"Correct it, or give one number for all weeks: channels: {{{volume.name}: {{cost_of_service: …}}}}.",
        )
    return np.nan_to_num(cost)


def _say(
    channel: ChannelSpec, volume: Series, cost: FloatArray, columns: Columns, currency: str, log: ReadingLog
) -> None:
    served = np.nan_to_num(volume.values)
    money, units = math.fsum(served * cost), math.fsum(served)
    low, high = (float(f(cost[served > 0])) if (served > 0).any() else 0.0 for f in (np.min, np.max))
    each = f"{low:,.6g}" if low == high else f"{low:,.6g} to {high:,.6g}"
    by = f" (column {channel.cost_of_service})" if isinstance(channel.cost_of_service, str) else ""
    log.repaired(
        "cost_of_service",
        f"'{volume.name}' counts as {money:,.2f} {currency} of spend: {units:,.10g} of '{volume.column}' at "
        f"{each} {currency} each{by}.",
        where=f"{columns.table.file}, column {volume.column}",
        do="Compare it with what the team that serves it costs; it stands in the ledger like any spend.",
    )
