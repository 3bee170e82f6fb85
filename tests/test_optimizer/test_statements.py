"""What an entry under ``constraints`` can say: what becomes of it, and every mistake with its place and remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import MixwiseError
from optimizer import Blackout, Bounds, Brief, ChangeVsBaseline, GroupBounds, GroupShare, Per, Ramp, Ratio, StayWithin
from optimizer.constraints import (
    ActiveChannels,
    ActiveWeeks,
    Bursts,
    Constraint,
    CpaCeiling,
    MinWhenOn,
    Multiples,
    RoasFloor,
)
from optimizer.statements import BESIDE, KINDS, Statement
from tests.test_optimizer.company import GEOS, company

HEAD = "horizon: {start: 2027-01-04, weeks: 4}\n"
GEO = HEAD + "granularity: geo_week\n"


def stated(folder: Path, entry: str, head: str = HEAD):
    path = folder / "brief.yaml"
    path.write_text(f"{head}constraints:\n  - {entry}\n")
    return Brief.from_yaml(path).problem(company(by_geo=head == GEO))


def only(folder: Path, entry: str, head: str = HEAD) -> Constraint:
    return stated(folder, entry, head).constraints[1]


WRITTEN = [
    ("{channel: tv, max: 9, per: month}", Bounds(("tv",), None, 9, Per.MONTH)),
    ("{channels: all, min: 1, per: fiscal_quarter}", Bounds(None, 1, None, Per.FISCAL_QUARTER)),
    (
        "{group: brand, channels: [tv, radio], min: 5, per: quarter}",
        GroupBounds("brand", ("tv", "radio"), 5, None, Per.QUARTER),
    ),
    (
        "{channels: [tv, radio], max_share: 0.5, per: month}",
        GroupShare("tv, radio", ("tv", "radio"), None, 0.5, Per.MONTH),
    ),
    ("{channels: all, change_vs_baseline: 0.2, per: quarter}", ChangeVsBaseline(None, 0.2, Per.QUARTER)),
    ("{channel: tv, ratio_to: social, min: 1.5, max: 3}", Ratio(("tv",), ("social",), 1.5, 3)),
    (
        "{channels: [tv, radio], ratio_to: [social, search], max: 2, per: week, name: mine}",
        Ratio(("tv", "radio"), ("social", "search"), None, 2, Per.WEEK, name="mine"),
    ),
    ("{channel: tv, ramp: 0.1}", Ramp(("tv",), 0.1)),
    (
        "{channels: all, blackout: [2027-01-18, 2027-01-11]}",
        Blackout(None, (np.datetime64("2027-01-18"), np.datetime64("2027-01-11"))),
    ),
    ("{channel: tv, roas_floor: 2}", RoasFloor(("tv",), 2.0)),
    ("{channels: all, cpa_ceiling: 30, name: cpa}", CpaCeiling(None, 30.0, name="cpa")),
    ("{channel: tv, min_when_on: 20_000}", MinWhenOn(("tv",), 20_000)),
    ("{channel: tv, active_weeks: {min: 2, max: 3}}", ActiveWeeks(("tv",), 2, 3)),
    ("{channel: tv, active_weeks: 3}", ActiveWeeks(("tv",), None, 3)),
    ("{channels: all, active_channels: {max: 2}, per: week}", ActiveChannels(None, None, 2, Per.WEEK)),
    ("{channel: tv, burst: {min: 2, rest: 1}}", Bursts(("tv",), 2, None, 1)),
    ("{channel: tv, multiples: 25_000}", Multiples(("tv",), 25_000)),
]


@pytest.mark.parametrize(("entry", "expected"), WRITTEN)
def test_entries_become_constraints(tmp_path: Path, entry: str, expected: Constraint) -> None:
    assert only(tmp_path, entry) == expected


def test_the_last_plan_is_a_file_or_the_baseline(tmp_path: Path) -> None:
    rows = "".join(f"2027-01-{day},{name},{5 + c}\n" for c, name in enumerate(company().channels) for day in (11, 18))
    (tmp_path / "last.csv").write_text("week,channel,spend\n" + rows)
    made = only(tmp_path, "{channels: all, stay_within: 0.2, of: last.csv, per: week}")
    assert isinstance(made, StayWithin)
    assert (made.share, made.per, made.source) == (0.2, Per.WEEK, "the plan in last.csv")
    np.testing.assert_array_equal(made.reference, (5.0 + np.arange(6))[:, None] * [[0, 1, 1, 0]])
    assert "last.csv" in Brief.from_yaml(tmp_path / "brief.yaml").files
    bare = only(tmp_path, "{channels: [tv, radio], stay_within: 0}")
    assert isinstance(bare, StayWithin)
    assert bare.reference is None
    assert bare.channels == ("tv", "radio")


@pytest.mark.parametrize("kind", [one for one in KINDS if one.title != BESIDE], ids=lambda kind: kind.slug)
def test_geos_may_be_given_with_every_kind(tmp_path: Path, kind) -> None:
    entries = {title: entry for entry, _ in WRITTEN for title in [_kind_of(entry)]}
    entry = entries.get(kind.title)
    if entry is None:
        entry = {
            "stay_within": "{channels: all, stay_within: 0.3}",
            "booked": "{channel: tv, booked: {2027-01-04: 5}}",
            "min_share or max_share": "{channel: tv, max_share: 0.4}",
        }[kind.title]
    made = stated(tmp_path, entry[:-1] + ", geos: [north, west]}", GEO)
    assert made.constraints[1].geos == ("north", "west")
    assert made.constraints[1].in_words(made.frame).startswith("In north, west: ")


def _kind_of(entry: str) -> str:
    import yaml

    (kind,) = Statement.model_validate(yaml.safe_load(entry.replace("_000", "000"))).kinds
    return kind.title


MISTAKES = [
    ("{channel: tv, max: 5, per: fortnight}", ["constraints.0.per", "'month'", "fiscal_quarter"]),
    ("{channel: tv, ramp: 0.1, per: month}", ["constraints.0", "'per' has no meaning with 'ramp'", "remove 'per'"]),
    (
        "{channel: tv, booked: {2027-01-04: 5}, per: month}",
        ["constraints.0", "'per' has no meaning with 'booked'", "about weeks already"],
    ),
    ("{channel: tv, blackout: [2027-01-05]}", ["2027-01-05", "not a week of the horizon", "first day"]),
    ("{channel: tv, blackout: [2027-01-04, 2027-01-04]}", ["constraints.0", "listed twice", "once"]),
    ("{channel: tv, blackout: []}", ["constraints.0.blackout"]),
    ("{channels: all, booked: {2027-01-04: 5}}", ["constraints.0", "is of one channel"]),
    ("{channel: tv, ratio_to: social}", ["constraints.0", "neither a minimum nor a maximum", "Give min, max"]),
    ("{channel: tv, ratio_to: tv, min: 1}", ["constraints.0", "both sides of the ratio"]),
    ("{channel: tv, ratio_to: cinema, min: 1}", ["constraints.0", "'cinema'", "Known: tv, radio"]),
    ("{channels: all, ratio_to: tv, min: 1}", ["constraints.0", "'tv' is on both sides"]),
    ("{channel: tv, ratio_to: social, min: 3, max: 2}", ["constraints.0", "above the maximum"]),
    ("{channel: tv, max: 5, of: last.csv}", ["constraints.0", "'of' has no meaning with 'min or max'", "remove 'of'"]),
    ("{channels: all, stay_within: 0.2, of: gone.csv}", ["constraints.0.of", "'gone.csv' does not exist"]),
    ("{channels: all, stay_within: 0.2, of: ../up.csv}", ["constraints.0.of", "outside the project folder"]),
    ("{channels: all, stay_within: 0.2, of: other.csv}", ["other.csv, row 2", "2026-01-05 is not a week"]),
    ("{channels: all, stay_within: -0.2}", ["constraints.0.stay_within"]),
    ("{group: g, channels: all, stay_within: 0.2}", ["constraints.0", "'group' is for", "'stay_within'"]),
    ("{channel: tv, geos: [north], max: 5}", ["constraints.0.geos", "decides national spend", "geo_week"]),
    ("{channel: tv, min_when_on: 0}", ["constraints.0.min_when_on"]),
    ("{channel: tv, roas_floor: 0}", ["constraints.0.roas_floor"]),
    ("{channel: tv, cpa_ceiling: -1}", ["constraints.0.cpa_ceiling"]),
    ("{channel: tv, roas_floor: 2, per: month}", ["constraints.0", "'per' has no meaning with 'roas_floor'"]),
    ("{channel: tv, roas_floor: 2, max: 9}", ["constraints.0", "one constraint says one thing"]),
    ("{channel: tv, active_weeks: {min: 4, max: 3}}", ["constraints.0", "above the maximum"]),
    ("{channel: tv, active_weeks: 2.5}", ["constraints.0.active_weeks"]),
    ("{channel: tv, active_weeks: {}}", ["constraints.0", "neither a minimum nor a maximum"]),
    ("{channel: tv, active_weeks: 2, per: month}", ["constraints.0", "'per' has no meaning with 'active_weeks'"]),
    ("{channel: tv, burst: {min: 0}}", ["constraints.0.burst.min"]),
    ("{channel: tv, burst: {}}", ["constraints.0", "neither min, max nor rest"]),
    ("{channel: tv, multiples: -5}", ["constraints.0.multiples"]),
    ("{channel: tv, multiples: 5, min_when_on: 9}", ["constraints.0", "one constraint says one thing"]),
    ("{channel: tv, channels: all, max: 5}", ["constraints.0", "give 'channel' (one) or 'channels'"]),
    ("{channel: tv, allow_extrapolation: true, per: week}", ["constraints.0", "'per' has no meaning"]),
]


@pytest.mark.parametrize(("entry", "words"), MISTAKES)
def test_mistakes_are_named_with_file_line_and_remedy(tmp_path: Path, entry: str, words: list[str]) -> None:
    (tmp_path / "other.csv").write_text("week,channel,spend\n2026-01-05,tv,5\n")
    with pytest.raises(MixwiseError) as caught:
        stated(tmp_path, entry)
    assert caught.value.exit_code == 2
    text = str(caught.value)
    assert "other.csv" in text or text.startswith("brief.yaml, line 3, constraints")
    assert caught.value.do
    for word in words:
        assert word in text


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            "{channel: tv, geos: [east], max: 5}",
            ["constraints.0.geos", "'east' is not in the fit", "north, south, west"],
        ),
        ("{channel: tv, geos: [north, north], max: 5}", ["constraints.0.geos", "listed twice"]),
        ("{channel: tv, geos: [], max: 5}", ["constraints.0.geos"]),
        ("{channel: tv, geos: [north], allow_extrapolation: true}", ["constraints.0", "for all geos"]),
        (
            "{channels: all, geos: [north], stay_within: 0.1, of: last.csv}",
            ["constraints.0", "is national", "Remove 'of'"],
        ),
    ],
)
def test_mistakes_about_geos(tmp_path: Path, entry: str, words: list[str]) -> None:
    with pytest.raises(MixwiseError) as caught:
        stated(tmp_path, entry, GEO)
    assert str(caught.value).startswith("brief.yaml, line 4, constraints.0")
    assert caught.value.do
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "{channel: tv, active_weeks: 2}",
        "{channel: tv, burst: {min: 2}}",
        "{channels: all, active_channels: 2, per: week}",
        "{channels: all, active_channels: 2, per: month}",
    ],
)
def test_weeks_cannot_be_counted_where_totals_are_decided(tmp_path: Path, entry: str) -> None:
    with pytest.raises(MixwiseError, match=r"line 4, constraints.0.*about weeks.* decides totals") as caught:
        stated(tmp_path, entry, HEAD + "granularity: total\n")
    assert "flighting: optimised" in (caught.value.do or "")
    best = stated(tmp_path, entry, HEAD + "granularity: total\nflighting: optimised\n")
    assert best.granularity.by_week


def test_no_two_kinds_share_a_key_or_an_example() -> None:
    heads = [head for kind in KINDS for head in kind.heads]
    assert len(set(heads)) == len(heads)
    assert set(heads) <= set(Statement.model_fields)
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
    used = {key for kind in KINDS for key in (*kind.heads, *kind.uses)}
    assert set(Statement.model_fields) == used | {"channel", "channels", "geos", "name"}
    assert GEOS[0] == "north"
