"""Rows of a date that repeat others: set aside where the figures say so, asked about where only a word does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.data.sources import opening
from mmm.data.sources.facts import Facts
from mmm.data.total_words import SURE_WORDS, Sure, total_word
from tests.test_mmm.test_data.test_sources.room import named, read, refused, write

SOURCE = {"file": "a.csv", "date": "day", "channel": "campaign", "metrics": {"spend": "spend"}}
WHOLE = {**SOURCE, "channel": None, "channel_is": "tv"}
DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(30)]
Rows = Callable[[date, float, float], list[str]]


def _file(rows: Rows, header: str = "day,campaign,spend") -> str:
    random = Random(7)
    lines = [header]
    for day in DAYS:
        lines += [f"{day},{row}" for row in rows(day, random.randint(1, 9_999) / 100, random.randint(1, 9_999) / 100)]
    return "\n".join(lines) + "\n"


def _parts(_: date, a: float, b: float) -> list[str]:
    return [f"A,{a}", f"B,{b}"]


def _spend(facts: Facts) -> float:
    return round(sum(x["value"] for x in facts.table.to_pylist() if x["metric"] == "spend"), 2)


@pytest.fixture(params=[10**12, 0], ids=["cell by cell", "summed"])
def _both_lanes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "FROM_BYTES", request.param)


CASES: dict[str, tuple[Rows, str, dict[str, Any]]] = {
    "a campaign": (lambda d, a, b: [*_parts(d, a, b), f"Total,{a + b:.2f}"], "day,campaign,spend", SOURCE),
    "in a column that is not read": (
        lambda d, a, b: [*_parts(d, a, b), f"Razem,{a + b:.2f}"], "day,campaign,spend", WHOLE,
    ),
    "an empty name": (lambda d, a, b: [*_parts(d, a, b), f",{a + b:.2f}"], "day,campaign,spend", SOURCE),
    "an empty name that is not read": (
        lambda d, a, b: [*_parts(d, a, b), f",{a + b:.2f}"], "day,campaign,spend", WHOLE,
    ),
    "all": (lambda d, a, b: [f"All campaigns,{a + b:.2f}", *_parts(d, a, b)], "day,campaign,spend", SOURCE),
    "in whole units": (lambda d, a, b: [*_parts(d, a, b), f"Łącznie,{a + b:.0f}"], "day,campaign,spend", SOURCE),
    "subtotals and a grand total": (
        lambda _, a, b: [f"A,PL,{a}", f"A,DE,{b}", f"A,A Total,{a + b:.2f}", f"B,PL,{a}", f"B,DE,{b}",
                         f"B,الإجمالي,{a + b:.2f}", f"Grand Total,,{2 * (a + b):.2f}"],
        "day,campaign,region,spend", SOURCE,
    ),
    "a period": (
        lambda d, a, b: [f"2024-01-30,,{_whole()}"] * (d == DAYS[0]) + [f"{d},A,{a}", f"{d},B,{b}"],
        "day,until,campaign,spend", WHOLE,
    ),
}  # fmt: skip


def _whole() -> float:
    parts = _file(_parts).splitlines()[1:]
    return round(sum(float(line.rsplit(",", 1)[1]) for line in parts), 2)


@pytest.mark.usefixtures("_both_lanes")
@pytest.mark.parametrize("what", CASES)
def test_a_total_among_the_rows_counts_nothing(what: str, tmp_path: Path) -> None:
    rows, header, source = CASES[what]
    write(tmp_path, {"a.csv": _file(rows, header)})
    facts, log = read(tmp_path, source)
    once = _whole() * (2 if "grand" in what else 1)
    assert _spend(facts) == pytest.approx(once, abs=0.005)
    assert "total of" in named(log, "dated_totals").says
    assert sum(item.rows for item in log.excluded) == {"a period": 1, "subtotals and a grand total": 90}.get(what, 30)


@pytest.mark.usefixtures("_both_lanes")
@pytest.mark.parametrize(
    ("rows", "source"),
    [
        (lambda _, a, __: [f"Total,{a}"], SOURCE),
        (lambda _, a, b: [f"Total,{a}", f"Shell,{b}"], {**SOURCE, "totals": "keep"}),
        (lambda _, a, b: [f"Totally,{a}", f"Summer sale,{b}", "All shoes,3"], SOURCE),
        (lambda _, a, b: [f"TotalEnergies,{a}", f"Total Energies,{b}", "Shell,3"], SOURCE),
        (lambda _, a, b: [f"A,{a}", f"B,{b}", ",3"], WHOLE),
    ],
    ids=["a brand", "declared", "like words", "a firm", "without a name"],
)
def test_names_stay(rows: Rows, source: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": _file(rows)})
    facts, log = read(tmp_path, source)
    assert facts.files[0].rows_used == facts.files[0].rows_in
    assert "dated_totals" not in {finding.name for finding in log.findings}


def test_a_name_that_the_model_file_has_stays(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": _file(lambda _, a, b: [f"Total,{a}", f"Shell,{b}"])})
    facts, _ = read(tmp_path, SOURCE, join={"campaigns": {"Total": "tv", "*": "search"}})
    assert facts.files[0].rows_used == 60
    write(tmp_path, {"a.csv": _file(lambda d, a, b: [*_parts(d, a, b), f"Total,{a + b:.2f}"])})
    assert "it counts twice" in refused(tmp_path, SOURCE, join={"campaigns": {"Total": "tv", "*": "search"}})
    facts, log = read(tmp_path, {**SOURCE, "only": {"campaign": ["Total"]}})
    assert facts.files[0].rows_used == 30
    assert {item.reason[-10:] for item in log.excluded} == {"leaves out"}


@pytest.mark.usefixtures("_both_lanes")
@pytest.mark.parametrize(
    ("rows", "says", "left"),
    [
        (lambda _, a, b: [f"Total,{a}", f"Shell,{b}"], "its figures are not the sum", 30),
        (lambda d, a, b: [*_parts(d, a, b) * (d.day != 9), f"Total,{a + b:.2f}"], "on this date (2024-01-09)", 58),
    ],
    ids=["no sum", "no others"],
)
def test_a_word_alone_is_a_question(rows: Rows, says: str, left: int, tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": _file(rows)})
    told = refused(tmp_path, SOURCE)
    assert told.startswith("a.csv, row ")
    assert says in told
    assert "sources.ads.totals: leave_out" in told
    assert read(tmp_path, {**SOURCE, "totals": "leave_out"})[0].files[0].rows_used == left
    assert read(tmp_path, {**SOURCE, "totals": "keep"})[0].files[0].rows_used == left + 30


@pytest.mark.usefixtures("_both_lanes")
def test_a_row_that_covers_others_and_is_not_their_sum(tmp_path: Path) -> None:
    """It is a question where it has no name, and a booking of a month where it has one."""
    rows = lambda d, a, b: ["2024-01-30,,5"] * (d == DAYS[3]) + [f"{d},A,{a}", f"{d},B,{b}"]  # noqa: E731
    source = {**SOURCE, "channel_is": "tv"}
    del source["channel"]
    write(tmp_path, {"a.csv": _file(rows, "day,until,campaign,spend")})
    assert "the row covers 2024-01-04 to 2024-01-30" in refused(tmp_path, source)
    assert read(tmp_path, {**source, "totals": "keep"})[0].files[0].rows_used == 61
    write(tmp_path, {"a.csv": _file(rows, "day,until,campaign,spend").replace(",,5", ",C,5")})
    assert read(tmp_path, source)[0].files[0].rows_used == 61
    assert read(tmp_path, SOURCE)[0].files[0].rows_used == 61


def test_orders_that_are_delivered_late_are_no_summaries(tmp_path: Path) -> None:
    rows = lambda d, a, b: [f"{d + timedelta(1)},o{d},{a}", f"{d + timedelta(30 * (d.day == 9) + 2)},p{d},{b}"]  # noqa: E731
    source = {**SOURCE, "channel_is": "shop", "repeats": "add"}
    del source["channel"]
    write(tmp_path, {"a.csv": _file(rows, "day,delivered,order,spend")})
    assert _spend(read(tmp_path, source)[0]) == _whole()


def test_a_campaign_without_ad_groups_is_no_sum_of_other_campaigns(tmp_path: Path) -> None:
    """Its budget may well be theirs together, every day."""
    rows = lambda d, a, b: [f"PMax,,{a + b:.2f}", f"Search,Brand,{a}", f"Search,Generic,{b}"]  # noqa: E731
    write(tmp_path, {"a.csv": _file(rows, "day,campaign,group,spend")})
    facts, _ = read(tmp_path, {**SOURCE, "repeats": "add"})
    assert facts.files[0].rows_used == 3 * len(DAYS)


def test_one_figure_every_day_is_no_proof_of_a_total(tmp_path: Path) -> None:
    rows = lambda *_: ["A,20", "B,30", "All Audiences,50"]  # noqa: E731
    write(tmp_path, {"a.csv": _file(rows)})
    facts, log = read(tmp_path, SOURCE)
    assert facts.files[0].rows_used == 3 * len(DAYS)
    assert "'All Audiences'" in named(log, "may_be_total").says
    facts, _ = read(tmp_path, {**SOURCE, "totals": "leave_out"})
    assert facts.files[0].rows_used == 2 * len(DAYS)


def test_a_part_that_is_missing_is_told(tmp_path: Path) -> None:
    rows = lambda d, a, b: [f"A,{a}", *[f"B,{b}"] * (d.day != 9), f"Total,{a + b:.2f}"]  # noqa: E731
    write(tmp_path, {"a.csv": _file(rows)})
    _, log = read(tmp_path, SOURCE)
    assert "2024-01-09" in named(log, "total_differs").says


def test_each_row_names_its_metric(tmp_path: Path) -> None:
    def rows(_: date, a: float, b: float) -> list[str]:
        spend = [f"A,spend,{a}", f"B,spend,{b}", f"Total,spend,{a + b:.2f}"]
        return [*spend, "A,clicks,3", "B,clicks,4", "Total,clicks,6"]  # people are counted once

    write(tmp_path, {"a.csv": _file(rows, "day,campaign,what,n")})
    source = {"file": "a.csv", "date": "day", "channel": "campaign", "metric": "what", "value": "n"}
    facts, _ = read(tmp_path, source)
    assert _spend(facts) == _whole()
    assert facts.files[0].rows_used == 120


@pytest.mark.parametrize(
    ("cell", "sure"),
    [("TOTAL:", Sure.YES), ("合計", Sure.YES), ("المجموع", Sure.YES), ("Итого", Sure.YES), ("jumlah", Sure.YES),
     ("*Suma końcowa*", Sure.YES), ("(all)", Sure.MAYBE), ("Łódź Total", Sure.MAYBE), ("Total", Sure.YES),
     ("totality", None), ("summer", None), ("allegro", None), ("Razemówka", None), ("", None)],
)  # fmt: skip
def test_words(cell: str, sure: Sure | None) -> None:
    assert total_word(cell) is sure


class TestTwoExportsInOneFile:
    """Dates of the middle stand twice, with other figures."""

    @staticmethod
    def _rows(d: date, a: float, b: float) -> list[str]:
        return [*_parts(d, a, b), *(_parts(d, a + 1, b + 2) if 10 <= d.day < 17 else [])]

    @pytest.mark.usefixtures("_both_lanes")
    def test_a_question(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": _file(self._rows)})
        told = refused(tmp_path, SOURCE)
        assert told.startswith("a.csv, row ")
        assert "on 7 dates (2024-01-10 to 2024-01-16) nearly every name stands twice" in told
        assert "sources.ads.repeats: add" in told
        _, log = read(tmp_path, {**SOURCE, "repeats": "add"})
        assert "On 7 dates" in named(log, "overlapping_exports").says

    @pytest.mark.usefixtures("_both_lanes")
    @pytest.mark.parametrize(
        "rows",
        [
            lambda d, a, b: [*_parts(d, a, b), *_parts(d, b, a)],  # always two
            lambda d, a, b: [*_parts(d, a, b), f"A,{b}"],
            lambda d, a, b: [f"A,{a}", *[f"A,{b}"] * (d.day % 3 == 0)],
            lambda d, a, b: [*_parts(d, a, b), *_parts(d, b, a) * (d.day == 4)],
        ],
    )
    def test_rows_finer_than_the_columns(self, rows: Rows, tmp_path: Path) -> None:
        write(tmp_path, {"a.csv": _file(rows)})
        facts, log = read(tmp_path, SOURCE)
        assert facts.files[0].rows_used == facts.files[0].rows_in
        assert "overlapping_exports" not in {finding.name for finding in log.findings}


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32),
    st.sampled_from(SURE_WORDS),
    st.lists(st.sampled_from(["campaign", "region", "both"]), unique=True, min_size=1),
    st.booleans(),
)
def test_whatever_is_totalled_counts_once(seed: int, word: str, kinds: list[str], named: bool) -> None:
    random = Random(seed)
    campaigns, regions = ["Brand", "Summer"][: random.randint(1, 2)], ["Łódź", "Kraków", "Gdańsk"]
    rows, once = [], 0
    for day in DAYS:
        cells = {(c, r): random.randint(0, 99_999) for c in campaigns for r in regions}
        once += sum(cells.values())
        body = [(c, r, n) for (c, r), n in cells.items()]
        if "region" in kinds:
            body += [(c, word, sum(n for (x, _), n in cells.items() if x == c)) for c in campaigns]
        if "campaign" in kinds:
            body += [(word, r, sum(n for (_, x), n in cells.items() if x == r)) for r in regions]
        if "both" in kinds:
            body.append((word, random.choice(["", word]), sum(cells.values())))
        random.shuffle(body)
        rows += [(str(day), c.replace('"', '""'), r.replace('"', '""'), f"{n / 100:.2f}") for c, r, n in body]
    text = "\n".join(["day,campaign,region,spend", *('"' + '","'.join(row) + '"' for row in rows)]) + "\n"
    for lane in (10**12, 0):
        with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "FROM_BYTES", lane)
            write(Path(folder), {"a.csv": text})
            facts, _ = read(Path(folder), (SOURCE | {"geo": "region"}) if named else WHOLE)
        assert _spend(facts) == pytest.approx(once / 100, abs=0.005)
