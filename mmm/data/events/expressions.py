"""Cells of a log → persons, days and figures, as expressions of SQL: nothing is computed twice in another way."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

from mmm.data.dates import EARLIEST, LATEST
from mmm.data.events.spec import Epoch, EventsSpec
from mmm.data.events.store import literal
from mmm.data.privacy import safe
from mmm.data.reading import DecimalMark
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError, SpecError

_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_PLAIN = ("VARCHAR", "UUID", "BOOLEAN", *_WHOLE)
_EPOCHS = {Epoch.SECONDS: 1_000_000, Epoch.MILLISECONDS: 1_000, Epoch.MICROSECONDS: 1}
#: Money and quantities are added up exactly: six decimals, as in micros, below 10^12.
NUMBER = "DECIMAL(18, 6)"
#: Outer spaces of every kind and control characters, and format characters (of no width) anywhere.
_UNSEEN = r"^[\s\p{Z}\p{Cc}\p{Cf}]+|[\s\p{Z}\p{Cc}\p{Cf}]+$|\p{Cf}+"


@dataclass(frozen=True)
class Expressions:
    """What the roles of a log's relation mean.

    Attributes
    ----------
    person : str
        Salted 64-bit hash of the id; NULL without an id. Two people share one with a chance of about n² / 2^65, and
        would then count as one: too few, never too many.
    day : str
        DATE in the zone of the business; NULL where it cannot be read.
    zoned : str
        Whether the time names its zone.
    midnight : str
        Whether it is at midnight.
    numbers : tuple of str
        Of each summed column, NULL where it is empty or no number.
    """

    person: str
    day: str
    zoned: str
    midnight: str
    numbers: tuple[str, ...]


def seen(cell: str) -> str:
    """Write a text as it is seen: without outer spaces, tabs and the like, and without characters of no width."""
    text = f"CAST({cell} AS VARCHAR)"
    cut = f"regexp_replace({text}, '{_UNSEEN}', '', 'g')"
    # Most ids are plain: the cheap look comes first.
    return f"CASE WHEN regexp_full_match({text}, '[!-~]*') THEN {text} ELSE {cut} END"


def person_text(cell: str, *, case_matters: bool) -> str:
    """Write the id's normal form: composed Unicode, as it is seen, lower case unless case tells people apart."""
    text = f"nfc_normalize({seen(cell)})"
    return text if case_matters else f"lower({text})"


def keyed(text: str) -> str:
    """Write HMAC-SHA-256 of a text, as lower-case hexadecimal; the key comes as the parameters ``inner``, ``outer``."""
    return f"sha256($outer || unhex(sha256($inner || encode({text}))))"


def expressions(
    types: Mapping[str, str], source: SourceSpec, events: EventsSpec, columns: Mapping[str, str], where: str
) -> Expressions:
    """Write the expressions of one log.

    Parameters
    ----------
    types : mapping of role to DuckDB type
    source : SourceSpec
    events : EventsSpec
    columns : mapping of role to column
    where : str
        What messages call the log.

    Raises
    ------
    DataError
        A column of a kind that cannot be what it is for.
    """
    for role, kind in types.items():
        numeric = kind in ("FLOAT", "DOUBLE") or kind.startswith("DECIMAL")
        if role.startswith("sum"):
            fits = numeric or kind in ("VARCHAR", *_WHOLE)
        elif role == "time":
            fits = kind in ("VARCHAR", "DATE", *_WHOLE) or kind.startswith("TIMESTAMP")
        else:
            fits = kind in _PLAIN
        if not fits:
            raise DataError(
                "the column holds decimal numbers" if numeric else "the column holds values of another kind",
                where=f"{where}, column {safe(columns[role])}",
                do="Write it as plain text, or correct the name of the column in the model file.",
            )
    day, zoned, midnight = _time(types["time"], source, events, f"{where}, column {safe(columns['time'])}")
    numbers = [_number(f"sum{i}", types[f"sum{i}"], source) for i in range(sum(r.startswith("sum") for r in types))]
    within = f"CASE WHEN {day} BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}' THEN {day} END"
    return Expressions(_person("person", events), within, zoned, midnight, tuple(numbers))


def _person(cell: str, events: EventsSpec) -> str:
    text = person_text(cell, case_matters=events.case_matters)
    told = text if events.identifiers_key_from is None else keyed(text)
    return f"CASE WHEN {text} <> '' THEN hash({told}, $salt::UBIGINT) END"


def opted_out_person(cell: str, events: EventsSpec) -> str:
    """Write the hash of an id of the opt-out file, equal to the log's where it is the same person."""
    if events.opt_out is not None and events.opt_out.hashed:
        return f"hash(lower({seen(cell)}), $salt::UBIGINT)"
    return _person(cell, events)


def _time(kind: str, source: SourceSpec, events: EventsSpec, where: str) -> tuple[str, str, str]:
    """Write (day, whether a zone is named, whether at midnight)."""
    zone = literal(_zone(source.time_zone))
    if kind == "DATE":
        return "time", "false", "true"
    if kind in _WHOLE:
        if events.epoch is None:
            raise DataError(
                "the times are numbers",
                where=where,
                do="Declare events.epoch: s, ms or us, if they count from 1970; else write YYYY-MM-DD hh:mm:ss.",
            )
        stamp = f"make_timestamptz(CAST(time AS BIGINT) * {_EPOCHS[events.epoch]})"
        return f"CAST(timezone({zone}, {stamp}) AS DATE)", "true", "false"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(timezone({zone}, time) AS DATE)", "true", "(CAST(timezone('UTC', time) AS TIME) = TIME '00:00')"
    if kind.startswith("TIMESTAMP"):
        return "CAST(time AS DATE)", "false", "true"
    text = "trim(time)"
    if events.epoch is not None:
        stamp = f"make_timestamptz(TRY_CAST({text} AS BIGINT) * {_EPOCHS[events.epoch]})"
        return f"CAST(timezone({zone}, {stamp}) AS DATE)", "true", "false"
    if source.date_format is not None:
        # A format with %z gives the moment in UTC.
        stamp = f"try_strptime({text}, {literal(source.date_format)})"
        if "%z" in source.date_format or "%Z" in source.date_format:
            return f"CAST(timezone({zone}, {stamp}) AS DATE)", "true", "false"
        return f"CAST({stamp} AS DATE)", "false", "true"
    zoned = f"(length({text}) > 16 AND ({text} LIKE '%Z' OR {text} LIKE '%+%' OR substr({text}, 12) LIKE '%-%'))"
    plain = f"TRY_CAST(TRY_CAST({text} AS TIMESTAMP) AS DATE)"
    moved = f"TRY_CAST(timezone({zone}, TRY_CAST({text} AS TIMESTAMPTZ)) AS DATE)"
    day = plain if source.time_zone is None else f"CASE WHEN {zoned} THEN {moved} ELSE {plain} END"
    return day, zoned, f"(CAST(TRY_CAST({text} AS TIMESTAMP) AS TIME) = TIME '00:00')"


def _zone(declared: str | None) -> str:
    try:
        return zoneinfo.ZoneInfo(declared or "UTC").key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise SpecError(
            f"the time zone '{safe(declared or '')}' is not known",
            where="time_zone",
            do="Name one such as Europe/Berlin.",
        ) from error


def _number(cell: str, kind: str, source: SourceSpec) -> str:
    if kind != "VARCHAR":
        return f"TRY_CAST({cell} AS {NUMBER})"
    text = f"trim({cell})"
    refused = f"contains({cell}, '_')"
    if source.decimal is not None:
        mark = source.decimal.value
        other = "." if source.decimal is DecimalMark.COMMA else ","
        # Separators between thousands stand where thousands do, else 1.5 would become 15.
        grouped = rf"[-+]?\d{{1,3}}(\{other}\d{{3}})+(\{mark}\d*)?"
        refused += f" OR (contains({text}, '{other}') AND NOT regexp_full_match({text}, '{grouped}'))"
        text = f"replace(replace({text}, '{other}', ''), '{mark}', '.')"
    return f"CASE WHEN NOT ({refused}) THEN TRY_CAST({text} AS {NUMBER}) END"
