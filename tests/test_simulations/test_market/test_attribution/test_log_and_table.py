"""The log's file, and the table of what each method gets wrong."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mmm.exceptions import DataError, SpecError
from simulations.market.attribution.log import COLUMNS, paths_of_log, read_log
from simulations.market.attribution.methods import attribute
from simulations.market.attribution.table import compare_methods

ROWS = """journey,time,event,channel,device,place,geo,value
j2,2026-03-02 10:00:00,touch,tv,none,offline,north,
j1,2026-03-03 09:00:00,touch,search,phone,online,north,
j1,2026-03-01 09:00:00,touch,tv,none,offline,north,
j1,2026-03-03 09:00:00,purchase,,phone,online,north,50.5
j3,2026-03-04 09:00:00,purchase,,none,offline,south,20
"""


def log_file(folder: Path, text: str = ROWS) -> Path:
    path = folder / "journeys.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_log_is_read_in_order_of_time_and_becomes_paths(tmp_path: Path) -> None:
    log = read_log(log_file(tmp_path))
    assert tuple(log.columns) == COLUMNS
    paths = paths_of_log(log, ("tv", "search", "radio"), scale=10.0)
    assert paths.touches.tolist() == [0, 1, 0]
    assert paths.starts.tolist() == [0, 2, 3]
    assert paths.converted.tolist() == [True, False]
    assert paths.value.tolist() == [50.5, 0.0]
    assert paths.total == pytest.approx(505.0)
    assert paths.untouched == pytest.approx(20.0)
    assert paths_of_log(log).channels == ("search", "tv")


@pytest.mark.parametrize(("kept", "touches", "sold"), [([], 0, 0.0), ([1, 2, 3], 3, 0.0), ([4, 5], 0, 70.5)])
def test_a_log_may_lack_purchases_touches_or_everything(tmp_path: Path, kept, touches: int, sold: float) -> None:
    lines = ROWS.splitlines()
    paths = paths_of_log(read_log(log_file(tmp_path, "\n".join([lines[0], *(lines[row] for row in kept)]) + "\n")))
    assert len(paths.touches) == touches
    assert paths.total + paths.untouched == pytest.approx(sold)
    assert sum(credit.sum() for credit in attribute(paths).values()) == 0.0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("j3,2026-03-04 09:00:00,purchase", "j3,2026-03-04 09:00:00,visit", "line 6: the event is neither"),
        ("2026-03-02 10:00:00", "yesterday", "line 2: the time is not"),
        ("touch,search", "touch,", "line 3: a touch has no channel"),
        ("50.5", "", "line 5: a purchase has no value"),
        ("j3,2026-03-04", "j1,2026-03-04", "line 6: a journey has two purchases"),
        ("j2,2026-03-02", "j1,2026-03-05", "line 2: a journey goes on after its purchase"),
        ("device", "e_mail", "columns are not those of a log"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in ROWS
    with pytest.raises(DataError, match=says):
        read_log(log_file(tmp_path, ROWS.replace(old, new, 1)))


def test_a_missing_or_unreadable_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_log(tmp_path / "none.csv")
    binary = tmp_path / "binary.csv"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(DataError, match="not a CSV file"):
        read_log(binary)


def test_journeys_named_by_what_tells_who_someone_is_are_refused_without_repeating_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="e-mail addresses") as refused:
        read_log(log_file(tmp_path, ROWS.replace("j1,", "ann@example.com,")))
    assert "ann@" not in str(refused.value)


def test_a_channel_outside_the_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'search' is not known"):
        paths_of_log(read_log(log_file(tmp_path)), ("tv",))


def comparison():
    return compare_methods(
        {"tv": 100.0, "search": 40.0, "banner": 0.0},
        {"last touch": {"search": 120.0, "banner": 20.0}, "mmm": {"tv": 90.0, "search": 50.0, "banner": 5.0}},
        sold=1000.0,
    )


def test_each_method_stands_beside_the_truth() -> None:
    table = comparison().by_channel().set_index(["method", "channel"])
    assert table.loc[("last touch", "tv"), "error"] == -100.0
    assert table.loc[("last touch", "search"), "times_truth"] == 3.0
    assert pd.isna(table.loc[("mmm", "banner"), "times_truth"])
    assert table.loc[("mmm", "tv"), "credit_share"] == pytest.approx(0.09)


def test_the_least_wrong_method_comes_first_and_says_where_it_is_wrong() -> None:
    rows = comparison().by_method()
    assert rows["method"].tolist() == ["mmm", "last touch"]
    assert rows["error"].tolist() == [25.0, 200.0]
    assert rows["error_of_truth"].tolist() == pytest.approx([25 / 140, 200 / 140])
    assert rows["times_truth"].tolist() == pytest.approx([145 / 140, 1.0])
    assert rows["misplaced"].tolist() == pytest.approx([100 / 140 - 90 / 145, 100 / 140])
    assert rows["right_order"].tolist() == pytest.approx([1.0, 1 / 3])
    assert rows["most_over"].tolist() == ["search", "search"]
    assert rows["most_under"].tolist() == ["tv", "tv"]


def test_the_table_as_text_and_file(tmp_path: Path) -> None:
    table = comparison()
    path = table.write(tmp_path)
    assert pd.read_csv(path)["credit"].tolist() == [0.0, 120.0, 20.0, 90.0, 50.0, 5.0]
    text = (tmp_path / "attribution.txt").read_text(encoding="utf-8")
    assert "last touch: wrong by 200 EUR in all; 1.00 times what they truly made, 71% of it misplaced; " in text
    assert "; too much for search (120, truly 40); too little for tv (0, truly 100)." in text


def test_a_channel_without_truth_and_an_empty_till_are_refused() -> None:
    with pytest.raises(SpecError, match="credits 'radio'"):
        compare_methods({"tv": 1.0}, {"mmm": {"radio": 1.0}}, sold=1.0)
    with pytest.raises(SpecError, match="nothing was sold"):
        compare_methods({"tv": 1.0}, {"mmm": {}}, sold=0.0)
    with pytest.raises(SpecError, match="no method"):
        compare_methods({"tv": 1.0}, {}, sold=1.0)
