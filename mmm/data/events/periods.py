"""Days → the periods of the panel, as SQL and in Python."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from mmm.data.joining.spec import PanelGrain
from mmm.data.reading import Weekday
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec


@dataclass(frozen=True)
class Periods:
    """The panel's rule of days, weeks or months.

    Attributes
    ----------
    grain : PanelGrain
        With a retail calendar always weeks, of which its months are made.
    first : int
        Weekday on which weeks start, Monday 0.
    """

    grain: PanelGrain
    first: int

    @classmethod
    def of(cls, spec: PanelSpec, source: SourceSpec) -> Periods:
        """Return the rule of a model file: the retail calendar's, else the panel's, else the source's week."""
        if spec.join.calendar is not None:
            grain = PanelGrain.DAY if spec.join.grain is PanelGrain.DAY else PanelGrain.WEEK
            return cls(grain, spec.join.calendar.starts.weekday())
        start = spec.data.week_start or source.week_start or Weekday.MONDAY
        return cls(spec.join.grain, list(Weekday).index(start))

    def sql(self, day: str) -> str:
        """Write the first day of the period that a day is in."""
        if self.grain is PanelGrain.DAY:
            return day
        if self.grain is PanelGrain.MONTH:
            return f"CAST(date_trunc('month', {day}) AS DATE)"
        return f"({day} - CAST((isodow({day}) + {6 - self.first}) % 7 AS INTEGER))"

    def start(self, day: date) -> date:
        """Return the first day of the period that a day is in."""
        if self.grain is PanelGrain.DAY:
            return day
        if self.grain is PanelGrain.MONTH:
            return day.replace(day=1)
        return day - timedelta(days=(day.weekday() - self.first) % 7)

    def last(self, start: date) -> date:
        """Return the last day of a period."""
        if self.grain is PanelGrain.DAY:
            return start
        if self.grain is PanelGrain.MONTH:
            return start.replace(day=calendar.monthrange(start.year, start.month)[1])
        return start + timedelta(days=6)

    def every(self, first: date, last: date) -> tuple[date, ...]:
        """Return the first days of all periods from one to another, both included."""
        found = []
        while first <= last:
            found.append(first)
            first = self.last(first) + timedelta(days=1)
        return tuple(found)
