"""Which of several exports is the later, by their names: numbers and dates in them count as such."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from mmm.data.month_names import KNOWN, folded, meanings

#: Texts are (0, 0, text), numbers (1, number, ""), dates (1, yyyymmdd, "date").
Key = tuple[tuple[int, int, str], ...]
_DATE = "date"
_YEAR = r"(?:19|20)\d{2}"
_SEP = r"[-._ ]"
_TOKEN = re.compile(
    rf"(?<!\d)(?:(?P<y1>{_YEAR})(?P<m1>0[1-9]|1[0-2])(?P<d1>0[1-9]|[12]\d|3[01])"
    rf"|(?P<y2>{_YEAR})(?P<s2>{_SEP})(?P<m2>\d{{1,2}})(?P=s2)(?P<d2>\d{{1,2}})"
    rf"|(?P<a3>\d{{2}})(?P<b3>\d{{2}})(?P<y3>{_YEAR})"
    rf"|(?P<a4>\d{{1,2}})(?P<s4>{_SEP})(?P<b4>\d{{1,2}})(?P=s4)(?P<y4>{_YEAR})"
    rf"|(?P<a5>\d{{1,2}})(?P<s5>{_SEP})(?P<b5>\d{{1,2}})(?P=s5)(?P<c5>\d{{2}})"
    rf"|(?P<y6>{_YEAR}){_SEP}(?P<m6>0?[1-9]|1[0-2])"
    rf"|(?P<m7>0?[1-9]|1[0-2]){_SEP}(?P<y7>{_YEAR}))(?!\d)"
    r"|(?P<n>\d{1,18})|(?P<word>[^\W\d_]+)"
)
_NEAR = re.compile(r"[-._ ,]{0,2}")


class Order(StrEnum):
    """How numbers such as 01.02.2024 (and 01.02.24) are meant in names."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    YEAR_FIRST = "year first"


@dataclass(frozen=True)
class _Way:
    """One way to read names; ``late`` takes the later of two months that a word may mean."""

    order: Order = Order.DAY_FIRST
    late: bool = False


_WAYS = tuple(_Way(order, late) for late, order in product((False, True), Order))


@dataclass(frozen=True)
class _Token:
    """A number, a date (``sure``) or a month in a name, and where it stands."""

    start: int
    end: int
    value: int
    kind: str = ""


def natural_key(name: str) -> Key:
    """Return the key by which files are in order: numbers in names count as numbers, so that 9 comes before 10.

    Dates count by year, month and day, whichever way they are written, and months in words by their number. The ending
    of a name counts last: a browser's second download, ``ads (1).csv``, is later than ``ads.csv``.
    """
    return file_keys([name])[0]


def file_keys(names: Sequence[str]) -> list[Key]:
    """Return the keys of the files of one source: in one way that suits all names, where there is one."""
    return next(iter(_read(names).values()))


def _read(names: Sequence[str]) -> dict[_Way, list[Key]]:
    """Return the keys of names by every way in which all of them can be read."""
    found = {}
    for way in _WAYS:
        try:
            found[way] = [_key(name, way) for name in names]
        except ValueError:
            continue
    return found or {_WAYS[0]: [_key(name, None) for name in names]}


def _key(name: str, way: _Way | None) -> Key:
    """Return the key in one way (None: dates are numbers beside each other)."""
    stem, dot, ending = name.rpartition(".")
    text = folded(f"{stem}\0{ending}" if dot and "/" not in ending else name)
    parts: list[tuple[int, int, str]] = []
    at = 0
    for token in _joined(text, list(_tokens(text, way))):
        parts += [(0, 0, text[at : token.start]), (1, token.value, token.kind)]
        at = token.end
    return (*parts, (0, 0, text[at:]), (0, 0, name))


def _tokens(text: str, way: _Way | None) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        word = match["word"]
        if word is not None:
            if word in KNOWN:
                months = meanings([word])[word]
                yield _Token(start, end, (max if way is not None and way.late else min)(months), "month")
            continue
        got = {key[:1]: int(value) for key, value in match.groupdict().items() if value and key[:1] in "ymdabc"}
        value = None if way is None or not got else _day(got, way.order)
        if value is not None:
            yield _Token(start, end, value, _DATE)
        elif way is not None and any(_day(got, order) for order in Order if got):
            raise ValueError(match[0])  # a date in another order
        else:
            yield from (_Token(start + n.start(), start + n.end(), int(n[0])) for n in re.finditer(r"\d+", match[0]))


def _day(got: dict[str, int], order: Order) -> int | None:
    """Return yyyymmdd, dd 0 where none is written; None where there is no such day."""
    year, month, day = _ymd(got, order)
    try:
        date(year, month, day or 1)
    except ValueError:
        return None
    return year * 10_000 + month * 100 + day


def _ymd(got: dict[str, int], order: Order) -> tuple[int, int, int]:
    if "m" in got:
        return got["y"], got["m"], got.get("d", 0)
    if "c" in got and order is Order.YEAR_FIRST:
        return 2000 + got["a"], got["b"], got["c"]
    year = got["y"] if "y" in got else 2000 + got["c"]
    day, month = (got["b"], got["a"]) if order is Order.MONTH_FIRST else (got["a"], got["b"])
    return year, month, day


def _joined(text: str, tokens: list[_Token]) -> list[_Token]:
    """Make one date of a month in words and the year and day beside it."""
    found: list[_Token] = []
    i = 0
    while i < len(tokens):
        run = [tokens[i]]
        while i + len(run) < len(tokens) and len(run) < 3:
            after = tokens[i + len(run)]
            if _NEAR.fullmatch(text[run[-1].end : after.start]) is None:
                break
            run.append(after)
        made = next((one for n in (3, 2) if len(run) >= n and (one := _spelt(run[:n])) is not None), None)
        found.append(made[0] if made else tokens[i])
        i += made[1] if made else 1
    return found


def _spelt(run: Sequence[_Token]) -> tuple[_Token, int] | None:
    """Read ``5 march 2024``, ``march 5, 2024``, ``march 2024``, ``2024 march`` and ``2024 march 5``."""
    months = [one for one in run if one.kind == "month"]
    years = [one for one in run if not one.kind and 1900 <= one.value < 2100]
    days = [one for one in run if not one.kind and 1 <= one.value <= 31]
    if len(months) != 1 or len(years) != 1 or len(days) != len(run) - 2:
        return None
    value = years[0].value * 10_000 + months[0].value * 100 + (days[0].value if days else 0)
    return _Token(run[0].start, run[-1].end, value, _DATE), len(run)


class Later(StrEnum):
    """How surely the second of two files is the later by its name."""

    DATED = "both names hold a date"
    NAMED = "by numbers or letters"
    UNCLEAR = "the names can be read two ways"


class NameOrder:
    """The files of one source by their names.

    Parameters
    ----------
    names : sequence of str
        All of them: 31.01.2024 in one shows how 01.02.2024 in another is meant.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._ways = list(_read(names).values())

    def later(self, first: int, second: int) -> Later:
        """Say how surely the second file is later than the first; both by their place in ``names``."""
        pairs = [(keys[first], keys[second]) for keys in self._ways]
        if any(a > b for a, b in pairs):
            return Later.UNCLEAR
        a, b = pairs[0]
        apart = next(((x, y) for x, y in zip(a, b, strict=False) if x != y), None)
        return Later.DATED if apart is not None and apart[0][2] == apart[1][2] == _DATE else Later.NAMED
