"""Workbooks: values of cells and nothing else; what would run, swell or reach out does nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook

from mmm.data.sources import workbook_guard
from mmm.data.sources.number_formats import sign_of
from tests.test_mmm.test_data.book import read as read_one
from tests.test_mmm.test_data.book import same, spec, weekly
from tests.test_mmm.test_data.test_sources.room import LONG, figures, named, read, refused

SOURCE = {"file": "ads.xlsx", **LONG}
HEADER = ["Day", "Campaign", "Cost", "Clicks"]
ROWS: list[list[Any]] = [
    [date(2024, 1, 1), "Brand", 10.5, 3],
    [date(2024, 1, 2), "Brand", 1.234, 4],
    [date(2024, 1, 3), "Other", None, 0],
]
TRUTH = {
    ("2024-01-01", "Brand", "spend"): 10.5,
    ("2024-01-02", "Brand", "spend"): 1.234,
    ("2024-01-03", "Other", "spend"): None,
    ("2024-01-01", "Brand", "clicks"): 3,
    ("2024-01-02", "Brand", "clicks"): 4,
    ("2024-01-03", "Other", "clicks"): 0,
}


def _saved(book: Workbook) -> bytes:
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _book(rows: list[list[Any]] | None = None, change: Callable[[Any], None] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER, *(ROWS if rows is None else rows)]:
        sheet.append(row)
    if change is not None:
        change(sheet)
    return _saved(book)


def _parts(raw: bytes, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> bytes:
    """Rewrite the parts of a workbook."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return sink.getvalue()


def _write(folder: Path, raw: bytes, name: str = "ads.xlsx") -> None:
    (folder / name).write_bytes(raw)


def test_dates_are_dates_and_numbers_have_one_reading(tmp_path: Path) -> None:
    _write(tmp_path, _book())
    facts, _ = read(tmp_path, SOURCE)
    assert figures(facts) == TRUTH
    assert facts.table["row"].to_pylist() == [2, 3, 4, 2, 3, 4]


def test_strings_that_are_shared_as_other_programs_write_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "ads.xlsx") as book:
        sheet, form = book.add_worksheet(), book.add_format({"num_format": "dd.mm.yyyy"})
        for r, row in enumerate([HEADER, *ROWS]):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(r, c, datetime(value.year, value.month, value.day), form)
                else:
                    sheet.write(r, c, value)
    assert figures(read(tmp_path, SOURCE)[0]) == TRUTH


def test_times_at_midnight_are_days_and_serial_numbers_too(tmp_path: Path) -> None:
    _write(tmp_path, _book([[datetime(2024, 1, 1), "Brand", 10.5, 3], [datetime(2024, 1, 2), "Brand", 1.234, 4]]))
    assert next(iter(figures(read(tmp_path, SOURCE)[0]))) == ("2024-01-01", "Brand", "spend")
    _write(tmp_path, _book([[45292, "Brand", 10.5, 3], [45293, "Brand", 1.234, 4]]))
    facts, log = read(tmp_path, SOURCE)
    assert ("2024-01-02", "Brand", "spend") in figures(facts)
    assert "Excel" in named(log, "excel_dates").says


def test_numbers_kept_as_text_are_read_by_their_own_writing(tmp_path: Path) -> None:
    _write(tmp_path, _book([[date(2024, 1, 1), "A", 10.5, 3], [date(2024, 1, 2), "A", "1,234", 4]]))
    told = refused(tmp_path, SOURCE)
    assert "row 3" in told
    assert "1.234" in told
    assert "sources.ads.decimal" in told
    facts, _ = read(tmp_path, SOURCE | {"decimal": ","})
    assert figures(facts)["2024-01-02", "A", "spend"] == 1.234
    assert figures(facts)["2024-01-01", "A", "spend"] == 10.5


def test_one_text_cell_with_a_mark_does_not_outvote_the_numbers_beside_it(tmp_path: Path) -> None:
    """``1.234`` among figures of two decimals is a question, whether those are typed or text."""
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(6)]
    costs = [10.5, 20.25, 7.75, 12.5, "9.43", "1.234"]
    _write(tmp_path, _book([[day, "A", cost, 3] for day, cost in zip(days, costs, strict=True)]))
    told = refused(tmp_path, SOURCE)
    assert "row 7" in told
    assert "1.234 and as 1234, and the others have two decimals at most" in told
    # Where typed figures have three decimals too, one more is no stranger.
    costs[0] = 10.125
    _write(tmp_path, _book([[day, "A", cost, 3] for day, cost in zip(days, costs, strict=True)]))
    assert figures(read(tmp_path, SOURCE)[0])["2024-01-06", "A", "spend"] == 1.234


def test_a_preamble_and_blank_rows_above_and_between(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Report of the year"], [], HEADER, ROWS[0], [], *ROWS[1:]]:
        sheet.append(row)
    _write(tmp_path, _saved(book))
    facts, log = read(tmp_path, SOURCE)
    assert figures(facts) == TRUTH
    assert facts.table["row"].to_pylist()[:3] == [4, 6, 7]
    assert "row 3" in named(log, "preamble").says


class TestSheets:
    def _several(self, *headers: list[str]) -> bytes:
        book = Workbook()
        book.remove(book.worksheets[0])
        for i, header in enumerate(headers):
            sheet = book.create_sheet(f"Sheet {i}")
            for row in [header, *ROWS]:
                sheet.append(row)
        return _saved(book)

    def test_the_only_one_with_the_columns(self, tmp_path: Path) -> None:
        _write(tmp_path, self._several(["a", "b", "c", "d"], HEADER))
        facts, log = read(tmp_path, SOURCE)
        assert figures(facts) == TRUTH
        assert "Sheet 1" in named(log, "sheet").says

    def test_several_are_a_question_that_sheet_answers(self, tmp_path: Path) -> None:
        _write(tmp_path, self._several(HEADER, HEADER))
        told = refused(tmp_path, SOURCE)
        assert "'Sheet 0' and 'Sheet 1'" in told
        assert "sources.ads.sheet" in told
        assert figures(read(tmp_path, SOURCE | {"sheet": "sheet 1"})[0]) == TRUTH

    def test_none(self, tmp_path: Path) -> None:
        _write(tmp_path, self._several(["a", "b", "c", "d"], ["e", "f", "g", "h"]))
        assert "no sheet has a column" in refused(tmp_path, SOURCE)
        assert "'Sheet 0', 'Sheet 1'" in refused(tmp_path, SOURCE | {"sheet": "Costs"})


def test_one_file_may_be_a_workbook(tmp_path: Path) -> None:
    clean = weekly()
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(clean.header)
    for t, row in enumerate(clean.rows):
        sheet.append([date(2024, 1, 1) + timedelta(weeks=t), *map(float, row[1:])])
    panel = read_one(tmp_path, _saved(book), spec(data={"file": "weekly.xlsx"}))
    assert same(panel, read_one(tmp_path, clean))


class TestRefused:
    def test_merged_header_cells(self, tmp_path: Path) -> None:
        _write(tmp_path, _book(change=lambda sheet: sheet.merge_cells("C1:D1")))
        told = refused(tmp_path, SOURCE)
        assert "C1:D1" in told
        assert "row 1" in told
        assert "Unmerge" in told

    def test_merged_cells_elsewhere_do_no_harm(self, tmp_path: Path) -> None:
        _write(tmp_path, _book(change=lambda sheet: sheet.merge_cells("F9:H9")))
        assert figures(read(tmp_path, SOURCE)[0]) == TRUTH

    def test_a_formula_without_a_value(self, tmp_path: Path) -> None:
        _write(tmp_path, _book([*ROWS[:2], [date(2024, 1, 3), "Other", "=C2+C3", 0]]))
        told = refused(tmp_path, SOURCE)
        assert "C4" in told
        assert "row 4, column Cost" in told
        assert "formula" in told

    def test_a_formula_in_a_column_that_is_not_used(self, tmp_path: Path) -> None:
        _write(tmp_path, _book(change=lambda sheet: sheet.__setitem__("F2", "=1+1")))
        assert figures(read(tmp_path, SOURCE)[0]) == TRUTH

    def test_a_formula_with_a_value_is_its_value(self, tmp_path: Path) -> None:
        raw = _book([*ROWS[:2], [date(2024, 1, 3), "Other", "=C2+C3", 0]])
        known = _parts(raw, lambda _, x: re.sub(rb"<v ?/>|<v></v>", b"<v>11.734</v>", x))
        _write(tmp_path, known)
        assert figures(read(tmp_path, SOURCE)[0])["2024-01-03", "Other", "spend"] == 11.734

    @pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"])
    def test_xml_entities(self, part: str, tmp_path: Path) -> None:
        (tmp_path / "secret.txt").write_text("not to be told")
        evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "secret.txt"><!ENTITY a "aaaa">]>'

        def change(name: str, content: bytes) -> bytes:
            body = content.split(b"?>", 1)[-1]
            return evil + body.replace(b"Brand", b"&e;") if name == part else content

        _write(tmp_path, _parts(_book(), change))
        told = refused(tmp_path, SOURCE)
        assert "defines entities" in told
        assert "not to be told" not in told

    def test_a_bomb_is_judged_by_its_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = _parts(_book(), lambda _, content: content, {"xl/media/large.bin": bytes(40_000_000)})
        assert len(raw) < 100_000
        monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("a part was unpacked"))
        _write(tmp_path, raw)
        assert "would unpack to 40," in refused(tmp_path, SOURCE)

    def test_a_large_honest_workbook_is_no_bomb(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(workbook_guard, "LOOKED_AT", 1_000)
        _write(tmp_path, _book())
        assert figures(read(tmp_path, SOURCE)[0]) == TRUTH

    @pytest.mark.parametrize("cut", [30, 300, 2_000])
    def test_damage(self, cut: int, tmp_path: Path) -> None:
        _write(tmp_path, _book()[:-cut])
        assert "damaged" in refused(tmp_path, SOURCE)

    def test_a_part_that_is_no_xml(self, tmp_path: Path) -> None:
        _write(tmp_path, _parts(_book(), lambda name, x: x[: len(x) // 2] if "sheet1" in name else x))
        assert "damaged" in refused(tmp_path, SOURCE)

    @pytest.mark.parametrize(
        ("part", "says"),
        [("xl/workbook.bin", "xlsb"), ("mimetype", "ods"), ("word/document.xml", "Word"), ("a.csv", "zip archive")],
    )
    def test_other_archives(self, part: str, says: str, tmp_path: Path) -> None:
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr(part, "x")
        _write(tmp_path, sink.getvalue())
        assert says in refused(tmp_path, SOURCE)

    def test_an_old_workbook(self, tmp_path: Path) -> None:
        _write(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
        assert "old Excel workbook" in refused(tmp_path, SOURCE)


def test_macros_and_links_are_ignored_and_listed(tmp_path: Path) -> None:
    raw = _parts(
        _book(),
        lambda _, content: content,
        {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/externalLinks/externalLink1.xml": b"<externalLink/>"},
    )
    _write(tmp_path, raw)
    facts, log = read(tmp_path, SOURCE)
    assert figures(facts) == TRUTH
    assert "macros and links to other files" in named(log, "workbook_ignored").says


def test_a_workbook_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    _write(tmp_path, _book(), "ads.csv")
    facts, log = read(tmp_path, SOURCE | {"file": "ads.csv"})
    assert figures(facts) == TRUTH
    assert "workbook" in named(log, "file_extension").says


def _formatted(form: str, column: int) -> bytes:
    def change(sheet: Any) -> None:
        for (cell,) in sheet.iter_rows(min_row=2, min_col=column, max_col=column):
            cell.number_format = form

    return _book([[date(2024, 1, d), "Brand", d / 100, d] for d in (1, 2, 3)], change)


class TestFormats:
    @pytest.mark.parametrize(
        ("form", "sign"),
        [
            ("General", None), ("0.00%", "%"), ("[$$-409]#,##0.00", "$"), ("#,##0.00 [$€-1]", "€"), ("$#,##0", "$"),
            ('_-* #,##0.00\\ "zł"_-;\\-* #,##0.00\\ "zł"_-', "zł"), ("[$USD] #,##0", "USD"), ('#,##0" szt"', None),
            ('"$"#,##0_);("$"#,##0)', None), ("[Red]-0.00", None), ("0.0E+00", None), ("[$-409]0.00", None),
            ("yyyy-mm-dd", None), ("[$Rp-421]* #,##0", "Rp"),
        ],
    )  # fmt: skip
    def test_the_sign_that_a_format_shows(self, form: str, sign: str | None) -> None:
        assert sign_of(form) == sign

    def test_money_in_another_currency_is_asked_about(self, tmp_path: Path) -> None:
        (tmp_path / "ads.xlsx").write_bytes(_formatted("[$$-409]#,##0.00", 3))
        told = refused(tmp_path, SOURCE)
        assert "ads.xlsx, sheet Sheet, row 2, column Cost: '$' may be USD" in told
        facts, _ = read(tmp_path, SOURCE | {"currency": "USD"})
        assert facts.money_in == {("spend", "USD"): pytest.approx(0.06)}
        (tmp_path / "ads.xlsx").write_bytes(_formatted("#,##0.00 [$€-1]", 3))
        facts, log = read(tmp_path, SOURCE)
        assert facts.money_in == {("spend", "EUR"): pytest.approx(0.06)}
        assert not log.findings

    @pytest.mark.parametrize(
        ("percent", "first"), [({}, 0.01), ({"percent": "fraction"}, 0.01), ({"percent": "points"}, 1.0)]
    )
    def test_percent(self, percent: dict[str, str], first: float, tmp_path: Path) -> None:
        (tmp_path / "ads.xlsx").write_bytes(_formatted("0%", 3))
        facts, log = read(tmp_path, SOURCE | percent)
        assert figures(facts)["2024-01-01", "Brand", "spend"] == first
        assert [finding.name for finding in log.findings] == ["percent_format"] * (not percent)

    def test_percent_in_some_cells(self, tmp_path: Path) -> None:
        def change(sheet: Any) -> None:
            sheet["C3"].number_format = "0%"

        (tmp_path / "ads.xlsx").write_bytes(_book(change=change))
        assert "this cell has no percent sign and row 3 has one" in refused(tmp_path, SOURCE)


class TestHidden:
    def test_rows(self, tmp_path: Path) -> None:
        def change(sheet: Any) -> None:
            sheet.row_dimensions[3].hidden = True
            sheet.row_dimensions[40].hidden = True

        (tmp_path / "ads.xlsx").write_bytes(_book(change=change))
        facts, log = read(tmp_path, SOURCE)
        assert figures(facts) == TRUTH
        assert "1 row with figures is hidden" in named(log, "hidden_rows").says
        assert named(log, "hidden_rows").says.endswith(": 3.")

    def test_a_sheet(self, tmp_path: Path) -> None:
        def change(sheet: Any) -> None:
            sheet.parent.create_sheet("shown").append(["nothing"])
            sheet.parent.active = 1
            sheet.sheet_state = "hidden"

        (tmp_path / "ads.xlsx").write_bytes(_book(change=change))
        assert "'Sheet' is hidden" in named(read(tmp_path, SOURCE)[1], "hidden_sheet").says
        assert not read(tmp_path, SOURCE | {"sheet": "Sheet"})[1].findings
