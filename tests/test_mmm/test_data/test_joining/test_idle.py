"""Lines of ``join`` that fit nothing are told; a name so near that it may have been meant is a warning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmm.findings import Finding, Severity
from tests.test_mmm.test_data.test_joining.facts import (
    ads_rows,
    by_geo,
    conserve,
    facts,
    geo_ads,
    geo_till,
    room,
    spec,
    till,
    weekly,
)


def told(folder: Path, *more: str, **join: Any) -> list[Finding]:
    rows = [*ads_rows(), *(row for label in more for row in weekly({"spend": 1.0}, label=label))]
    made = room(folder, [till(), facts("ads", rows)], spec(join=join))
    conserve(made)
    return [one for one in made.panel.report.findings if one.name == "idle_lines"]


@pytest.mark.parametrize(
    ("join", "near"),
    [
        ({"ignore": ["Tset *"], "campaigns": {"*": "search"}}, "Test 1"),
        ({"channels": {"Test I": "social"}, "campaigns": {"*": "search"}}, "Test 1"),
        ({"campaigns": {"Tests*": "social", "*": "search"}}, "Test 1"),
    ],
)
def test_a_line_that_was_meant_for_a_near_name_is_a_warning(tmp_path: Path, join: dict[str, Any], near: str) -> None:
    (finding,) = told(tmp_path, "Test 1", **join)
    line = next(iter(next(iter(join.values()))))
    assert finding.severity is Severity.WARNING
    assert f"'{line}' of join.{next(iter(join))} fits no " in finding.says
    assert f"did you mean '{near}'?" in finding.says


def test_lines_that_fit_nothing_are_noted_and_those_that_fit_are_not(tmp_path: Path) -> None:
    idle = told(tmp_path, "Radio", ignore=["Radio", "Old *"], channels={"Fernsehen": "social"})
    assert [(one.severity, one.where) for one in idle] == [
        (Severity.NOTE, "join.channels"),
        (Severity.NOTE, "join.ignore"),
    ]
    assert "'Fernsehen' of join.channels fits no channel or campaign of the sources." in idle[0].says
    assert "'Old *' of join.ignore fits no" in idle[1].says
    assert not told(tmp_path, "Brand 1", "TV - A", channels={"tv-a": "social"}, campaigns={"brand *": "search"})


def test_a_name_of_the_company_s_account_is_no_idle_line(tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text("month,channel,spend\n2024-02,Suche,50\n")
    ledger = {"ledger": {"file": "ledger.csv"}, "channels": {"Suche": "search"}}
    assert not told(tmp_path, **ledger)
    assert told(tmp_path, channels={"Suche": "search"})


def test_a_source_of_same_without_the_channel_is_noted(tmp_path: Path) -> None:
    (finding,) = told(tmp_path, same={"social": ["ads", "till"]})
    assert finding.says == "'till' of join.same gives no figure of 'social'."


def test_geos_that_fit_nothing_are_told(tmp_path: Path) -> None:
    geos = {"north": 2.0, "south": 2.0}
    given = [geo_till(geos), facts("ads", geo_ads(geos))]
    lines = {"Noth": "north", "*": "south", "Cairo": "south", "south": "south", "north": "north"}
    made = room(tmp_path, given, spec(data=by_geo(), join={"geos": lines}))
    idle = [one for one in made.panel.report.findings if one.name == "idle_lines"]
    assert [one.says for one in idle] == ["'Noth', 'Cairo' of join.geos fit no geo of the sources."]
