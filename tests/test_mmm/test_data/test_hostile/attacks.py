"""Lines 55–68: files made to harm, and names that look like others."""

from __future__ import annotations

import io
import json
import pickle
import unicodedata
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, document
from tests.test_mmm.test_data.test_hostile.case import Case, Outcome, error, one_file, repaired, warned
from tests.test_mmm.test_data.test_hostile.figures import put
from tests.test_mmm.test_data.test_hostile.structure import renamed

_VALUES = {
    "e-mail addresses": "jane.roe{i}@example.org",
    "phone numbers": "+49 170 12345{i:02d}",
    "IP addresses": "192.168.7.{i}",
    "device identifiers": "6D92078A-8246-4BA4-AE5B-76104861{i:04d}",
}


def contacts(kind: str) -> list[str]:
    """Return what a column of this kind holds."""
    return [_VALUES[kind].format(i=i) for i in range(60)]


def _personal(kind: str) -> Case:
    return error(
        63,
        kind,
        lambda b: b.add("contact", contacts(kind)),
        f"60 of 60 cells look like {kind}",
        "column contact",
        "delete this column",
    )


def _outside(what: str, name: str) -> Case:
    """Name a file beside the project's folder; it lies there."""

    def write(folder: Path) -> None:
        one_file(lambda b: b, "outside.csv")(folder.parent)
        link = folder / "link.csv"
        link.unlink(missing_ok=True)
        link.symlink_to(folder.parent / "outside.csv")

    return Case(
        59,
        Outcome.ERROR,
        what,
        write,
        "leads outside the project folder",
        "data.file",
        "Put the file inside",
        model={"data": {"file": name}},
        file="model.yaml",
    )


def _settings(number: int, what: str, change: Callable[[str], str], says: str, where: str) -> Case:
    """Damage the model file; ``where`` names its line."""

    def write(folder: Path) -> None:
        one_file(lambda b: b)(folder)
        text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in document().items())
        (folder / "hostile.yaml").write_text(change(text), encoding="utf-8")

    return Case(number, Outcome.ERROR, what, write, says, where, "", file="hostile.yaml", settings="hostile.yaml")


def _bomb(text: str) -> str:
    """Nine levels of nine aliases: 3.9 billion names if anybody wrote them out."""
    levels = ["b0: &b0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    levels += [f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join([*levels, text])


def parquet(book: Book) -> bytes:
    columns: dict[str, Any] = {"week": pa.array([date.fromisoformat(x) for x in book.cells("week")], pa.date32())}
    columns |= {name: [float(x) for x in book.cells(name)] for name in book.header[1:]}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


_E_NFC, _E_NFD = (unicodedata.normalize(form, "prix_é") for form in ("NFC", "NFD"))
_HTML = "<img src=x onerror=alert(1)>"

CASES: list[Case] = [
    error(55, "read as a number", put(8, "revenue", "=1+2"), "is not a number", "row 10, column revenue", "Correct"),
    _outside("upwards", "../outside.csv"),
    _outside("absolute", "/etc/passwd"),
    _outside("a link", "link.csv"),
    _settings(
        60,
        "a call",
        lambda text: text + '\nlift_tests: !!python/object/apply:os.system ["touch canary"]',
        "the tag",
        "line 5",
    ),
    _settings(60, "a type", lambda text: text + "\ncurrency: !!str EUR", "the tag", "line 5"),
    _settings(61, "nine levels", _bomb, "anchors (&name) are not allowed", "line 1"),
    _settings(61, "an alias", lambda text: text + "\ncurrency: *eur", "aliases (*name) are not allowed", "line 5"),
    _settings(
        62,
        "NO as a truth value",
        lambda text: text.replace('"date"', '"outcome_is_money": NO, "date"'),
        "'NO' is not true or false",
        "line 1, data.outcome_is_money",
    ),
    _settings(
        62,
        "010 as a number",
        lambda text: text.replace('"date"', '"units": {"tv_spend": 010}, "date"'),
        "'010' is not a number",
        "line 1, data.units.tv_spend",
    ),
    _settings(
        62,
        "12:30:00 as a number",
        lambda text: text.replace('"date"', '"units": {"tv_spend": 12:30:00}, "date"'),
        "number",
        "line 1, data.units.tv_spend",
    ),
    *map(_personal, _VALUES),
    error(64, "pickle", lambda b: pickle.dumps(b.rows), "a pickle or joblib file", "", "can run code"),
    error(64, "joblib", lambda b: zlib.compress(pickle.dumps(b.rows)), "a pickle or joblib file", "", "can run code"),
    repaired(66, "Parquet called CSV", parquet, "file_extension", "Parquet by its content"),
    Case(
        66,
        Outcome.REPAIRED,
        "text called Parquet",
        one_file(lambda b: b, "weekly.parquet"),
        "delimited text by its content",
        finding="file_extension",
        model={"data": {"file": "weekly.parquet"}},
        file="weekly.parquet",
    ),
    error(66, "a web page", lambda b: b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page", "", "login"),
    error(66, "JSON", lambda b: b'{"rows": [1, 2]}', "JSON", "", "CSV"),
    repaired(67, "HTML", renamed(price=_HTML), "markup_in_name", "<img src=x", model={"controls": [_HTML]}),
    repaired(
        67,
        "terminal codes",
        renamed(price="\x1b[31mred"),
        "markup_in_name",
        "shown as plain text",
        model={"controls": ["\x1b[31mred"]},
    ),
    repaired(
        68,
        "composed and not",
        renamed(price=_E_NFD),
        "unicode_name",
        "look the same",
        model={"controls": [_E_NFC]},
        severity=Severity.WARNING,
    ),
    warned(
        68,
        "composed and not",
        renamed(price=_E_NFD),
        "unicode_name",
        "look the same",
        model={"controls": [_E_NFC]},
        judge=lambda panel: panel.control_names == (_E_NFC,),
    ),
]
