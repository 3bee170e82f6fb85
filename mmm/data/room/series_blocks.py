"""Tables and pictures of series over weeks, days or months, for the pages of the data report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.reporting import Align, Chart, Column, Table
from mmm.reporting.charts import small_multiples
from mmm.reporting.numbers import count, money, percent

_RIGHT = Align.RIGHT


def channel_table(spend: Mapping[str, FloatArray], modelled: Sequence[str], currency: str, noun: str = "week") -> Table:
    """Return the table of channels.

    Parameters
    ----------
    spend : Mapping
        Channel → (T,) money; NaN where it is missing.
    modelled : sequence of str
        What each is modelled on; empty where that is not said.
    currency : str
    noun : str
        What a period is called.
    """
    sums = {name: float(np.nansum(figures)) for name, figures in spend.items()}
    total = sum(sums.values())
    rows = [
        (
            name,
            money(sums[name], currency),
            percent(sums[name] / total if total else 0.0),
            count(int((np.nan_to_num(figures) > 0).sum())),
            money(float(np.nan_to_num(figures).max()), currency),
            *([modelled[i]] if modelled else []),
        )
        for i, (name, figures) in enumerate(spend.items())
    ]
    last = [Column("Modelled on")] if modelled else []
    return Table(
        columns=(
            Column("Channel"),
            Column("Spend", _RIGHT),
            Column("Share", _RIGHT),
            Column(f"{noun.title()}s active", _RIGHT),
            Column(f"Highest {noun}", _RIGHT),
            *last,
        ),
        rows=rows,
        total=("All", money(total, currency), percent(1.0), "", "", *("" for _ in last)),
        caption=f"Spend used, in {currency}: compare it with the ledger of the company.",
    )


def picture(
    periods: WeekArray,
    title: str,
    series: Mapping[str, FloatArray],
    unit: str,
    colours: Mapping[str, str] | None = None,
    noun: str = "week",
) -> Chart:
    """Draw every series in a row of its own, over the weeks (or days, or months)."""
    figure = small_multiples(periods, series, unit=unit, colours=colours)
    names = ", ".join(series)
    return Chart(
        figure=figure,
        title=title,
        caption=f"{title} by {noun}{f', in {unit}' if unit else ''}; each row has its own scale.",
        alt=f"{title} by {noun}: {names}.",
        height=int(figure.layout.height),
    )
