"""Organic activity without a geo in a panel by geo: nothing of it is lost or given twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.data.sources.facts import Facts
from tests.test_mmm.test_data.test_joining.facts import WEEKS, Row, conserve, facts, geo_ads, named, room, spec, weekly

GEOS = {"north": 3.0, "south": 1.0}


def sold(gone: frozenset[tuple[str, int]] = frozenset(), more: dict[str, int] | None = None) -> Facts:
    """Make the outcome of the geos, without some weeks, and of more geos for their first weeks only."""
    rows = [
        row
        for geo, people in GEOS.items()
        for t, row in enumerate(weekly({"revenue": lambda t: 90.0 + t % 5, "people": people}, geo=geo))
        if (geo, t) not in gone
    ]
    for geo, weeks in (more or {}).items():
        rows += weekly({"revenue": lambda t: 70.0 + t % 5, "people": 4.0}, weeks, geo=geo)
    return facts("till", rows, money=("revenue",))


def mail(rows: list[Row]) -> Facts:
    return facts("mail", rows)


def declared(**data: str) -> dict[str, object]:
    return {
        "data": {"geo": "geo", **data},
        "sources": {"mail": {"file": "m.csv", "date": "day", "channel_is": "mail"}, "shops": {"file": "s.csv"}},
        "organic": ["mail_sends"],
    }


SENDS = weekly({"sends": lambda t: 100.0 + t}, label="mail")
ADS = facts("ads", geo_ads(GEOS))


def test_a_national_figure_is_split_by_people(tmp_path: Path) -> None:
    made = room(tmp_path, [sold(), ADS, mail(SENDS)], spec(**declared(population="people")))
    conserve(made)
    assert made.panel.organic[0, :, 3].tolist() == pytest.approx([0.75 * 103, 0.25 * 103])
    said = named(made.panel.report.findings, "national_organic").says
    assert said == "'mail_sends' has no geo and was split over 2 geos by population."


def test_a_geo_that_the_panel_does_not_hold_takes_no_share(tmp_path: Path) -> None:
    late = [row for row in SENDS if row.first >= SENDS[4].first]
    made = room(tmp_path, [sold(more={"west": 3}), ADS, mail(late)], spec(**declared()))
    conserve(made)
    assert made.panel.geos == ("north", "south")
    assert made.panel.organic[0].sum() == pytest.approx(sum(100.0 + t for t in range(4, WEEKS)))


def test_what_falls_on_weeks_that_a_geo_lacks_is_told(tmp_path: Path) -> None:
    given = [sold(frozenset({("south", 9)})), ADS, mail(SENDS)]
    made = room(tmp_path, given, spec(**declared(population="people")))
    conserve(made)
    assert made.panel.organic[0, 0, 9] == pytest.approx(0.75 * 109)
    share = 100 * 0.25 * 109 / sum(100.0 + t for t in range(WEEKS))
    said = named(made.panel.report.findings, "national_organic").says
    assert f"{share:.1f} % of it falls on weeks in which a geo has no row" in said


def test_figures_that_have_a_geo_stay_in_it(tmp_path: Path) -> None:
    shops = facts("shops", [row for geo in GEOS for row in weekly({"mail_sends": 8.0}, geo=geo)])
    own = declared(population="people") | {"join": {"same": {"mail_sends": ["mail", "shops"]}}}
    made = room(tmp_path, [sold(), ADS, mail(SENDS), shops], spec(**own))
    conserve(made)
    assert made.panel.organic[0, :, 3].tolist() == pytest.approx([0.75 * 103 + 8.0, 0.25 * 103 + 8.0])
    cells = made.joined.cells.to_pandas()
    week = cells[(cells.series == "mail_sends") & (cells.week == SENDS[3].first)]
    assert week.groupby("geo").value.sum().tolist() == pytest.approx([0.75 * 103 + 8.0, 0.25 * 103 + 8.0])
