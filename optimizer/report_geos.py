"""How the plan's page shows the split of national spend over geos."""

from __future__ import annotations

from functools import partial

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import count, percent
from mmm.reporting.page import Align, Block, Column, Prose, Section, Table
from mmm.reporting.text import shorten
from mmm.response.split import split_sentences
from optimizer.report_facts import PlanFacts

_RIGHT = partial(Column, align=Align.RIGHT)
#: Geos that the page's table names; the rest share a row. The workbook has all.
SHOWN = 25


def geo_sections(facts: PlanFacts) -> list[Section]:
    """Return the section on geos: the rule in words, and planned money and shares by geo; nothing for national data."""
    response = facts.problem.horizon.response
    sentences = split_sentences(response)
    if not sentences:
        return []
    rule, *others = sentences
    blocks: list[Block] = [Prose(others)] if others else []
    return [Section("By geo", [*blocks, _table(facts)], rule)]


def _table(facts: PlanFacts) -> Table:
    """Return one row a geo, the largest first: its money, its share of all spend, and its money by channel."""
    response = facts.problem.horizon.response
    spend = facts.allocation.spend.sum(axis=1)[:, None] * response.geo_shares()
    whole = float(spend.sum())
    order = np.argsort(-spend.sum(axis=0), kind="stable")
    named, rest = (order, order[:0]) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])

    def row(name: str, money: FloatArray) -> tuple[str, ...]:
        total = float(money.sum())
        return (name, count(total), percent(total / whole if whole > 0 else 0.0), *map(count, money))

    rows = [row(response.geos[g], spend[:, g]) for g in named]
    if len(rest):
        rows.append(row(f"{len(rest)} more, in the workbook", spend[:, rest].sum(axis=1)))
    heads = ("All channels", "Share", *(shorten(name, 24) for name in facts.problem.channels))
    caption = f"Planned spend over the horizon by geo, {facts.currency}"
    return Table([Column("Geo"), *map(_RIGHT, heads)], rows, caption, total=row("Total", spend.sum(axis=1)))
