"""The plan's workbook: finance can change a week and see totals, shares and changes follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmm.findings import Finding, Severity
from mmm.reporting.palette import ACCENT, BASELINE, CAUTION, MUTED
from mmm.reporting.workbook import Book, Kind, Role, Series, Sheet, money_decimals
from mmm.response.draws import ResponseDraws
from optimizer import report_words as words
from optimizer.allocation import Allocation
from optimizer.extras import Extra
from optimizer.report_facts import PlanFacts
from optimizer.workbook_channels import ChannelSheet, write_channels
from optimizer.workbook_geos import write_geos
from optimizer.workbook_weeks import write_weeks


def write_plan_workbook(
    allocation: Allocation,
    response: ResponseDraws,
    path: str | Path,
    *,
    findings: Sequence[Finding] = (),
    details: Mapping[str, str] | None = None,
    extras: Sequence[Extra] = (),
) -> Path:
    """Write the plan as a workbook.

    Parameters
    ----------
    allocation : Allocation
    response : ResponseDraws
        All draws of the fit.
    path : path
    findings : sequence of Finding
        Warnings that come before the plan's own.
    details : Mapping, optional
        The manifest, as shown on the last sheet.
    extras : sequence of Extra
        Further results, each with sheets of its own.
    """
    path, facts = Path(path), PlanFacts(allocation, response)
    decimals = money_decimals(facts.currency, allocation.spend)
    with Book(path, title=words.title(facts), currency=facts.currency, decimals=decimals) as book:
        decision = book.sheet("Decision", [38, 18, 78], one_page=True)
        weeks = write_weeks(book, facts)
        channels = write_channels(book, facts, weeks)
        _decision(decision, facts, channels, (*findings, *allocation.findings))
        write_geos(book, facts, channels)
        _constraints(book, facts)
        for extra in extras:
            extra.write(book, facts)
        _assumptions(book, facts)
        _manifest(book, details or {})
    return path


def _decision(sheet: Sheet, facts: PlanFacts, channels: ChannelSheet, findings: Sequence[Finding]) -> None:
    problem = facts.problem
    sheet.heading(words.title(facts))
    sheet.paragraph(1, 0, 2, words.lead(facts), lines=3, font_size=11.5)
    sheet.header(3, ["Key figures", f"Value, {problem.unit}", ""])
    sheet.text(3, 2, "What it is", bold=True, valign="bottom", bottom=1, indent=1)
    row = 4
    live = (
        ("Planned spend", f"={channels.planned}", facts.budget, Kind.MONEY, "total of the weekly plan"),
        ("Business as usual", f"={channels.baseline}", facts.baseline_spend, Kind.MONEY, "spend in the same weeks"),
        (
            "Change of spend",
            f"={channels.planned}-{channels.baseline}",
            facts.budget - facts.baseline_spend,
            Kind.MONEY,
            "planned less business as usual",
        ),
    )
    for label, formula, value, kind, note in live:
        sheet.text(row, 0, f"{label}, {facts.currency}")
        sheet.formula(row, 1, formula, value, kind)
        sheet.words(row, {2: note})
        row += 1
    row = _model_figures(sheet, facts, row)
    row += 1
    sheet.legend(row)
    row += 5
    for finding in findings:
        lines = 1 + len(f"{finding.says} {finding.do}") // 115
        sheet.paragraph(row, 0, 2, f"{finding.severity.value.upper()}: {finding.says} {finding.do}", lines=lines)
        row += 1
    sheet.column_chart(
        f"A{row + 2}",
        [
            Series("planned", channels.names, channels.planned_column, ACCENT),
            Series("business as usual", channels.names, channels.baseline_column, BASELINE),
        ],
        title="Planned spend against business as usual",
        unit=f"{facts.currency} over {len(problem.weeks)} weeks",
        horizontal=True,
        size=(880, 120 + 34 * len(problem.channels)),
    )


def _model_figures(sheet: Sheet, facts: PlanFacts, row: int) -> int:
    found, name = facts.allocation, words.value_name(facts.problem)
    bounded = words.bounded(facts)
    figures = (
        (
            f"Expected {name}, plan",
            found.held_back_value,
            Kind.COUNT,
            "against no spend in the horizon, held-back draws",
        ),
        (
            f"Expected {name}, business as usual",
            found.held_back_baseline_value,
            Kind.COUNT,
            "the same for business as usual",
        ),
        ("Uplift over business as usual", found.uplift.mean, Kind.COUNT, "plan less business as usual, mean"),
        ("  90% interval, from", found.uplift.q05, Kind.COUNT, "5% of the draws are below"),
        ("  90% interval, to", found.uplift.q95, Kind.COUNT, "5% of the draws are above"),
        ("Chance to beat business as usual", found.p_beats_baseline, Kind.PERCENT, "share of the held-back draws"),
        ("Of the plan's value, after the horizon", found.after_horizon, Kind.COUNT, "planning draws; carryover"),
        ("Value on the planning draws", found.value, Kind.COUNT, "what was maximised"),
        (
            "Upper bound of any plan",
            found.upper_bound if bounded else float("nan"),
            Kind.COUNT,
            f"no plan that keeps the constraints is above it; {found.bound_method}" if bounded else "none is known",
        ),
        ("Gap", found.gap, Kind.FINE, words.gap_meaning(found)),
        ("Monte Carlo error of the value", found.monte_carlo_error, Kind.COUNT, words.ERROR_OF),
        ("Monte Carlo error of the uplift", facts.uplift_error, Kind.COUNT, "smaller, because the draws are paired"),
    )
    for label, value, kind, note in figures:
        sheet.text(row, 0, label)
        sheet.number(row, 1, value, kind, Role.MODEL)
        sheet.words(row, {2: note})
        row += 1
    return row


def _constraints(book: Book, facts: PlanFacts) -> None:
    found, problem = facts.allocation, facts.problem
    sheet = book.sheet("Constraints", [22, 44, 8, 14, 36, 16, 52])
    sheet.heading("Constraints and what they cost", problem.says)
    price = f"Shadow price, {problem.value_unit}"
    sheet.header(3, ["Name", "Constraint", "Binds", price, "for", "Kind", "In words"], left=3)
    for column, label in enumerate(("for", "Kind", "In words"), start=4):
        sheet.text(3, column, label, bold=True, valign="bottom", bottom=1, indent=1)
    row = 4
    for name, constraint in problem.named.items():
        binds, says = words.price(found, name)
        known = found.shadow_prices.get(name) if name in found.binding else None
        kind = known.kind if known else "does not bind"
        frame = problem.frame_of(name)
        sentence, loosening = constraint.in_words(frame), constraint.loosening_in_words(frame)
        sheet.words(row, {0: name, 1: sentence, 2: binds, 4: loosening, 5: kind, 6: says})
        sheet.number(row, 3, known.value if known else 0.0, Kind.NUMBER, Role.MODEL)
        row += 1
    sheet.legend(row + 1)
    sheet.freeze(4, 1)


def _assumptions(book: Book, facts: PlanFacts) -> None:
    sheet = book.sheet("Assumptions", [12, 62, 62, 40])
    sheet.heading("What the plan rests on")
    sheet.header(3, ["Kind", "What holds", "What it means", "What to do"], left=4)
    for row, finding in enumerate(words.caveats(facts), start=4):
        grave = finding.severity in (Severity.ERROR, Severity.WARNING)
        sheet.text(row, 0, finding.severity.value, font_color=CAUTION if grave else MUTED)
        sheet.words(row, {1: finding.says, 2: finding.means, 3: finding.do})
    sheet.freeze(4, 0)


def _manifest(book: Book, details: Mapping[str, str]) -> None:
    sheet = book.sheet("Manifest", [34, 100], landscape=False)
    sheet.heading("How this was made")
    sheet.header(3, ["Item", "Value"], left=2)
    for row, (name, value) in enumerate(details.items(), start=4):
        sheet.words(row, {0: name, 1: value})
