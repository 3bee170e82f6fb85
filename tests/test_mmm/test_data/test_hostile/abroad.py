"""Lines 69–74: far from en-US."""

from __future__ import annotations

from tests.test_mmm.test_data.book import Book, weekly
from tests.test_mmm.test_data.test_hostile.case import Case, Damage, asked, repaired
from tests.test_mmm.test_data.test_hostile.figures import whole
from tests.test_mmm.test_data.test_hostile.structure import encoded, renamed
from tests.test_mmm.test_data.test_hostile.weeks import moved, starts

_ARABIC = str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")
_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def _grouped(space: str) -> Damage:
    return lambda book: book.each("revenue", lambda x: f"{float(x):,.2f}".replace(",", space))


def _digits(name: str, table: dict[int, str]) -> Damage:
    return lambda book: book.each(name, lambda x: x.translate(table))


def _rupiah() -> Book:
    """Whole rupiah: spend of millions, an outcome of more."""
    return whole().each("tv_spend", lambda x: f"{x}000").each("revenue", lambda x: f"{x}0000")


def _with_points(_: Book) -> Book:
    book = _rupiah()
    for name in ("tv_spend", "revenue"):
        book.each(name, lambda x: f"Rp {int(x):,}".replace(",", "."))
    return book


def _yen(_: Book) -> Book:
    book = _rupiah()
    for name in ("tv_spend", "revenue"):
        book.each(name, lambda x: f"¥{int(x):,}")
    return book


_TWO_SCRIPTS = {"channels": {"تلفزيون": {"spend": "تلفزيون"}, "検索": {"spend": "search_spend", "exposure": "clicks"}}}

CASES: list[Case] = [
    repaired(69, "Polish", encoded("cp1250", "Sprzedaż_ogółem"), "encoding", "cp1250, giving: Sprzedaż_ogółem"),
    repaired(69, "Arabic", encoded("cp1256", "المبيعات"), "encoding", "cp1256, giving: المبيعات"),
    repaired(70, "Arabic figures", _digits("revenue", _ARABIC), "digits", "another script", "column revenue"),
    repaired(70, "Persian figures", _digits("revenue", _PERSIAN), "digits", "another script", "column revenue"),
    repaired(70, "Arabic dates", _digits("week", _ARABIC), "digits", "another script", "column week"),
    repaired(71, "no-break", _grouped("\u00a0"), "thousands", "spaces or apostrophes", "column revenue"),
    repaired(71, "narrow", _grouped("\u202f"), "thousands", "spaces or apostrophes", "column revenue"),
    repaired(71, "thin", _grouped("\u2009"), "thousands", "spaces or apostrophes", "column revenue"),
    repaired(71, "apostrophe", _grouped("'"), "thousands", "spaces or apostrophes", "column revenue"),
    asked(
        72,
        "Saturdays first",
        lambda b: moved(-2),
        "Saturdays, which may be the first or the last day",
        "",
        "data.week_start: saturday",
        option={"data": {"week_start": "saturday"}},
        truth=None,
        judge=starts("2023-12-30"),
    ),
    repaired(
        73,
        "rupiah",
        _with_points,
        "currency_sign",
        "In 60 cells",
        "column revenue",
        model={"currency": "IDR"},
        truth=_rupiah,
        truth_model={"currency": "IDR"},
    ),
    repaired(
        73,
        "yen",
        _yen,
        "currency_sign",
        "In 60 cells",
        "column revenue",
        model={"currency": "JPY"},
        truth=_rupiah,
        truth_model={"currency": "JPY"},
    ),
    repaired(
        74,
        "Arabic and Japanese",
        renamed(tv_spend="تلفزيون"),
        "",
        "",
        model=_TWO_SCRIPTS,
        truth=None,
        judge=lambda panel: (
            panel.channels == ("تلفزيون", "検索")
            and abs(panel.spend[0].sum() - sum(map(float, weekly().cells("tv_spend")))) < 1e-6
        ),
    ),
]
