"""What a reader of workbooks raises is damage, told in a sentence; a mistake of our own is not covered up by it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from defusedxml.common import EntitiesForbidden
from openpyxl import Workbook

from mmm.data.log import ReadingLog
from mmm.data.sources.workbook import read_workbook
from mmm.data.sources.workbook_guard import DAMAGED, each
from mmm.exceptions import DataError


def test_a_row_that_calls_itself_the_last_of_a_billion_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmm.data.sources.workbook.MAX_ROWS", 5_000)
    raw, book = io.BytesIO(), Workbook()
    for row in (["week", "revenue"], ["2025-01-06", 1], ["2025-01-13", 2]):
        book.active.append(row)
    book.save(raw)
    far = io.BytesIO()
    with zipfile.ZipFile(raw) as before, zipfile.ZipFile(far, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(b'<row r="3"', b'<row r="999999999"'))
    with pytest.raises(DataError, match="beyond all that a sheet can have"):
        read_workbook(far.getvalue(), "x.xlsx", ReadingLog(), wanted=["week"])


def found(*things: object) -> Iterator[object]:
    """Yield things, and raise those that are errors."""
    for one in things:
        if isinstance(one, BaseException):
            raise one
        yield one


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_a_reader_raises_is_told_as_damage(kind: type[Exception]) -> None:
    rows = each(found(1, 2, kind("x")), "x.xlsx")
    assert [next(rows), next(rows)] == [1, 2]
    with pytest.raises(DataError, match=r"x\.xlsx: the workbook is damaged or has a password"):
        next(rows)


def test_entities_are_told_as_such() -> None:
    with pytest.raises(DataError, match="defines entities"):
        list(each(found(EntitiesForbidden("a", "b", None, None, None, None)), "x.xlsx"))


def test_what_is_done_with_a_row_is_not_covered_up() -> None:
    def our_own() -> None:
        for one in each(found("1", "x"), "x.xlsx"):
            int(str(one))

    with pytest.raises(ValueError, match="invalid literal"):
        our_own()
    assert list(each(found(1, 2), "x.xlsx")) == [1, 2]
