"""Figures of weeks or months among those of days: one channel of a daily export, or one file of its history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.calendar import weekdays
from mmm.data.log import listed
from mmm.data.privacy import safe
from mmm.data.reading import Weekday
from mmm.data.sources.draft import Draft
from mmm.data.sources.grain import Covered
from mmm.data.sources.spec import SourceGrain, SourceSpec
from mmm.exceptions import DataError

#: Dates from which a channel, or a whole file, that is dated a week apart is a question; months of either.
_WEEKS_OF_LABEL, _WEEKS_OF_FILE, _MONTHS = 8, 4, 3
#: Share of the steps that are one week.
_MOST = 0.8
_WEEK = 7
_NAMES = list(Weekday)


def ask_about_coarser(drafts: Sequence[Draft], covered: Covered, source: SourceSpec, week_start: Weekday) -> None:
    """Ask about a channel or a file of a daily source of which every date seems to be a week or a month.

    Weeks that are dated by the first day of the panel's weeks are the same either way, and no question.

    Parameters
    ----------
    drafts : sequence of Draft
    covered : Covered
    source : SourceSpec
    week_start : Weekday
        Of the panel.

    Raises
    ------
    DataError
        Names the channel or the file, and how to read it either way.
    """
    if covered.grain is not SourceGrain.DAILY or source.grain is not None:
        return
    several = len(drafts) > 1
    for draft in drafts if several else ():
        span = _span(np.unique(draft.days[draft.used]), _WEEKS_OF_FILE, week_start)
        if span is not None:
            raise DataError(
                f"the dates of the file are {span}, while the source is daily: each may be the figure of more than a "
                "day",
                where=draft.file,
                do="List the file as a source of its own, with join.same for its channels; or declare data.grain: "
                "daily if each date is a day of its own.",
            )
    found = [(name, span) for name, days in _by_label(drafts) if (span := _span(days, _WEEKS_OF_LABEL, week_start))]
    if found:
        names = listed((repr(safe(name)) for name, _ in found), 6)
        raise DataError(
            f"the dates of {names} are {found[0][1]}, while the source is daily: each may be the figure of more than a "
            "day",
            where=drafts[0].file if not several else f"{drafts[0].file} and other files of the source",
            do="List these rows as a source of their own (the same file, with data.only for the names), or declare "
            "data.grain: daily if each date is a day of its own.",
        )


def _by_label(drafts: Sequence[Draft]) -> Iterator[tuple[str, WeekArray]]:
    """Yield each channel's or campaign's name with its days, sorted and without repeats."""
    found: dict[str, list[WeekArray]] = {}
    for draft in drafts:
        coded = draft.label.dictionary_encode()
        codes = np.asarray(coded.indices.fill_null(-1))
        for code, name in enumerate(coded.dictionary.to_pylist()):
            found.setdefault(name, []).append(np.unique(draft.days[draft.used & (codes == code)]))
    for name, days in found.items():
        yield name, np.unique(np.concatenate(days))


def _span(days: WeekArray, weeks: int, week_start: Weekday) -> str | None:
    """Say what dates look like that are a week or a month apart; None where they do not."""
    if len(days) < _MONTHS:
        return None
    months = days.astype("datetime64[M]")
    following = (days + np.timedelta64(1, "D")).astype("datetime64[M]")
    steps = np.diff(months.astype(np.int64))
    ends = (days == months.astype("datetime64[D]")).all() or (following != months).all()
    if ends and (steps == 1).all():
        return f"one a month, {days[0]}, {days[1]} …"
    on = weekdays(days)
    if len(days) < weeks or len(np.unique(on)) > 1 or _NAMES[int(on[0])] is week_start:
        return None
    steps = np.diff(days).astype(np.int64)
    return f"{_NAMES[int(on[0])].title()}s only, {days[0]}, {days[1]} …" if (steps == _WEEK).mean() >= _MOST else None
