"""Rows that are not weeks: blank rows, totals, footnotes. They are excluded, listed, and totals are checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mmm.data.log import ReadingLog, counted, listed
from mmm.data.table import TextTable
from mmm.data.total_words import Sure, total_word

_TOTAL = re.compile(
    r"(?:grand\s+|sub\s*-?)?(?:totals?|sums?|summe|gesamt\w*|insgesamt|somme|totale|totaal|suma|razem|celkem|"
    r"összesen|toplam|ukupno|итого|всего|σύνολο|المجموع|إجمالي|合計|合计|총계)\b.*",
    re.IGNORECASE,
)
_AVERAGE = re.compile(
    r"(?:average|avg|mean|mittelwert|durchschnitt|moyenne|media|promedio|średnia|ø)\b.*", re.IGNORECASE
)
_DASHES = frozenset({"-", "--", "---", "–", "—"})


@dataclass(frozen=True)
class Footers:
    """The rows of a table that are no weeks.

    Attributes
    ----------
    totals : tuple of int
        Indices of rows labelled as totals.
    unlabelled : int or None
        Index of a last row without a date: a total only if its figures add up.
    others : Mapping
        Index → what it is (blank row, average, footnote).
    """

    totals: tuple[int, ...]
    unlabelled: int | None
    others: Mapping[int, str]

    @property
    def rows(self) -> frozenset[int]:
        """Indices of all of them."""
        return frozenset({*self.totals, *self.others, *([] if self.unlabelled is None else [self.unlabelled])})


def _is_total(text: str) -> bool:
    return _TOTAL.fullmatch(text) is not None or total_word(text) is Sure.YES


def find_footers(table: TextTable, date_index: int) -> Footers:
    """Find blank rows, total and average rows anywhere, and footnotes below the last date."""
    totals: list[int] = []
    others: dict[int, str] = {}
    last = max((i for i, row in enumerate(table.cells) if any(c.isdecimal() for c in row[date_index])), default=-1)
    unlabelled: int | None = None
    for i, row in enumerate(table.cells):
        label = row[date_index].strip()
        filled = [cell.strip() for cell in row if cell.strip()]
        if label in _DASHES:  # "--" in the date's place of a total, as ad platforms write it
            label, filled = "", [cell for cell in filled if cell not in _DASHES]
        first = filled[0] if filled else ""
        if not filled:
            others[i] = "a blank row"
        elif _is_total(label) or (not label and _is_total(first)):
            totals.append(i)
        elif _AVERAGE.fullmatch(label) or (not label and _AVERAGE.fullmatch(first)):
            others[i] = "a row of averages"
        elif i > last and len(filled) == 1 and not first[:1].isdecimal():
            others[i] = "a footnote"
        elif i > last and not label and unlabelled is None:
            unlabelled = i
    return Footers(tuple(totals), unlabelled, others)


def list_footers(table: TextTable, footers: Footers, log: ReadingLog) -> None:
    """Write blank rows, totals and footnotes into the report and the ledger."""
    kinds: dict[str, list[int]] = {}
    for i in (*footers.totals, *([] if footers.unlabelled is None else [footers.unlabelled])):
        kinds.setdefault("a total row: its figures repeat those of the rows above", []).append(table.rows[i])
    for i, kind in footers.others.items():
        kinds.setdefault(kind, []).append(table.rows[i])
    for kind, rows in kinds.items():
        where = f"{table.file}, row{'' if len(rows) == 1 else 's'} {listed(rows)}"
        log.exclude(where, kind, rows=len(rows))
        log.repaired("not_a_week", f"{counted(len(rows), 'row')} excluded: {kind}.", where=where)
