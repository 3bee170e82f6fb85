"""How the plan's page shows geos: the split of national spend over them, or what was decided for each."""

from __future__ import annotations

from functools import partial

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import MISSING, count, percent
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
    sentences = geo_sentences(facts)
    if not sentences:
        return []
    rule, *others = sentences
    blocks: list[Block] = [Prose(others)] if others else []
    heads = ("Planned", "Business as usual", "Change", *(shorten(name, 24) for name in response.channels))
    return [Section("By geo", [*blocks, _table(facts, heads)], rule)]


def geo_sentences(facts: PlanFacts) -> tuple[str, ...]:
    """Say who decides a geo's spend, and where rows that are missing bear on it; nothing for national data."""
    response = facts.problem.horizon.response
    sentences = split_sentences(response)
    if not sentences or not facts.problem.granularity.by_geo:
        return sentences
    national = [name for name in response.channels if name in response.national_channels]
    rule = f"Each geo is decided by itself: {len(facts.problem.rows)} budgets of a channel in a geo."
    if national:
        rule += f" What runs only nationally is divided over the geos as in recent weeks: {', '.join(national)}."
    rule += " A geo's business as usual is its recent share of national spend."
    return (rule, *sentences[1:])


def _table(facts: PlanFacts, heads: tuple[str, ...]) -> Table:
    """Return one row a geo, the largest first: its money, what business as usual spends, and money by channel."""
    response = facts.problem.horizon.response
    spend = facts.allocation.geo_spend.sum(axis=2)
    before = facts.problem.horizon.units.by_block(facts.problem.row_baseline).sum(axis=(0, 2))
    order = np.argsort(-spend.sum(axis=0), kind="stable")
    named, rest = (order, order[:0]) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])

    def row(name: str, money: FloatArray, usual: float) -> tuple[str, ...]:
        total = float(money.sum())
        change = percent(total / usual - 1.0, signed=True) if usual > 0 else MISSING
        return (name, count(total), count(usual), change, *map(count, money))

    rows = [row(response.geos[g], spend[:, g], float(before[g])) for g in named]
    if len(rest):
        rows.append(row(f"{len(rest)} more, in the workbook", spend[:, rest].sum(axis=1), float(before[rest].sum())))
    caption = f"Planned spend over the horizon by geo, {facts.currency}"
    return Table(
        [Column("Geo"), *map(_RIGHT, heads)],
        rows,
        caption,
        total=row("Total", spend.sum(axis=1), float(before.sum())),
    )
