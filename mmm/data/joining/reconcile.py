"""The company's own account of spend against the panel's, by channel and month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.config import inside
from mmm.data.dated_totals import find_totals
from mmm.data.footers import find_footers, list_footers
from mmm.data.joining.agreement import MonthSpend, agreeing, close, spent_by_month
from mmm.data.joining.draft import Draft
from mmm.data.joining.months import read_months
from mmm.data.joining.names import Channels
from mmm.data.joining.periods import Periods
from mmm.data.joining.spec import LedgerSpec
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.names import match_columns
from mmm.data.number_column import NumberRules, read_numbers
from mmm.data.privacy import refuse_personal, safe
from mmm.data.report import LedgerLine
from mmm.data.source import read_source
from mmm.data.sources.spec import SPEND
from mmm.data.sources.wording import spoken_of
from mmm.data.table import TextTable
from mmm.data.total_names import Amount, Dated
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity

_DAY = np.timedelta64(1, "D")
_TOLD = 6


@dataclass(frozen=True, eq=False)
class CompanyLedger:
    """What the company booked.

    Attributes
    ----------
    file, sha256 : str
    month : (N,) datetime64[D]
        First day of the month of each line.
    channel : tuple of str
        As written.
    amount : (N,)
    """

    file: str
    sha256: str
    month: WeekArray
    channel: tuple[str, ...]
    amount: FloatArray


@spoken_of("join.ledger")
def read_ledger(declared: LedgerSpec, periods: Periods, folder: Path, log: ReadingLog) -> CompanyLedger:
    """Read the company's account: a line a month and channel, in the panel's currency.

    Months are read by :func:`mmm.data.joining.months.read_months`.

    Raises
    ------
    DataError
        A month or amount that cannot be read, or is missing.
    """
    path = inside(folder, declared.file, where="join.ledger.file")
    wanted = (declared.month, declared.channel, declared.amount)
    table = read_source(path, declared, wanted, log)
    refuse_personal(table)
    place = match_columns(table.header, wanted, table.file, log)
    table = _without_footers(table, place[declared.month], log)
    rules = NumberRules(declared.decimal, declared.percent, declared.placeholder)
    amounts = read_numbers(table, place[declared.amount], safe(declared.amount), rules, log).values
    empty = np.flatnonzero(np.isnan(amounts))
    if len(empty):
        raise DataError(
            "the amount is missing",
            where=table.place(int(empty[0]), safe(declared.amount)),
            do="Fill it in, or remove the row.",
        )
    months = read_months(table, place[declared.month], declared, periods, log)
    names = np.asarray([" ".join(cell.split()) for cell in table.column(place[declared.channel])], dtype=object)
    once = _once(table, place, declared, months, amounts, log)
    factor = declared.unit_of(declared.amount) or 1.0
    booked = amounts[once] * factor
    return CompanyLedger(declared.file, table.source_hash, months[once], tuple(names[once]), booked)


def _without_footers(table: TextTable, month: int, log: ReadingLog) -> TextTable:
    """Leave blank rows, totals of the whole account and footnotes out, and list them."""
    footers, told = find_footers(table, month), ReadingLog()
    list_footers(table, replace(footers, unlabelled=None), told)
    log.findings += told.findings  # its rows are none of the panel's
    return table.take(i for i in range(len(table)) if i == footers.unlabelled or i not in footers.rows)


def _once(
    table: TextTable,
    place: Mapping[str, int],
    declared: LedgerSpec,
    months: WeekArray,
    amounts: FloatArray,
    log: ReadingLog,
) -> BoolArray:
    """Return which lines are no total of their month's other lines, (N,); totals are listed."""
    once = np.ones(len(table), dtype=bool)
    dated = Dated(
        table,
        months,
        [Amount(declared.amount, amounts, is_money=True)],
        figures=(place[declared.month], place[declared.amount]),
        named=(place[declared.channel],),
        meant=once,
        reading=declared,
        key="join.ledger.totals",
    )
    for found in find_totals(dated, log):
        once[found.at] = False
        where = f"{table.file}, row{'' if len(found.at) == 1 else 's'} {listed(table.rows[i] for i in found.at)}"
        says = f"{counted(len(found.at), 'row')} of the company's account left out: {found.reason}."
        log.repaired("dated_totals", says, where=where)
    return once


def reconcile(ledger: CompanyLedger, draft: Draft, rows: BoolArray, log: ReadingLog) -> tuple[LedgerLine, ...]:
    """Compare the company's account with the panel, month by month and channel by channel.

    Spend of a period that straddles two months is divided by days, from the sources' own figures; a month agrees where
    any other division of such periods brings all months so far together.

    Parameters
    ----------
    ledger : CompanyLedger
    draft : Draft
    rows : (G, T) bool
        That stand in the panel.
    log : ReadingLog
        A warning where a whole month differs by more than ``tolerance``, otherwise a line that says they agree.
    """
    declared = draft.spec.join.ledger
    tolerance = 0.0 if declared is None else declared.tolerance
    booked = {key: math.fsum(amounts) for key, amounts in _booked(ledger, draft, log).items()}
    spent = spent_by_month(draft)
    whole = _whole(draft, rows)
    months = sorted({month for month, _ in booked})
    names = dict(zip(months, draft.periods.month_names(np.asarray(months)), strict=True))
    keys = sorted({*booked, *(key for key in spent if key[0] in names)})
    agree = _agree([key for key in keys if key[0] in whole], booked, spent, draft.periods, tolerance)
    lines = []
    for month, channel in keys:
        there, here = booked.get((month, channel), 0.0), spent.get((month, channel), MonthSpend()).by_days
        if there or here:
            agrees = agree.get((month, channel), close(there, here, tolerance))
            lines.append(LedgerLine(names[month], channel, there, here, here - there, agrees, whole=month in whole))
    _say(lines, ledger, draft.spec.currency, log)
    return tuple(lines)


def _booked(ledger: CompanyLedger, draft: Draft, log: ReadingLog) -> dict[tuple[np.datetime64, str], list[float]]:
    """Return (month, channel of the model or the name as written) → amounts."""
    channels = Channels(draft.spec, draft.names)
    found: dict[tuple[np.datetime64, str], list[float]] = {}
    strange: dict[str, float] = {}
    named = {name: channels.find(name, [SPEND]).target for name in dict.fromkeys(ledger.channel)}
    for month, name, amount in zip(ledger.month, ledger.channel, ledger.amount, strict=True):
        if not named[name]:
            strange[name] = strange.get(name, 0.0) + float(amount)
        found.setdefault((month, named[name] or safe(name)), []).append(float(amount))
    if strange:
        told = listed((f"'{safe(name)}' {amount:,.2f}" for name, amount in strange.items()), 8)
        log.warned(
            "ledger_unknown",
            f"The company's account has {counted(len(strange), 'channel')} that the model has not: {told}.",
            where=ledger.file,
            means="Money was spent on media that the model does not see; its sales are credited to others.",
            do="Add the channel, or map its name with join.channels.",
        )
    return found


def _agree(
    keys: list[tuple[np.datetime64, str]],
    booked: Mapping[tuple[np.datetime64, str], float],
    spent: Mapping[tuple[np.datetime64, str], MonthSpend],
    periods: Periods,
    tolerance: float,
) -> dict[tuple[np.datetime64, str], bool]:
    """Judge each month of each channel."""
    found: dict[tuple[np.datetime64, str], bool] = {}
    for channel in dict.fromkeys(channel for _, channel in keys):
        months = [month for month, name in keys if name == channel]
        own = {month: one for (month, name), one in spent.items() if name == channel}
        before = list(periods.months(np.asarray([month - _DAY for month in months], dtype="datetime64[D]")))
        judged = agreeing(months, [booked.get((month, channel), 0.0) for month in months], own, before, tolerance)
        found |= {(month, channel): agrees for month, agrees in zip(months, judged, strict=True)}
    return found


def _whole(draft: Draft, rows: BoolArray) -> set[np.datetime64]:
    """Return the months of which every day is in a period of the panel."""
    axis = draft.known.axis[rows.any(axis=0)]
    if not len(axis):
        return set()
    ends = draft.periods.ends(axis)
    days = np.concatenate([np.arange(a, b + _DAY) for a, b in zip(axis, ends, strict=True)])
    months, counts = np.unique(draft.periods.months(days), return_counts=True)
    length = (draft.periods.month_ends(months) - months).astype(np.int64) + 1
    return set(months[counts == length])


def _say(lines: list[LedgerLine], ledger: CompanyLedger, currency: str, log: ReadingLog) -> None:
    judged = [line for line in lines if line.whole]
    apart = sorted((line for line in judged if not line.agrees), key=lambda line: -abs(line.difference))
    if apart:
        told = [f"{line.month} {line.channel} {line.difference:+,.2f} {currency} (ledger {line.ledger:,.2f}, panel "
                f"{line.panel:,.2f})" for line in apart]  # fmt: skip
        log.warned(
            "ledger_differs",
            f"{len(apart)} of {len(judged)} monthly figures differ from the company's account: {listed(told, _TOLD)}.",
            where=ledger.file,
            means="A return on spend is as wrong as the spend it is divided by.",
            do="Find the missing invoices or the exports that lack them; fees and taxes are the usual cause.",
        )
    elif judged:
        total = math.fsum(line.ledger for line in judged)
        log.findings.append(
            Finding(
                name="ledger_agrees",
                severity=Severity.OK,
                says=f"Spend agrees with the company's account in all {len(judged)} whole months by channel "
                f"({total:,.2f} {currency}).",
                do="Nothing.",
                where=ledger.file,
            )
        )
    partly = len({line.month for line in lines if not line.whole})
    if partly:
        log.repaired(
            "ledger_partial",
            f"{counted(partly, 'month')} of the company's account, not wholly in the panel, "
            f"{'was' if partly == 1 else 'were'} not judged.",
            where=ledger.file,
        )
