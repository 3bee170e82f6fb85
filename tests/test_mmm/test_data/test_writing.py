"""Numbers, dates and whole files, written at random in any dialect, are read back as they were."""

from __future__ import annotations

import math
import string
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data import read_panel
from mmm.data.encoding import decode
from mmm.data.log import ReadingLog
from mmm.data.numbers import Kind, Mark, read_cell
from mmm.data.privacy import safe
from mmm.data.spec import DecimalMark
from tests.test_mmm.test_data.book import TODAY, Book, conserve, spec

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MONEY = st.floats(0, 9e8, allow_subnormal=False)


@given(st.floats(-1e14, 1e14, allow_subnormal=False))
def test_any_float_reads_back_exactly(x: float) -> None:
    cell = read_cell(repr(x))
    assert cell.kind is Kind.NUMBER
    assert cell.value(DecimalMark.POINT) == x


@given(st.integers(-(10**14), 10**14), st.sampled_from([",", ".", " ", "\u00a0", "\u202f", "'", "’"]))
def test_thousands_in_any_separator(x: int, separator: str) -> None:
    cell = read_cell(f"{x:,}".replace(",", separator))
    assert cell.kind is Kind.NUMBER
    decimal = DecimalMark.COMMA if separator == "." else DecimalMark.POINT
    assert cell.value(decimal) == x
    if 1000 <= abs(x) < 10**6 and separator in ",.":
        assert cell.mark.is_open


@given(st.text(alphabet=string.printable + "€−٣٫\u00a0", max_size=12))
def test_any_text_is_read_or_told_apart(text: str) -> None:
    cell = read_cell(text)
    if cell.kind is Kind.NUMBER:
        mark = DecimalMark.COMMA if cell.mark is Mark.COMMA else DecimalMark.POINT
        assert math.isfinite(cell.value(mark))


@pytest.mark.parametrize(
    "text",
    [
        "12,3456,789",
        "1.23.456",
        "1 23",
        "1,2,3",
        "--5",
        "5-5",
        "0x1F",
        "1e",
        "½",
        "²",
        "1_000",
        "12:30",
        "5 €€",
        "abc",
        "=",
        "5 CR",
        "1.5k",
        "2M",
        "1.234.-",
        "\u00ad5",
    ],
)
def test_what_is_no_number_stays_text(text: str) -> None:
    assert read_cell(text).kind is Kind.TEXT


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234,567.8", 1234567.8),
        ("1.234.567,8", 1234567.8),
        ("12,34,567.5", 1234567.5),
        ("-$5.50", -5.5),
        ("(€1,234.50)", -1234.5),
        ("1'234.50 CHF", 1234.5),
        ("5.00-", -5.0),
        ("−5,5", -5.5),
        ("٣٬٤٥٦٫٧", 3456.7),
        ("۱۲", 12.0),
        ("1.5E-3", 0.0015),
        ("US$ 3.25", 3.25),
        ("12,50 zł", 12.5),
        ("-0", 0.0),
        ("\u200e5\u200f", 5.0),
        ("\u061c-\u0665", -5.0),
        ("$-5", -5.0),
        ("5 USD-", -5.0),
        ("Rp 1.500.000,-", 1500000.0),
        ("1.234,-", 1234.0),
        ("1,234.-", 1234.0),
        ("1'234.– CHF", 1234.0),
        ("1.234,--", 1234.0),
        ("12,— zł", 12.0),
        ("-1.234,-", -1234.0),
        ("(1.234,-)", -1234.0),
        ("0,-", 0.0),
    ],
)
def test_writings_of_numbers(text: str, value: float) -> None:
    cell = read_cell(text)
    assert cell.kind is Kind.NUMBER
    mark = DecimalMark.COMMA if cell.mark is Mark.COMMA else DecimalMark.POINT
    assert cell.value(mark) == value


@given(st.integers(0, 10**9), st.sampled_from([",-", ",–", ",--", ".-", ".—"]), st.sampled_from("+-"))
def test_no_cents_are_no_minus(x: int, tail: str, sign: str) -> None:
    text = f"{x:,}".replace(",", "." if tail[0] == "," else ",") + tail
    cell = read_cell("-" + text if sign == "-" else text)
    assert cell.kind is Kind.NUMBER
    assert cell.mark is (Mark.COMMA if tail[0] == "," else Mark.POINT)
    assert cell.value(DecimalMark(tail[0])) == (-x if sign == "-" else x)
    assert "no_cents" in cell.repairs


@pytest.mark.parametrize("text", ["(-5)", "(-1,234.50)", "-5-", "+5-", "-$-5", "($5)-", "(5-)", "($-5)"])
def test_below_zero_twice_is_no_number(text: str) -> None:
    assert read_cell(text).kind is Kind.TWO_SIGNS


@pytest.mark.parametrize("text", ["292.—-", "292,–-", "292.---"])
def test_a_dash_of_another_kind_after_no_cents_is_not_passed_over(text: str) -> None:
    cell = read_cell(text)
    assert cell.kind is not Kind.NUMBER or cell.value(DecimalMark(text[3])) == -292.0


@pytest.mark.parametrize("text", ["-", "\u2212", "$ -", "- €", "-,-", "–,–", "R$ -"])
def test_dashes_alone_are_no_number(text: str) -> None:
    assert read_cell(text).kind is Kind.PLACEHOLDER


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Über Größe Straße"),
        ("cp1252", "Publicité télévisée, chaîne, crème"),
        ("cp1252", "España, año, campaña"),
        ("cp1252", "Købmænd på Østerbro"),
        ("cp1252", "Försäljning på Åland"),
        ("cp1252", "£5.00, €3"),
        ("cp1250", "Wartość sprzedaży, Łódź, wydatków"),
        ("cp1250", "Příjmy, týden, náklady, Žižkov, ředitel"),
        ("cp1250", "Költség, bevétel, hirdetők, közönségű"),
        ("cp1251", "Реклама, выручка, неделя"),
        ("cp1253", "Έσοδα, διαφήμιση, εβδομάδα"),
        ("cp1254", "Satış, reklam gideri, İstanbul, ağırlık"),
        ("cp1256", "المبيعات، التلفزيون، الأسبوع"),
    ],
)
def test_encodings_told_by_their_letters(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding), "f.csv", ReadingLog(), declared=None, wanted=()) == text


@pytest.mark.parametrize(
    "text",
    [
        "jane.roe@example.org",
        "mail: a@b.io!",
        "192.168.7.1",
        "2001:db8::1",
        "+49 170 1234567",
        "6d92078a-8246-4ba4-ae5b-76104861e7dc",
    ],
)
def test_personal_values_are_hidden(text: str) -> None:
    assert safe(text) == "(hidden: it looks like personal data)"


@pytest.mark.parametrize(
    "text", ["1.234.567", "2024-01-01", "12:30:00", "TV spend (k€)", "1,234.50", "newsletter@home"]
)
def test_what_is_not_personal_is_shown(text: str) -> None:
    assert safe(text) == text


@st.composite
def dialects(draw: st.DrawFn) -> tuple[Book, str, str, str, list[list[float]]]:
    """A random file: figures, then its decimal mark, thousands, delimiter, encoding and way of writing dates."""
    weeks = draw(st.integers(12, 24))
    columns = draw(st.lists(st.lists(MONEY, min_size=weeks, max_size=weeks), min_size=2, max_size=2))
    columns = [[round(x, 2) for x in column] for column in columns]
    columns[1][0] = round(
        columns[1][0] + 1.25, 2
    )  # spend somewhere, an outcome that changes, and a cell that shows the decimal mark
    columns[0][0], columns[0][1] = 10.25, 20.5
    decimal = draw(st.sampled_from(".,"))
    group = draw(st.sampled_from(["", " ", "\u00a0", "," if decimal == "." else "."]))
    delimiter = draw(st.sampled_from([",", ";", "\t", "|"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250"]))
    form = draw(st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %b %Y", "%Y%m%d"]))
    first = date(2024, 1, 1) + timedelta(weeks=draw(st.integers(0, 20)))

    def write(x: float) -> str:
        return f"{x:,.2f}".translate({ord(","): group, ord("."): decimal})

    days = [(first + timedelta(weeks=t)).strftime(form) for t in range(weeks)]
    rows = [[day, *map(write, figures)] for day, figures in zip(days, zip(*columns, strict=True), strict=True)]
    return Book(["week", "revenue", "tv_spend"], rows), delimiter, encoding, first.isoformat(), columns


@SLOW
@given(dialects())
def test_any_dialect_reads_back(tmp_path: Path, made: tuple[Book, str, str, str, list[list[float]]]) -> None:
    book, delimiter, encoding, first, columns = made
    declared = spec(channels={"tv": {"spend": "tv_spend"}}, organic=[], controls=[], data={"units": {"tv_spend": 1}})
    (tmp_path / "weekly.csv").write_bytes(book.text(delimiter).encode(encoding))
    panel = read_panel(declared, tmp_path, today=TODAY)
    conserve(panel)
    assert str(panel.weeks[0]) == first
    assert panel.outcome[0].tolist() == columns[0]
    assert panel.spend[0, 0].tolist() == columns[1]
    assert np.isfinite(panel.exposure).all()
