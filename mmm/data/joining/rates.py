"""Money of every source in the panel's currency."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.config import inside
from mmm.data.dates import read_dates
from mmm.data.joining.keys import called
from mmm.data.joining.lines import NONE
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.turned import refuse_absurd, refuse_turned, warn_of_turns
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.names import match_columns
from mmm.data.number_column import NumberRules, read_numbers
from mmm.data.privacy import safe
from mmm.data.reading import Reading
from mmm.data.source import read_source
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_COLUMNS = ("date", "currency", "rate")
#: Age of a rate in days up to which it is used without a warning; where rates are usually further apart, their distance
#: and a half, and a quarter of a year at most: a currency may lose half its worth within months.
_OLD, _QUARTER = 31, 100


_POWER = re.compile(r"10*(?:\.0+)?")


@dataclass(frozen=True)
class RatesFile:
    """Rates by date.

    Attributes
    ----------
    file, sha256 : str
    days, rates : Mapping
        Currency → its dates, sorted, and the rate of each.
    """

    file: str = ""
    sha256: str = ""
    days: Mapping[str, WeekArray] = field(default_factory=dict)
    rates: Mapping[str, FloatArray] = field(default_factory=dict)


def read_rates(folder: Path, spec: PanelSpec, log: ReadingLog) -> RatesFile:
    """Read ``join.rates_file``: columns date, currency, rate (worth of one unit in the panel's currency).

    Raises
    ------
    DataError
        A date, code or rate that cannot be read, a rate that is not above zero, or two rates for one day.
    """
    if spec.join.rates_file is None:
        return RatesFile()
    path = inside(folder, spec.join.rates_file, where="join.rates_file")
    table = read_source(path, Reading(), _COLUMNS, log)
    place = match_columns(table.header, _COLUMNS, table.file, log)
    _refuse_units(table, set(place.values()))
    reading = Reading(date_format=spec.join.rates_date_format, time_zone=spec.data.time_zone)
    with called({"date_format": "join.rates_date_format"}):
        days = read_dates(table, place["date"], reading, log)
    rates = read_numbers(table, place["rate"], "rate", NumberRules(), log).values
    codes = [cell.strip().upper() for cell in table.column(place["currency"])]
    given: dict[str, dict[np.datetime64, float]] = {}
    for i, (code, day, rate) in enumerate(zip(codes, days, rates, strict=True)):
        if not (len(code) == 3 and code.isascii() and code.isalpha()):
            raise DataError(f"'{safe(code)}' is no currency code", where=table.place(i, "currency"), do="Write EUR.")
        if not rate > 0:
            raise DataError("the rate is not above zero", where=table.place(i, "rate"), do="Correct the rate.")
        if code == spec.currency and not math.isclose(rate, 1.0):
            raise DataError(
                f"the rate of {code}, the panel's own currency, is {rate:g}: these rates are worth in another currency",
                where=table.place(i, "rate"),
                do=f"Give each rate as the worth of one unit in {spec.currency}.",
            )
        if given.setdefault(code, {}).setdefault(day, rate) != rate:
            raise DataError(
                f"{code} has two rates on {day}", where=table.place(i, "rate"), do="Keep one rate a day and currency."
            )
    ordered = {code: sorted(by_day.items()) for code, by_day in sorted(given.items())}
    found = RatesFile(
        spec.join.rates_file,
        table.source_hash,
        {code: np.asarray([day for day, _ in pairs], dtype="datetime64[D]") for code, pairs in ordered.items()},
        {code: np.asarray([rate for _, rate in pairs]) for code, pairs in ordered.items()},
    )
    for code in ordered:
        warn_of_turns(code, found.days[code], found.rates[code], found.file, spec.currency, log)
    return found


def _refuse_units(table: TextTable, read: set[int]) -> None:
    """Refuse a column that says for how many units a rate is, as central banks write 100 HUF."""
    for index, name in enumerate(table.header):
        cells = [(i, cell.strip()) for i, cell in enumerate(table.column(index)) if cell.strip()]
        if index in read or not all(_POWER.fullmatch(cell) for _, cell in cells):
            continue
        row, units = next(((i, cell) for i, cell in cells if float(cell) != 1.0), (0, ""))
        if units:
            raise DataError(
                f"the rate seems to be for {units} units, and this column is not read",
                where=table.place(row, safe(name)),
                do="Give the rate of one unit, and remove the column.",
            )


def convert(pieces: Pieces, rates: RatesFile, spec: PanelSpec, log: ReadingLog) -> None:
    """Convert money to the panel's currency, piece by piece; what was converted is listed.

    A source's own ``rates`` come first, then ``join.rates_file`` (the last rate on or before the first day that the
    figure covers), then ``data.rates``.

    Raises
    ------
    DataError
        No rate for a currency, or none yet on the first day of a figure.
    """
    lines = pieces.lines
    currency = lines.currency.codes[pieces.line]
    foreign = np.asarray([code != spec.currency for code in lines.currency.texts] + [False])
    turned: list[tuple[int, float, str]] = []
    wanted = foreign[currency] & (pieces.series != NONE)  # what is set aside is listed in the panel's currency too
    for s in np.unique(pieces.source[wanted]):
        own = wanted & (pieces.source == s)
        for c in np.unique(currency[own]):
            which = np.flatnonzero(own & (currency == c))
            code = lines.currency.texts[c]
            worth = _worth(code, pieces, which, lines.sources[s], rates, spec)
            place = place_of(code, lines.sources[s], rates, spec)
            refuse_turned(code, worth, pieces.first[which], place, spec.currency)
            before = float(np.nansum(pieces.value[which]))
            pieces.value[which] *= worth
            turned.append((int(c), float(np.median(worth)), place))
            low, high = float(worth.min()), float(worth.max())
            at = f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
            log.repaired(
                "rates",
                f"{before:,.2f} {code} in {counted(len(which), 'figure')} became "
                f"{float(np.nansum(pieces.value[which])):,.2f} {spec.currency} (1 {code} is {at} {spec.currency}).",
                where=f"source {lines.sources[s]}",
            )
            own_rates = spec.sources[lines.sources[s]].rates if lines.sources[s] in spec.sources else {}
            if code in rates.days and code not in own_rates:
                _warn_of_old(code, pieces, which, before, rates, spec, log)
    for c, worth_of_one, place in turned:
        refuse_absurd(pieces, c, worth_of_one, place, spec)


def _warn_of_old(
    code: str,
    pieces: Pieces,
    which: np.typing.NDArray[np.int64],
    money: float,
    rates: RatesFile,
    spec: PanelSpec,
    log: ReadingLog,
) -> None:
    """Warn of figures long after the rate by which they were converted."""
    days, first = rates.days[code], pieces.first[which]
    apart = float(np.median(np.diff(days).astype(np.int64))) if len(days) > 1 else 0.0
    usual = int(min(max(_OLD, 1.5 * apart), _QUARTER))
    used = days[np.searchsorted(days, first, side="right") - 1]
    aged = (first - used).astype(np.int64) > usual
    if not aged.any():
        return
    late, worth = which[aged], worth_on(code, first[aged], "", rates, spec)
    part = float(np.nansum(pieces.value[late] / worth)) if worth is not None else 0.0
    log.warned(
        "old_rates",
        f"Figures of {pieces.first[late].min()} to {pieces.first[late].max()} in {code} were converted by rates more "
        f"than {usual} days old (of {listed(dict.fromkeys(map(str, used[aged])), 3)}): {part:,.2f} of {money:,.2f} "
        f"{code}.",
        where=f"{rates.file}, source {pieces.lines.sources[pieces.source[late[0]]]}",
        means=f"If {code} moved since, this money is wrong by as much.",
        do=f"Add the rates of {code} in between and after to the file.",
    )


def worth_on(code: str, days: WeekArray, source: str, rates: RatesFile, spec: PanelSpec) -> FloatArray | None:
    """Return the worth of one unit on some days, (N,): NaN before its first rate; None where it has none at all."""
    own = spec.sources[source].rates if source in spec.sources else {}
    if code == spec.currency:
        return np.ones(len(days))
    if code in own:
        return np.full(len(days), own[code])
    if code in rates.days:
        at = np.searchsorted(rates.days[code], days, side="right") - 1
        return np.asarray(np.where(at < 0, np.nan, rates.rates[code][np.maximum(at, 0)]))
    return np.full(len(days), spec.data.rates[code]) if code in spec.data.rates else None


def place_of(code: str, source: str, rates: RatesFile, spec: PanelSpec) -> str:
    """Name what gives the rate of a currency for a source."""
    if source in spec.sources and code in spec.sources[source].rates:
        return f"sources.{source}.rates"
    return f"{rates.file}, {code}" if code in rates.days else "data.rates"


def _worth(
    code: str, pieces: Pieces, which: np.typing.NDArray[np.int64], source: str, rates: RatesFile, spec: PanelSpec
) -> FloatArray:
    """Return the worth of one unit on the first day of each piece."""
    first = pieces.first[which]
    found = worth_on(code, first, source, rates, spec)
    if found is None:
        raise DataError(
            f"money is in {code}, the panel is in {spec.currency}, and there is no rate for {code} on {first[0]}",
            where=pieces.lines.place(int(pieces.line[which[0]])),
            do=f"Give sources.{source}.rates: {{{code}: …}} (worth of 1 {code} in {spec.currency}), or a "
            "join.rates_file with date, currency, rate.",
        )
    if np.isnan(found).any():
        early = int(which[int(np.argmin(first))])
        raise DataError(
            f"{code} has no rate on {pieces.first[early]}: the first is of {rates.days[code][0]}",
            where=f"{rates.file}, for {pieces.lines.place(int(pieces.line[early]))}",
            do=f"Add the rate of {code} on or before that day.",
        )
    return found
