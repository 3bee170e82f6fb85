"""A page with every block and awkward names."""

from __future__ import annotations

import numpy as np
import pytest

from mmm.findings import Finding, Severity
from mmm.reporting import charts
from mmm.reporting.page import (
    Align,
    Card,
    Cards,
    Chart,
    Check,
    CheckGroup,
    Checklist,
    Column,
    FindingsList,
    Gallery,
    Page,
    Prose,
    Section,
    Table,
    Tone,
)

NAMES = ("tv", "<script>alert(1)</script>", "=cmd()", "راديو", "ooh \x1b[31mred", "w" * 80)


def charts_of_every_kind() -> list[Chart]:
    weeks = np.datetime64("2027-01-04") + 7 * np.arange(13)
    spend = np.random.default_rng(1).gamma(4.0, 20_000.0, (len(NAMES), 13))
    series = dict(zip(NAMES, spend, strict=True))
    x = np.linspace(0.0, 100_000.0, 30)
    y = 5e4 * x / (x + 4e4)
    band = charts.Band(y, 0.7 * y, 1.3 * y)
    multiples = charts.small_multiples(weeks, series, unit="EUR a week")
    now = {"now": charts.Mark(3e4, 2e4, hollow=True)}
    return [
        Chart(charts.line_chart(weeks, series, unit="EUR", dashed=("tv",)), "Lines.", "Lines by week"),
        Chart(charts.band_chart(weeks, {"model": charts.Band(spend[0], spend[1], spend[2])}, unit="EUR"), "", "Band"),
        Chart(
            charts.bar_chart(NAMES, {"planned": charts.Bars(spend[:, 0], spend[:, 1], spend[:, 2])}, unit="EUR"),
            "Bars.",
            "Bars",
            charts.bar_height(len(NAMES)),
        ),
        Chart(charts.stacked_weeks(weeks, series, unit="EUR", line={"before": spend.sum(0)}), "Weeks.", "Weeks"),
        Chart(
            charts.response_curve_chart(x, band, unit="EUR", x_title="EUR a week", points=now, observed=(1e4, 7e4)),
            "Curve.",
            "Curve",
        ),
        Chart(multiples, "Series.", "Series", int(multiples.layout.height)),
    ]


@pytest.fixture(scope="session")
def page() -> Page:
    drawn = charts_of_every_kind()
    rows = [
        (name, "EUR 1,000,000", "2.40 (1.90 to 2.95)", "1.10", "EUR 12,345", "observed up to EUR 99") for name in NAMES
    ]
    heads = ("Channel", "Spend", "ROAS", "mROAS", "Largest week", "Note")
    columns = [Column(head, Align.LEFT if place in (0, 5) else Align.RIGHT) for place, head in enumerate(heads)]
    findings = [
        Finding("fine", Severity.OK, "All weeks are there.", ""),
        Finding("bad", Severity.ERROR, f"{NAMES[1]} has text.", "Mend it.", "It cannot be read.", "weekly.csv"),
    ]
    return Page(
        title=f"A page about {NAMES[1]}",
        lead="One sentence & its figure.",
        cards=Cards([Card("Budget", "EUR 4.00 m", "over 13 weeks", Tone.GOOD), Card(NAMES[1], "1")]),
        sections=[
            Section("Charts", drawn, "All of them."),
            Section("Gallery", [Gallery([Chart(drawn[4].figure, "c", "a", 240, title=name) for name in NAMES[:3]])]),
            Section(
                "Words", [Table(columns, rows, "Channels", ("Total", "a", "b", "c", "d", "e")), Prose(["A.", "B."])]
            ),
            Section("Findings", [FindingsList(findings)]),
            Section("Checks", [Checklist([CheckGroup(NAMES[1], [Check(f, NAMES[1], "t", "s") for f in findings])])]),
        ],
        details={"seed": "1", "fit": "ab" * 32},
    )
