"""Data that is accepted with a warning: what it may do to the result, and the next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmm.data import check_rows
from mmm.exceptions import DataError
from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, named, read, spec, weekly


def _same_move(book: Book) -> Book:
    return Book(book.header, [[*r[:3], f"{3 * float(r[2]) + 1:.2f}", *r[4:]] for r in book.rows])


def _explained(book: Book) -> Book:
    """News is the sum of television and search: no pair moves together, the three do."""
    for row in book.rows:
        row[5] = f"{float(row[2]) + float(row[3]):.2f}"
    return book


def _new(book: Book) -> Book:
    for row in book.rows[:-5]:
        row[2] = "0"
    return book


def _stopped(book: Book) -> Book:
    for row in book.rows[-20:]:
        row[2] = "0"
    return book


CASES: list[tuple[int, Callable[[Book], Book], str, str, dict[str, Any]]] = [
    (46, lambda b: b.each("tv_spend", lambda _: "100"), "constant_channel", "'tv' is the same in every week", {}),
    (
        46,
        lambda b: b.each("tv_spend", lambda x: f"{1000 + float(x) / 50:.2f}"),
        "little_variation",
        "'tv' varies by",
        {},
    ),
    (
        47,
        _same_move,
        "collinear_channels",
        "'tv' and 'search' move together (correlation 1.00)",
        {"channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend"}}},
    ),
    (
        47,
        _explained,
        "collinear_channels",
        "variance inflation",
        {"channels": {"tv": {"spend": "tv_spend"}, "search": {"spend": "search_spend"}}},
    ),
    (48, lambda b: b.put(7, "clicks", "0"), "spend_without_exposure", "1 week: 2024-02-19", {}),
    (49, lambda b: b.put(7, "search_spend", "0"), "exposure_without_spend", "1 week: 2024-02-19", {}),
    (50, lambda b: b.put(7, "revenue", "90000"), "outliers", "1 week: 2024-02-19", {}),
    (50, lambda b: b.put(7, "tv_spend", "90000"), "outliers", "five times its usual maximum: 2024-02-19", {}),
    (50, lambda b: b.put(7, "price", "928"), "outliers", "'price' is over ten times its usual size", {}),
    (52, _new, "new_channel", "'tv' is active in 5 weeks only", {}),
    (27, lambda b: b.each("tv_spend", lambda x: f"{float(x) / 1e5:.6f}"), "scale", "'tv' has", {}),
    (51, lambda b: Book(b.header, b.rows[:20]), "data_per_parameter", "rows for each of the", {}),
    (51, lambda b: Book(b.header, b.rows[:40]), "short_history", "40 weeks: less than one year", {}),
    (23, lambda b: b.put(7, "revenue", "0"), "zero_outcome", "zero in 1 week: 2024-02-19", {}),
    (29, lambda b: b.put(7, "revenue", "-5"), "negative_outcome", "negative in 1 week", {}),
]


@pytest.mark.parametrize(
    ("row", "damage", "name", "says", "changes"), CASES, ids=lambda x: x if isinstance(x, str) else ""
)
def test_accepted_with_a_warning(
    row: int, damage: Callable[[Book], Book], name: str, says: str, changes: dict[str, Any], tmp_path: Path
) -> None:
    panel = read(tmp_path, damage(weekly()), spec(**changes))
    found = [finding for finding in panel.report.findings if finding.name == name]
    assert any(says in finding.says for finding in found), [finding.says for finding in panel.report.findings]
    for finding in found:
        assert finding.severity is Severity.WARNING
        assert finding.where.startswith("weekly.csv")
        assert finding.means
        assert finding.do


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
