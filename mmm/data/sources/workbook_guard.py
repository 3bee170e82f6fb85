"""A workbook before it is opened: archives that swell, XML that defines entities, macros and links to other files."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from mmm.data.log import ReadingLog, counted
from mmm.data.privacy import safe
from mmm.exceptions import DataError

#: Bytes that the parts of a workbook may unpack to, and from where their swelling is looked at.
MAX_UNPACKED, LOOKED_AT = 600_000_000, 20_000_000
MAX_RATIO = 150
MAX_PARTS = 5_000
_EXPORT = "Export the sheet as CSV (UTF-8) and name that file."
_FIRST = re.compile(rb"<(?:\w+:)?(?:f|mergeCell)[\s/>]")
_HIDDEN = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\shidden=["'](?:1|true)["'])(?:[^>]*\s)?r=["'](\d+)["']""")
#: What the readers of archives, of XML and of workbooks raise on damaged files.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError,
    EOFError, OverflowError, NotImplementedError, RuntimeError, AssertionError,
)  # fmt: skip


@contextmanager
def damage_told(file: str) -> Iterator[None]:
    """Say in one sentence that a workbook is damaged, whatever its readers say; only their calls belong in here."""
    try:
        yield
    except (DefusedXmlException, *DAMAGED) as error:
        raise _damage(file, error) from error


def each[T](found: Iterator[T], file: str) -> Iterator[T]:
    """Yield what a reader of workbooks finds; what it raises on the way is told as damage, and nothing else is."""
    while True:
        try:
            one = next(found)
        except StopIteration:
            return
        except (DefusedXmlException, *DAMAGED) as error:
            raise _damage(file, error) from error
        yield one


def _damage(file: str, error: Exception) -> DataError:
    if isinstance(error, DefusedXmlException):
        return DataError(
            "the workbook's XML defines entities or a document type, which no spreadsheet program writes",
            where=file,
            do=f"Do not trust this file. {_EXPORT}",
        )
    return DataError("the workbook is damaged or has a password", where=file, do=f"Save it again. {_EXPORT}")


@dataclass(frozen=True)
class SheetMarks:
    """What a sheet's XML says beside its values.

    Attributes
    ----------
    merged : tuple of str
        Ranges of merged cells, as in ``A1:C1``.
    uncounted : frozenset of str
        Cells with a formula and no value.
    hidden : frozenset of int
        Rows that are not shown, by hand or by a filter.
    """

    merged: tuple[str, ...]
    uncounted: frozenset[str]
    hidden: frozenset[int] = frozenset()


def guard(raw: bytes, file: str, log: ReadingLog) -> dict[str, str]:
    """Judge a workbook by its directory and the head of each part, before anything is unpacked whole.

    Parameters
    ----------
    raw : bytes
    file : str
    log : ReadingLog
        Macros and links to other files are ignored, and listed here.

    Returns
    -------
    dict
        Sheet's name → its part in the archive, in the order of the workbook.

    Raises
    ------
    DataError
        An archive that swells beyond all workbooks, XML entities, or damage.
    """
    with damage_told(file):
        archive = zipfile.ZipFile(io.BytesIO(raw))
    names = archive.namelist()
    _refuse_bomb(archive, len(raw), file)
    with damage_told(file):
        for name in names:
            if name.endswith((".xml", ".rels", ".vml")):
                with archive.open(name) as part:
                    next(iter(_parsed(part)), None)
        relations = archive.open("xl/_rels/workbook.xml.rels")
        book = archive.open("xl/workbook.xml")
    with relations, book:
        sheets = _sheets(relations, book, file)
    _list_ignored(names, file, log)
    return sheets


def _parsed(part: Any, events: tuple[str, ...] = ("start",)) -> Iterator[tuple[str, Element]]:
    found: Iterator[tuple[str, Element]] = iterparse(part, events=events, forbid_dtd=True)
    return found


def _refuse_bomb(archive: zipfile.ZipFile, size: int, file: str) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or total > MAX_UNPACKED or (total > LOOKED_AT and total > MAX_RATIO * size):
        raise DataError(
            f"the workbook has {size:,} bytes and would unpack to {total:,} in {counted(len(parts), 'part')}: "
            "it is made to fill the memory, or too large",
            where=file,
            do=f"Do not open it if you do not know it. {_EXPORT}",
        )


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _sheets(relations: Any, book: Any, file: str) -> dict[str, str]:
    """Return sheet → part, by the workbook's relations."""
    targets: dict[str, str] = {}
    for _, element in each(_parsed(relations), file):
        if _local(element.tag) == "Relationship":
            target = element.get("Target", "")
            targets[element.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found: dict[str, str] = {}
    for _, element in each(_parsed(book), file):
        if _local(element.tag) == "sheet":
            ids = [value for key, value in element.items() if _local(key) == "id"]
            found[element.get("name", "")] = targets.get(ids[0], "") if ids else ""
    return found


def _list_ignored(names: list[str], file: str, log: ReadingLog) -> None:
    kinds: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("macros", lambda name: name.endswith("vbaProject.bin") or "/macrosheets/" in name),
        ("links to other files", lambda name: name.startswith("xl/externalLinks/") and name.endswith(".xml")),
        ("data connections", lambda name: name == "xl/connections.xml"),
        ("embedded files", lambda name: name.startswith(("xl/embeddings/", "xl/activeX/"))),
    )
    found = [kind for kind, is_such in kinds if any(map(is_such, names))]
    if found:
        log.repaired(
            "workbook_ignored",
            f"The workbook holds {' and '.join(found)}: ignored, never run or followed.",
            where=file,
            do="Nothing; only the values of cells are read.",
        )


def marks_of(raw: bytes, part: str, file: str) -> SheetMarks:
    """Find merged cells, formulas without a value, and hidden rows, in one sheet's part."""
    merged: list[str] = []
    uncounted: set[str] = set()
    with damage_told(file):
        archive = zipfile.ZipFile(io.BytesIO(raw))
        text = archive.read(part)
    hidden = frozenset(int(row) for row in _HIDDEN.findall(text))
    if text[:2] not in (b"\xff\xfe", b"\xfe\xff") and _FIRST.search(text) is None:
        return SheetMarks((), frozenset(), hidden)
    for _, element in each(_parsed(io.BytesIO(text), ("end",)), file):
        tag = _local(element.tag)
        if tag == "mergeCell":
            merged.append(element.get("ref", ""))
        elif tag == "c":
            kinds = {_local(child.tag): child.text for child in element}
            if "f" in kinds and not kinds.get("v") and "is" not in kinds:
                uncounted.add(element.get("r", ""))
        elif tag == "row":
            element.clear()
    return SheetMarks(tuple(merged), frozenset(uncounted), hidden)


def sheet_named(sheets: dict[str, str], asked: str, file: str) -> str:
    """Return the sheet of a name, but for case and spaces."""
    found = [name for name in sheets if " ".join(name.split()).casefold() == " ".join(asked.split()).casefold()]
    if len(found) != 1:
        there = ", ".join(repr(safe(name)) for name in list(sheets)[:8])
        raise DataError(
            f"the workbook has no sheet '{safe(asked)}'; it has {there}", where=file, do="Correct data.sheet."
        )
    return found[0]
