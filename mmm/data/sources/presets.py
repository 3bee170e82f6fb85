"""Presets of usual exports: which columns an export has, in the languages that its tool writes them in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from mmm.config import StrictModel, load_yaml, parse
from mmm.data.currencies import SIGNS
from mmm.data.log import listed
from mmm.data.privacy import safe
from mmm.data.reading import Name, Positive, name_key
from mmm.data.sources.spec import Repeats, SourceGrain, SourceSpec
from mmm.exceptions import SpecError

FOLDER = Path(__file__).resolve().parent / "presets"
#: What stands in a header for the currency: ``Amount spent ({currency})``.
_CURRENCY = "{currency}"
#: Lines in order of preference; the names on one line are one column, as it is called in several languages.
Headers = tuple[tuple[Name, ...], ...]


class Preset(StrictModel):
    """What one export looks like.

    Attributes
    ----------
    says : str
        Which export this is, and how it is made.
    facts : str
        Where the names of its columns come from.
    date, geo, channel, currency_column : Headers
        The first line that has a name in the file counts; two names of one line in one file are a question.
    channel_is : str, optional
        The channel of all rows.
    metrics : mapping of metric to Headers
    needs : tuple of str
        Metrics without which a file is not this export.
    money : tuple of str
        Metrics that are money beside spend.
    units : mapping of column to number
        Worth of 1 in a column, as of micros.
    date_formats : mapping of column to str
    grain : SourceGrain, optional
        What each date stands for, where the dates do not show it.
    repeats : Repeats, optional
        What several rows of one date are.
    signs : tuple of str
        Patterns of column names by which a wide file is told; each must be found.
    """

    says: str
    facts: str
    date: Headers
    geo: Headers = ()
    channel: Headers = ()
    channel_is: Name | None = None
    currency_column: Headers = ()
    metrics: dict[Name, Headers] = Field(default_factory=dict)
    needs: tuple[Name, ...] = ()
    money: tuple[Name, ...] = ()
    units: dict[Name, Positive] = Field(default_factory=dict)
    date_formats: dict[Name, Name] = Field(default_factory=dict)
    grain: SourceGrain | None = None
    repeats: Repeats | None = None
    signs: tuple[Name, ...] = ()

    def headers(self) -> Iterator[str]:
        """Yield every name that a column of this export is known to have."""
        for lines in (self.date, self.geo, self.channel, self.currency_column, *self.metrics.values()):
            yield from (name for line in lines for name in line)


@dataclass(frozen=True)
class Found:
    """A column of a file that a preset knows, and the currency that its header names."""

    column: str
    currency: str | None = None


def names() -> list[str]:
    """Return the names of all presets."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def preset(name: str) -> Preset:
    """Read a preset that is known to exist."""
    return parse(Preset, load_yaml(FOLDER / f"{name}.yaml"))


def _named(name: str, where: str) -> Preset:
    if name not in names():
        raise SpecError(
            f"there is no preset '{safe(name)}'", where=f"{where}.preset", do=f"Known: {', '.join(names())}."
        )
    return preset(name)


def _match(known: str, column: str) -> Found | None:
    if _CURRENCY not in known:
        return Found(column) if name_key(known) == name_key(column) else None
    pattern = re.escape(name_key(known)).replace(re.escape(_CURRENCY), "([a-z]{3})")
    told = re.fullmatch(pattern, name_key(column))
    return Found(column, told.group(1).upper()) if told is not None and told.group(1) in SIGNS else None


def find(lines: Headers, header: Sequence[str], where: str) -> Found | None:
    """Return the column of a header that is meant; None where it has none of the names.

    Raises
    ------
    SpecError
        Two columns that a preset takes for the same thing.
    """
    for line in lines:
        found = [told for column in header for known in line if (told := _match(known, column)) is not None]
        columns = list(dict.fromkeys(one.column for one in found))
        if len(columns) > 1:
            key = where.rsplit(".", 1)[-1]
            raise SpecError(
                f"the columns {' and '.join(repr(safe(column)) for column in columns)} may both be the {key}",
                where=where,
                do=f"Name the one that is meant in {where}.",
            )
        if found:
            return found[0]
    return None


def known_columns(source: SourceSpec, where: str = "source") -> tuple[str, ...]:
    """List every column that a source may have, declared or by its preset: by them the header of a file is found.

    Raises
    ------
    SpecError
        There is no such preset.
    """
    given = [source.date, source.geo, source.channel, source.metric, source.value, source.currency_column]
    declared = [name for name in given if name is not None] + list(source.metrics.values()) + list(source.only)
    if source.preset is None:
        return tuple(dict.fromkeys(declared))
    usual = (name for name in _named(source.preset, where).headers() if _CURRENCY not in name)
    return tuple(dict.fromkeys([*declared, *usual]))


def with_usual(source: SourceSpec, where: str = "source") -> SourceSpec:
    """Fill what a preset knows without looking at a file: how long a date stands for, and what several rows are.

    Raises
    ------
    SpecError
        There is no such preset.
    """
    if source.preset is None:
        return source
    known = _named(source.preset, where)
    usual = {"grain": known.grain, "repeats": known.repeats}
    return source.model_copy(update={key: value for key, value in usual.items() if getattr(source, key) is None})


def resolve(source: SourceSpec, header: Iterable[str], where: str = "source") -> SourceSpec:
    """Fill the keys that a person did not give with what the preset finds in a file's header.

    Parameters
    ----------
    source : SourceSpec
    header : iterable of str
        Column names of one file.
    where : str
        Key path of the source for messages, as in ``sources.google``.

    Returns
    -------
    SourceSpec
        Without a preset: a source that needs none. What is declared always wins; of the metrics, one by one.

    Raises
    ------
    SpecError
        An unknown preset, a header that is not of this export, or two columns that may be meant.
    """
    if source.preset is None:
        return source
    known, columns = _named(source.preset, where), tuple(header)
    source = with_usual(source, where)
    filled: dict[str, Any] = {"preset": None}
    single = {"date": known.date, "geo": () if source.geo_is else known.geo}
    if source.channel is None and source.channel_is is None:
        single["channel"] = known.channel
    for key, lines in single.items():
        found = find(lines, columns, f"{where}.{key}") if getattr(source, key) is None else None
        if found is not None:
            filled[key] = found.column
    if not source.is_long and "channel" not in filled and known.channel_is is not None:
        filled["channel_is"] = known.channel_is
    metrics, told = _metrics(source, known, columns, where)
    filled |= {"metrics": metrics, "units": _units(source, known, metrics)}
    filled |= _currency(source, known, columns, told, where)
    filled["money"] = tuple(dict.fromkeys([*source.money, *(name for name in known.money if name in metrics)]))
    _refuse_other(source, known, filled, where)
    if source.date_format is None:
        formats = {name_key(name): form for name, form in known.date_formats.items()}
        filled["date_format"] = formats.get(name_key(str(filled.get("date", source.date))))
    return SourceSpec.model_validate(source.model_dump(exclude_unset=True) | filled)


def _metrics(
    source: SourceSpec, known: Preset, header: Sequence[str], where: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return metric → column, and metric → the currency that its header names."""
    metrics = dict(source.metrics)
    told: dict[str, str] = {}
    if source.metric is not None:
        return metrics, told
    for name, lines in known.metrics.items():
        found = find(lines, header, f"{where}.metrics.{name}") if name not in metrics else None
        if found is not None:
            metrics[name] = found.column
            if found.currency is not None:
                told[name] = found.currency
    return metrics, told


def _units(source: SourceSpec, known: Preset, metrics: dict[str, str]) -> dict[str, float]:
    usual = {name_key(name): unit for name, unit in known.units.items()}
    chosen = {column: usual[name_key(column)] for column in metrics.values() if name_key(column) in usual}
    declared = {name_key(name) for name in source.units}
    return {**{name: unit for name, unit in chosen.items() if name_key(name) not in declared}, **source.units}


def _currency(
    source: SourceSpec, known: Preset, header: Sequence[str], told: dict[str, str], where: str
) -> dict[str, str]:
    """Return the currency that a header names, or the column of currencies."""
    if source.currency is not None or source.currency_column is not None:
        return {}
    codes = sorted(set(told.values()))
    if len(codes) > 1:
        raise SpecError(
            f"the headers name the currencies {' and '.join(codes)}", where=where, do="Split the file by currency."
        )
    if codes:
        return {"currency": codes[0]}
    column = find(known.currency_column, header, f"{where}.currency_column")
    return {} if column is None else {"currency_column": column.column}


def _refuse_other(source: SourceSpec, known: Preset, filled: dict[str, Any], where: str) -> None:
    """Refuse a header that lacks what the export always has."""
    lacking = [] if filled.get("date", source.date) is not None else [("date", known.date)]
    by_row = known.channel_is is None and known.channel and not source.is_long
    if by_row and "channel" not in filled:
        lacking.append(("channel", known.channel))
    lacking += [
        (f"metrics.{name}", known.metrics[name])
        for name in known.needs
        if source.metric is None and name not in filled["metrics"]
    ]
    if not lacking:
        return
    key, lines = lacking[0]
    offered = listed((repr(name) for line in lines for name in line), 4)
    raise SpecError(
        f"the file has no column that the preset '{source.preset}' knows as {key.removeprefix('metrics.')}: {offered}",
        where=where,
        do=f"Name the column in {where}.{key}, or take another preset: {', '.join(names())}.",
    )
