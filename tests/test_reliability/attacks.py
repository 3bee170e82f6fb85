"""The files of row 13: each tries to run code, to reach out, to read or write elsewhere, or to fill the memory."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.test_mmm.test_data.book import Book, document, weekly
from tests.test_mmm.test_data.test_hostile.rooms import MEDIA, SALES, part
from tests.test_mmm.test_data.test_hostile.workbooks import bomb, entities, macros, parts, workbook

#: What an attack would write if it succeeded, and what it must never show.
CANARY, SECRET = "canary", "not-to-be-told"
FORMULA = "=cmd|' /C calc'!A0"


@dataclass(frozen=True)
class Attack:
    """One folder.

    Attributes
    ----------
    name : str
    make : callable
        Writes the files; given the folder and the port of a listener.
    says : str
        Part of the sentence; empty where the file is harmless once its trick is ignored: then the data are read.
    finding : str
        Name of the finding that lists what was ignored, where it is read.
    """

    name: str
    make: Callable[[Path, int], None]
    says: str
    finding: str = ""


class Evil:
    """Writes a canary when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, (f"touch {CANARY}",))


def model(folder: Path, **changes: Any) -> None:
    """Write ``model.yaml``; with ``sources``, without the one file."""
    content = document(**changes)
    if "sources" in content:
        content["data"] = {key: x for key, x in content["data"].items() if key not in ("file", "date")}
    (folder / "model.yaml").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _file(content: Callable[[int], bytes], name: str = "weekly.csv") -> Callable[[Path, int], None]:
    def make(folder: Path, port: int) -> None:
        (folder / name).write_bytes(content(port))
        model(folder, data={"file": name})

    return make


def _yaml(text: str) -> Callable[[Path, int], None]:
    def make(folder: Path, _: int) -> None:
        (folder / "weekly.csv").write_text(weekly().text())
        plain = "\n".join(f"{key}: {json.dumps(value)}" for key, value in document().items())
        (folder / "model.yaml").write_text(text.replace("PLAIN", plain))

    return make


def _numpy() -> bytes:
    sink = io.BytesIO()
    np.save(sink, np.array([Evil()], dtype=object), allow_pickle=True)
    return sink.getvalue()


def _parquet() -> bytes:
    """A column whose metadata name a Python type by a pickle, which readers once opened."""
    trick = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickle.dumps(Evil())}
    book = weekly()
    fields = [pa.field("week", pa.string()), *(pa.field(name, pa.float64()) for name in book.header[1:])]
    fields.append(pa.field("trick", pa.int64(), metadata=trick))
    columns = [book.cells("week"), *([float(x) for x in book.cells(name)] for name in book.header[1:]), [1] * 60]
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), sink)
    return sink.getvalue()


def _forged() -> bytes:
    """A workbook whose directory says that a swelling part is small."""
    raw = bytearray(bomb())
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return bytes(raw.replace(size.to_bytes(4, "little"), (9000).to_bytes(4, "little")))


def _reaching(port: int) -> bytes:
    """A workbook whose XML and links name a server."""
    door = f"http://127.0.0.1:{port}/x".encode()
    evil = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "' + door + b'">'
    return parts(
        workbook(weekly()),
        lambda name, x: evil + x.split(b"?>", 1)[-1] if "sharedStrings" in name or "sheet1" in name else x,
    )


def _linked(port: int) -> bytes:
    door = f"http://127.0.0.1:{port}/x".encode()
    link = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="'
        + door
        + b'" TargetMode="External"/></Relationships>'
    )
    more = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>", "../../canary": b"x", "/canary": b"x"}
    return parts(workbook(weekly()), more=more | {"xl/externalLinks/_rels/externalLink1.xml.rels": link})


def _far_cell() -> bytes:
    return workbook(weekly(), lambda sheet: sheet.__setitem__("A1048576", "Source: finance"))


def _pointing(**changes: Any) -> Callable[[Path, int], None]:
    """Name files beside the folder, which hold a secret."""

    def make(folder: Path, _: int) -> None:
        (folder / "weekly.csv").write_text(weekly().text())
        (folder.parent / "secret.txt").write_text(f"{SECRET}\n")
        (folder / "link.csv").symlink_to(folder.parent / "secret.txt")
        (folder / "far").symlink_to(folder.parent)
        os.mkfifo(folder / "pipe.csv")
        model(folder, **changes)

    return make


def _media(**keys: Any) -> Mapping[str, Any]:
    return {"media": {"date": "week"} | keys, "sales": {"file": "sales.csv", "date": "week"}}


def _sources(**keys: Any) -> Callable[[Path, int], None]:
    def make(folder: Path, port: int) -> None:
        _pointing()(folder, port)
        (folder / "sales.csv").write_text(part(weekly(), SALES).text())
        model(folder, sources=_media(**keys))

    return make


def _database(kind: str, *, query: str = "", table: str = "") -> Callable[[Path, int], None]:
    """A database file with the media in a table, another one beside it, and a query or table of the model file."""

    def make(folder: Path, port: int) -> None:
        (folder / "sales.csv").write_text(part(weekly(), SALES).text())
        (folder / "secret.csv").write_text(f"week,tv_spend\n2024-01-01,{SECRET}\n")
        media = part(weekly(), MEDIA)
        columns = "(week TEXT, tv_spend DOUBLE PRECISION, search_spend DOUBLE PRECISION, clicks INTEGER, news INTEGER)"
        connect: Any = sqlite3.connect if kind == "sqlite" else duckdb.connect
        with closing(connect(str(folder / f"shop.{kind}"))) as base:
            base.execute(f"CREATE TABLE ads {columns}")
            base.execute('CREATE TABLE "a""; DROP TABLE ads; --" (x TEXT)')
            base.executemany("INSERT INTO ads VALUES (?, ?, ?, ?, ?)", media.rows)
            base.commit()
        asked = {"query": query.replace("PORT", str(port))} if query else {"table": table}
        model(folder, sources=_media(file=f"shop.{kind}", **asked))

    return make


def _names(*, bulk: bool) -> Callable[[Path, int], None]:
    """Every name that a data file or a model file may give is an attempt to leave the statement it is put into."""

    def make(folder: Path, _: int) -> None:
        evil = "tv\"); COPY (SELECT 1) TO 'canary'; --"
        other = "x'); ATTACH 'canary' AS c; --"
        book = part(weekly(), MEDIA)
        book.header[book.column("tv_spend")] = evil
        book.header[book.column("news")] = FORMULA
        book.add(other, ["'; COPY ads TO 'canary'; --"] * 60)
        (folder / "media'); COPY (SELECT 1) TO 'canary'; --.csv").write_text(book.text())
        (folder / "sales.csv").write_text(part(weekly(), SALES).text())
        if bulk:
            (folder / "bulk").touch()
        channels = {"tv": {"spend": evil}, "search": {"spend": "search_spend", "exposure": "clicks"}}
        model(folder, channels=channels, organic=[FORMULA], sources=_media(file="media*.csv"))

    return make


def _events(folder: Path, port: int) -> None:
    """A log of events whose names, ids and labels are attempts to leave the statement."""
    _names(bulk=False)(folder, port)
    head = ["d\"); COPY (SELECT 1) TO 'canary'; --", 'p"; DROP TABLE x; --', "c'; COPY (SELECT 1) TO 'canary'; --"]
    label = "'; COPY (SELECT 1) TO 'canary'; --"
    days = weekly().cells("week")
    log = Book(head, [[day, f"p{i}'; COPY (SELECT 1) TO 'canary'; --", label] for day in days for i in range(60)])
    (folder / "log'; --.csv").write_text(log.text())
    source = {"file": "log'; --.csv", "date": head[0], "channel": head[2]}
    source |= {"events": {"person": head[1], "metrics": {"visits": {"count": "events"}}}}  # type: ignore[dict-item]
    content = json.loads((folder / "model.yaml").read_text(encoding="utf-8"))
    content["sources"]["log"] = source
    content["channels"]["search"]["exposure"] = "search_visits"
    content["join"] = {"channels": {label: "search"}}
    (folder / "model.yaml").write_text(json.dumps(content), encoding="utf-8")


_REFUSED_DUCKDB = {
    "COPY": f"COPY ads TO '{CANARY}'",
    "a COPY behind a SELECT": "SELECT * FROM ads; COPY ads TO 'canary'",
    "ATTACH": f"ATTACH '{CANARY}' AS c",
    "INSTALL": "INSTALL httpfs",
    "LOAD": "LOAD 'canary.duckdb_extension'",
    "EXPORT": f"EXPORT DATABASE '{CANARY}'",
    "CREATE": "CREATE TABLE c AS SELECT 1",
    "SET": "SET enable_external_access = true",
    "read_csv": "SELECT * FROM read_csv('secret.csv')",
    "a file as a table": "SELECT * FROM 'secret.csv'",
    "read_text": "SELECT content AS week FROM read_text('/etc/passwd')",
    "a server as a table": "SELECT * FROM 'http://127.0.0.1:PORT/x.csv'",
    "an environment variable": "SELECT getenv('HOME') AS week",
    "rows without end": "SELECT 'x' AS week, range AS tv_spend FROM range(9000000000000)",
}
_REFUSED_SQLITE = {
    "ATTACH": f"ATTACH '{CANARY}' AS c",
    "VACUUM INTO": f"VACUUM INTO '{CANARY}'",
    "load_extension": "SELECT load_extension('canary') AS week",
    "writefile": f"SELECT writefile('{CANARY}', 'x') AS week",
    "readfile": "SELECT readfile('/etc/passwd') AS week",
    "PRAGMA": "PRAGMA writable_schema = 1",
}
_BOMB = "\n".join(
    ["b0: &b0 [x, x, x, x, x, x, x, x, x]", *(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}'] * 9)}]" for i in range(1, 10))]
)

ATTACKS: list[Attack] = [
    *(
        Attack(
            f"pickle protocol {p}", _file(lambda _, p=p: pickle.dumps([Evil()], protocol=p)), "a pickle or joblib file"
        )
        for p in range(6)
    ),
    Attack("joblib", _file(lambda _: zlib.compress(pickle.dumps([Evil()]))), "a pickle or joblib file"),
    Attack("pickle in gzip", _file(lambda _: gzip.compress(pickle.dumps([Evil()]))), "compressed (gzip)"),
    Attack("pickle in NumPy", _file(lambda _: _numpy()), "a NumPy array"),
    Attack(
        "pickle called Parquet", _file(lambda _: pickle.dumps([Evil()]), "weekly.parquet"), "a pickle or joblib file"
    ),
    Attack("pickle in Parquet's metadata", _file(lambda _: _parquet(), "weekly.parquet"), ""),
    Attack("YAML call", _yaml(f'PLAIN\ncurrency: !!python/object/apply:os.system ["touch {CANARY}"]'), "the tag"),
    Attack("YAML object", _yaml("!!python/object/new:os.system [touch canary]"), "the tag"),
    Attack("YAML aliases", _yaml(f"{_BOMB}\nPLAIN"), "anchors"),
    Attack("YAML depth", _yaml("PLAIN\ncontrols: " + "[" * 5000), "nested more than"),
    Attack(
        "formula in CSV",
        _file(lambda _: weekly().put(8, "price", f"=cmd|' /C touch {CANARY}'!A0").text().encode()),
        "is not a number",
    ),
    Attack(
        "formula in a workbook",
        _file(
            lambda _: workbook(weekly(), lambda s: s.__setitem__("C10", '=WEBSERVICE("http://127.0.0.1/x")')),
            "weekly.xlsx",
        ),
        "never worked out",
    ),
    Attack("zip bomb", _file(lambda _: bomb(), "weekly.xlsx"), "would unpack to"),
    Attack("zip bomb that says it is small", _file(lambda _: _forged(), "weekly.xlsx"), "damaged"),
    Attack("a cell at the end of the sheet", _file(lambda _: _far_cell(), "weekly.xlsx"), "", "not_a_week"),
    *(
        Attack(f"XML entities in {name}", _file(lambda _, name=name: entities(name), "weekly.xlsx"), "defines entities")
        for name in (
            "xl/workbook.xml",
            "xl/worksheets/sheet1.xml",
            "xl/styles.xml",
            "xl/_rels/workbook.xml.rels",
            "docProps/core.xml",
            "xl/theme/theme1.xml",
        )
    ),
    Attack("XML of a server", _file(_reaching, "weekly.xlsx"), "defines entities"),
    Attack("macros", _file(lambda _: macros(), "weekly.xlsx"), "", "workbook_ignored"),
    Attack("a link to a server", _file(_linked, "weekly.xlsx"), "", "workbook_ignored"),
    Attack("upwards", _pointing(data={"file": "../secret.txt"}), "leads outside"),
    Attack("absolute", _pointing(data={"file": "/etc/passwd"}), "leads outside"),
    Attack("a link", _pointing(data={"file": "link.csv"}), "leads outside"),
    Attack("through a linked folder", _pointing(data={"file": "far/secret.txt"}), "leads outside"),
    Attack("a device", _pointing(data={"file": "/dev/zero"}), "leads outside"),
    Attack("a pipe", _pointing(data={"file": "pipe.csv"}), "not a file"),
    Attack("experiments upwards", _pointing(lift_tests="../secret.txt"), "leads outside"),
    Attack("a source upwards", _sources(file="../secret.txt"), "leads outside"),
    Attack("a source that is a link", _sources(file="link.csv"), "leads outside"),
    Attack("a source that is a pipe", _sources(file="pipe.csv"), "not a file"),
    Attack("a folder that is a link", _sources(file="far"), "leads outside"),
    Attack("a pattern upwards", _sources(file="../*.txt"), "leads outside"),
    Attack("a pattern through a link", _sources(file="far/*.txt"), "leads outside"),
    *(Attack(f"duckdb {name}", _database("duckdb", query=query), "query") for name, query in _REFUSED_DUCKDB.items()),
    *(Attack(f"sqlite {name}", _database("sqlite", query=query), "query") for name, query in _REFUSED_SQLITE.items()),
    Attack("duckdb table name", _database("duckdb", table="ads\"; COPY ads TO 'canary'; --"), "there is no table"),
    Attack("sqlite table name", _database("sqlite", table='a"; DROP TABLE ads; --'), "no rows"),
    Attack("names of columns and files", _names(bulk=False), ""),
    Attack("names in a large file", _names(bulk=True), ""),
    Attack("names and labels of a log", _events, ""),
]
