"""The data room on the page: sources and their weeks, the company's ledger, and what can be learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.report import LedgerLine, SourceAccount
from mmm.data.room.coverage import Coverage
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


@dataclass(frozen=True, eq=False)
class RoomView:
    """What the page and the terminal show beyond the panel.

    Attributes
    ----------
    accounts : tuple of SourceAccount
        One source where there is one file.
    coverage : Coverage
    currencies : mapping
        Source → currencies that its money was in.
    """

    accounts: tuple[SourceAccount, ...]
    coverage: Coverage
    currencies: dict[str, tuple[str, ...]]


def _sources_table(panel: Panel, view: RoomView) -> Table:
    weeks = dict(zip(view.coverage.sources, (view.coverage.rows > 0).sum(axis=1).tolist(), strict=True))
    rows = [
        (
            account.source,
            count(len(account.files)),
            count(account.rows_in),
            f"{weeks.get(account.source, 0)} of {panel.n_weeks}",
            str(account.first_day or MISSING),
            str(account.last_day or MISSING),
            money(sum(_spend(account, panel).values()), panel.currency) if _spend(account, panel) else MISSING,
            ", ".join(view.currencies.get(account.source, ())) or MISSING,
        )
        for account in view.accounts
    ]
    return Table(
        columns=(
            Column("Source"),
            Column("Files", _RIGHT),
            Column("Rows read", _RIGHT),
            Column("Weeks with rows", _RIGHT),
            Column("First day", _RIGHT),
            Column("Last day", _RIGHT),
            Column("Spend read", _RIGHT),
            Column("Written in"),
        ),
        rows=rows,
        caption=f"What came from where; spend in {panel.currency}, after conversion.",
    )


def _spend(account: SourceAccount, panel: Panel) -> dict[str, float]:
    return {name: sum_ for name, sum_ in account.money_in.items() if name != panel.outcome_name}


def _balance(panel: Panel, view: RoomView) -> Table:
    rows: list[tuple[str, ...]] = []
    for account in view.accounts:
        out = account.rows_in - account.rows_used
        rows.append((account.source, "rows", count(account.rows_in), count(account.rows_used), count(out)))
        for name, read in account.money_in.items():
            figures = (read, account.money_used.get(name, 0.0), account.money_excluded.get(name, 0.0))
            rows.append((account.source, name, *(money(x, panel.currency) for x in figures)))
    return Table(
        columns=(Column("Source"), Column("What"), *(Column(label, _RIGHT) for label in ("In", "Used", "Excluded"))),
        rows=rows,
        caption="In = used + excluded for each source, rows and money.",
    )


def sources_section(panel: Panel, view: RoomView) -> Section:
    """Return the section that says what came from where.

    Parameters
    ----------
    panel : Panel
    view : RoomView
    """
    several = len(view.accounts) > 1
    blocks: list[Block] = [_sources_table(panel, view), coverage_chart(view.coverage)]
    if several:
        blocks.append(_balance(panel, view))
    files = sum(len(account.files) for account in view.accounts)
    lead = f"{counted(len(view.accounts), 'source')} in {counted(files, 'file')}." if several else "One file."
    return Section("Where it came from", tuple(blocks), lead)


def ledger_section(panel: Panel, lines: Sequence[LedgerLine]) -> Section:
    """Return the comparison of spend with the company's own account, by channel and month."""
    names = list(dict.fromkeys(line.channel for line in lines))
    rows = []
    for name in names:
        own = [line for line in lines if line.channel == name]
        booked, found = sum(line.ledger for line in own), sum(line.panel for line in own)
        agree = sum(line.agrees for line in own)
        amounts = [money(x, panel.currency) for x in (booked, found)]
        rows.append((name, *amounts, money(found - booked, panel.currency, signed=True), f"{agree} of {len(own)}"))
    right = [Column(label, _RIGHT) for label in ("Ledger", "Panel", "Difference")]
    by_channel = Table(
        columns=(Column("Channel"), *right, Column("Months that agree", _RIGHT)),
        rows=rows,
        caption=f"Spend in {panel.currency}: the panel's less the ledger's.",
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
                        *(money(x, panel.currency) for x in (line.ledger, line.panel)),
                        money(line.difference, panel.currency, signed=True),
                        "" if line.whole else "the panel holds a part of this month",
                    )
                    for line in apart[:_MOST_MONTHS]
                ],
                caption="Months that differ, the largest difference first"
                + (f"; {counted(more, 'more month')} in data_report.json." if more > 0 else "."),
            )
        )
    whole = [line for line in lines if line.whole]
    agree = sum(line.agrees for line in whole)
    return Section(
        "The company's ledger", tuple(blocks), f"{agree} of {len(whole)} whole months agree, counted by channel."
    )


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
