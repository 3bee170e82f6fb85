"""Several files of one source: which is later, which figures are the same, and what a later file no longer has."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mmm.data.joining.file_names import Later, NameOrder, natural_key
from mmm.data.joining.names import fits
from mmm.exceptions import DataError
from mmm.findings import Severity
from tests.test_mmm.test_data.test_joining.facts import (
    FIRST,
    WEEKS,
    ads_rows,
    by_geo,
    conserve,
    daily,
    facts,
    geo_ads,
    geo_till,
    named,
    room,
    spec,
    till,
    weekly,
)

PEOPLE = {"Cairo": 3.0, "Jakarta": 2.0, "Warszawa": 1.0}
GEOS = tuple(PEOPLE)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("ads.csv", "ads (1).csv"),
        ("ads.csv", "ads-2.csv"),
        ("ads (2).csv", "ads (10).csv"),
        ("2025-9.csv", "2025-10.csv"),
        ("june/ads.csv", "june/ads (1).csv"),
        ("export 31.01.2024.csv", "export 01.08.2024.csv"),
        ("31-01-2024.csv", "01-08-2024.csv"),
        ("31012024.csv", "01082024.csv"),
        ("20231231.csv", "20240101.csv"),
        ("march.csv", "april.csv"),
        ("Dezember 2023.csv", "Januar 2024.csv"),
        ("5 sty 2024.csv", "3 lut 2024.csv"),
        ("فبراير.csv", "مارس.csv"),
        ("12-2023.csv", "03-2024.csv"),
    ],
)
def test_a_second_download_is_the_later_file(earlier: str, later: str) -> None:
    assert natural_key(earlier) < natural_key(later)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("31.01.2024", "01.08.2024"), Later.DATED),
        (("02.01.2024", "01.02.2024"), Later.UNCLEAR),
        (("31.01.24", "01.08.24"), Later.UNCLEAR),
        (("march", "april"), Later.NAMED),
        (("9", "10"), Later.NAMED),
    ],
)
def test_how_sure_a_name_is(names: tuple[str, str], said: Later) -> None:
    assert NameOrder([f"ads {name}.csv" for name in names]).later(0, 1) is said


@pytest.mark.parametrize(
    ("names", "weeks", "says"),
    [
        (("31.01.2024", "01.08.2024"), (4, WEEKS), ""),
        (("march", "april"), (4, WEEKS), ""),
        (("2024-01-31", "2024-02-15"), (WEEKS, 4), ""),  # a correction of January, and its name says when
        (("02.01.2024", "01.02.2024"), (4, WEEKS), "can be read two ways"),
        (("june", "july"), (WEEKS, 4), "july.csv is it by its name, but its figures end on 2024-01-28"),
        (("new", "old"), (WEEKS, 4), "old.csv is it by its name"),
    ],
)
def test_the_later_export_is_sure_or_asked_for(
    names: tuple[str, str], weeks: tuple[int, int], says: str, tmp_path: Path
) -> None:
    rows = [
        row for i in (0, 1) for row in weekly({"spend": 10.0 + i}, weeks[i], label="search", file=f"{names[i]}.csv")
    ]
    given = [till(), facts("ads", [*rows[::-1]]), facts("more", weekly({"spend": 5.0}, label="social"))]
    declared = spec(join={"restated": "latest"}, sources={"more": {"file": "b.csv", "date": "day", "channel": "x"}})
    if says:
        with pytest.raises(DataError, match=rf"not sure: .*{says}.*Put the day of the export into the names"):
            room(tmp_path, given, declared)
        return
    panel = room(tmp_path, given, declared).panel
    assert panel.spend[panel.channels.index("search"), 0, 0] == 11.0


def test_brackets_in_names_of_campaigns_are_letters() -> None:
    assert fits("[PL] Brand", "[pl] *")
    assert not fits("P Brand", "[PL] *")


def test_a_national_figure_in_every_region_s_file_counts_once(tmp_path: Path) -> None:
    made = room(tmp_path, [geo_till(PEOPLE), _tv(lambda geo: f"{geo}.csv")], _national())
    conserve_national(made, 200.0)


def test_parts_of_a_national_figure_in_the_rows_of_one_geo_add_up(tmp_path: Path) -> None:
    made = room(tmp_path, [geo_till(PEOPLE), _tv(lambda _: "tv.csv", parts=(100.0, 100.0))], _national())
    conserve_national(made, 200.0)


def test_national_parts_that_add_up_to_another_figure_are_refused(tmp_path: Path) -> None:
    rows = [row for geo in GEOS for row in weekly({"spend": 100.0}, geo=geo, label="tv")]
    rows += weekly({"spend": 60.0}, geo="Jakarta", label="tv")
    with pytest.raises(DataError, match=r"100 in 'Cairo' .*, 160 in 'Jakarta'"):
        room(tmp_path, [geo_till(PEOPLE), facts("ads", rows)], _national())


def _june(label: str = "search") -> Any:
    """Make two exports that overlap by eight weeks; in the later one 'search' may have another name."""
    old = ads_rows(16, file="ads-1.csv")
    new = [replace(row, file="ads-2.csv") for row in ads_rows() if row.first >= FIRST + timedelta(weeks=8)]
    if not label:  # it has no row for two weeks
        new = [row for row in new if row.label != "search" or row.first >= FIRST + timedelta(weeks=10)]
    return facts(
        "ads", [*old, *[replace(row, label=label or "search") if row.label == "search" else row for row in new]]
    )


@pytest.mark.parametrize(("label", "rows", "money"), [("search uk", 8, 102.0), ("", 2, 23.0)])
def test_a_row_that_the_later_file_no_longer_has_does_not_count(
    tmp_path: Path, label: str, rows: int, money: float
) -> None:
    join: dict[str, Any] = {"campaigns": {"search *": "search"}}
    with pytest.raises(DataError, match=rf"{rows} figures of 'search' .* a renamed campaign would count twice"):
        room(tmp_path, [till(), _june(label)], spec(join=join))
    made = room(tmp_path, [till(), _june(label)], spec(join=join | {"restated": "latest"}))
    conserve(made)
    told = named(made.panel.report.findings, "vanished_rows")
    assert f"{rows} rows excluded" in told.says
    assert f"search {money:,.2f}" in told.says
    search = made.panel.spend[made.panel.channels.index("search")][0]
    expected = [10.0 + t % 7 for t in range(WEEKS)]
    if not label:
        expected[8:10] = [0.0, 0.0]
    assert search.tolist() == expected


def test_files_that_share_no_row_are_parts(tmp_path: Path) -> None:
    rows = [replace(row, file=f"{row.label}.csv") for row in ads_rows()]
    made = room(tmp_path, [till(), facts("ads", rows)])
    assert not made.panel.report.ledger.excluded


def test_a_report_of_some_geos_says_nothing_of_the_others(tmp_path: Path) -> None:
    people: dict[str, Any] = {"data": by_geo()}
    ads = facts("ads", geo_ads([*GEOS[:2], "Oslo"]))
    with pytest.raises(DataError, match="1 geo of the outcome never has a row of 'search_spend'"):
        room(tmp_path, [geo_till(PEOPLE), ads], spec(**people))
    people["data"]["missing"] = {"search_spend": "zero", "social_spend": "zero"}
    made = room(tmp_path, [geo_till(PEOPLE), ads], spec(**people))
    conserve(made)
    assert made.panel.spend[:, made.panel.geos.index("Warszawa")].sum() == 0
    assert made.panel.spend[:, made.panel.geos.index("Cairo")].sum() > 0


@pytest.mark.parametrize("declared", [False, True])
def test_weeks_of_a_geo_without_any_row_are_missing_unless_they_are_declared_as_no_spend(
    tmp_path: Path, *, declared: bool
) -> None:
    gone = {FIRST + timedelta(weeks=k) for k in (9, 10)}
    rows = [row for row in geo_ads(GEOS) if not (row.geo == GEOS[0] and row.first in gone)]
    people = by_geo(**({"gaps": "no_spend"} if declared else {}))
    made = room(tmp_path, [geo_till(PEOPLE), facts("ads", rows)], spec(data=people))
    conserve(made)
    panel = made.panel
    seen = panel.observed[panel.geos.index(GEOS[0]), 9:11]
    assert seen.tolist() == [declared, declared]
    assert panel.observed.sum() == panel.observed.size - (0 if declared else 2)
    assert panel.spend[:, panel.geos.index(GEOS[0]), 9:11].sum() == 0
    names = {finding.name for finding in panel.report.findings}
    assert ("gaps_filled" in names) is declared


def test_a_figure_that_was_renamed_half_way_is_missing_and_not_nil(tmp_path: Path) -> None:
    half = FIRST + timedelta(weeks=13)
    rows = [
        replace(row, figures={"cost" if row.first >= half else "spend": row.figures["spend"]}) for row in ads_rows()
    ]
    with pytest.raises(DataError, match=r"'search_spend' \(ads\) ends with the week of 2024-03-25"):
        room(tmp_path, [till(), facts("ads", rows)])


def test_a_campaign_without_a_row_had_nothing_to_report(tmp_path: Path) -> None:
    rows = [
        replace(row, figures={**row.figures, "clicks": 3.0})
        for row in ads_rows()
        if row.label == "search" or row.first != FIRST + timedelta(weeks=5)
    ]
    made = room(tmp_path, [till(), facts("ads", rows)])
    conserve(made)
    assert made.panel.spend[made.panel.channels.index("social"), 0, 5] == 0


def test_an_empty_cell_is_said_of_averages_and_refused_in_sums(tmp_path: Path) -> None:
    def sold(**holes: int) -> Any:
        return facts(
            "till",
            daily({
                "revenue": lambda t: None if t == holes.get("revenue") else 100.0 + t % 9,
                "price": lambda t: None if t == holes.get("price") else 9.0 + t % 2,
            }),
            money=("revenue",),
        )  # fmt: skip

    made = room(tmp_path, [sold(price=8), facts("ads", ads_rows())], spec(controls=["price"]))
    conserve(made)
    told = named(made.panel.report.findings, "left_out_of_average")
    assert "1 empty cell of 'price' is left out" in told.says
    assert told.where == "a.csv, row 10"
    assert made.panel.controls[0, 0, 1] == pytest.approx((9.0 * 2 + 10.0 * 4) / 6)
    with pytest.raises(DataError, match=r"row 10, revenue: the number is missing.*Fill it in the source\.$"):
        room(tmp_path, [sold(revenue=8), facts("ads", ads_rows())], spec(controls=["price"]))


def test_parts_that_do_not_cover_the_same_time_are_told(tmp_path: Path) -> None:
    more = facts("more", [row for row in ads_rows() if row.first >= FIRST + timedelta(weeks=8)])
    declared = spec(
        sources={"more": {"file": "more.csv", "date": "day", "channel": "campaign"}},
        join={"same": {"search": ["ads", "more"], "social": ["ads", "more"]}},
    )
    made = room(tmp_path, [till(), facts("ads", ads_rows()), more], declared)
    conserve(made)
    told = named(made.panel.report.findings, "part_missing")
    assert f"more has {FIRST + timedelta(weeks=8)} to" in told.says
    assert told.severity is Severity.WARNING


def test_rates_that_end_early_are_told(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2024-01-01,USD,0.9\n2024-02-01,USD,0.8\n")
    declared = spec(join={"rates_file": "rates.csv"})
    made = room(tmp_path, [till(), facts("ads", ads_rows(), currency="USD")], declared)
    conserve(made)
    told = named(made.panel.report.findings, "old_rates")
    assert "to 2024-06-24 in USD were converted by rates more than 46 days old (of 2024-02-01)" in told.says
    late = sum(row.figures["spend"] or 0.0 for row in ads_rows() if row.first > date(2024, 3, 18))
    assert f"{late:,.2f} of " in told.says
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2024-01-01,USD,0.9\n2024-04-01,USD,0.8\n")
    made = room(tmp_path, [till(), facts("ads", ads_rows(), currency="USD")], declared)
    assert "old_rates" not in {finding.name for finding in made.panel.report.findings}


def conserve_national(made: Any, weekly_spend: float) -> None:
    """Hold the law, and one national figure a week."""
    conserve(made)
    assert made.panel.spend[0].sum(axis=0).tolist() == pytest.approx([weekly_spend] * WEEKS)


def _tv(file: Any, parts: tuple[float, ...] = (200.0,)) -> Any:
    rows = [
        row for geo in GEOS for part in parts for row in weekly({"spend": part}, geo=geo, label="tv", file=file(geo))
    ]
    return facts("ads", rows)


def _national() -> Any:
    channels = {"tv": {"spend": "tv_spend", "level": "national"}}
    return spec(data=by_geo(), channels=channels)
