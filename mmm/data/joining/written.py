"""``panel.csv`` and ``campaigns.csv``: the joined table, and what each channel is made of, as files."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from mmm.data.columns import Role
from mmm.data.joining.campaigns import campaign_shares
from mmm.data.joining.joined import Joined
from mmm.reporting.text import csv_text


def write_joined(joined: Joined, folder: Path) -> None:
    """Write the joined table and its companion; text that a spreadsheet would take for a formula is written as text.

    ``panel.csv``: period (its first day), geo, and a column a series; an empty cell is missing, not zero.
    ``campaigns.csv``: campaign, channel, source, spend and share over the whole table.
    """
    columns = joined.columns
    with (folder / "panel.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["week", "geo", *(csv_text(series.column) for series in columns.series)])
        values = [series.values.tolist() for series in columns.series]
        for day, geo, *figures in zip(columns.days, columns.geo, *values, strict=True):
            writer.writerow([day, csv_text(geo), *("" if np.isnan(x) else repr(x) for x in figures)])
    periods = len(np.unique(columns.days))
    with (folder / "campaigns.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["campaign", "channel", "source", "spend", "share"])
        for series in columns.series:
            if series.role is not Role.SPEND or not np.nansum(series.values) > 0:
                continue
            for one in campaign_shares(joined, series.name, periods):
                cells = [csv_text(text) for text in (one.campaign, one.channel, one.source)]
                writer.writerow([*cells, repr(one.spend), repr(one.share)])
