"""Rows in = used + listed, money in = used + listed: told so that no listed total is of few people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import IntArray
from mmm.data.events.measures import Family, Measures
from mmm.data.events.suppress import Decision
from mmm.data.events.tally import Tally, Why
from mmm.data.log import ReadingLog, counted
from mmm.data.sources.wording import money_told

_REASONS = {
    Why.NO_PERSON: "they name no person, so consent and opt-out cannot be looked up",
    Why.NO_CONSENT: "they have no consent",
    Why.OPTED_OUT: "they are of people who opted out",
    Why.OTHER_KIND: "no metric counts events of their kind",
    Why.NO_CHANNEL: "they name no channel",
    Why.NO_GEO: "they name no geo",
    Why.PART_OF_PERIOD: "the log holds a part of their week only, or the week is not over",
}
#: Reasons for which nothing but rows is ever counted.
_UNCOUNTED = (Why.NO_PERSON, Why.NO_CONSENT, Why.OPTED_OUT, Why.OTHER_KIND)


@dataclass(frozen=True)
class Left:
    """Rows that are not used.

    Attributes
    ----------
    name, reason : str
    rows : int
    money : Mapping
        (Metric, currency) → money.
    """

    name: str
    reason: str
    rows: int
    money: Mapping[tuple[str, str], float]


@dataclass(frozen=True, eq=False)
class Money:
    """Which measures are money, and in which currency.

    Attributes
    ----------
    measures : tuple of (number, metric)
    currency : str
    """

    measures: tuple[tuple[int, str], ...]
    currency: str

    @classmethod
    def of(cls, measures: Measures, currency: str) -> Money:
        """Return the money of some measures."""
        sums = enumerate(measures.measures)
        return cls(tuple((j, m.name) for j, m in sums if m.sum_of >= 0 and m.metric.money), currency)

    def add(self, tally: Tally, cells: IntArray, family: Family) -> dict[tuple[str, str], float]:
        """Return (metric, currency) → money of some cells, of one family's metrics."""
        return {
            (name, self.currency): float(tally.values[cells, j].sum())
            for j, name in self.measures
            if j in family.measures
        }


def left_out(
    tally: Tally, families: Sequence[tuple[Family, Decision]], measures: Measures, money: Money, minimum: int
) -> list[Left]:
    """List all rows that no shown figure holds.

    Rows without consent and the like are counted as rows only. Where a reason is of fewer than ``minimum`` people, it
    is told together with others.
    """
    listed = _uncounted(tally, minimum)
    for family, decision in families:
        rows = tally.rows_of(family)
        hidden = decision.hidden
        for why in (Why.NO_CHANNEL, Why.NO_GEO, Why.PART_OF_PERIOD):
            own = np.setdiff1d(np.flatnonzero((tally.why == why) & (rows > 0)), hidden)
            if len(own):
                name = why.name.lower()
                listed.append(Left(name, _REASONS[why], int(rows[own].sum()), money.add(tally, own, family)))
        if len(hidden):
            names = ", ".join(measures.measures[j].name for j in family.measures)
            reason = f"their cells of {names} are of fewer than {minimum} people, or would give such cells away"
            listed.append(Left("too_few_people", reason, int(rows[hidden].sum()), money.add(tally, hidden, family)))
    return listed


def _uncounted(tally: Tally, minimum: int) -> list[Left]:
    listed: list[Left] = []
    together: list[Why] = []
    for why in _UNCOUNTED:
        own = tally.why == why
        if not own.any():
            continue
        # People without an id cannot be counted, so their rows stand for them.
        people = int(tally.rows[own].sum() if why is Why.NO_PERSON else tally.people[own].sum())
        if people < minimum:
            together.append(why)
        else:
            listed.append(Left(why.name.lower(), _REASONS[why], int(tally.rows[own].sum()), {}))
    if together:
        rows = int(tally.rows[np.isin(tally.why, together)].sum())
        listed.append(Left("not_counted", "; or ".join(_REASONS[why] for why in together), rows, {}))
    return listed


def tell_left_out(listed: Sequence[Left], currency: str, where: str, log: ReadingLog) -> None:
    """Write what is not used to the ledger and to the report."""
    for one in listed:
        told = money_told(one.money, currency)
        log.exclude(where, one.reason, rows=one.rows, spend=told)
        parts = ", ".join(f"{value:,.2f} of {name}" for name, value in told.items() if value)
        says = f"{counted(one.rows, 'row')} excluded{f', with {parts}' if parts else ''}: {one.reason}."
        log.repaired(f"events_{one.name}", says, where=where, do=_next_step(one.name))


def _next_step(name: str) -> str:
    if name == "too_few_people":
        return "Leave out the geo, or gather channels (join.channels, join.campaigns), so that more people are in each."
    return "Nothing, if that is what was meant."
