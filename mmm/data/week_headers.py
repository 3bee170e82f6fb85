"""What a column's name says of its dates: that they begin weeks, or that they end them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mmm.data.month_names import folded
from mmm.data.reading import DateMarks


def _words(text: str) -> frozenset[str]:
    return frozenset(folded(text).split())


_ENDS = _words(
    "end ends ending ended enddate weekend weekending weekended weekenddate wkending wkend eow finish last final "
    "koniec konca kończący kończąca kończące ostatni ende endend endende endet endete enddatum wochenende letzter "
    "letzte fin finale finissant finit dernier termina terminada finaliza ultimo último fine finisce termine fim "
    "akhir berakhir terakhir tamat bitiş biten bitimi sonu einde eindigt eind laatste slut slutar slutter "
    "konec konci kraj vége sfârșit sfârșitul loppu päättyy konets конец конца окончание окончания кінець кінця край "
    "τέλος λήξη نهايه نهاية ينتهي تنتهي المنتهي المنتهية انتهاء آخر סוף סיום"
)
#: Only beside another word, as in ``Datum bis``.
_UNTIL = _words(
    "to till until through thru do bis hasta jusqu jusqua al fino até sampai hingga tot til kuni până до حتى إلى עד"
)
_STARTS = _words(
    "start starts starting started begin begins beginning commencing commences from first początek początku "
    "zaczynający od pierwszy beginn beginnt beginnend anfang ab von erster début commence commençant inicio inicia "
    "primer inizio inizia início começo mulai awal başlangıç başlangıcı başı başlayan begint vanaf börjar starter "
    "začátek začiatok početak kezdet început начало начала початок αρχή بدايه بداية تبدأ يبدأ البدء من תחילת מתחיל"
)
_WRITTEN = re.compile(r"結束|结束|終了|终了|截止|종료|까지|周末|週末")
_SHORT = re.compile(r"(?:w ?e|week e|wk e)(?: date)?")


def marks_said(header: str) -> DateMarks | None:
    """Say which day of its week a column's name speaks of, as ``Week ending`` and ``Woche bis``; None where of none.

    A name that speaks of both, as ``Week (start - end)``, says nothing.
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header.strip())
    words = re.findall(r"[^\W\d_]+", folded(parted))
    found = set(words)
    ends = bool(found & _ENDS) or (len(words) > 1 and bool(found & _UNTIL)) or _WRITTEN.search(header) is not None
    ends = ends or _SHORT.fullmatch(" ".join(words)) is not None
    starts = bool(found & _STARTS) or words[:2] == ["w", "c"] or words[:1] == ["wc"]
    if ends == starts:
        return None
    return DateMarks.LAST_DAY if ends else DateMarks.FIRST_DAY


def first_said(headers: Iterable[str], marks: DateMarks) -> str | None:
    """Return the first name that speaks of this day of the week."""
    return next((header for header in headers if marks_said(header) is marks), None)
