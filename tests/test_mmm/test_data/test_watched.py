"""When warnings come, in which order, and what is refused beside them; the warnings stand in ``test_hostile``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mmm.data import check_rows
from mmm.exceptions import DataError
from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, named, read, weekly


def _stopped(book: Book) -> Book:
    for row in book.rows[-20:]:
        row[2] = "0"
    return book


def test_a_clean_file_raises_no_alarm(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly(120), today=date(2027, 1, 1))
    assert {finding.severity for finding in panel.report.findings} == {Severity.OK}


def test_findings_come_gravest_first(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().put(7, "clicks", "0").text(";"))
    order = [list(Severity).index(finding.severity) for finding in panel.report.findings]
    assert order == sorted(order)
    assert len(set(order)) == 3


def test_a_channel_gone_dark_is_noted(tmp_path: Path) -> None:
    assert "dark since 2024-09-30" in named(read(tmp_path, _stopped(weekly())), "stopped_channel").says


def test_a_medium_that_is_never_near_off_is_noted(tmp_path: Path) -> None:
    book = weekly(120)
    for t, row in enumerate(book.rows):
        row[2] = f"{1_000 + 150 * (-1) ** (t * t // 3)}"
    found = named(read(tmp_path, book, today=date(2027, 1, 1)), "narrow_range")
    assert found.where.endswith("tv")
    assert found.says.startswith("'tv' is never below 85 % of its mean week, and varies by 15 %")


def test_a_medium_that_moves_with_the_season_and_the_others_is_warned_of(tmp_path: Path) -> None:
    book = weekly(120)
    for t, row in enumerate(book.rows):
        row[4] = str(int(300 + 230 * np.sin(2 * np.pi * t / 52.18) + float(row[2])))
    found = named(read(tmp_path, book, today=date(2027, 1, 1)), "little_of_its_own")
    assert "Season, trend and the other media together explain 100 % of how" in found.says


def test_zero_spend_and_negative_exposure_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the exposure 'search' is negative in 1 week"):
        read(tmp_path, weekly().put(7, "clicks", "-4"))
    with pytest.raises(DataError, match="column clicks: the exposure of 'search' is zero in every week"):
        read(tmp_path, weekly().each("clicks", lambda _: "0"))


def test_an_outcome_that_never_changes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="column revenue: the outcome is 7 in every week"):
        read(tmp_path, weekly().each("revenue", lambda _: "7"))


def test_columns_that_carry_nothing_are_left_out(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().each("price", lambda _: "3").each("news", lambda _: "0"))
    assert panel.control_names == panel.organic_names == ()
    assert named(panel, "constant_control")
    assert named(panel, "zero_organic")


@pytest.mark.parametrize(("rows", "parameters", "fails"), [(9, 10, True), (10, 10, False)])
def test_fewer_rows_than_parameters(rows: int, parameters: int, fails: bool) -> None:  # 51
    if not fails:
        check_rows(rows, parameters, "weekly.csv")
        return
    with pytest.raises(DataError, match="9 rows are fewer than the 10 parameters") as caught:
        check_rows(rows, parameters, "weekly.csv")
    assert caught.value.exit_code == 2


def test_sums_beyond_a_float_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too large to add up"):
        read(tmp_path, weekly().put(7, "revenue", "1e200"))


def test_the_panel_says_what_it_holds(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly())
    frame = panel.to_frame()
    assert len(frame) == 60
    assert frame["spend:tv"].sum() == pytest.approx(panel.spend[0].sum())
    assert "60 weeks" in panel._repr_html_()
    assert np.isfinite(panel.outcome).all()
