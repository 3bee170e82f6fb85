"""The data report of a table by day or month: what came from where, what is not used, the ledger and the series.

What needs weeks or a model (what there is to learn from, the season, experiments) is left out, and the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.data.check_page import to_look_at, verdict_of
from mmm.data.columns import Columns, Role, is_money
from mmm.data.log import counted
from mmm.data.report import Excluded, LedgerLine, SourceAccount
from mmm.data.room.figures import SUMMED
from mmm.data.room.sections import excluded_table, ledger_section, sources_section
from mmm.data.room.series_blocks import channel_table, picture
from mmm.data.spec import PanelSpec
from mmm.findings import Finding
from mmm.reporting import Card, Cards, Chart, FindingsList, Page, Prose, Section
from mmm.reporting.blocks import Block
from mmm.reporting.charts import channel_colours, line_chart
from mmm.reporting.numbers import count, money

#: What to do to fit a model; the page and the terminal say it.
FOR_A_FIT = "Models are fitted to weeks: remove join.grain to fit one."


@dataclass(frozen=True, eq=False)
class TableReport:
    """The joined table at another grain than weeks, with what was found.

    Attributes
    ----------
    columns : Columns
        A row a period and geo; NaN where a figure is missing.
    spec : PanelSpec
    findings : tuple of Finding
    excluded : sequence of Excluded
    sources : tuple of SourceAccount
        With their rows by period.
    reconciled : tuple of LedgerLine
    inputs : Mapping
        Name of each file → SHA-256.
    """

    columns: Columns
    spec: PanelSpec
    findings: tuple[Finding, ...]
    excluded: Sequence[Excluded]
    sources: tuple[SourceAccount, ...]
    reconciled: tuple[LedgerLine, ...]
    inputs: Mapping[str, str]

    @property
    def noun(self) -> str:
        """What a period is called."""
        return str(self.spec.join.grain)

    @property
    def periods(self) -> WeekArray:
        """First days, (T,)."""
        return np.unique(self.columns.days)

    @property
    def span(self) -> str:
        """From when to when, in words."""
        periods = self.periods
        return f"{counted(len(periods), self.noun)} from {periods[0]} to {periods[-1]}"

    @property
    def lead(self) -> str:
        """The verdict."""
        return verdict_of(f"The table by {self.noun}", self.span, self.findings)

    def national(self, values: FloatArray, *, averaged: bool = False) -> FloatArray:
        """Return a column over all geos, (T,): a sum or an average of what is there, NaN where nothing is."""
        at = np.searchsorted(self.periods, self.columns.days)
        there = np.isfinite(values)
        size = np.bincount(at[there], minlength=len(self.periods))
        added = np.bincount(at[there], values[there], len(self.periods))
        return np.where(size > 0, added / np.maximum(size, 1) if averaged else added, np.nan)

    def series(self, *roles: Role) -> dict[str, FloatArray]:
        """Return column of the model file → (T,) figures over all geos, of some roles."""
        return {
            one.column: self.national(one.values, averaged=one.role not in SUMMED)
            for one in self.columns.series
            if one.role in roles
        }

    def spend(self) -> dict[str, FloatArray]:
        """Return channel → (T,) money over all geos; of an owned channel, its volume times its cost of service."""
        found: dict[str, FloatArray] = {}
        own = {(one.role, one.name): one.values for one in self.columns.series}
        for name, channel in self.spec.channels.items():
            given = own.get((Role.SPEND, name))
            if channel.is_owned and (Role.EXPOSURE, name) in own:
                cost = channel.cost_of_service
                each = own[Role.COST, name] if isinstance(cost, str) else float(cost or 0.0)
                given = own[Role.EXPOSURE, name] * each
            if given is not None:
                found[name] = self.national(given)
        return found


def table_page(report: TableReport, file: str) -> Page:
    """Make the page.

    Parameters
    ----------
    report : TableReport
    file : str
        What the data is called.
    """
    spec, noun = report.spec, report.noun
    currency, outcome = spec.currency, spec.data.outcome
    spend, excluded = report.spend(), excluded_table(report.excluded, currency)
    others = _others(report)
    sections = [
        Section("What was found", (FindingsList(report.findings),), "Gravest first, each with its next step."),
        sources_section(report.sources, report.periods, currency, outcome, noun),
        *((ledger_section(report.reconciled, currency),) if report.reconciled else ()),
        *((Section("What is not used", excluded, "Read, and set aside for a reason."),) if excluded else ()),
        *((Section("Channels", (channel_table(spend, (), currency, noun),)),) if spend else ()),
        Section("The outcome", (_outcome(report),)),
        *((Section("Media", _media(report, spend)),) if spend else ()),
        *((Section("Organic activity and controls", others),) if others else ()),
        Section("What this page leaves out", (Prose((_LEFT_OUT,)),)),
    ]
    return Page(
        title=f"Data report: {file}, by {noun}",
        lead=report.lead,
        sections=sections,
        cards=_cards(report, spend),
        kicker="Mixwise · check",
        details={"Currency": currency, **{f"SHA-256 of {name}": sha for name, sha in report.inputs.items()}},
    )


_LEFT_OUT = (
    "What there is to learn from, the season, odd weeks, breaks and experiments are judged on weeks, for a model. "
    + FOR_A_FIT
)


def _cards(report: TableReport, spend: Mapping[str, FloatArray]) -> Cards:
    read, used = (sum(getattr(one, key) for one in report.sources) for key in ("rows_in", "rows_used"))
    periods, geos = report.periods, len(set(report.columns.geo))
    total = sum(float(np.nansum(figures)) for figures in spend.values())
    return Cards(
        (
            Card(
                f"{report.noun.title()}s",
                count(len(periods)),
                f"{periods[0]} to {periods[-1]}; {counted(geos, 'geo')}",
            ),
            Card("Spend used", money(total, report.spec.currency), counted(len(spend), "paid channel")),
            Card("Rows", count(read), f"{count(used)} used, {count(read - used)} excluded and listed"),
            to_look_at(report.findings),
        )
    )


def _outcome(report: TableReport) -> Chart:
    noun, name = report.noun, report.spec.data.outcome
    unit = report.spec.currency if is_money(Role.OUTCOME, report.spec) else "units"
    geos = ", all geos together" if len(set(report.columns.geo)) > 1 else ""
    return Chart(
        figure=line_chart(report.periods, report.series(Role.OUTCOME), unit=f"{unit} per {noun}"),
        title=name,
        caption=f"Outcome by {noun}, in {unit}{geos}; a gap is missing, not zero.",
        alt=f"Line of {name} by {noun}.",
    )


def _media(report: TableReport, spend: Mapping[str, FloatArray]) -> tuple[Block, ...]:
    colours, noun = channel_colours(list(spend)), report.noun
    blocks = [picture(report.periods, "Spend", spend, f"{report.spec.currency} per {noun}", colours, noun)]
    seen = report.series(Role.EXPOSURE)
    if seen:
        blocks.append(picture(report.periods, "Exposure", seen, f"exposures per {noun}", noun=noun))
    return tuple(blocks)


def _others(report: TableReport) -> tuple[Block, ...]:
    found = (
        ("Organic activity", report.series(Role.ORGANIC)),
        ("Controls", report.series(Role.CONTROL, Role.VALUE)),
    )
    return tuple(picture(report.periods, title, series, "", noun=report.noun) for title, series in found if series)
