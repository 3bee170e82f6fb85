"""A part that always reports and vanishes for some weeks is told; what is irregular, or ends, is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.data import PanelSpec
from mmm.data.joining.joined import Room
from mmm.data.joining.room import read_room
from mmm.findings import Finding, Severity
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    TODAY,
    WEEKS,
    Row,
    ads_rows,
    conserve,
    daily,
    facts,
    room,
    spec,
    till,
    weekly,
)

STORES = {"Kraków": 500.0, "Łódź": 300.0, "Gdańsk": 200.0}
TILL = {"sources": {"till": {"file": "till.csv", "date": "day", "repeats": "add"}}}


def gone(*weeks: int) -> Callable[[int], bool]:
    return lambda day: day // 7 in weeks


def stores(absent: Callable[[str, int], bool], days: int = 7 * WEEKS) -> list[Row]:
    """Make a row a day and store, without names of stores."""
    return [
        Row(FIRST + timedelta(days=t), {"revenue": size + t % 7 + t // 7 % 4})
        for t in range(days)
        for name, size in STORES.items()
        if not absent(name, t)
    ]


def told(made: Room) -> list[Finding]:
    return [one for one in made.panel.report.findings if one.name in ("part_absent", "parts_pause")]


def joined(folder: Path, rows: list[Row], **more: Any) -> Room:
    made = room(folder, [facts("till", rows, money=("revenue",)), facts("ads", ads_rows())], spec(**TILL, **more))
    conserve(made)
    return made


def test_a_week_without_one_store_is_told_by_the_number_of_rows(tmp_path: Path) -> None:
    made = joined(tmp_path, stores(lambda name, t: name == "Łódź" and t // 7 == 9))
    (finding,) = told(made)
    assert finding.severity is Severity.WARNING
    assert "it has 14 of the usual 21 rows in the week of 2024-03-04" in finding.says
    assert "the missing ones usually bring 2,364.83 EUR of revenue (33 %)" in finding.says  # a third of the whole
    assert finding.where.startswith("source till, after a.csv, row ")
    assert "Ask for the missing rows" in finding.do


@pytest.mark.parametrize(
    "absent",
    [
        lambda name, t: False,
        lambda name, t: name == "Łódź" and t // 7 >= 14,  # closed for good
        lambda name, t: name == "Łódź" and t // 7 < 14,  # opened later
        lambda name, t: name == "Łódź" and t == 61,  # closed for a day
        lambda name, t: name == "Łódź" and t // 7 % 5 == 3,  # closed every fifth week
        lambda name, t: name != "Kraków" and t * 7919 % 31 % 3 == len(name) % 3,  # as it comes
    ],
    ids=["all", "closed", "opened", "a day", "every fifth week", "now and then"],
)
def test_what_is_whole_ends_or_is_irregular_is_not_told(tmp_path: Path, absent: Callable[[str, int], bool]) -> None:
    assert not [one for one in told(joined(tmp_path, stores(absent))) if one.severity is Severity.WARNING]


def test_receipts_are_not_parts(tmp_path: Path) -> None:
    random_ = random.Random(3)
    for mean in (1, 2, 30):
        rows = [
            Row(FIRST + timedelta(days=t), {"revenue": random_.gammavariate(5, 9)})
            for t in range(7 * WEEKS)
            for _ in range(1 + int(random_.expovariate(1 / mean)))
        ]
        assert not told(joined(tmp_path, rows))


def written(folder: Path, absent: Callable[[str, int], bool]) -> Room:
    """Read a till with a column of stores from a file."""
    lines = ["day,shop,revenue,orders"]
    lines += [
        f"{FIRST + timedelta(days=t)},{name},{size + t % 7 + t // 7 % 4},{int(size / 10)}"
        for t in range(7 * WEEKS)
        for name, size in STORES.items()
        if not absent(name, t)
    ]
    (folder / "till.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ads = ["day,campaign,spend", *(f"{row.first},{row.label},{row.figures['spend']}" for row in ads_rows())]
    (folder / "ads.csv").write_text("\n".join(ads) + "\n", encoding="utf-8")
    return read_room(PanelSpec.model_validate(spec(**TILL, organic=["orders"])), folder, today=TODAY)


def test_a_store_that_a_column_names_is_told_by_its_name(tmp_path: Path) -> None:
    made = written(tmp_path, lambda name, t: name == "Łódź" and t // 7 in (9, 10))
    (finding,) = told(made)
    assert "'Łódź' has no row in the weeks of 2024-03-04, 2024-03-11; such rows usually bring" in finding.says
    assert "4,263.00 EUR of revenue (30 %) and 420.00 of orders (30 %)" in finding.says
    assert finding.where == "source till, after till.csv, row 189"
    assert not told(written(tmp_path, lambda name, t: False))


def test_half_a_week_of_a_store_is_told(tmp_path: Path) -> None:
    made = written(tmp_path, lambda name, t: name == "Łódź" and 65 <= t < 70)
    assert "'Łódź' has 2 of the usual 7 rows in the week of 2024-03-04" in told(made)[0].says


def campaigns(pauses: dict[str, tuple[int, ...]], count: int = 10) -> list[Row]:
    return [
        row
        for k in range(count)
        for row in daily({"spend": 10.0 + k}, label=f"search {k}")
        if (row.first - FIRST).days // 7 not in pauses.get(str(row.label), ())
    ]


def test_a_campaign_that_vanishes_is_told_and_those_that_pause_now_and_then_are_noted(tmp_path: Path) -> None:
    declared = spec(join={"campaigns": {"search *": "search"}})
    social = [row for row in ads_rows() if row.label == "social"]
    one = campaigns({"search 3": (11,)})
    made = room(tmp_path, [till(), facts("ads", [*one, *social])], declared)
    conserve(made)
    assert "'search 3' has no row in the week of 2024-03-18; such rows usually bring 91.00 EUR" in told(made)[0].says
    pausing = campaigns({f"search {k}": (6 + 2 * k,) for k in range(6)})
    made = room(tmp_path, [till(), facts("ads", [*pausing, *social])], declared)
    assert [one.severity for one in told(made)] == [Severity.NOTE]
    account = {name: (*weeks, 20) for name, weeks in {f"search {k}": (6 + 2 * k,)[: k < 3] for k in range(6)}.items()}
    made = room(tmp_path, [till(), facts("ads", [*campaigns(account), *social])], declared)
    assert "in the week of 2024-05-20" in told(made)[0].says
    assert told(made)[0].severity is Severity.WARNING
    flights = campaigns({f"search {k}": tuple(t for t in range(WEEKS) if (t + k) // 3 % 2) for k in range(10)})
    assert not told(room(tmp_path, [till(), facts("ads", [*flights, *social])], declared))


def test_a_part_that_is_written_otherwise_or_replaced_is_not_missing(tmp_path: Path) -> None:
    declared = spec(join={"campaigns": {"search *": "search"}})
    week = FIRST + timedelta(weeks=11)
    for other in ("SEARCH 3", "search 3 spring"):
        rows = [
            replace(row, label=other) if row.label == "search 3" and 0 <= (row.first - week).days < 7 else row
            for row in campaigns({})
        ]
        social = [row for row in ads_rows() if row.label == "social"]
        assert not told(room(tmp_path, [till(), facts("ads", [*rows, *social])], declared))


@pytest.mark.parametrize("geos", [{"*": "national"}, {"Radom": "Mazowsze", "Warszawa": "Mazowsze"}])
def test_a_place_that_is_added_to_others_is_a_part(tmp_path: Path, geos: dict[str, str]) -> None:
    sizes = {"Radom": 300.0, "Warszawa": 700.0, "Lublin": 500.0}
    rows = [
        row
        for geo, size in sizes.items()
        for t, row in enumerate(weekly({"revenue": lambda t, size=size: size + t % 5}, geo=geo))
        if (geo, t) != ("Radom", 9)
    ]
    by_geo = "*" not in geos
    paid = [row for geo in ("Mazowsze", "Lublin") for row in ads_rows(geo=geo)] if by_geo else ads_rows()
    declared = spec(data={"geo": "geo"} if by_geo else {}, join={"geos": geos})
    made = room(tmp_path, [facts("till", rows, money=("revenue",)), facts("ads", paid)], declared)
    conserve(made)
    place = " in 'Mazowsze'" if by_geo else ""
    share = 30 if by_geo else 20
    assert f"'Radom'{place} has no row in the week of 2024-03-04; such rows usually bring 302.00" in told(made)[0].says
    assert f"of revenue ({share} %)" in told(made)[0].says
