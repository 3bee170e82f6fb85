"""The data report as a page: findings with their next step, the ledger, and a picture of every series."""

from __future__ import annotations

import numpy as np

from mmm.data.check_geos import geo_section
from mmm.data.checks import least_parameters
from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.room.sections import learning_section, ledger_tables, origin_sections
from mmm.data.room.series_blocks import channel_table, picture
from mmm.data.watch_learning import learning
from mmm.data.watch_series import completed_outcome
from mmm.data.watch_together import together
from mmm.findings import Finding, Severity
from mmm.reporting import Align, Card, Cards, Chart, Column, FindingsList, Page, Section, Table, Tone
from mmm.reporting.charts import channel_colours, line_chart, stacked_weeks
from mmm.reporting.numbers import count, money, percent, significant
from mmm.reporting.text import join_names

_RIGHT = Align.RIGHT
_COMPLETED = "if every geo had a row"


def _told(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)


def verdict_of(what: str, span: str, findings: tuple[Finding, ...]) -> str:
    """Say in one sentence what state data is in: what it is, the span that it covers, and what was found."""
    warnings = _told(findings, Severity.WARNING)
    look = f"{counted(warnings, 'finding')} to look at first" if warnings else "nothing that needs attention"
    return f"{what} can be used: {span}, with {look}."


def verdict(panel: Panel) -> str:
    """Say in one sentence what state the data of a panel is in."""
    span = f"{panel.n_weeks} weeks from {panel.weeks[0]} to {panel.weeks[-1]}"
    return verdict_of("The data", span, panel.report.findings)


def to_look_at(findings: tuple[Finding, ...]) -> Card:
    """Return the card that counts warnings and notes."""
    warnings = _told(findings, Severity.WARNING)
    notes = counted(_told(findings, Severity.NOTE), "note")
    said = f"{'warning' if warnings == 1 else 'warnings'}; {notes}"
    return Card("To look at", count(warnings), said, Tone.CAUTION if warnings else Tone.GOOD)


def _cards(panel: Panel) -> Cards:
    ledger = panel.report.ledger
    spend = float(panel.spend.sum())
    out = ledger.rows_in - ledger.rows_used
    return Cards(
        (
            Card(
                "Weeks",
                count(panel.n_weeks),
                f"{panel.weeks[0]} to {panel.weeks[-1]}; {counted(len(panel.geos), 'geo')}",
            ),
            Card("Spend used", money(spend, panel.currency), counted(len(panel.channels), "paid channel")),
            Card("Rows", count(ledger.rows_in), f"{count(ledger.rows_used)} used, {count(out)} excluded and listed"),
            to_look_at(panel.report.findings),
        )
    )


def _channel_table(panel: Panel) -> Table:
    modelled = [
        ("exposure" if based else "spend") + (", split over geos" if name in panel.national_channels else "")
        for name, based in zip(panel.channels, panel.exposure_based, strict=True)
    ]
    return channel_table(dict(zip(panel.channels, panel.spend.sum(axis=1), strict=True)), modelled, panel.currency)


def _unit(panel: Panel) -> str:
    return panel.currency if panel.outcome_is_money and bool((panel.value_per_outcome == 1).all()) else "units"


def _outcome(panel: Panel) -> tuple[Chart, ...]:
    unit = _unit(panel)
    lines = {panel.outcome_name: panel.outcome.sum(axis=0)}
    caption = f"Outcome by week, in {unit}" + (", all geos together." if len(panel.geos) > 1 else ".")
    if not panel.observed.all():
        lines[_COMPLETED] = completed_outcome(panel)
        caption += " Dashed: with missing geos at their usual share."
    charts = [
        Chart(
            figure=line_chart(panel.weeks, lines, unit=f"{unit} per week", dashed=(_COMPLETED,)),
            title=panel.outcome_name,
            caption=caption,
            alt=f"Line of {panel.outcome_name} by week.",
        )
    ]
    if not bool((panel.value_per_outcome == panel.value_per_outcome.flat[0]).all()):
        value = {"value per outcome": panel.value_per_outcome.mean(axis=0)}
        charts.append(picture(panel.weeks, "Value per outcome", value, panel.currency))
    return tuple(charts)


def _experiments(panel: Panel) -> Table:
    """List the lift tests as they will be used."""
    return Table(
        columns=(
            Column("Test"),
            Column("Channel"),
            Column("Where"),
            Column("Weeks"),
            Column("Spend change", _RIGHT),
            Column("Lift", _RIGHT),
            Column("Standard error", _RIGHT),
        ),
        rows=[
            (
                test.name,
                test.channel,
                join_names(test.geos, 3) if test.geos else ("everywhere" if test.share == 1 else percent(test.share)),
                f"{test.start} to {test.end}"
                + (f", measured to {test.measured_to}" if test.measured_to > test.end else ""),
                money(test.spend_change, panel.currency, signed=True),
                significant(test.lift),
                significant(test.standard_error),
            )
            for test in panel.lift_tests
        ],
        caption=f"Weeks by their first day; the lift is in {_unit(panel)} of {panel.outcome_name}.",
    )


def _media(panel: Panel) -> tuple[Chart, ...]:
    spend = dict(zip(panel.channels, panel.spend.sum(axis=1), strict=True))
    colours = channel_colours(panel.channels)
    charts = [
        Chart(
            figure=stacked_weeks(panel.weeks, spend, unit=f"{panel.currency} per week", colours=colours),
            title="Spend together",
            caption=f"Spend of every channel by week, in {panel.currency}.",
            alt="Stacked columns of spend by week and channel.",
        ),
        picture(panel.weeks, "Spend", spend, f"{panel.currency} per week"),
    ]
    based = np.flatnonzero(panel.exposure_based)
    if len(based):
        exposure = {f"{panel.channels[c]} exposure": panel.exposure[c].sum(axis=0) for c in based}
        same = dict(zip(exposure, (colours[panel.channels[c]] for c in based), strict=True))
        charts.append(picture(panel.weeks, "Exposure", exposure, "exposures per week", same))
    return tuple(charts)


def _others(panel: Panel) -> tuple[Chart, ...]:
    charts = []
    if panel.organic_names:
        organic = dict(zip(panel.organic_names, panel.organic.sum(axis=1), strict=True))
        charts.append(picture(panel.weeks, "Organic activity", organic, ""))
    if panel.control_names:
        controls = dict(zip(panel.control_names, panel.controls.mean(axis=1), strict=True))
        charts.append(picture(panel.weeks, "Controls", controls, ""))
    return tuple(charts)


def _learning(panel: Panel) -> Section:
    moves = together(panel)
    media = len(panel.channels) + len(panel.organic_names)
    parameters = least_parameters(media, len(panel.control_names), len(panel.geos))
    return learning_section(panel, learning(panel, moves), moves, parameters)


def data_page(panel: Panel, file: str) -> Page:
    """Make the page of a panel.

    Parameters
    ----------
    panel : Panel
        Its sources and the weeks that they cover are shown where its report has them.
    file : str
        What the data is called.
    """
    others = _others(panel)
    report = panel.report
    sections = [
        Section("What was found", (FindingsList(report.findings),), "Gravest first, each with its next step."),
        *origin_sections(report, panel.weeks, panel.currency, panel.outcome_name),
        Section(
            "Nothing is lost",
            ledger_tables(report.ledger, panel.currency),
            "Rows and spend in = used + listed as excluded.",
        ),
        Section("Channels", (_channel_table(panel),)),
        *((Section("Experiments", (_experiments(panel),)),) if panel.lift_tests else ()),
        _learning(panel),
        Section("The outcome", _outcome(panel)),
        *((geo_section(panel, _unit(panel)),) if len(panel.geos) > 1 else ()),
        Section("Media", _media(panel)),
        *((Section("Organic activity and controls", others),) if others else ()),
    ]
    return Page(
        title=f"Data report: {file}",
        lead=verdict(panel),
        sections=sections,
        cards=_cards(panel),
        kicker="Mixwise · check",
        details={"File": file, "SHA-256 of the file": panel.source_hash, "Currency": panel.currency},
    )
