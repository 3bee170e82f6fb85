"""The data room on a page, of a check or of a fit: sources and their weeks, the ledgers, and what can be learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.report import DataReport, Excluded, Ledger, LedgerLine, SourceAccount
from mmm.data.room.coverage import coverage_of
from mmm.data.room.pictures import coverage_chart, together_chart
from mmm.data.watch_learning import Learning
from mmm.data.watch_together import Together
from mmm.reporting import Align, Column, Prose, Section, Table
from mmm.reporting.blocks import Block
from mmm.reporting.numbers import MISSING, count, money, percent, significant
from mmm.reporting.text import join_names

_RIGHT = Align.RIGHT
#: Months of the ledger comparison that are listed.
_MOST_MONTHS = 60
#: Lines of what is not used that stand each by itself, and that are listed at all.
_MANY_EXCLUDED, _MOST_EXCLUDED = 15, 40


def _sources_table(accounts: Sequence[SourceAccount], periods: int, currency: str, outcome: str, noun: str) -> Table:
    rows = []
    for account in accounts:
        spend = [sum_ for name, sum_ in account.money_in.items() if name != outcome]
        covered = sum(number > 0 for number in account.rows_by_period)
        rows.append(
            (
                account.source,
                count(len(account.files)),
                count(account.rows_in),
                f"{covered} of {periods}" if account.rows_by_period else MISSING,
                str(account.first_day or MISSING),
                str(account.last_day or MISSING),
                money(sum(spend), currency) if spend else MISSING,
                ", ".join(account.currencies) or MISSING,
            )
        )
    return Table(
        columns=(
            Column("Source"),
            Column("Files", _RIGHT),
            Column("Rows read", _RIGHT),
            Column(f"{noun.title()}s with rows", _RIGHT),
            Column("First day", _RIGHT),
            Column("Last day", _RIGHT),
            Column("Spend read", _RIGHT),
            Column("Written in"),
        ),
        rows=rows,
        caption=f"What came from where; spend in {currency}, after conversion.",
    )


def _balance(accounts: Sequence[SourceAccount], currency: str) -> Table:
    rows: list[tuple[str, ...]] = []
    for account in accounts:
        out = account.rows_in - account.rows_used
        rows.append((account.source, "rows", count(account.rows_in), count(account.rows_used), count(out)))
        for name, read in account.money_in.items():
            figures = (read, account.money_used.get(name, 0.0), account.money_excluded.get(name, 0.0))
            rows.append((account.source, name, *(money(x, currency) for x in figures)))
    return Table(
        columns=(Column("Source"), Column("What"), *(Column(label, _RIGHT) for label in ("In", "Used", "Excluded"))),
        rows=rows,
        caption="In = used + excluded for each source, rows and money.",
    )


def sources_section(
    accounts: Sequence[SourceAccount], periods: WeekArray, currency: str, outcome: str, noun: str = "week"
) -> Section:
    """Return the section that says what came from where.

    Parameters
    ----------
    accounts : sequence of SourceAccount
        With their rows by period; without them there is no picture.
    periods : (T,) datetime64[D]
        First days.
    currency : str
        Of the money.
    outcome : str
        Its column, whose money is no spend.
    noun : str
        What a period is called.
    """
    several = len(accounts) > 1
    blocks: list[Block] = [_sources_table(accounts, len(periods), currency, outcome, noun)]
    covered = coverage_of(accounts, periods)
    if covered is not None:
        blocks.append(coverage_chart(covered, noun))
    if several:
        blocks.append(_balance(accounts, currency))
    files = sum(len(account.files) for account in accounts)
    lead = f"{counted(len(accounts), 'source')} in {counted(files, 'file')}." if several else "One file."
    return Section("Where it came from", tuple(blocks), lead)


def ledger_tables(ledger: Ledger, currency: str) -> tuple[Table, ...]:
    """Return rows and spend in = used + excluded, and the list of what is not used."""
    right = [Column(label, _RIGHT) for label in ("In", "Used", "Excluded")]
    in_rows = (ledger.rows_in, ledger.rows_used, ledger.rows_in - ledger.rows_used)
    rows: list[tuple[str, ...]] = [("Rows", *(count(x) for x in in_rows))]
    for name, spent in ledger.spend_in.items():
        used = ledger.spend_used.get(name, 0.0)
        out = sum(item.spend.get(name, 0.0) for item in ledger.excluded)
        rows.append((f"Spend of {name}", *(money(x, currency) for x in (spent, used, out))))
    balance = Table(
        columns=(Column("What"), *right),
        rows=rows,
        caption="In = used + excluded, checked when the file was read.",
    )
    return (balance, *excluded_table(ledger.excluded, currency))


def excluded_table(excluded: Sequence[Excluded], currency: str) -> tuple[Table, ...]:
    """Return the list of what was read and is not used; none if there is nothing.

    Where it is long, lines with one reason are one line, the most money first.
    """
    if not excluded:
        return ()
    lines = _by_reason(excluded) if len(excluded) > _MANY_EXCLUDED else [(item.where, (item,)) for item in excluded]
    rest = len(lines) - _MOST_EXCLUDED
    said = f" {counted(rest, 'more line')} in the JSON beside this page." if rest > 0 else ""
    rows = [
        (
            where,
            items[0].reason,
            count(sum(item.rows for item in items)),
            money(sum(_spend(item) for item in items), currency),
        )
        for where, items in lines[:_MOST_EXCLUDED]
    ]
    return (
        Table(
            columns=(Column("Where"), Column("Why"), Column("Rows", _RIGHT), Column("Money", _RIGHT)),
            rows=rows,
            caption=f"Everything that was read and is not used.{said}",
        ),
    )


def _spend(item: Excluded) -> float:
    return sum(item.spend.values())


def _by_reason(excluded: Sequence[Excluded]) -> list[tuple[str, tuple[Excluded, ...]]]:
    """Gather what was excluded for one reason: where, and what."""
    found: dict[str, list[Excluded]] = {}
    for item in excluded:
        found.setdefault(item.reason, []).append(item)
    groups = sorted(found.values(), key=lambda items: -abs(sum(map(_spend, items))))
    return [
        (items[0].where + (f" and {counted(len(items) - 1, 'other place')}" if len(items) > 1 else ""), tuple(items))
        for items in groups
    ]


def ledger_section(lines: Sequence[LedgerLine], currency: str) -> Section:
    """Return the comparison of spend with the company's own account, by channel and month."""
    names = list(dict.fromkeys(line.channel for line in lines))
    rows = []
    for name in names:
        own = [line for line in lines if line.channel == name]
        booked, found = sum(line.ledger for line in own), sum(line.panel for line in own)
        agree = sum(line.agrees for line in own)
        amounts = [money(x, currency) for x in (booked, found)]
        rows.append((name, *amounts, money(found - booked, currency, signed=True), f"{agree} of {len(own)}"))
    right = [Column(label, _RIGHT) for label in ("Ledger", "Panel", "Difference")]
    by_channel = Table(
        columns=(Column("Channel"), *right, Column("Months that agree", _RIGHT)),
        rows=rows,
        caption=f"Spend in {currency}: the panel's less the ledger's.",
    )
    apart = sorted(
        (line for line in lines if not line.agrees), key=lambda line: (not line.whole, -abs(line.difference))
    )
    blocks: list[Block] = [by_channel]
    if apart:
        more = len(apart) - _MOST_MONTHS
        blocks.append(
            Table(
                columns=(Column("Channel"), Column("Month"), *right, Column("")),
                rows=[
                    (
                        line.channel,
                        line.month,
                        *(money(x, currency) for x in (line.ledger, line.panel)),
                        money(line.difference, currency, signed=True),
                        "" if line.whole else "the panel holds a part of this month",
                    )
                    for line in apart[:_MOST_MONTHS]
                ],
                caption="Months that differ, the largest difference first"
                + (f"; {counted(more, 'more month')} in the JSON beside this page." if more > 0 else "."),
            )
        )
    whole = [line for line in lines if line.whole]
    agree = sum(line.agrees for line in whole)
    return Section(
        "The company's ledger", tuple(blocks), f"{agree} of {len(whole)} whole months agree, counted by channel."
    )


def origin_sections(
    report: DataReport, periods: WeekArray, currency: str, outcome: str, noun: str = "week"
) -> list[Section]:
    """Return what a report says of sources and of the company's ledger; parameters as of :func:`sources_section`."""
    found = [sources_section(report.sources, periods, currency, outcome, noun)] if report.sources else []
    return found + ([ledger_section(report.reconciled, currency)] if report.reconciled else [])


def learning_section(panel: Panel, media: Sequence[Learning], moves: Together, parameters: int) -> Section:
    """Return the section that says what the panel can teach.

    Parameters
    ----------
    panel : Panel
    media : sequence of Learning
    moves : Together
    parameters : int
        Fewest that any model of this panel has.
    """
    rows = int(panel.observed.sum())
    weak = [one.name for one in media if one.verdict != "enough"]
    table = Table(
        columns=(
            Column("Medium"),
            Column("Weeks on / off", _RIGHT),
            Column("Variation", _RIGHT),
            Column("Lowest to highest week", _RIGHT),
            Column("Season and trend explain", _RIGHT),
            Column("Variance inflation", _RIGHT),
            Column("Its own", _RIGHT),
            Column("What can be learned"),
        ),
        rows=[
            (
                one.name,
                f"{one.weeks_on} / {one.weeks_off}",
                percent(one.variation, 0),
                f"{percent(one.lowest, 0)} to {percent(one.highest, 0)}",
                percent(one.calendar, 0),
                significant(one.inflation, 2) if np.isfinite(one.inflation) else MISSING,
                percent(one.own, 0),
                one.verdict,
            )
            for one in media
        ],
        caption="Variation: standard deviation over mean of the national weeks. Lowest and highest: over the mean "
        "week. Its own: share of its movement that neither season and trend nor the other media explain.",
    )
    said = (
        f"{count(rows)} rows (weeks{' × geos' if len(panel.geos) > 1 else ''}) for at least {parameters} parameters: "
        f"{significant(rows / parameters)} a parameter; under 3 the priors decide much of the result."
    )
    blocks: list[Block] = [Prose((said,)), table]
    if len(moves.names) > 1:
        blocks.append(together_chart(moves))
    lead = (
        f"{len(weak)} of {counted(len(media), 'medium').replace('mediums', 'media')} can teach less than they might: "
        f"{join_names(weak)}."
        if weak
        else "Every medium moves enough, and on its own."
    )
    return Section("Is there enough to learn from?", tuple(blocks), lead)
