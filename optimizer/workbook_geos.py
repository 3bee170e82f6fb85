"""The sheet of geos: each channel's shares, and the planned money that follows from them in live formulas."""

from __future__ import annotations

from mmm.reporting.workbook import Book, Kind, Role, Sheet, cell, span
from mmm.response.split import split_sentences
from optimizer.report_facts import PlanFacts
from optimizer.workbook_channels import ChannelSheet


def write_geos(book: Book, facts: PlanFacts, channels: ChannelSheet) -> None:
    """Write both grids, geo by channel; no sheet for national data."""
    response = facts.problem.horizon.response
    sentences = split_sentences(response)
    if not sentences:
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
