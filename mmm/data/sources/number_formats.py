"""What a workbook's number format shows beside a number: a currency or a percent sign, as if it were written there."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache

from openpyxl.styles.numbers import BUILTIN_FORMATS

from mmm.data.currencies import SIGNS

#: Formats that a file names by number only: each program shows them with the money of its own country.
_OF_THE_COUNTRY = frozenset(BUILTIN_FORMATS[number] for number in (5, 6, 7, 8, 44))
#: A locale with its symbol, text in quotes, one literal character, and what only takes room.
_LITERAL = re.compile(r'\[\$(?P<symbol>[^\]-]*)(?:-[^\]]*)?\]|"(?P<quoted>[^"]*)"|\\(?P<one>.)|[_*].|\[[^\]]*\]')
_CODES = re.compile(r"[#0?.,;/@\s()+-]|General|E[+-]", re.IGNORECASE)


@cache
def sign_of(form: str) -> str | None:
    """Return the currency sign, or ``%``, that a number format shows; None where it shows none, or something else.

    Parameters
    ----------
    form : str
        As in ``[$€-407] #,##0.00`` or ``0.0%``.
    """
    if form in _OF_THE_COUNTRY:
        return None
    found: list[str] = []

    def keep(match: re.Match[str]) -> str:
        found.append(match["symbol"] or match["quoted"] or match["one"] or "")
        return ""

    rest = _LITERAL.sub(keep, form)
    if "%" in rest:
        return "%"
    bare = _CODES.sub("", rest.split(";")[0])
    for text in (*found, bare):
        if text.strip().casefold() in SIGNS:
            return text.strip()
    return None


def with_sign(number: str, form: str) -> str:
    """Write a number as its format shows it, with all its digits: ``$168``; ``5%`` for 0.05.

    Parameters
    ----------
    number : str
        As Python writes it.
    form : str
    """
    sign = sign_of(form)
    if sign == "%":
        return f"{(Decimal(number) * 100).normalize():f}%"
    return number if sign is None else f"{sign}{number}"
