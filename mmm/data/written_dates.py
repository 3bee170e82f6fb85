"""One cell → the parts of a date, and the way in which it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from mmm.data.clock import TIME
from mmm.data.month_names import KNOWN, folded
from mmm.data.numbers import ascii_digits


class Writing(StrEnum):
    """The ways a date may be written."""

    YEAR_FIRST = "year, month, day"
    COMPACT = "eight digits"
    NUMERIC = "day and month as numbers"
    SHORT_YEAR = "a two-digit year"
    MONTH_NAME = "a month's name"
    EXCEL = "an Excel day number"
    WEEK_LABEL = "a week label"
    OTHER = "something else"


_WORD = r"(?P<name>[^\W\d_]{2,12}(?: (?:الثاني|الاول))?)"
_ORDINAL = "(?:st|nd|rd|th|er|o)?"
_PATTERNS = (
    (Writing.YEAR_FIRST, re.compile(rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){TIME}")),
    (Writing.COMPACT, re.compile(r"(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})")),
    (Writing.NUMERIC, re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/. ])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}){TIME}")),
    (Writing.SHORT_YEAR, re.compile(r"\d{1,2}([-/. ])\d{1,2}\1\d{2}")),
    (Writing.EXCEL, re.compile(r"(?P<n>[2-7]\d{4})(?:\.\d+)?")),
    (
        Writing.WEEK_LABEL,
        re.compile(r"\d{4}[-/ ]?[KC]?W[- ]?\d{1,2}|[KC]?W[- ]?\d{1,2}[-/ ]\d{4}|\d{4}-?\d{2}", re.IGNORECASE),
    ),
)
#: Dates with a month in words, in small letters without accents.
_NAMED = (
    re.compile(rf"(?P<d>\d{{1,2}}){_ORDINAL}[-. ]+(?:de )?{_WORD}\.?[-, ]+(?:de )?(?P<y>\d{{4}}){TIME}", re.IGNORECASE),
    re.compile(rf"{_WORD}\.? +(?P<d>\d{{1,2}}){_ORDINAL},? +(?P<y>\d{{4}}){TIME}", re.IGNORECASE),
    re.compile(rf"(?P<y>\d{{4}})\.?[- ]+{_WORD}\.?[- ]+(?P<d>\d{{1,2}})\.?{TIME}", re.IGNORECASE),
)


@dataclass(frozen=True)
class Parts:
    """One cell taken apart: its writing, numbers by name, month in words, and time with zone."""

    writing: Writing
    style: str
    numbers: dict[str, int]
    word: str | None = None
    time: str | None = None
    zone: str | None = None


def as_midnight(part: Parts) -> Parts:
    """Return a day as the time stamp of its beginning."""
    return replace(part, time="00:00", style=_style(part.writing, part.style.split()[-3], "00:00", None))


def visible(raw: str) -> str:
    """Write a cell with ASCII digits, without marks of direction and outer spaces."""
    return ascii_digits(raw).replace("\u200e", "").replace("\u200f", "").strip()


def take_apart(raw: str) -> Parts:
    """Tell how a cell is written, and take it apart; a month in words is only named."""
    text = visible(raw)
    for writing, pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _parts(writing, match.groupdict())
    plain = folded(text)
    for pattern in _NAMED:
        match = pattern.fullmatch(plain)
        if match is not None and match["name"] in KNOWN:
            return _parts(Writing.MONTH_NAME, match.groupdict())
    return Parts(Writing.OTHER, Writing.OTHER, {})


def _style(writing: Writing, mark: str | None, time: str | None, zone: str | None) -> str:
    return f"{writing} {mark} {time is not None} {zone is not None}"


def _parts(writing: Writing, groups: dict[str, str | None]) -> Parts:
    numbers = {key: int(text) for key in ("y", "m", "d", "a", "b", "n") if (text := groups.get(key))}
    time, zone = groups.get("time"), groups.get("zone")
    return Parts(writing, _style(writing, groups.get("s"), time, zone), numbers, groups.get("name"), time, zone)
