"""One cell of a panel taken apart: its figure, and every file and rows that it was made of."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.data.log import counted, listed
from mmm.data.panel import NATIONAL
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.room.owned_money import money_of
from mmm.exceptions import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from mmm.data.sources.spec import SourceSpec

_WEEK = 7


@dataclass(frozen=True)
class Part:
    """What some rows of one file gave to a cell.

    Attributes
    ----------
    geo : str
    source, file : str
        Empty for a part that stands in no file; ``label`` then says what it is.
    row, last_row, rows : int
        Lines of the file, and how many of them were added up.
    first_day, last_day : str
        Days that the rows cover; empty where there are none.
    label : str
        Channel or campaign, as written there.
    value : float
        In the panel's currency where it is money.
    original : float, optional
        What the rows say, where it was converted or divided.
    currency : str
        ISO code of ``original``; empty where it is no money.
    within : str
        Sheet, table or query of the file.
    of_log : bool
        Whether ``row`` numbers the cells of an event log, of which ``rows`` rows were counted; 0: that is not told.
    """

    geo: str
    source: str
    file: str
    row: int
    last_row: int
    rows: int
    first_day: str
    last_day: str
    label: str
    value: float
    original: float | None
    currency: str
    within: str = ""
    of_log: bool = False

    @property
    def place(self) -> str:
        """Name file and rows; of an event log the cell, for its rows are of single people."""
        if not self.file:
            return self.label
        file = f"{self.file}, {self.within}" if self.within else self.file
        if self.of_log:
            return f"{file}, cell {self.row}" + (f", {counted(self.rows, 'row')} of the log" if self.rows else "")
        if self.row == self.last_row:
            return f"{file}, row {self.row}"
        return f"{file}, rows {self.row} to {self.last_row} ({self.rows} of them)"


@dataclass(frozen=True)
class Trace:
    """One cell.

    Attributes
    ----------
    series : str
        Column of the model file.
    week : str
        First day.
    geo : str
        ``all`` where the geos were added up.
    figure : float
        Of the panel.
    unit : str
        Currency, or empty.
    parts : tuple of Part
        Largest first; their values add up to ``figure``.
    volume : str
        Of an owned channel's money: the column of which each part is so many units.
    mean_cost : bool
        Whether parts of one week are priced at the mean of a column of costs.
    """

    series: str
    week: str
    geo: str
    figure: float
    unit: str
    parts: tuple[Part, ...]
    volume: str = ""
    mean_cost: bool = False

    @property
    def added(self) -> float:
        """The sum of the parts."""
        return float(sum(part.value for part in self.parts))

    def days(self) -> tuple[date, date]:
        """Return first and last day of the week."""
        first = date.fromisoformat(self.week)
        return first, first + timedelta(days=_WEEK - 1)

    def how(self, part: Part) -> str:
        """Say whether a part was divided by days, converted or priced; empty where it stands as in the file."""
        first, last = self.days()
        told = []
        if part.first_day and (part.first_day < first.isoformat() or part.last_day > last.isoformat()):
            told.append(f"its days' part of {part.first_day} to {part.last_day}")
        if part.currency and self.unit and part.currency != self.unit:
            told.append(f"converted from {part.currency}")
        if self.volume and part.original:
            each = f"{part.value / part.original:,.6g} {self.unit} each"
            each += ", the week's mean" if self.mean_cost and len(self.parts) > 1 else ""
            told.append(f"{part.original:,.10g} of {safe(self.volume)} at {each}")
        return ", ".join(told)

    def as_dict(self) -> dict[str, Any]:
        """Return the trace JSON-ready."""
        parts = [asdict(part) | {"how": self.how(part)} for part in self.parts]
        return asdict(self) | {"parts": parts, "added": self.added}


def series_of(wanted: str, configuration: Mapping[str, Any], *, channel: bool, exposure: bool = False) -> str:
    """Return the column of a channel, or of a series by its own name, as the run's model file has it.

    Raises
    ------
    DataError
        There is none of that name; the nearest is named.
    """
    channels = configuration.get("channels", {})
    if channel:
        name = _nearest(wanted, list(channels), "channel")
        volume = channels[name].get("volume")
        if volume is not None:  # an owned channel has no column of money
            return str(volume) if exposure else money_of(volume)
        column = channels[name].get("exposure" if exposure else "spend")
        if column is None:
            raise DataError(f"the channel '{safe(name)}' has no exposure", do="Ask for its spend.")
        return str(column)
    costs = {name_key(str(one.get("cost_of_service"))): name for name, one in channels.items()}
    if name_key(wanted) in costs:
        name = safe(costs[name_key(wanted)])
        raise DataError(
            f"'{safe(wanted)}' is what serving a unit of '{name}' costs", do=f"Ask for its money: --channel {name}."
        )
    data = configuration.get("data", {})
    value = data.get("value_per_outcome")
    known = [data.get("outcome"), *([value] if isinstance(value, str) else []), *configuration.get("organic", ())]
    known += [*configuration.get("controls", ())]
    known += [one[key] for one in channels.values() for key in ("spend", "exposure", "volume") if one.get(key)]
    return _nearest(wanted, [str(name) for name in known], "series")


def _nearest(wanted: str, known: Sequence[str], noun: str) -> str:
    by_key = {name_key(name): name for name in known}
    if name_key(wanted) in by_key:
        return by_key[name_key(wanted)]
    close = difflib.get_close_matches(name_key(wanted), list(by_key), n=1, cutoff=0.5)
    hint = f"The nearest is '{safe(by_key[close[0]])}'. " if close else ""
    raise DataError(
        f"there is no {noun} '{safe(wanted)}' in this run", do=f"{hint}Known: {listed(map(safe, known), 12)}."
    )


def week_of(wanted: date, weeks: Sequence[date]) -> date:
    """Return the week that holds a day.

    Raises
    ------
    DataError
        The panel has none; the nearest is named.
    """
    for week in weeks:
        if week <= wanted < week + timedelta(days=_WEEK):
            return week
    near = min(weeks, key=lambda week: abs((week - wanted).days))
    raise DataError(
        f"no week of the panel holds {wanted}",
        do=f"The nearest is {near}; the panel goes from {weeks[0]} to {weeks[-1]}.",
    )


def geo_of(wanted: str | None, geos: Sequence[str]) -> str | None:
    """Return a geo's name as the panel has it; None for all of them.

    Raises
    ------
    DataError
        There is no such geo; the nearest is named.
    """
    if wanted is None:
        return None
    return _nearest(wanted, geos, "geo")


def take_apart(
    table: pa.Table, *, series: str, week: date, geo: str | None, unit: str, averaged: bool = False, volume: str = ""
) -> Trace:
    """Return one cell of a lineage with its parts.

    Parameters
    ----------
    table : pyarrow.Table
        Of :func:`mmm.data.room.lineage.schema`.
    series : str
    week : date
        Any day of it.
    geo : str, optional
        All geos, added up, where none is given.
    unit : str
        Currency of the figure, or empty.
    averaged : bool
        True for a series that cannot be added up over geos.
    volume : str
        Column that the series is the money of, in an owned channel.

    Raises
    ------
    DataError
        The panel has no such series, week or geo, or several geos of a series that is averaged.
    """
    import pyarrow.compute as pc  # noqa: PLC0415

    own = table.filter(pc.equal(table["series"], series))
    weeks = sorted(set(table["week"].to_pylist()))
    first = week_of(week, weeks)
    geos = list(dict.fromkeys(table["geo"].to_pylist()))
    chosen = geo_of(geo, geos)
    if chosen is None and averaged and len(geos) > 1:
        raise DataError(f"'{safe(series)}' is not added up over geos", do=f"Name one: --geo {safe(geos[0])}.")
    if own.num_rows == 0 and volume and pc.any(pc.equal(table["series"], volume)).as_py():
        raise DataError(
            "this run was made before the money of owned channels was kept",
            do="Run the command that made it again, or ask for the volume: --exposure.",
        )
    if own.num_rows == 0:
        raise DataError(
            f"'{safe(series)}' is not in the panel: it was zero, or constant, in every week, and was left out",
            do="See the findings of the data report.",
        )
    own = own.filter(pc.equal(own["week"], first))
    if chosen is not None:
        own = own.filter(pc.equal(own["geo"], chosen))
    lines = own.to_pylist()
    figure = sum({line["geo"]: line["figure"] for line in lines}.values())
    parts = sorted((_part(line) for line in lines), key=lambda part: -abs(part.value))
    place = chosen or (NATIONAL if geos == [NATIONAL] else geos[0] if len(geos) == 1 else "all")
    return Trace(series, first.isoformat(), place, float(figure), unit, tuple(parts), volume)


def _part(line: Mapping[str, Any]) -> Part:
    return Part(
        geo=line["geo"],
        source=line["source"] or "",
        file=line["file"] or "",
        row=line["row"] or 0,
        last_row=line["last_row"] or 0,
        rows=line["rows"] or 0,
        first_day=str(line["first_day"] or ""),
        last_day=str(line["last_day"] or ""),
        label=line["label"] or "",
        value=float(line["value"]),
        original=line["original"],
        currency=line["currency"] or "",
    )


def placed(part: Part, source: SourceSpec | None) -> Part:
    """Return a part with what its source is of its file: a sheet, a table, a query, or cells of an event log."""
    if source is None:
        return part
    asked = (("sheet", source.sheet), ("table", source.table), ("the query of", source.query and part.source))
    told = [f"{noun} '{safe(name)}'" for noun, name in asked if name]
    if source.server is not None:  # the file is a hash of what was asked
        told.insert(0, f"database '{safe(source.server.database)}'")
    if source.events is None:
        return replace(part, within=", ".join(told))
    noisy = source.events.privacy is not None
    return replace(part, within=", ".join(told), of_log=True, rows=0 if noisy else part.rows)


def adds_up(trace: Trace) -> bool:
    """Say whether the parts give the figure, to rounding."""
    size = max(sum(abs(part.value) for part in trace.parts), abs(trace.figure), 1e-9)
    return bool(np.abs(trace.added - trace.figure) <= 1e-6 * size)
