"""What is told of a log and what is left out, in view of what the model has a use for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from mmm.data.events.account import lacks_company
from mmm.data.events.aggregate import Aggregation
from mmm.data.events.measures import Family
from mmm.data.events.shown import Codes
from mmm.data.events.spec import EventsSpec
from mmm.data.events.suppress import Decision, Wanted, candidates, decide
from mmm.data.events.tally import MERGED, TOTAL, Tally, Why
from mmm.data.joining.names import SeriesNames
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

Decided = list[tuple[Family, Decision]]


def decide_all(run: Aggregation, tally: Tally, codes: Codes, events: EventsSpec, spec: PanelSpec) -> Decided:
    """Decide for every family, after looking once more at who is in its small cells.

    Raises
    ------
    DataError
        All that a metric counts is of too few people.
    """
    measures, minimum, where = run.measures, events.minimum_people, run.store.where
    wanted = [_wanted(family, run, codes, spec) for family in measures.families]
    found = [
        candidates(tally, family, measures, minimum, own, totals_known=events.totals_known)
        for family, own in zip(measures.families, wanted, strict=True)
    ]
    few = [group.both for _, groups in found for group in groups]
    few += [np.flatnonzero(tally.why > Why.OTHER_KIND)]
    cells = np.unique(np.concatenate(few))
    if len(cells):
        run.keep_few(tally, cells)

    def decided(i: int, *, one_at_least: bool = False) -> Decision:
        family, together = measures.families[i], partial(run.together, tally)
        return decide(tally, family, measures, minimum, found[i], together, wanted[i], one_at_least=one_at_least)

    try:
        decisions = [(family, decided(i)) for i, family in enumerate(measures.families)]
        if lacks_company(tally, decisions, minimum):
            i = _cheapest(tally, decisions, wanted)
            decisions[i] = (measures.families[i], decided(i, one_at_least=True))
    except DataError as error:
        raise DataError(error.says, where=where, do=error.do) from error
    return decisions


def tell_given_up(
    run: Aggregation, tally: Tally, decisions: Decided, codes: Codes, spec: PanelSpec, minimum: int, log: ReadingLog
) -> None:
    """Say which figures that the model has a use for were left out for the sake of others."""
    told = []
    for family, decision in decisions:
        wanted = _wanted(family, run, codes, spec)
        names = ", ".join(run.measures.measures[j].name for j in family.measures)
        for i in decision.given_up.tolist():
            if int(tally.channel[i]) in wanted:
                channel, geo = codes.channel(int(tally.channel[i])), codes.geos[int(tally.geo[i])]
                place = [part for part in (channel, geo) if part is not None]
                told.append(f"{names} of {', '.join([*place, str(tally.period[i])])}")
    if told:
        log.warned(
            "events_given_up",
            f"{counted(len(told), 'cell')} of enough people {'was' if len(told) == 1 else 'were'} left out: "
            f"{listed(told, 4)}.",
            where=run.store.where,
            means=f"Other rows that are left out are of fewer than {minimum} people, and their total would tell of "
            "them; so it holds these as well. A panel begins later, or lacks the row of this geo.",
            do="Gather the small channels with join.channels or join.campaigns, or leave out the geo.",
        )


def _wanted(family: Family, run: Aggregation, codes: Codes, spec: PanelSpec) -> Wanted:
    """Return the channels, as codes, of which the model has a column of a family's metrics."""
    names = SeriesNames.of(spec)
    metrics = [run.measures.measures[j].name for j in family.measures]
    if not family.by_channel:
        return {TOTAL} if any(names.wide(metric) is not None for metric in metrics) else set()
    labels = {MERGED: codes.other, **dict(enumerate(codes.channels))}
    return {code for code, label in labels.items() if any(names.long(label, m) is not None for m in metrics)}


def _cheapest(tally: Tally, decisions: Sequence[tuple[Family, Decision]], wanted: Sequence[Wanted]) -> int:
    """Return which family has something to leave out that the model has no use for; else the first with anything."""

    def price(i: int) -> tuple[bool, bool]:
        decision = decisions[i][1]
        codes = {int(code) for code in tally.channel[decision.shown]} | ({MERGED} if decision.merged else set())
        return not codes, codes <= wanted[i]

    return min(range(len(decisions)), key=price)
