"""Exact text → float: one cell at a time, with what its writing shows about decimal marks.

A cell is read only where it has one reading. ``1.234`` and ``1,234`` have two (1.234 and 1234): they are kept apart as
``Mark.EITHER`` until the column around them, or the model file, decides.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from mmm.data.currencies import split_sign
from mmm.data.spec import DecimalMark

MAX_INTEGER_DIGITS = 15
_MISSING = frozenset({"", "nan", "#n/a"})
_PLACEHOLDERS = frozenset(
    {"-", "--", "---", "–", "—", "n/a", "na", "n.a.", "n.a", "n.v.", "k.a.", "null", "none", "nil", "nd", "n/d"}
    | {"?", ".", "\\n", "(null)", "<na>"}
)
_INFINITE = frozenset({"inf", "infinity", "∞", "1.#inf", "#div/0!"})
#: Separators of thousands that cannot be decimal marks, once between digits; the Arabic one (U+066C) among them.
_GROUPS = "\u00a0\u202f\u2009\u2007\u2008 '’\u066c"
_GROUPED = re.compile(rf"\d{{1,3}}(?:[{_GROUPS}]\d{{3}})+(?!\d)")
#: Almost every cell: read without a detour.
_SIMPLE = re.compile(rf"(-?)([0-9]{{1,{MAX_INTEGER_DIGITS}}})(?:\.([0-9]+))?")
_NUMBER = re.compile(r"(?=[.,]?\d)[\d.,]*")
_EXPONENT = re.compile(r"(\d+(?:[.,]\d*)?|[.,]\d+)[eE]([+-]?\d{1,4})")
#: ``1.234,-`` and ``5.–``: no cents. The mark before the dashes is the decimal mark.
#: One dash, or two of one kind; a second of another kind is a sign.
_NO_CENTS = re.compile(r"(?<=\d)([.,])([-\u2010-\u2014\u2212])\2?(?![-\u2010-\u2014\u2212])(?=\Z|\s*\D+\Z)")
_DASHES = re.compile(r"[-\u2014]+(?:[.,][-\u2014]*)?")
#: Other forms of a minus: true minus, hyphens, figure dash, en dash; small and full width.
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"))


class Kind(StrEnum):
    """What a cell holds."""

    NUMBER = "number"
    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    INFINITE = "infinity"
    TOO_LONG = "too long"
    TWO_SIGNS = "two signs"
    TEXT = "text"


class Mark(StrEnum):
    """What the writing of a number shows about its decimal mark."""

    NONE = "none"
    POINT = "point"
    COMMA = "comma"
    POINT_EITHER = "1.234"
    COMMA_EITHER = "1,234"

    @property
    def is_open(self) -> bool:
        """Whether the number can be read two ways."""
        return self in (Mark.POINT_EITHER, Mark.COMMA_EITHER)


@dataclass(frozen=True)
class Cell:
    """One cell taken apart.

    Attributes
    ----------
    kind : Kind
    digits : str
        ASCII digits with their marks, thousands that are beyond doubt already joined.
    mark : Mark
    negative, percent : bool
    sign : str or None
        Currency sign or code, case folded.
    repairs : frozenset of str
        Names of what was repaired, for the report.
    """

    kind: Kind
    digits: str = ""
    mark: Mark = Mark.NONE
    negative: bool = False
    percent: bool = False
    sign: str | None = None
    repairs: frozenset[str] = frozenset()

    def value(self, decimal: DecimalMark) -> float:
        """Return the number, read with this decimal mark; correctly rounded."""
        if decimal is DecimalMark.COMMA and self.mark is not Mark.POINT:
            plain = self.digits.replace(".", "").replace(",", ".")
        elif decimal is DecimalMark.POINT and self.mark is not Mark.COMMA:
            plain = self.digits.replace(",", "")
        else:
            raise ValueError(f"'{self.digits}' cannot be read with the decimal mark '{decimal}'")
        number = float(plain)
        return -number if self.negative and number else number


def ascii_digits(text: str) -> str:
    """Write decimal digits of any script as ASCII ones."""
    return "".join(str(unicodedata.decimal(char)) if not char.isascii() and char.isdecimal() else char for char in text)


def _bare(text: str) -> str:
    """Drop what is invisible: direction marks, zero-width characters, spaces around; a soft hyphen may be a minus."""
    return "".join(char for char in text if unicodedata.category(char) != "Cf" or char == "\u00ad").strip()


def _mark_of(digits: str) -> Mark | None:
    """Say what a number without sign shows about its decimal mark; None where it is no number."""
    points, commas = digits.count("."), digits.count(",")
    if not points and not commas:
        return Mark.NONE
    if points and commas:
        if re.fullmatch(r"\d{1,3}(,\d{3})+\.\d*|\d{1,2}(,\d{2})+,\d{3}\.\d*", digits):
            return Mark.POINT
        return Mark.COMMA if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d*", digits) else None
    char = "." if points else ","
    own, other = (Mark.POINT, Mark.COMMA) if points else (Mark.COMMA, Mark.POINT)
    parts = digits.split(char)
    if len(parts) > 2:
        western = 1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
        indian = 1 <= len(parts[0]) <= 2 and len(parts[-1]) == 3 and all(len(part) == 2 for part in parts[1:-1])
        return other if western or (indian and char == ",") else None
    if len(parts[1]) == 3 and 1 <= len(parts[0]) <= 3 and not parts[0].startswith("0"):
        return Mark.POINT_EITHER if points else Mark.COMMA_EITHER
    return own


def _joined(text: str) -> tuple[str, Mark | None]:
    """Join thousands that are beyond doubt; returns (digits, the mark that this settles or None)."""
    match = _GROUPED.match(text)
    if match is None:
        return text, None
    tail = text[match.end() :]
    whole = re.sub(rf"[{_GROUPS}]", "", match.group())
    if tail and not re.fullmatch(r"[.,]\d*", tail):
        return text, None
    settled = Mark.NONE if not tail else (Mark.POINT if tail[0] == "." else Mark.COMMA)
    return whole + tail, settled


class _Signs:
    """Takes brackets and minus signs off a number, and counts them."""

    def __init__(self) -> None:
        self.found = 0
        self.repairs: set[str] = set()

    @property
    def negative(self) -> bool:
        return self.found > 0

    def off(self, text: str) -> str:
        """Return the text without brackets, and then without one sign before or behind it."""
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1].strip()
            self.found += 1
            self.repairs.add("parentheses")
        if text.startswith(("-", "+")):
            behind = text.endswith(("-", "+")) and len(text) > 1
            self.found += 2 if behind else text[0] == "-"  # "-5-" and "+5-" say two things
            return text[1 : -1 if behind else None].strip()
        if text.endswith("-") and len(text) > 1:
            self.found += 1
            self.repairs.add("minus_sign")
            return text[:-1].strip()
        return text


def read_cell(raw: str) -> Cell:
    """Take one cell apart.

    Parameters
    ----------
    raw : str
        Any text.

    Returns
    -------
    Cell
        ``Kind.NUMBER`` where it is a number in some writing; never a guess.
    """
    simple = _SIMPLE.fullmatch(raw)
    if simple is not None:
        minus, whole, decimals = simple.groups()
        either = decimals is not None and len(decimals) == 3 and len(whole) <= 3 and not whole.startswith("0")
        mark = Mark.NONE if decimals is None else Mark.POINT_EITHER if either else Mark.POINT
        return Cell(Kind.NUMBER, raw.removeprefix("-"), mark, bool(minus))
    text = _bare(raw)
    word = text.casefold().lstrip("+-")
    if text.casefold() in _MISSING:
        return Cell(Kind.MISSING)
    if text.casefold() in _PLACEHOLDERS:
        return Cell(Kind.PLACEHOLDER)
    if word in _INFINITE:
        return Cell(Kind.INFINITE)
    signs = _Signs()
    repairs = signs.repairs
    plain = ascii_digits(text)
    if plain != text:
        repairs.add("digits")
    whole = _NO_CENTS.sub(r"\1", plain, count=1)
    if whole != plain:
        repairs.add("no_cents")
    plain = whole.translate(_MINUS)
    if plain != whole:
        repairs.add("minus_sign")
    if not any(char.isdigit() for char in plain) and _DASHES.fullmatch(split_sign(plain)[0]):
        return Cell(Kind.PLACEHOLDER)
    percent = plain.endswith(("%", "٪"))
    plain = signs.off(plain.rstrip("%٪").strip())
    plain, sign = split_sign(plain)
    if sign is not None:
        repairs.add("currency_sign")
        plain = signs.off(plain)
    cell = _number(plain, negative=signs.negative, percent=percent, sign=sign, repairs=repairs)
    return Cell(Kind.TWO_SIGNS) if signs.found > 1 and cell.kind is Kind.NUMBER else cell


def _number(plain: str, *, negative: bool, percent: bool, sign: str | None, repairs: set[str]) -> Cell:
    exponent = _EXPONENT.fullmatch(plain)
    if exponent is not None:
        digits = f"{exponent.group(1)}e{exponent.group(2)}"
        shown = Mark.COMMA if "," in digits else (Mark.POINT if "." in digits else Mark.NONE)
        kind = Kind.NUMBER if float(digits.replace(",", ".")) != float("inf") else Kind.INFINITE
        return Cell(kind, digits, shown, negative, percent, sign, frozenset(repairs))
    digits, settled = _joined(plain.replace("\u066b", ","))
    if digits != plain and settled is not None:
        repairs.add("thousands")
    if "\u066b" in plain:  # the Arabic decimal mark has one meaning
        settled = Mark.COMMA
    if not _NUMBER.fullmatch(digits):
        return Cell(Kind.TEXT)
    mark = settled if settled is not None else _mark_of(digits)
    if mark is None:
        return Cell(Kind.TEXT)
    whole = digits.split("," if mark is Mark.COMMA else ".")[0] if not mark.is_open else ""
    if sum(char.isdigit() for char in whole) > MAX_INTEGER_DIGITS:
        return Cell(Kind.TOO_LONG, digits, mark, negative, percent, sign, frozenset(repairs))
    return Cell(Kind.NUMBER, digits, mark, negative, percent, sign, frozenset(repairs))
