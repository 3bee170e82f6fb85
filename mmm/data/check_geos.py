"""Geos on the page of the data report: who they are, where rows are missing, and each one's outcome over the weeks."""

from __future__ import annotations

import numpy as np

from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.room.pictures import LIGHT, MISSING, PALE, weeks_map
from mmm.reporting import Align, Chart, Column, Section, Table
from mmm.reporting.blocks import Block
from mmm.reporting.charts import small_multiples
from mmm.reporting.numbers import count, money, percent, significant
from mmm.reporting.palette import ACCENT

_RIGHT = Align.RIGHT
#: More geos than these are shown as a map of colours, not as a curve each.
_CURVES = 8
#: Rows of the table of geos.
_MOST_ROWS = 40


def _coverage(panel: Panel) -> Chart:
    missing = int((~panel.observed).sum())
    figure = weeks_map(panel.weeks, panel.geos, panel.observed.astype(np.float64), [(0.0, MISSING), (1.0, PALE)], 1.0)
    figure.update_traces(hovertemplate="%{customdata}, %{x}<extra></extra>", xgap=0, ygap=0.5)
    return Chart(
        figure=figure,
        title="Weeks with a row, by geo",
        caption=f"Pale blue: there is a row. Amber: there is none ({counted(missing, 'geo-week')}, "
        f"{percent(missing / panel.observed.size)}): missing, not zero.",
        alt="Map of geos by weeks that shows which have a row.",
        height=int(figure.layout.height),
    )


def _outcomes(panel: Panel, unit: str) -> Chart:
    seen = np.where(panel.observed, panel.outcome, np.nan)
    if len(panel.geos) <= _CURVES:
        figure = small_multiples(panel.weeks, dict(zip(panel.geos, seen, strict=True)), unit=unit)
        caption = f"Outcome by geo and week, in {unit}; each row has its own scale."
    else:
        usual = np.nanmean(np.abs(seen), axis=1, keepdims=True)
        figure = weeks_map(panel.weeks, panel.geos, seen / usual, [(0.0, "#ffffff"), (0.5, LIGHT), (1.0, ACCENT)], 2.0)
        caption = (
            "Outcome over the geo's own mean: white is none, the darkest twice the mean or more"
            + (", amber no row." if not panel.observed.all() else ".")
            + " A column that is dark throughout is a week that was good everywhere."
        )
    return Chart(
        figure=figure,
        title="Outcome by geo",
        caption=caption,
        alt=f"Outcome by week of {len(panel.geos)} geos.",
        height=int(figure.layout.height),
    )


def _table(panel: Panel, unit: str) -> Table:
    weeks = panel.observed.sum(axis=1)
    outcome = panel.outcome.sum(axis=1) / np.maximum(weeks, 1)
    spend = panel.spend.sum(axis=(0, 2))
    total = float(spend.sum())
    largest = set(np.argsort(-outcome)[:_MOST_ROWS].tolist())
    head = panel.has_population
    rows = [
        (
            name,
            count(int(weeks[g])),
            *((significant(panel.population[g]), significant(outcome[g] / panel.population[g])) if head else ()),
            significant(outcome[g]),
            money(float(spend[g]), panel.currency),
            percent(float(spend[g]) / total if total else 0.0),
        )
        for g, name in enumerate(panel.geos)
        if g in largest
    ]
    more = len(panel.geos) - len(rows)
    said = f" The {len(rows)} geos with the largest outcome; {more} more are not listed." if more else ""
    return Table(
        columns=(
            Column("Geo"),
            Column("Weeks", _RIGHT),
            *((Column("People", _RIGHT), Column("Outcome a week and head", _RIGHT)) if head else ()),
            Column("Outcome a week", _RIGHT),
            Column("Spend", _RIGHT),
            Column("Share", _RIGHT),
        ),
        rows=rows,
        caption=f"Outcome in {unit}, as means of the weeks that have a row; spend in {panel.currency}.{said}",
    )


def geo_section(panel: Panel, unit: str) -> Section:
    """Return the section of a panel with several geos.

    Parameters
    ----------
    panel : Panel
    unit : str
        Of the outcome.
    """
    blocks: list[Block] = [_coverage(panel)] if not panel.observed.all() else []
    blocks += [_outcomes(panel, unit), _table(panel, unit)]
    lead = (
        f"{counted(len(panel.geos), 'geo')}, compared by {'people' if panel.has_population else 'their mean outcome'}."
    )
    return Section("Geos", tuple(blocks), lead)
