"""Words that stand for a total in the place of a name, in the languages of usual exports."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from mmm.data.reading import name_key


class Sure(StrEnum):
    """How sure a cell names a total: the word alone, or a word that may well be a name (``All``, ``Total Poland``)."""

    YES = "yes"
    MAYBE = "maybe"


_LATIN = (
    "total, totals, grand total, grandtotal, sub total, subtotal, sum, sums, overall total, gran total, total general, "
    "total général, total geral, sous-total, somme, totale, totale complessivo, totale generale, gran totale, somma, "
    "totaal, eindtotaal, subtotaal, summe, gesamt, insgesamt, gesamtsumme, gesamtergebnis, zwischensumme, "
    "teilergebnis, endsumme, suma, suma końcowa, suma ogólna, suma całkowita, suma częściowa, razem, łącznie, ogółem, "
    "celkem, celkový součet, součet, spolu, összesen, mindösszesen, végösszeg, toplam, genel toplam, ara toplam, "
    "ukupno, sveukupno, skupaj, jumlah, jumlah total, jumlah keseluruhan, total keseluruhan, grand totaal, yhteensä, "
    "totalt, summa, i alt, iš viso, kopā, kokku, tổng, tổng cộng, soma"
)
_OTHER = (
    "итого, всего, общий итог, итог, общо, усього, разом, всього, σύνολο, γενικό σύνολο, المجموع, المجموع الكلي, "
    "المجموع العام, إجمالي, الإجمالي, اجمالي, الاجمالي, الإجمالي الكلي, مجموع, 合計, 総計, 小計, 合计, 总计, "
    '總計, 小计, 총계, 합계, 소계, รวม, ยอดรวม, कुल, कुल योग, סה"כ, סך הכל'
)
_ALL = (
    "all, overall, everything, alle, alles, tous, toutes, todos, todas, todo, tutti, tutte, wszystkie, wszystko, "
    "wszyscy, cały kraj, semua, seluruh, seluruhnya, nasional, national, nationwide, krajowy, الكل, все, hepsi, tümü, "
    "vše, všechny, összes, 全て, すべて, 全部, 全体, 전체"
)
#: What blank cells, dashes and decorations around a word are: nothing.
_AROUND = " :：=*#()[]<>-–—_.,\"'"


def _words(text: str) -> frozenset[str]:
    return frozenset(_key(word) for word in text.split(", "))


def _key(cell: str) -> str:
    plain = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    return name_key(plain).strip(_AROUND)


_SURE = _words(f"{_LATIN}, {_OTHER}")
_MAYBE = _words(_ALL)
_SINGLE = "|".join(re.escape(word) for word in sorted(_SURE, key=len, reverse=True))
_BESIDE = re.compile(rf"(?:{_SINGLE})[\s:–-]+(?P<after>.+)|(?P<before>.+?)[\s:–-]+(?:{_SINGLE})")
_ALL_OF = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(_MAYBE, key=len, reverse=True)))})\s+.+")
#: The sure words as SQL and other exact comparisons need them.
SURE_WORDS = tuple(sorted(_SURE))


def is_blank(cell: str) -> bool:
    """Say whether nothing stands in a cell: no letter and no digit."""
    return not _key(cell)


def total_word(cell: str) -> Sure | None:
    """Say whether a cell names a total instead of a place, channel or campaign; None where it does not.

    Parameters
    ----------
    cell : str
        Any text.
    """
    key = _key(cell)
    if key in _SURE:
        return Sure.YES
    if key in _MAYBE or _BESIDE.fullmatch(key) is not None or _ALL_OF.fullmatch(key) is not None:
        return Sure.MAYBE
    return None


def totalled(cell: str) -> str | None:
    """Return what a total is of, as ``krakow`` of ``Krakow Total``; None where the word stands alone."""
    key = _key(cell)
    found = None if key in _SURE else _BESIDE.fullmatch(key)
    return None if found is None else name_key(found["after"] or found["before"])
