"""What a patch works on: the spend, prices and demand of the horizon, and the setting they stand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.exceptions import SpecError
from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual
from mmm.response.draws import ResponseDraws

#: The first and last week of a range, both included: numbers from 1, or dates.
WeekRange = tuple[int, int] | tuple[date, date]


@dataclass(frozen=True, eq=False)
class Future:
    """One course of events over the horizon.

    Attributes
    ----------
    spend : (C, T)
        Money per week.
    cost : (C, T)
        Cost of an exposure over today's.
    demand : (T,)
        Demand over what the model expects.
    notes : tuple of str
        What a reader should know about how it came to be, full sentences.
    """

    spend: FloatArray
    cost: FloatArray
    demand: FloatArray
    notes: tuple[str, ...] = ()

    @staticmethod
    def as_usual(calendar: SpendCalendar) -> Future:
        """Return business as usual: the calendar's spend, today's prices, the expected demand."""
        shape = calendar.baseline.shape
        return Future(calendar.baseline, np.ones(shape), np.ones(shape[1]))


def _no_place(key: str) -> str:
    return key


@dataclass(frozen=True, eq=False)
class Setting:
    """What patches may look up, and how they name their place in an error.

    Attributes
    ----------
    response : ResponseDraws
    calendar : SpendCalendar
    folder : Path
        Where file names are resolved.
    place : callable
        Key of the patch → "file, line, key path".
    """

    response: ResponseDraws
    calendar: SpendCalendar
    folder: Path
    place: Callable[[str], str] = _no_place

    def refuse(self, key: str, says: str, do: str) -> SpecError:
        """Return the error that names the key's place."""
        return SpecError(says, where=self.place(key), do=do)

    def channels(self, key: str, names: str | tuple[str, ...]) -> BoolArray:
        """Return the (C,) mask of channel names, or of ``all``.

        Raises
        ------
        SpecError
            A name is not a paid channel of the fit.
        """
        known = self.calendar.channels
        wanted = known if names == "all" else (names,) if isinstance(names, str) else names
        for name in wanted:
            if name not in known:
                organic = " (it is an organic channel, without spend)" if name in self.response.organic.names else ""
                says = f"the channel '{name}' is not a paid channel of the fit{organic}"
                raise self.refuse(key, says, f"Known: {', '.join(known)}.")
        return np.isin(np.array(known), np.array(wanted))

    def weeks(self, span: WeekRange | None) -> BoolArray:
        """Return the (T,) mask of a range of weeks; all of them without one.

        Raises
        ------
        SpecError
            The range holds no week of the horizon, or leaves it.
        """
        weeks = self.calendar.weeks
        if span is None:
            return np.ones(len(weeks), dtype=bool)
        first, last = span
        if isinstance(first, int):
            number = np.arange(1, len(weeks) + 1)
            mask = (number >= first) & (number <= int(str(last)))
            outside = first < 1 or int(str(last)) > len(weeks)
        else:
            mask = (weeks >= np.datetime64(str(first))) & (weeks <= np.datetime64(str(last)))
            outside = False
        if outside or not mask.any():
            raise self.refuse(
                "weeks",
                f"the weeks {first} to {last} are not in the horizon, whose {len(weeks)} weeks start on {weeks[0]} "
                f"to {weeks[-1]}",
                f"Give two week numbers from 1 to {len(weeks)}, the earlier first, or two dates in the horizon.",
            )
        return np.asarray(mask, dtype=bool)

    def last_year(self) -> FloatArray:
        """Return what the same weeks spent a year earlier, (C, T).

        Raises
        ------
        SpecError
            The data hold less than a year.
        """
        if self.response.n_weeks < 52:
            raise self.refuse(
                "flighting",
                f"as_history needs a year of data, and the fit has {self.response.n_weeks} weeks",
                "Choose another flighting.",
            )
        weeks = self.calendar.weeks
        return business_as_usual(self.response, weeks[0], len(weeks), BaselineRule.SAME_WEEKS_LAST_YEAR).baseline
