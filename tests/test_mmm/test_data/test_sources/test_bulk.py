"""The lane of large files against reading cell by cell: the same figures, the same account, whatever the file."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data.log import ReadingLog
from mmm.data.sources import opening
from mmm.data.sources.bulk import lane, query
from mmm.data.sources.facts import Facts
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_sources.room import LONG, named, read, refused, write

SOURCE = {"file": "ex", **LONG, "geo": "Geo"}
HEADER = ["Day", "Campaign", "Ad ID", "Geo", "Cost", "Reach", "Clicks"]

numbers = st.one_of(
    st.just(""),
    st.integers(-5, 9_999).map(str),
    st.integers(-900_000, 900_000).map(lambda n: f"{n / 100:.2f}"),
    st.sampled_from(["0.1234", "7.5", "12345678.25"]),
)
rows = st.lists(
    st.tuples(
        st.integers(0, 20).map(lambda n: (date(2024, 2, 20) + timedelta(days=n)).isoformat()),
        st.sampled_from(["Brand", " Brand", "brand, autumn", 'Say "hi"', "Żółw 2024"]),
        st.integers(1, 3).map(str),
        st.sampled_from(["DE", "NA", "007"]),
        numbers,
        st.integers(0, 3).map(str),
        numbers,
    ),
    min_size=2,
    max_size=25,
)


def _text(body: list[tuple[str, ...]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([HEADER, *body])
    return out.getvalue()


def _summed(facts: Facts) -> dict[tuple[Any, ...], list[Any]]:
    """Add facts up by file, day, geo, label, metric, currency and emptiness: [value, rows, first, last row]."""
    found: dict[tuple[Any, ...], list[Any]] = {}
    parts: dict[tuple[Any, ...], float] = defaultdict(float)
    for x in facts.table.to_pylist():
        key = (x["file"], x["first_day"], x["geo"], x["label"], x["metric"], x["currency"], x["value"] is None)
        parts[key] += x["value"] or 0.0
        old = found.get(key, [0, 0, 10**9, 0])
        found[key] = [0, old[1] + x["rows"], min(old[2], x["row"]), max(old[3], x["last_row"])]
    return {key: [round(parts[key], 4), *value[1:]] for key, value in found.items()}


def _account(log: ReadingLog) -> tuple[object, ...]:
    money: dict[str, float] = defaultdict(float)
    for item in log.excluded:
        for name, value in item.spend.items():
            money[name] += value
    return (
        sum(item.rows for item in log.excluded),
        {name: round(value, 4) for name, value in money.items()},
        sorted((x.name, x.severity) for x in log.findings),
    )


def _both(folder: Path, source: dict[str, Any]) -> None:
    """Read in both lanes and compare; a refusal must be the same sentence."""
    results = []
    for large in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "FROM_BYTES", 0 if large else 10**12)
            try:
                facts, log = read(folder, source)
            except DataError as error:
                results.append(str(error))
            else:
                money = {key: round(value, 4) for key, value in facts.money_in.items()}
                results.append((_summed(facts), facts.files, money, _account(log)))
    assert results[0] == results[1]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rows, min_size=1, max_size=2), st.sampled_from([",", ";"]), st.booleans(), st.booleans())
def test_both_lanes_agree(files: list[Any], delimiter: str, only: bool, twice: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for i, body in enumerate(files):
            write(folder, {f"ex/{i}.csv": _text(body + body[:1] * twice, delimiter)})
        _both(folder, SOURCE | {"grain": "daily"} | ({"only": {"Geo": ["DE", "na"]}} if only else {}))


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("2024-03-01", "01.03.2024"),
        lambda t: t + "Total,,,,99,,1\n",
        lambda t: "Report\n" + t,
        lambda t: t.replace("1.5", "1.500"),
        lambda t: t.replace("1.5", "€1.5"),
        lambda t: t.replace("1.5", '"1,5"'),
        lambda t: t.replace("Brand", '"Bra\nnd"'),
        lambda t: t.replace("\n", "\n\n", 2),
        lambda t: t.replace("Brand", "a@b.org"),
        lambda t: t.replace("Brand", "+49 170 1234567"),
        lambda t: "\ufeff" + t,
        lambda t: t.replace("2024-03-02", ""),
        lambda t: t.replace("Brand", ""),
        lambda t: t.replace(",5\n", ",x\n"),
        lambda t: t.replace(",5\n", ",5,6\n"),
        lambda t: t.replace(",5\n", "\n"),
        lambda t: t.replace(",5\n", ',"5\n'),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace(",5\n", ",1e3\n"),
        lambda t: t.replace(",5\n", f",{'9' * 20}\n"),
        lambda t: t.replace("2024-03-0", "2024-02-3"),
    ],
)  # fmt: skip
def test_what_is_odd_is_read_cell_by_cell(change: Any, tmp_path: Path) -> None:
    body = [(f"2024-03-0{d}", name, "11", "DE", f"{d}.5", "3", "5") for d in (1, 2, 3) for name in ("Brand", "Other")]
    write(tmp_path, {"ex/a.csv": change(_text(body))})
    _both(tmp_path, SOURCE)


@pytest.mark.parametrize(
    ("header", "codes", "more"),
    [
        ("Cost (USD)", "x", {}),
        ("Cost (USD)", "x", {"rates": {"USD": 0.9}}),
        ("Cost (USD)", "EUR", {"rates": {"USD": 0.9}}),
        ("Cost (USD)", "USD", {"rates": {"USD": 0.9}, "currency": "EUR"}),
        ("Cost (EUR)", "USD", {"currency_column": "Konto", "rates": {"USD": 0.9}}),
        ("Cost", "USD", {}),
        ("Cost", "EUR", {}),
        ("Cost (k)", "EUR", {}),
        ("Cost", "16 digits", {"units": {"Cost": 1e-6}}),
    ],
)
def test_money_of_both_lanes(header: str, codes: str, more: dict[str, Any], tmp_path: Path) -> None:
    cost = "1000000168000000" if codes == "16 digits" else "7.5"
    body = [f"2024-03-0{d},{name},{cost},5,{codes}" for d in (1, 2, 3) for name in ("Brand", "Other")]
    write(tmp_path, {"ex/a.csv": "\n".join([f"Day,Campaign,{header},Clicks,Konto", *body]) + "\n"})
    _both(tmp_path, {"file": "ex", **LONG, "metrics": {"spend": header, "clicks": "Clicks"}, **more})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.replace("2.5", '"2,5"'), "a.csv, row 3, column Cost: '2,5'"),
        (lambda t: t.replace("2024-03-02", "2nd of March"), "a.csv, row 3, column Day: '2nd of March' is not a date"),
        (lambda t: t.replace("3.5", "1.234").replace("2.5", "7").replace("1.5", "8"), "row 4, column Cost"),
        (lambda t: t.replace(",5\n", ",5,6\n", 1), "row 2: this row has 8 fields"),
        (lambda t: t.replace("Brand", "a@b.org"), "column Campaign: 3 of 3 cells look like e-mail addresses"),
    ],
)  # fmt: skip
def test_too_large_to_be_read_cell_by_cell(
    change: Any, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = [(f"2024-03-0{d}", "Brand", "11", "DE", f"{d}.5", "3", "5") for d in (1, 2, 3)]
    write(tmp_path, {"ex/a.csv": change(_text(body))})
    monkeypatch.setattr(opening, "FROM_BYTES", 0)
    monkeypatch.setattr(lane, "MAX_BYTES", 10)
    told = refused(tmp_path, SOURCE)
    assert says in told
    assert "a@b.org" not in told


def test_large_files_stay_in_their_lane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = [(f"2024-03-0{d}", "Brand", "11", "DE", f"{d}.5", "3", "5") for d in (1, 2, 3)]
    write(tmp_path, {"ex/a.csv": _text(body), "ex/b.csv": _text(body[:2])})
    monkeypatch.setattr(opening, "FROM_BYTES", 0)
    monkeypatch.setattr(opening, "_read_file", lambda *_: pytest.fail("read cell by cell"))
    facts, _ = read(tmp_path, SOURCE)
    assert [one.rows_used for one in facts.files] == [3, 2]


def test_identical_rows_are_judged_by_disk_as_by_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = [(f"2024-03-0{d}", "Brand", "11", "DE", f"{d}.5", "3", "5") for d in (1, 2, 3, 3, 3)]
    write(tmp_path, {"ex/a.csv": _text(body)})
    monkeypatch.setattr(opening, "FROM_BYTES", 0)
    _, log = read(tmp_path, SOURCE)
    assert named(log, "duplicate_rows").where == "ex/a.csv, rows 5 and 1 more"
    monkeypatch.setattr(query, "_IN_MEMORY", 0)
    _, again = read(tmp_path, SOURCE)
    assert again.excluded == log.excluded
    assert log.excluded[0].spend == {"spend": 7.0}


@pytest.mark.parametrize("odd", ["", "2024-01-02,DE,7,8,1\n", "2024-01-02,DE,,8,\n"])
def test_a_wide_source_has_one_row_a_date_in_both_lanes(odd: str, tmp_path: Path) -> None:
    lines = [f"2024-01-{d:02},{g},{d},{d * 2.5},{g}" for d in (1, 2, 3) for g in ("DE", "PL")]
    write(tmp_path, {"ex/a.csv": "day,country,tv_spend,price,note\n" + "\n".join(lines) + "\n" + odd})
    _both(tmp_path, {"file": "ex", "date": "day", "geo": "country"})
    _both(tmp_path, {"file": "ex", "date": "day", "geo": "country", "repeats": "add"})


def test_currencies_units_and_one_column_of_two_metrics(tmp_path: Path) -> None:
    lines = [f"2024-01-{d:02},A,{c},{d}000000" for d in (1, 2, 3) for c in ("EUR", "usd", "")]
    write(tmp_path, {"ex/a.csv": "Day,Campaign,Currency,Cost\n" + "\n".join(lines) + "\n"})
    source = {"file": "ex", "date": "Day", "channel": "Campaign", "units": {"Cost": 0.000001}}
    _both(tmp_path, source | {"metrics": {"spend": "Cost", "fees": "Cost"}})
    _both(tmp_path, source | {"metrics": {"spend": "Cost"}, "currency_column": "Currency", "decimal": ","})
