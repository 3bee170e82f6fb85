"""What a file really is, by its first bytes and never by its extension."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from enum import StrEnum

from mmm.exceptions import DataError


class Content(StrEnum):
    """What Mixwise reads."""

    TEXT = "text"
    PARQUET = "Parquet"
    WORKBOOK = "workbook"
    DUCKDB = "DuckDB"
    SQLITE = "SQLite"

    @property
    def says(self) -> str:
        """What messages call it."""
        return _SAYS[self]


_SAYS = {
    Content.TEXT: "delimited text",
    Content.PARQUET: "Parquet",
    Content.WORKBOOK: "a workbook (xlsx)",
    Content.DUCKDB: "a DuckDB database",
    Content.SQLITE: "an SQLite database",
}


_SAVE = "Export the table as CSV (UTF-8), xlsx or Parquet and name that file."
_UNPACK = "Unpack it and name the file inside. A folder of files can be named too."
_ARCHIVES = {
    "xl/workbook.bin": "a binary workbook (xlsb)",
    "mimetype": "an OpenDocument file (ods)",
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a presentation",
}
_PICKLE = "A pickle can run code when it is opened, so Mixwise never opens one. " + _SAVE
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (xls) or one with a password", _SAVE),
    (b"\x1f\x8b", "compressed (gzip)", "Unpack it first."),
    (b"BZh", "compressed (bzip2)", "Unpack it first."),
    (b"\xfd7zXZ", "compressed (xz)", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "compressed (zstandard)", "Unpack it first."),
    (b"ARROW1", "an Arrow/Feather file", _SAVE),
    (b"\x89HDF", "an HDF5 file", _SAVE),
    (b"%PDF", "a PDF document", _SAVE),
    (b"\x89PNG", "a picture (PNG)", _SAVE),
    (b"\xff\xd8\xff", "a picture (JPEG)", _SAVE),
    (b"\x93NUMPY", "a NumPy array", _SAVE),
    (b"\x7fELF", "a program", _SAVE),
    (b"MZ\x90", "a program", _SAVE),
    (b"{\\rtf", "a rich-text document", _SAVE),
)
_PICKLE_START = re.compile(
    rb"\x80[\x02-\x05]|[\]}]q[\x00-\x08]|\(dp\d|\(lp\d|ccopy_reg\n|c__builtin__\n|cposix\n|cos\n"
)
_HTML = re.compile(rb"\s*(?:<!doctype\s+html|<html|<\?xml|<table|<head|<body)", re.IGNORECASE)


def _is_zlib(head: bytes) -> bool:
    """Say whether the bytes are a zlib stream, as joblib writes; at most a few bytes are unpacked."""
    if not head.startswith(b"x"):
        return False
    try:
        zlib.decompressobj().decompress(head, 16)
    except zlib.error:
        return False
    return True


def _refuse_other_archives(raw: bytes, file: str) -> None:
    """Refuse a zip archive that is no xlsx or xlsm workbook; only its directory is read."""
    try:
        names = set(zipfile.ZipFile(io.BytesIO(raw)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise DataError("the workbook is damaged", where=file, do="Save it again, or export it as CSV.") from error
    if "xl/workbook.xml" in names:
        return
    kind = next((says for part, says in _ARCHIVES.items() if part in names), "a zip archive")
    raise DataError(f"this is {kind}, not a table", where=file, do=_UNPACK if kind == "a zip archive" else _SAVE)


def content_of(raw: bytes, file: str) -> Content:
    """Tell text, Parquet, workbooks and database files apart, and refuse everything else by name.

    Raises
    ------
    DataError
        Empty, a pickle or joblib file, an archive, a web page, or another known binary form.
    """
    head = raw[:512]
    if not raw.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise DataError("the file is empty", where=file, do="Export it again: the first line holds the column names.")
    if head.startswith(b"PAR1"):
        return Content.PARQUET
    if head.startswith(b"SQLite format 3\x00"):
        return Content.SQLITE
    if head[8:12] == b"DUCK":
        return Content.DUCKDB
    if head.startswith(b"PK\x03\x04"):
        _refuse_other_archives(raw, file)
        return Content.WORKBOOK
    if _PICKLE_START.match(head) or _is_zlib(head):
        raise DataError("this is a pickle or joblib file", where=file, do=_PICKLE)
    for start, kind, remedy in _REFUSED:
        if head.startswith(start):
            raise DataError(f"this is {kind}, not a table of text", where=file, do=remedy)
    if _HTML.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise DataError(
            "this is a web page or XML, not a table",
            where=file,
            do="A login page may have been saved instead. " + _SAVE,
        )
    if re.match(rb"\s*[\[{]\s*[\"{\[]", head):
        raise DataError("this is JSON, not a table", where=file, do=_SAVE)
    return Content.TEXT
