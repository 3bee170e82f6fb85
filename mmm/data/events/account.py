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

    Rows without consent and the like are counted as rows only. A reason that is of fewer than ``minimum`` people is
    told together with one that is of more, or with what is left out because it is of few people.
    """
    listed: list[Left] = []
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
    return _with_small(_uncounted(tally), listed, minimum)


def lacks_company(tally: Tally, families: Sequence[tuple[Family, Decision]], minimum: int) -> bool:
    """Say whether a reason is of few people, and nothing of more people is listed that it can be told with."""
    people = [people for _, people, _ in _uncounted(tally)]
    if not people or min(people) >= minimum or max(people) >= minimum:
        return False
    apart = tally.why > Why.OTHER_KIND
    return not any(len(one.hidden) or (apart & (tally.rows_of(family) > 0)).any() for family, one in families)


def _uncounted(tally: Tally) -> list[tuple[Why, int, int]]:
    """Return (reason, people, rows) of rows of which nothing else is ever counted."""
    found = []
    for why in _UNCOUNTED:
        own = tally.why == why
        if own.any():
            # People without an id cannot be counted, so their rows stand for them.
            rows = int(tally.rows[own].sum())
            found.append((why, rows if why is Why.NO_PERSON else int(tally.people[own].sum()), rows))
    return found


def _with_small(uncounted: Sequence[tuple[Why, int, int]], listed: Sequence[Left], minimum: int) -> list[Left]:
    """Put reasons of few people together, with the next of more: how many they are together, nobody knows."""
    large = [Left(w.name.lower(), _REASONS[w], rows, {}) for w, people, rows in uncounted if people >= minimum]
    small = [(why, rows) for why, people, rows in uncounted if people < minimum]
    if not small:
        return [*large, *listed]
    with_them = min(large or listed, key=lambda one: one.rows)
    reasons = [with_them.reason, *(_REASONS[why] for why, _ in small)]
    rows = with_them.rows + sum(rows for _, rows in small)
    name = with_them.name if with_them in listed else "not_counted"
    told = Left(name, "; or ".join(reasons), rows, with_them.money)
    return [told if one is with_them else one for one in [*large, *listed]]


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
