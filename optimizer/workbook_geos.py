"""The sheet of geos: each channel's shares, and the planned money that follows from them in live formulas."""

from __future__ import annotations

from mmm.reporting.workbook import Book, Kind, Role, Sheet, cell, span
from optimizer.report_facts import PlanFacts
from optimizer.report_geos import geo_sentences
from optimizer.workbook_channels import ChannelSheet


def write_geos(book: Book, facts: PlanFacts, channels: ChannelSheet) -> None:
    """Write both grids, geo by channel; no sheet for national data."""
    sentences = geo_sentences(facts)
    if not sentences:
        return
    if facts.problem.granularity.by_geo:
        _decided(book, facts, sentences)
        return
    sheet = book.sheet("By geo", [26, *(13.5,) * len(facts.problem.channels), 15])
    sheet.heading("By geo", "National spend times each geo's share; a share that is changed changes the money below.")
    row = 3
    for sentence in sentences:
        sheet.paragraph(row, 0, len(facts.problem.channels) + 1, sentence, lines=1 + len(sentence) // 110)
        row += 1
    first = _shares(sheet, facts, row + 1)
    _money(sheet, facts, first, channels)


def _shares(sheet: Sheet, facts: PlanFacts, header: int) -> int:
    """Write the shares and return their first row."""
    shares = facts.problem.horizon.response.geo_shares()
    geos = facts.problem.horizon.response.geos
    sheet.header(header, ["Share of spend", *facts.problem.channels])
    for g, name in enumerate(geos):
        sheet.text(header + 1 + g, 0, name)
        for c in range(len(shares)):
            sheet.number(header + 1 + g, c + 1, float(shares[c, g]), Kind.PERCENT, Role.INPUT)
    foot = header + 1 + len(geos)
    sheet.text(foot, 0, "Total", bold=True, top=1)
    for c in range(len(shares)):
        formula = f"=SUM({span(header + 1, c + 1, foot - 1, c + 1)})"
        sheet.formula(foot, c + 1, formula, float(shares[c].sum()), Kind.PERCENT, total=True)
    return header + 1


def _money(sheet: Sheet, facts: PlanFacts, shares_row: int, channels: ChannelSheet) -> None:
    """Write planned money by geo under the shares."""
    response, spend = facts.problem.horizon.response, facts.allocation.spend.sum(axis=1)
    shares, count = response.geo_shares(), len(response.geos)
    header = shares_row + count + 3
    sheet.header(header, [f"Planned spend, {facts.currency}", *facts.problem.channels, "Total"])
    last = len(spend)
    for g, name in enumerate(response.geos):
        row = header + 1 + g
        sheet.text(row, 0, name)
        for c in range(last):
            formula = f"={cell(shares_row + g, c + 1)}*INDEX({channels.planned_column},{c + 1})"
            sheet.formula(row, c + 1, formula, float(shares[c, g] * spend[c]), Kind.MONEY)
        total = float(shares[:, g] @ spend)
        sheet.formula(row, last + 1, f"=SUM({cell(row, 1)}:{cell(row, last)})", total, Kind.MONEY)
    foot = header + 1 + count
    sheet.text(foot, 0, "Total", bold=True, top=1)
    for c in range(last + 1):
        value = float(spend[c]) if c < last else float(spend.sum())
        sheet.formula(foot, c + 1, f"=SUM({span(header + 1, c + 1, foot - 1, c + 1)})", value, Kind.MONEY, total=True)
    sheet.legend(foot + 2)
    sheet.freeze(0, 1)


def _decided(book: Book, facts: PlanFacts, sentences: tuple[str, ...]) -> None:
    """Write what was decided for each geo: totals from the weeks of a second sheet, by live formulas."""
    channels = facts.problem.horizon.response.channels
    sheet = book.sheet("By geo", [26, *(13.5,) * len(channels), 15, 15, 12])
    weeks = book.sheet("Geo weeks", [14, 26, 26, 15, 18])
    weeks.heading("By week, channel and geo", "The plan as it was decided; the sheet before adds these rows up.")
    weeks.header(3, ["Week of", "Channel", "Geo", f"Planned, {facts.currency}", f"Usual, {facts.currency}"], left=3)
    rows = facts.allocation.by_geo()
    for at, (week, channel, geo, spend, baseline) in enumerate(rows.itertuples(index=False), start=4):
        weeks.words(at, {0: f"{week:%Y-%m-%d}", 1: channel, 2: geo})
        weeks.number(at, 3, float(spend), Kind.MONEY, Role.INPUT)
        weeks.number(at, 4, float(baseline), Kind.MONEY, Role.REFERENCE)
    weeks.freeze(4, 0)
    _decided_totals(sheet, facts, sentences, 4 + len(rows))


def _decided_totals(sheet: Sheet, facts: PlanFacts, sentences: tuple[str, ...], end: int) -> None:
    """Write one row a geo: each channel's total, all channels, business as usual and the change."""
    response, money = facts.problem.horizon.response, facts.allocation.geo_spend.sum(axis=2)
    before = facts.problem.horizon.units.by_block(facts.problem.row_baseline).sum(axis=(0, 2))
    sheet.heading("By geo", "A week that is changed on the next sheet changes the money here.")
    row = 3
    for sentence in sentences:
        sheet.paragraph(row, 0, len(response.channels) + 1, sentence, lines=1 + len(sentence) // 110)
        row += 1
    header, last = row + 1, len(response.channels)
    sheet.header(header, [f"Planned, {facts.currency}", *response.channels, "Total", "Usual", "Change"])
    names, geos, planned, usual = (f"'Geo weeks'!{span(4, c, end - 1, c)}" for c in (1, 2, 3, 4))
    for g, geo in enumerate(response.geos):
        at = header + 1 + g
        sheet.text(at, 0, geo)
        for c in range(last):
            match = f"EXACT({names},{cell(header, c + 1)})*EXACT({geos},{cell(at, 0)})"
            sheet.formula(at, c + 1, f"=SUMPRODUCT({match}*{planned})", float(money[c, g]), Kind.MONEY)
        total = float(money[:, g].sum())
        sheet.formula(at, last + 1, f"=SUM({span(at, 1, at, last)})", total, Kind.MONEY)
        sheet.formula(at, last + 2, f"=SUMPRODUCT(EXACT({geos},{cell(at, 0)})*{usual})", float(before[g]), Kind.MONEY)
        change = total / float(before[g]) - 1.0 if before[g] > 0 else 0.0
        ratio = f"=IF({cell(at, last + 2)}=0,0,{cell(at, last + 1)}/{cell(at, last + 2)}-1)"
        sheet.formula(at, last + 3, ratio, change, Kind.PERCENT)
    foot = header + 1 + len(response.geos)
    sheet.text(foot, 0, "Total", bold=True, top=1)
    whole = [*money.sum(axis=1), money.sum(), before.sum()]
    for c, value in enumerate(whole):
        formula = f"=SUM({span(header + 1, c + 1, foot - 1, c + 1)})"
        sheet.formula(foot, c + 1, formula, float(value), Kind.MONEY, total=True)
    sheet.legend(foot + 2)
    sheet.freeze(0, 1)
