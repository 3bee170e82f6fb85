"""Names of channels, campaigns and geos: found, declared or asked about, never dropped."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from mmm.data.joining.look_alikes import look_key, plain_key
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_joining.facts import (
    WEEKS,
    ads_rows,
    conserve,
    facts,
    named,
    revenue,
    room,
    spec,
    till,
    weekly,
)

CYRILLIC_O = "s\u043ecial"
WIDE = "\uff33\uff45\uff41\uff52\uff43\uff48"  # full-width Search


def ads(**labels: str):
    """Make the two channels under other names."""
    rows = [*weekly({"spend": 4.0}, label=labels.get("search", "search"))]
    return facts("ads", [*rows, *weekly({"spend": lambda t: 1.0 + t % 4}, label=labels.get("social", "social"))])


@pytest.mark.parametrize("name", ["Search", " search ", "SEARCH", "se-arch", "se_arch"])
def test_case_spaces_and_hyphens_are_no_other_channel(tmp_path, name):
    made = room(tmp_path, [till(), ads(search=name)])
    conserve(made)
    assert made.panel.spend[0, 0].sum() == 4.0 * WEEKS
    assert "as 'search'" in named(made.panel.report.findings, "channel_name").says


@pytest.mark.parametrize("name", [CYRILLIC_O, "soc\u0456al", "s\u03bfcial", "so\u200bcial"])
def test_letters_that_look_alike_are_the_same_and_warned_of(tmp_path, name):
    made = room(tmp_path, [till(), ads(social=name)])
    conserve(made)
    found = named(made.panel.report.findings, "look_alike_name")
    assert "as 'social'" in found.says
    assert found.severity == "warning"


@pytest.mark.parametrize(
    ("join", "name"),
    [
        ({"channels": {"Telewizja": "social"}}, "Telewiz\u0458a"),
        ({"campaigns": {"Shop | *": "social"}}, "Sh\u043ep | Spring"),
    ],
)
def test_declared_names_are_known_in_letters_that_look_alike(tmp_path, join, name):
    made = room(tmp_path, [till(), ads(social=name)], spec(join=join))
    conserve(made)
    assert "as 'social'" in named(made.panel.report.findings, "look_alike_name").says


def test_a_declared_name_wins_over_a_pattern_for_all_others(tmp_path):
    made = room(
        tmp_path,
        [till(), ads(social="tele wizja")],
        spec(join={"channels": {"Telewizja": "social"}, "campaigns": {"*": "search"}}),
    )
    conserve(made)
    assert "'tele wizja' as 'social'" in named(made.panel.report.findings, "channel_name").says


def test_a_pattern_keeps_its_spaces(tmp_path):
    with pytest.raises(DataError, match="'brandenburg'"):
        room(tmp_path, [till(), ads(social="brandenburg")], spec(join={"campaigns": {"Brand *": "social"}}))


def test_forms_under_which_names_are_the_same():
    assert look_key(WIDE) == look_key("search")
    assert plain_key("Rádio Ü") == plain_key(unicodedata.normalize("NFD", "rádio_ü"))
    assert look_key("ТВ") == look_key("TB")  # both Cyrillic letters have a Latin shape
    assert look_key("tv") != look_key("tw")


def test_composed_and_decomposed_names_are_the_same(tmp_path):
    declared = spec(channels={"rádio": {"spend": "rádio_spend"}, "social": {"spend": "social_spend"}})
    made = room(tmp_path, [till(), ads(search=unicodedata.normalize("NFD", "rádio"))], declared)
    conserve(made)
    assert made.panel.spend[0, 0].sum() == 4.0 * WEEKS


def test_unknown_names_are_asked_about_all_at_once(tmp_path):
    rows = [*ads_rows(), *weekly({"spend": 50.0}, label="Search EU"), *weekly({"spend": 1.0}, label="Podcasts")]
    with pytest.raises(DataError) as caught:
        room(tmp_path, [till(), facts("ads", rows)])
    said = str(caught.value)
    assert "2 names of channels or campaigns are not in the model file" in said
    assert "'Search EU' (26 figures of ads, 1,300.00 EUR, nearest: search), 'Podcasts' (26 figures of ads" in said
    assert "Declare join.channels: {'Search EU': search, 'Podcasts': " in said
    assert "join.ignore" in said


def test_declared_names_patterns_and_ignored_ones(tmp_path):
    rows = [*ads_rows(), *weekly({"spend": 50.0}, label="Search EU"), *weekly({"spend": 1.0}, label="Brand 7 spring"),
            *weekly({"spend": 2.0}, label="test 3")]  # fmt: skip
    join = {
        "channels": {"search eu": "Search"},
        "campaigns": {"brand *": "social", "*": "search"},
        "ignore": ["test *"],
    }
    made = room(tmp_path, [till(), facts("ads", rows)], spec(join=join))
    conserve(made)
    assert made.panel.spend[0, 0].sum() == pytest.approx(333.0 + 50.0 * WEEKS)
    assert made.panel.spend[1, 0].sum() == pytest.approx(155.0 + 1.0 * WEEKS)
    listed = [item for item in made.panel.report.ledger.excluded if "join.ignore" in item.reason]
    assert [(item.rows, item.spend) for item in listed] == [(WEEKS, {"test 3 (EUR, not in the model)": 52.0})]
    assert "1 campaign rolled up" in named(made.panel.report.findings, "campaigns").says


def test_a_declared_name_that_leads_nowhere_is_refused(tmp_path):
    with pytest.raises(
        SpecError, match=r"join\.channels\.search: 'serch' is neither a channel .*Did you mean 'search'"
    ):
        room(tmp_path, [till(), facts("ads", ads_rows())], spec(join={"channels": {"search": "serch"}}))


def test_a_long_source_may_give_organic_activity_and_exposure(tmp_path):
    rows = [
        *weekly({"spend": lambda t: 9.0 + t % 5, "clicks": lambda t: 90.0 + t % 11}, label="search"),
        *weekly({"sends": lambda t: float(t % 6)}, label="Newsletter"),
    ]
    declared = spec(
        channels={"search": {"spend": "search_spend", "exposure": "search_clicks"}}, organic=["newsletter_sends"]
    )
    made = room(tmp_path, [till(), facts("ads", rows)], declared)
    conserve(made)
    assert made.panel.exposure[0, 0, 3] == 93.0
    assert made.panel.organic[0, 0, 3] == 3.0


GEO = {"data": {"geo": "geo"}}


def by_geo(*names: str, outcome: tuple[str, ...] = ("north", "south")):
    """Make the outcome and one wide media source by geo."""
    sold = [
        row for g, name in enumerate(outcome) for row in weekly({"revenue": lambda t, g=g: revenue(t) + g}, geo=name)
    ]
    paid = [row for g, name in enumerate(names) for row in
            weekly({"search_spend": 3.0 + g, "social_spend": lambda t: 1.0 + t % 4}, geo=name)]  # fmt: skip
    return [
        facts("till", sold, money=("revenue",)),
        facts("ads", paid, money=("search_spend", "social_spend")),
    ]


def test_geos_are_matched_and_unknown_ones_listed(tmp_path):
    made = room(tmp_path, by_geo("North", "s\u043euth", "west"), spec(**GEO))
    conserve(made)
    assert made.panel.geos == ("north", "south")
    assert made.panel.spend[0].sum(axis=1).tolist() == [3.0 * WEEKS, 4.0 * WEEKS]
    assert "'west'" in named(made.panel.report.findings, "geo_unknown").says
    assert "'North' as 'north'" in named(made.panel.report.findings, "geo_name").says
    assert "as 'south'" in named(made.panel.report.findings, "look_alike_geo").says
    listed = [item for item in made.panel.report.ledger.excluded if "no such geo" in item.reason]
    assert sum(item.spend["search"] for item in listed) == 5.0 * WEEKS


def test_whether_the_panel_is_by_geo_is_a_question(tmp_path):
    with pytest.raises(DataError, match=r"the outcome has 2 geos \(north, south\).*join\.geos: \{'\*': national\}"):
        room(tmp_path, by_geo("north", "south"))
    made = room(tmp_path, by_geo("north", "south"), spec(join={"geos": {"*": "national"}}))
    conserve(made)
    assert made.panel.geos == ("national",)
    assert made.panel.spend[0, 0, 0] == 7.0
    assert made.panel.outcome[0, 0] == revenue(0) + revenue(0) + 1


def test_names_of_geos_are_mapped(tmp_path):
    declared = spec(data={"geo": "geo"}, join={"geos": {"N": "north", "S": "south"}})
    made = room(tmp_path, by_geo("N", "S"), declared)
    conserve(made)
    assert made.panel.spend[0].sum(axis=1).tolist() == [3.0 * WEEKS, 4.0 * WEEKS]


def test_a_geo_week_that_one_source_lacks_is_missing_not_zero(tmp_path):
    sold, paid = by_geo("north", "south")
    days, geos = paid.table["first_day"].to_pylist(), paid.table["geo"].to_pylist()
    gone = [i for i, geo in enumerate(geos) if geo == "south" and days[i].isoformat() == "2024-02-05"]
    keep = [i for i in range(len(paid.table)) if i not in gone]
    less = facts_like(paid, keep)
    made = room(tmp_path, [sold, less], spec(**GEO))
    conserve(made)
    week = list(made.panel.weeks.astype(str)).index("2024-02-05")
    assert not made.panel.observed[1, week]
    assert made.panel.observed.sum() == 2 * WEEKS - 1
    assert "another source has no row" in named(made.panel.report.findings, "source_gap").says


def facts_like(one, keep):
    """Return facts with some of their lines; every line was a row's figure, two a row."""
    table = one.table.take(keep)
    rows = len({(f, r) for f, r in zip(table["file"].to_pylist(), table["row"].to_pylist(), strict=True)})
    file = replace(one.files[0], rows_in=rows, rows_used=rows)
    return replace(one, table=table, files=(file,))


def test_national_channels_are_split_and_organic_activity_too(tmp_path):
    sold = [
        row
        for g, name in enumerate(("north", "south"))
        for row in weekly({"revenue": lambda t, g=g: revenue(t) + g, "people": 100.0 * (1 + g)}, geo=name)
    ]
    wide = weekly({"search_spend": 6.0, "social_spend": lambda t: 3.0 + t % 4, "mails": lambda t: 30.0 + t % 5})
    declared = spec(
        data={"geo": "geo", "population": "people"},
        channels={
            "search": {"spend": "search_spend", "level": "national"},
            "social": {"spend": "social_spend", "level": "national"},
        },
        organic=["mails"],
    )
    given = [facts("till", sold, money=("revenue",)), facts("ads", wide, money=("search_spend", "social_spend"))]
    made = room(tmp_path, given, declared)
    conserve(made)
    assert np.allclose(made.panel.spend[0], [[2.0] * WEEKS, [4.0] * WEEKS])
    assert made.panel.organic[0, :, 0].tolist() == pytest.approx([10.0, 20.0])
    assert "by population" in named(made.panel.report.findings, "national_organic").says


def test_people_of_places_that_become_one_geo_are_added(tmp_path):
    """And do not shrink where a place has no row for some weeks; a price is still an average."""
    people = {"Krakow": 100.0, "Lodz": 200.0, "Warszawa": 700.0}
    sold = [
        row
        for geo, many in people.items()
        for row in weekly({"revenue": revenue, "people": many, "price": lambda t, many=many: many + t}, geo=geo)
        if geo != "Lodz" or row.first != date(2024, 1, 22)
    ]
    paid = [row for geo in people for row in weekly({"spend": lambda t: 5.0 + t % 3}, geo=geo, label="search")]
    national = weekly({"spend": lambda t: 100.0 + t % 4}, label="social")
    declared = spec(
        data={"geo": "geo", "population": "people"}, controls=["price"],
        channels={"search": {"spend": "search_spend"}, "social": {"spend": "social_spend", "level": "national"}},
        join={"geos": {"Krakow": "Rest", "Lodz": "Rest"}},
    )  # fmt: skip
    given = [facts("till", sold, money=("revenue",)), facts("ads", [*paid, *national])]
    made = room(tmp_path, given, declared)
    rest, capital = (made.panel.geos.index(name) for name in ("Rest", "Warszawa"))
    social = made.panel.spend[made.panel.channels.index("social")]
    assert social[rest] == pytest.approx(0.3 * social.sum(axis=0))
    assert social[capital] == pytest.approx(0.7 * social.sum(axis=0))
    assert made.panel.controls[0, rest, 0] == pytest.approx(150.0)
    told = named(made.panel.report.findings, "people_added")
    assert "2 places" in told.says
    assert "'Krakow', 'Lodz'" in told.says


def test_a_national_figure_in_every_geos_row_counts_once(tmp_path):
    channels = {"search": {"spend": "search_spend", "level": "national"}, "social": {"spend": "social_spend"}}
    sold, paid = by_geo("north", "south")
    with pytest.raises(DataError, match=r"'search' is declared to run only nationally, and on 2024-01-01 its"):
        room(tmp_path, [sold, paid], spec(**GEO, channels=channels))
    rows = [
        row
        for name in ("north", "south")
        for row in weekly({"search_spend": lambda t: 8.0 + t % 3, "social_spend": lambda t: 1.0 + t % 4}, geo=name)
    ]
    paid = facts("ads", rows, money=("search_spend", "social_spend"))
    made = room(tmp_path, [sold, paid], spec(**GEO, channels=channels))
    conserve(made)
    assert made.panel.spend[0, :, 0].tolist() == [4.0, 4.0]
    assert made.panel.report.ledger.spend_in["search"] == 2 * made.panel.spend[0].sum()


def test_a_channel_without_a_geo_needs_a_declaration(tmp_path):
    sold, _ = by_geo("north", "south")
    with pytest.raises(
        DataError, match=r"the spend 'search_spend' has no geo.*level: national for the channel 'search'"
    ):
        room(tmp_path, [sold, facts("ads", ads_rows())], spec(**GEO))


def test_all_other_geos_are_not_those_that_are_named(tmp_path):
    """The outcome's own region keeps its name beside a pattern for all others."""
    sold = [row for geo in ("North", "South") for row in weekly({"revenue": revenue}, geo=geo)]
    spent = [row for geo in ("Gdynia", "Rome", "Bari") for row in ads_rows(geo=geo)]
    join = {"geos": {"Gdynia": "North", "*": "South"}}
    made = room(
        tmp_path,
        [facts("till", sold, money=("revenue",)), facts("ads", spent)],
        spec(data={"geo": "geo"}, join=join),
    )
    conserve(made)
    assert made.panel.geos == ("North", "South")
    north, south = made.panel.spend.sum(axis=(0, 2))
    assert south == 2 * north
    assert made.panel.outcome[0].tolist() == [revenue(t) for t in range(WEEKS)]
