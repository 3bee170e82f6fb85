"""A first look over the whole log: names, kinds, consent, days and numbers, before any person is looked at."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mmm.data.events.columns import LogColumns
from mmm.data.events.expressions import Expressions
from mmm.data.events.measures import Measures
from mmm.data.events.spec import Empty
from mmm.data.events.store import Store
from mmm.data.log import counted
from mmm.data.privacy import safe
from mmm.exceptions import DataError

#: Different combinations of channel, geo, kind and consent.
MOST_GROUPS = 200_000
_GROUP = ("channel", "geo", "kind", "consent")


@dataclass(frozen=True)
class NumberCheck:
    """Cells of one summed column in one group: empty, no numbers, with a separator, and read two ways."""

    empty: int
    wrong: int
    separated: int
    ambiguous: int


@dataclass(frozen=True)
class Group:
    """Rows that share channel, geo, kind and consent: as written, and without outer spaces; empty where none is."""

    written: tuple[str | None, ...]
    channel: str
    geo: str
    kind: str
    consent: str
    rows: int
    undated: int
    zoned: int
    zoned_late: int
    first: date | None
    last: date | None
    numbers: tuple[NumberCheck, ...]


def survey(
    store: Store, relation: str, types: Mapping[str, str], columns: LogColumns, say: Expressions
) -> tuple[Group, ...]:
    """Look over all rows once.

    Raises
    ------
    DataError
        More combinations of names than channels, geos and kinds can have.
    """
    roles = columns.by_role()
    names = ", ".join(f"{group_key(roles, types, role)} AS {role}_" for role in _GROUP)
    checks = []
    for i, number in enumerate(say.numbers):
        cell = f"sum{i}"
        text = f"trim(CAST({cell} AS VARCHAR))"
        empty = f"({cell} IS NULL OR {text} = '')"
        checks += [f"count_if({empty})", f"count_if(NOT {empty} AND ({number}) IS NULL)"]
        if types[cell] == "VARCHAR":
            checks += [
                f"count_if(contains({cell}, '.') OR contains({cell}, ','))",
                f"count_if(regexp_full_match({text}, '[-+]?\\d{{1,3}}([.,]\\d{{3}})'))",
            ]
        else:
            checks += ["0", "0"]
    parts = [
        "count(*)",
        "count_if(day IS NULL)",
        "count_if(zoned)",
        "count_if(zoned AND NOT coalesce(midnight, false))",
        "min(day)",
        "max(day)",
        *checks,
    ]
    inner = f"SELECT *, {say.day} AS day, {say.zoned} AS zoned, {say.midnight} AS midnight FROM ({relation})"
    sql = (
        f"SELECT {names}, {', '.join(parts)} FROM ({inner}) GROUP BY 1, 2, 3, 4 "
        f"ORDER BY 1, 2, 3, 4 LIMIT {MOST_GROUPS + 1}"
    )
    found = store.rows(sql)
    if len(found) > MOST_GROUPS:
        raise DataError(
            f"there are more than {MOST_GROUPS:,} combinations of channel, geo, kind and consent",
            where=store.where,
            do="Correct the names of these columns in the model file: one of them holds something else.",
        )
    return tuple(_group(row) for row in found)


def group_key(roles: Mapping[str, str], types: Mapping[str, str], role: str) -> str:
    """Write a cell as ``Group.written`` has it: text as it stands, for speed; NULL without such a column."""
    if role not in roles:
        return "CAST(NULL AS VARCHAR)"
    return role if types[role] == "VARCHAR" else f"CAST({role} AS VARCHAR)"


def bare(cell: str) -> str:
    """Return a cell as it is seen: no outer spaces, no characters of no width."""
    return "".join(char for char in cell if unicodedata.category(char) != "Cf").strip()


def _group(row: tuple[Any, ...]) -> Group:
    # A count over nothing but missing cells is missing itself.
    channel, geo, kind, consent = (bare(cell or "") for cell in row[:4])
    rows, undated, zoned, zoned_late = (cell or 0 for cell in row[4:8])
    checks = [int(cell or 0) for cell in row[10:]]
    numbers = tuple(NumberCheck(*checks[i : i + 4]) for i in range(0, len(checks), 4))
    return Group(row[:4], channel, geo, kind, consent, rows, undated, zoned, zoned_late, row[8], row[9], numbers)


def refuse_unreadable(
    groups: tuple[Group, ...], measures: Measures, columns: LogColumns, *, zone_declared: bool, where: str
) -> None:
    """Refuse times and numbers that cannot be read, or can be read two ways; no value is told.

    Raises
    ------
    DataError
        Names the column and how many rows.
    """
    _refuse_times(groups, f"{where}, column {safe(columns.time)}", zone_declared=zone_declared)
    for i, column in enumerate(columns.sums):
        place = f"{where}, column {safe(column)}"
        used = [m for m in measures.measures if m.sum_of == i]
        cells = [
            (group.numbers[i], atom)
            for group in groups
            if (atom := measures.atom_of_kind.get(group.kind)) is not None and any(atom in m.atoms for m in used)
        ]
        wrong = sum(check.wrong for check, _ in cells)
        if wrong:
            raise DataError(
                f"{counted(wrong, 'cell')} of counted events are no numbers (or beyond 10^12)",
                where=place,
                do="Write plain numbers with a decimal point, or declare decimal: ',' for this source.",
            )
        separated, ambiguous = (sum(getattr(check, key) for check, _ in cells) for key in ("separated", "ambiguous"))
        if separated and separated == ambiguous:
            raise DataError(
                "every number with a separator can be read two ways, as in 1.234",
                where=place,
                do="Declare decimal: '.' or decimal: ',' for this source.",
            )
        for measure in used:
            empty = sum(check.empty for check, atom in cells if atom in measure.atoms)
            if empty and measure.metric.empty is Empty.REFUSE:
                raise DataError(
                    f"{counted(empty, 'event')} that '{measure.name}' adds up have no number",
                    where=place,
                    do="Narrow the metric with 'of: [kinds]', or declare 'empty: zero' if no number means nothing.",
                )


def _refuse_times(groups: tuple[Group, ...], place: str, *, zone_declared: bool) -> None:
    undated = sum(group.undated for group in groups)
    if undated:
        raise DataError(
            f"{counted(undated, 'row')} have no readable time",
            where=place,
            do="Write times as YYYY-MM-DD hh:mm:ss, or declare date_format for this source; a row without a time "
            "belongs to no week.",
        )
    rows, zoned = sum(group.rows for group in groups), sum(group.zoned for group in groups)
    if zoned not in (0, rows):
        raise DataError(
            f"{counted(zoned, 'row')} name a time zone and {rows - zoned:,} do not",
            where=place,
            do="Write all times in one way.",
        )
    if sum(group.zoned_late for group in groups) and not zone_declared:
        raise DataError(
            "the times are in a zone, and which day they mean depends on the zone of the business",
            where=place,
            do="Declare time_zone, e.g. Europe/Berlin, for this source.",
        )
