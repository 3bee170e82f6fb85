"""Lines 17–32: numbers."""

from __future__ import annotations

from collections.abc import Callable

from mmm.data import Panel
from tests.test_mmm.test_data.book import Book, weekly
from tests.test_mmm.test_data.test_hostile.case import Case, Damage, asked, error, repaired, warned
from tests.test_mmm.test_data.test_hostile.structure import renamed


def put(at: int, name: str, text: str) -> Damage:
    return lambda book: book.put(at, name, text)


def german(text: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", ".") + ("," + rest if rest else "")


def _comma(book: Book) -> str:
    for name in book.header[1:]:
        book.each(name, german)
    return book.text(";")


def whole() -> Book:
    """Make a book of whole numbers, all in the thousands."""
    book = weekly()
    for name in ("revenue", "tv_spend", "search_spend"):
        book.each(name, lambda x: str(1001 + int(float(x))))
    return book.each("price", lambda x: str(round(float(x))))


def _grouped(mark: str) -> Damage:
    """Write the spend of whole thousands as 1.234, and all other columns without any mark."""
    return lambda _: whole().each("tv_spend", lambda x: f"{int(x):,}".replace(",", mark))


def _small(book: Book) -> Book:
    return book.each("tv_spend", lambda x: f"{float(x) / 1000 + 1:.3f}")


def spent(at: int, value: float) -> Callable[[Panel], bool]:
    """Judge: television's spend in one week."""
    return lambda panel: abs(panel.spend[0, 0, at] - value) < 1e-9


def control(at: int, value: float) -> Callable[[Panel], bool]:
    """Judge: the price in one week."""
    return lambda panel: abs(panel.controls[0, 0, at] - value) < 1e-9


def _micros(name: str) -> Damage:
    return lambda b: renamed(tv_spend=name)(b.each("tv_spend", lambda x: f"{round(float(x) * 100)}0000"))


def _round_thousands() -> Book:
    return weekly().each("tv_spend", lambda x: f"{1 + int(float(x))}000")


def _thousands(_: Book) -> Book:
    return renamed(tv_spend="TV (k€)")(_round_thousands().each("tv_spend", lambda x: x[:-3]))


def _percents(book: Book) -> Book:
    return book.each("price", lambda x: f"{x}%")


def _two_currencies(book: Book) -> Book:
    return book.each("tv_spend", lambda x: f"€{x}").put(4, "tv_spend", "$5.00")


def _currency_column(book: Book) -> Book:
    return book.add("Currency", ["EUR"] * 30 + ["USD"] * 30)


def by_region(*names: str) -> Damage:
    def damage(_: Book) -> Book:
        book = weekly(30)
        return Book([*book.header, "region"], [[*row, name] for row in book.rows for name in names])

    return damage


def _geos(*names: str) -> Callable[[Panel], bool]:
    return lambda panel: panel.geos == names and panel.outcome.shape == (len(names), 30)


_TV = {"tv": {"spend": "tv_spend"}}
MICROS = {"channels": {"tv": {"spend": "cost_micros"}}}
THOUSANDS = {"channels": {"tv": {"spend": "TV (k€)"}}}
_ONLY_TV = {"channels": _TV}

CASES: list[Case] = [
    repaired(17, "whole file", _comma, "decimal_comma", "decimal comma"),
    asked(
        17,
        "two readings",
        _grouped(","),
        "and no other cell of the column tells which",
        "row 2, column tv_spend",
        "data.decimal",
        option={"data": {"decimal": "."}},
        truth=whole,
    ),
    error(17, "both marks", put(3, "price", "9,5"), "different decimal marks", "row 5, column price", "one way"),
    asked(
        18,
        "meaning thousands",
        _grouped("."),
        "and no other cell of the column tells which",
        "row 2, column tv_spend",
        "data.decimal",
        option={"data": {"decimal": ","}},
        truth=whole,
    ),
    asked(
        18,
        "meaning 1.234",
        lambda b: _small(b).put(3, "tv_spend", "1.234"),
        "can be read as",
        "row 2, column tv_spend",
        "data.decimal",
        option={"data": {"decimal": "."}},
        judge=spent(3, 1.234),
        truth=None,
    ),
    asked(
        18,
        "a stranger",
        put(7, "tv_spend", "1.234"),
        "can be read as 1.234 and as 1234, and the others have two decimals at most",
        "row 9, column tv_spend",
        "data.decimal",
        option={"data": {"decimal": "."}},
        judge=spent(7, 1.234),
        truth=None,
    ),
    repaired(19, "sign", lambda b: b.each("tv_spend", lambda x: f"€ {x}"), "currency_sign", "In 60 cells", "tv_spend"),
    repaired(19, "code", lambda b: b.each("tv_spend", lambda x: f"{x} EUR"), "currency_sign", "In 60", "tv_spend"),
    repaired(
        20,
        "brackets",
        put(3, "tv_spend", "(5.00)"),
        "parentheses",
        "brackets",
        "column tv_spend",
        judge=spent(3, -5.0),
        truth=lambda: weekly().put(3, "tv_spend", "-5.00"),
    ),
    repaired(
        20,
        "no cents",
        put(3, "tv_spend", "5.-"),
        "no_cents",
        "In 1 cell, a dash in the place of the cents",
        "column tv_spend",
        truth=lambda: weekly().put(3, "tv_spend", "5.00"),
    ),
    error(20, "twice", put(3, "tv_spend", "(-5.00)"), "says twice", "row 5, column tv_spend", "Correct"),
    asked(
        21,
        "fraction",
        _percents,
        "0.05 or 5",
        "row 2, column price",
        "data.percent",
        option={"data": {"percent": "fraction"}},
        truth=None,
        judge=lambda panel: panel.controls[0, 0, 0] < 0.2,
    ),
    asked(
        21,
        "points",
        _percents,
        "0.05 or 5",
        "row 2, column price",
        "data.percent",
        option={"data": {"percent": "points"}},
    ),
    error(
        21,
        "half the column",
        lambda b: _percents(b).put(8, "price", "9"),
        "no percent sign",
        "row 10, column price",
        "none of it",
        model={"data": {"percent": "points"}},
    ),
    error(22, "a word", put(8, "tv_spend", "lots"), "'lots' is not a number", "row 10, column tv_spend", "Correct"),
    error(22, "a broken formula", put(8, "revenue", "#REF!"), "not a number", "row 10, column revenue", "Correct"),
    error(
        23,
        "spend",
        put(8, "tv_spend", ""),
        "the number is missing",
        "row 10, column tv_spend",
        "data.missing",
        option={"data": {"missing": {"tv_spend": "zero"}}},
        judge=spent(8, 0.0),
        truth=lambda: weekly().put(8, "tv_spend", "0"),
    ),
    error(
        23,
        "a control",
        put(8, "price", "NaN"),
        "the number is missing",
        "row 10, column price",
        "data.missing",
        option={"data": {"missing": {"price": "previous"}}},
        truth=lambda: (book := weekly()).put(8, "price", book.cells("price")[7]),
    ),
    error(
        23,
        "a control on a line",
        lambda b: b.put(2, "price", "4").put(4, "price", "6").put(3, "price", ""),
        "the number is missing",
        "row 5, column price",
        "data.missing",
        option={"data": {"missing": {"price": "interpolate"}}},
        judge=control(3, 5.0),
        truth=None,
    ),
    error(24, "a word", put(8, "revenue", "inf"), "not a finite number", "row 10, column revenue", "Correct"),
    error(24, "an exponent", put(8, "revenue", "1e999"), "not a finite number", "row 10, column revenue", "Correct"),
    error(25, "clicks", put(8, "clicks", "9" * 24), "an identifier", "row 10, column clicks", "Correct"),
    asked(
        26,
        "by its name",
        _micros("cost_micros"),
        "micros",
        "column cost_micros",
        "data.units",
        model=MICROS,
        option={"data": {"units": {"cost_micros": 1e-6}}},
        truth_model=_ONLY_TV,
    ),
    asked(
        26,
        "by its size",
        _micros("tv_spend"),
        "may be in micros",
        "column tv_spend",
        "data.units",
        option={"data": {"units": {"tv_spend": 1e-6}}},
    ),
    asked(
        27,
        "by its name",
        _thousands,
        "thousands",
        "column TV (k€)",
        "data.units",
        model=THOUSANDS,
        option={"data": {"units": {"TV (k€)": 1000}}},
        truth=_round_thousands,
        truth_model=_ONLY_TV,
    ),
    error(
        28,
        "signs",
        _two_currencies,
        "'$' is not EUR",
        "row 6, column tv_spend",
        "data.rates",
        option={"data": {"rates": {"USD": 0.9}}},
        truth=lambda: weekly().put(4, "tv_spend", "4.50"),
    ),
    error(
        28,
        "a column of codes",
        _currency_column,
        "'USD' is not EUR",
        "row 32, column Currency",
        "data.rates",
        option={"data": {"rates": {"USD": 0.5}}},
        judge=lambda panel: abs(panel.spend[0, 0, 45] - 0.5 * float(weekly().cells("tv_spend")[45])) < 1e-9,
        truth=None,
    ),
    asked(
        28,
        "a header",
        renamed(tv_spend="Spend (USD)"),
        "USD, of which the column's name speaks, is not EUR",
        "column Spend (USD)",
        "rename the column if it holds EUR",
        model={"channels": {"tv": {"spend": "Spend (USD)"}}},
        option={"data": {"rates": {"USD": 0.5}}},
        judge=lambda panel: abs(panel.spend[0, 0, 45] - 0.5 * float(weekly().cells("tv_spend")[45])) < 1e-9,
        truth=None,
    ),
    error(
        28,
        "a header against its cells",
        lambda book: renamed(tv_spend="Spend (USD)")(book.each("tv_spend", lambda text: f"€{text}")),
        "stands in a column whose name speaks of USD",
        "row 2, column Spend (USD)",
        "Correct the column's name, or its cells",
        model={"channels": {"tv": {"spend": "Spend (USD)"}}},
    ),
    error(
        28,
        "codes under another name",
        lambda book: book.add("konto", ["EUR"] * 30 + ["USD"] * 30),
        "holds currencies (EUR, USD), and money is taken to be in EUR",
        "row 32, column konto",
        "Rename the column to 'currency'",
    ),
    error(
        28,
        "codes against the header",
        lambda book: renamed(tv_spend="Spend (USD)")(book.add("Waluta", ["EUR"] * 60)),
        "the row is in EUR, and the name of the column 'Spend (USD)' says USD",
        "row 2, column Waluta",
        "Rename",
        model={"channels": {"tv": {"spend": "Spend (USD)"}}},
    ),
    error(28, "a price", put(7, "price", "$9.50"), "not the currency of the other", "row 9, column price", "one curr"),
    warned(
        29,
        "a refund",
        put(3, "tv_spend", "-120.5"),
        "negative_spend",
        "-120.50 EUR in 1 week: 2024-01-22",
        judge=lambda panel: panel.spend[0, 0, 3] == -120.5 and panel.exposure[0, 0, 3] == 0,
    ),
    asked(
        30,
        "a dash",
        put(8, "tv_spend", "-"),
        "zero or unknown",
        "row 10, column tv_spend",
        "data.placeholder",
        option={"data": {"placeholder": "zero"}},
        truth=lambda: weekly().put(8, "tv_spend", "0"),
    ),
    asked(
        30,
        "n/a",
        put(8, "news", "n/a"),
        "zero or unknown",
        "row 10, column news",
        "data.placeholder",
        option={"data": {"placeholder": "missing", "missing": {"news": "zero"}}},
        truth=lambda: weekly().put(8, "news", "0"),
    ),
    repaired(
        31,
        "Namibia",
        by_region("NA", "EU"),
        "",
        "",
        model={"data": {"geo": "region"}},
        truth=None,
        judge=_geos("NA", "EU"),
    ),
    repaired(
        32,
        "Dresden",
        by_region("01067", "1067"),
        "",
        "",
        model={"data": {"geo": "region"}},
        truth=None,
        judge=_geos("01067", "1067"),
    ),
]
