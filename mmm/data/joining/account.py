"""Rows in = used + listed, and money in = used + listed, source by source: checked on every load."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from mmm.arrays import BoolArray, FloatArray, IntArray
from mmm.data.columns import Role
from mmm.data.joining.lines import NONE, Lines
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.pieces import UNUSED, Pieces, Reason
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.report import Excluded, SourceAccount
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity

_TOLERANCE = 1e-9


class Rows:
    """The rows of every file, and why each is used or not.

    Parameters
    ----------
    pieces : Pieces

    Attributes
    ----------
    file, rows, reason : (R,) ints
        Of each group of rows; a row is used if one of its figures is.
    """

    def __init__(self, pieces: Pieces) -> None:
        group, self.rows = pieces.lines.groups()
        of_piece = group[pieces.line]
        many = len(self.rows)
        self.file: IntArray = np.zeros(many, dtype=np.int64)
        self.file[group] = pieces.lines.file
        self.first: IntArray = np.zeros(many, dtype=np.int64)
        self.first[group] = pieces.lines.row
        self.last: IntArray = np.zeros(many, dtype=np.int64)
        self.last[group] = pieces.lines.last_row
        # A figure that the model does not name says least of why its row is not there.
        last = len(pieces.reasons) + 1
        weak = [r for r, reason in enumerate(pieces.reasons, start=1) if reason.name == UNUSED]
        rank = np.where(np.isin(pieces.reason, weak), last, pieces.reason)
        low = np.full(many, last, dtype=np.int64)
        np.minimum.at(low, of_piece, rank)
        self.reason = np.where(low == last, weak[0] if weak else last, low)

    def check(self, lines: Lines) -> None:
        """Raise DataError where a file's rows that gave figures are not those that came."""
        came = np.bincount(self.file, self.rows, len(lines.files)).astype(np.int64)
        for f, (_, file) in enumerate(lines.files):
            if came[f] != file.rows_used:
                raise DataError(
                    f"{file.rows_used} rows gave figures but {came[f]} came to be joined",
                    where=file.name,
                    do="This is our fault: report it.",
                )

    def spans(self, which: IntArray) -> str:
        """Name some rows: ``rows 3, 4, 9 and 12 more``."""
        many = int(self.rows[which].sum())
        firsts, lasts = self.first[which], self.last[which]
        order = np.lexsort((lasts, firsts))[:3]
        told = [str(firsts[i]) if firsts[i] == lasts[i] else f"{firsts[i]} to {lasts[i]}" for i in order]
        more = len(firsts) - len(told)
        return f"row{'' if many == 1 else 's'} {', '.join(told)}{f' and {more:,} more' if more else ''}"


def channel_of(names: SeriesNames) -> list[str | None]:
    """Return the key of each series' money in an account: the channel, the outcome's column, or none."""
    keys = {Role.SPEND: 1, Role.OUTCOME: 2}
    return [one[keys[one[0]]] if one[0] in keys else None for one in names.all]


def list_excluded(pieces: Pieces, names: SeriesNames) -> tuple[list[Excluded], list[Finding]]:
    """List all figures that were set aside: the entries of the ledger, by file, and the findings, by source."""
    lines = pieces.lines
    rows = Rows(pieces)
    rows.check(lines)
    found: dict[tuple[int, int], list[Excluded]] = {}
    of_rows = dict(_by_reason(rows.reason, rows.file))
    for (r, f), which in _by_reason(pieces.reason, lines.file[pieces.line]):
        own = of_rows.get((r, f), np.zeros(0, dtype=np.int64))
        entry = Excluded(
            where=f"{lines.files[f][1].name}, {rows.spans(own) if len(own) else 'some figures of rows that are used'}",
            reason=pieces.reasons[r - 1].says,
            rows=int(rows.rows[own].sum()),
            spend=_money(pieces, which, names),
        )
        if entry.rows or entry.spend:
            found.setdefault((r, lines.files[f][0]), []).append(entry)
    entries = [entry for listed_ones in found.values() for entry in listed_ones]
    findings = [
        finding
        for (r, s), listed_ones in found.items()
        for finding in _finding(pieces.reasons[r - 1], lines.sources[s], listed_ones)
    ]
    return entries, findings


def _by_reason(reason: IntArray, file: IntArray) -> Iterator[tuple[tuple[int, int], IntArray]]:
    """Yield (reason, file) and the places of what was set aside for it, in order."""
    at = np.flatnonzero(reason > 0)
    order = at[np.lexsort((file[at], reason[at]))]
    bounds = np.flatnonzero((np.diff(reason[order]) != 0) | (np.diff(file[order]) != 0)) + 1
    for part in np.split(order, bounds):
        if len(part):
            yield (int(reason[part[0]]), int(file[part[0]])), part


def _money(pieces: Pieces, which: IntArray, names: SeriesNames) -> dict[str, float]:
    """Return channel → money of some pieces; money of no channel under the name that the source gives it."""
    lines = pieces.lines
    channels = [name if role is Role.SPEND else None for role, name, _ in names.all]
    values = np.nan_to_num(pieces.value[which])
    series = pieces.series[which]
    found: dict[str, float] = {}
    for n in np.unique(series):
        mine = series == n
        if n != NONE:
            name = channels[n]
            if name is not None:
                found[name] = math.fsum(values[mine])
            continue
        line = pieces.line[which][mine]
        money = lines.currency.codes[line] != NONE
        labels = lines.label.codes[line]
        for label in np.unique(labels[money]):
            text = safe(lines.label.texts[label]) if label != NONE else "other money"
            for code in np.unique(lines.currency.codes[line][money & (labels == label)]):
                these = money & (labels == label) & (lines.currency.codes[line] == code)
                found[f"{text} ({lines.currency.texts[code]}, not in the model)"] = math.fsum(values[mine][these])
    return {name: money for name, money in found.items() if money or name in channels}


def _finding(reason: Reason, source: str, entries: Sequence[Excluded]) -> list[Finding]:
    """Say how many rows of a source were excluded, and with how much money."""
    rows = sum(entry.rows for entry in entries)
    money: dict[str, float] = {}
    for entry in entries:
        for name, amount in entry.spend.items():
            money[name] = money.get(name, 0.0) + amount
    told = listed((f"{name} {amount:,.2f}" for name, amount in money.items() if amount), 6)
    if not rows and not told:
        return []
    what = f"{counted(rows, 'row')} excluded" if rows else "Figures excluded"
    return [
        Finding(
            name=reason.name,
            severity=Severity.WARNING if reason.means else Severity.NOTE,
            says=f"{what}: {reason.says}{f' (spend: {told})' if told else ''}.",
            do=reason.do,
            means=reason.means,
            where=f"source {source}, {listed(entry.where for entry in entries)}",
        )
    ]


def account_for(
    pieces: Pieces, national: BoolArray, names: SeriesNames, values: FloatArray
) -> tuple[SourceAccount, ...]:
    """Make each source's account, and check it against what stands in the table.

    Parameters
    ----------
    pieces : Pieces
    national : (N,) bool
        Series whose figure is repeated in every geo of the table, and counted once.
    names : SeriesNames
    values : (N,)
        Sum of each series over the table, figures that are repeated counted once.

    Raises
    ------
    DataError
        A row or a unit of money is neither used nor listed.
    """
    lines = pieces.lines
    rows = Rows(pieces)
    keys = channel_of(names)
    accounts = []
    used_of_all: dict[int, list[float]] = {}
    source = pieces.source
    amounts = np.nan_to_num(pieces.value)
    for s, name in enumerate(lines.sources):
        mine = source == s
        money: dict[str, tuple[float, float, float]] = {}
        for n in np.unique(pieces.series[mine]):
            key = keys[n] if n != NONE else None
            if key is None:
                continue
            own = mine & (pieces.series == n)
            used = math.fsum(amounts[own & pieces.used])
            money[key] = (math.fsum(amounts[own]), used, math.fsum(amounts[own & ~pieces.used]))
            used_of_all.setdefault(int(n), []).append(used)
        files = [(f, file) for f, (of, file) in enumerate(lines.files) if of == s]
        of_source = lines.source == s
        accounts.append(
            SourceAccount(
                source=name,
                files=tuple(file.name for _, file in files),
                rows_in=sum(file.rows_in for _, file in files),
                rows_used=int(rows.rows[np.isin(rows.file, [f for f, _ in files]) & (rows.reason == 0)].sum()),
                first_day=_day(lines.first[of_source], least=True),
                last_day=_day(lines.last[of_source], least=False),
                money_in={key: sums[0] for key, sums in money.items()},
                money_used={key: sums[1] for key, sums in money.items()},
                money_excluded={key: sums[2] for key, sums in money.items()},
            )
        )
    for n, sums in used_of_all.items():
        size = float(np.nansum(np.abs(pieces.value[pieces.used & (pieces.series == n)])))
        if not national[n] and abs(math.fsum(sums) - values[n]) > _TOLERANCE * max(1.0, size):
            raise DataError(
                f"'{names.all[n][2]}' does not add up: the sources give {math.fsum(sums)}, the table holds {values[n]}"
            )
    return tuple(accounts)


def _day(days: np.typing.NDArray[np.datetime64], *, least: bool) -> date | None:
    if not len(days):
        return None
    found: date = (days.min() if least else days.max()).astype("datetime64[D]").item()
    return found


def say_excluded(pieces: Pieces, names: SeriesNames, log: ReadingLog) -> None:
    """Write what was set aside into the log."""
    entries, findings = list_excluded(pieces, names)
    log.excluded += entries
    log.findings += findings
