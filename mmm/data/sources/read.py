"""``read_facts``: one source → its figures, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, IntArray, WeekArray
from mmm.data.events.read import read_events
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.reading import Weekday
from mmm.data.sources.coarser import ask_about_coarser
from mmm.data.sources.draft import Draft, SetAside, add_money
from mmm.data.sources.facts import SCHEMA, Aside, Facts
from mmm.data.sources.grain import Covered, cover
from mmm.data.sources.late import warn_of_silent_days
from mmm.data.sources.layout import with_shared
from mmm.data.sources.opening import drafts_of
from mmm.data.sources.presets import with_usual
from mmm.data.sources.spec import SourceGrain, SourceSpec
from mmm.data.sources.wording import Gathered, spoken_of
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


def read_facts(name: str, source: SourceSpec, spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> Facts:
    """Read every figure of one source.

    Parameters
    ----------
    name : str
        Its name in ``sources``.
    source : SourceSpec
    spec : PanelSpec
        The model that the figures are for: which series are money, and what all sources share.
    folder : Path
        Of ``model.yaml``; every file lies in it.
    today : date
        Dates after it are refused, unless ``data.allow_future``.
    log : ReadingLog
        Repairs, warnings and exclusions; money excluded stands there by metric, as read, with its currency where that
        is not the model's.

    Returns
    -------
    Facts
        Empty cells are null; nothing is filled, converted or added across files.

    Raises
    ------
    DataError
        Names file, row and column, what was found, and what to do.
    """
    key = f"sources.{name}"
    if source.events is not None:
        return read_events(name, source, spec, folder, today, log)
    with spoken_of(key):
        gathered = Gathered(key)
        known = with_shared(with_usual(source, key), spec.data)
        drafts = list(drafts_of(key, known, spec, folder, gathered))
        _set_copies_aside(drafts, spec.currency, gathered)
        covered = _covered(drafts, known, spec.data.week_start, key, gathered)
        ask_about_coarser(drafts, covered, known, _panel_week(spec))
        told = ReadingLog()
        warn_of_silent_days(drafts, covered, _place(drafts, key), told)
        gathered.take(told)
        if not spec.data.allow_future:
            _refuse_future(drafts, covered, today)
        gathered.tell(log)
    lines = [_lines(i, draft, covered, draft.used) for i, draft in enumerate(drafts)]
    return Facts(
        source=name,
        files=tuple(draft.account() for draft in drafts),
        table=pa.concat_tables([table for table, _ in lines]).combine_chunks(),
        money_in=add_money(draft.money() for draft in drafts),
        parts=_parts(drafts, [at for _, at in lines]),
        aside=tuple(_aside(i, draft, covered, one) for i, draft in enumerate(drafts) for one in draft.aside),
    )


def _set_copies_aside(drafts: list[Draft], currency: str, gathered: Gathered) -> None:
    """Set aside files with the same bytes as one before them, as of a download that was made twice."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        original = first.setdefault(draft.sha256, draft)
        if original is not draft:
            log = ReadingLog()
            reason = f"the file is a copy of {original.file}"
            draft.exclude(draft.used.copy(), "copied_file", reason, log, currency=currency, do="Delete the copy.")
            gathered.take(log)


def _panel_week(spec: PanelSpec) -> Weekday:
    """Return the first day of the panel's weeks."""
    fiscal = spec.join.calendar
    usual = Weekday.MONDAY if fiscal is None else list(Weekday)[fiscal.starts.weekday()]
    return spec.data.week_start or usual


def _place(drafts: list[Draft], key: str) -> str:
    return drafts[0].file if len(drafts) == 1 else f"{key} ({len(drafts)} files)"


def _used_days(drafts: list[Draft]) -> WeekArray:
    return np.unique(np.concatenate([draft.days[draft.used] for draft in drafts]))


def _covered(drafts: list[Draft], source: SourceSpec, usual: Weekday | None, key: str, gathered: Gathered) -> Covered:
    file = _place(drafts, key)
    days = _used_days(drafts)
    if len(days) == 0:
        raise _nothing_left(drafts, source, key, file)
    log = ReadingLog()
    covered = cover(days, source, usual, file, log, tuple(dict.fromkeys(draft.dated for draft in drafts)))
    gathered.take(log)
    return covered


def _nothing_left(drafts: list[Draft], source: SourceSpec, key: str, file: str) -> DataError:
    """Say why no row of a source is left."""
    why = listed(dict.fromkeys(one.reason for draft in drafts for one in draft.aside))
    only = ", ".join(f"{column}: [{', '.join(values)}]" for column, values in source.only.items())
    do = f"Correct {key}.only ({{{only}}}) in the model file." if only else "Check the file and the model file."
    return DataError(f"every row of the source was set aside{f': {why}' if why else ''}", where=file, do=do)


def _refuse_future(drafts: list[Draft], covered: Covered, today: date) -> None:
    for draft in drafts:
        days = draft.days if covered.grain is SourceGrain.DAILY else covered.span(draft.days)[0]
        late = draft.used & (days > np.datetime64(today))
        if late.any():
            raise DataError(
                f"{counted(len(np.unique(draft.days[late])), 'date')} after today ({today}): "
                f"{listed(np.unique(draft.days[late]))}",
                where=f"{draft.file}, row {draft.row[late].min()}",
                do="Remove planned rows from the file, or declare data.allow_future: true if they are simulated.",
            )


def _lines(number: int, draft: Draft, covered: Covered, which: BoolArray) -> tuple[pa.Table, IntArray]:
    """Write the figures of some records of a file as lines of facts; with the record of each line."""
    first, last = covered.span(draft.days)
    found = list(_by_metric(number, draft, which, first, last))
    at = [places for _, places in found]
    table = pa.concat_tables([SCHEMA.empty_table(), *(lines for lines, _ in found)])
    return table, np.concatenate([np.zeros(0, dtype=np.int64), *at])


def _by_metric(
    number: int, draft: Draft, which: BoolArray, first: WeekArray, last: WeekArray
) -> Iterator[tuple[pa.Table, IntArray]]:
    for one in draft.figures:
        kept = which[one.at]
        at = one.at[kept]
        n = len(at)
        if not n:
            continue
        money = pa.nulls(n, pa.string()) if one.currency is None else one.currency.filter(pa.array(kept))
        values = one.values[kept]
        columns = [
            pa.array(np.full(n, number, dtype=np.int32)),
            pa.array(draft.row[at]),
            pa.array(draft.last_row[at]),
            pa.array(draft.rows[at]),
            pa.array(first[at], pa.date32()),
            pa.array(last[at], pa.date32()),
            draft.geo.take(pa.array(at)),
            draft.label.take(pa.array(at)),
            pa.array([one.metric] * n, pa.string()),
            money,
            pa.array(values, mask=np.isnan(values)),
        ]
        yield pa.table(columns, schema=SCHEMA), at


def _parts(drafts: list[Draft], at: list[IntArray]) -> pa.Array | None:
    """Return the part of each line, as a till's store, where a column of every file tells them apart."""
    if any(draft.part is None for draft in drafts):
        return None
    return pa.concat_arrays(
        [draft.part.take(pa.array(places)) for draft, places in zip(drafts, at, strict=True) if draft.part is not None]
    )


def _aside(number: int, draft: Draft, covered: Covered, one: SetAside) -> Aside:
    which = np.zeros(len(draft.used), dtype=bool)
    which[one.at] = True
    return Aside(one.name, one.where, one.reason, _lines(number, draft, covered, which)[0])
