"""The campaigns of every channel with their recent share of its money: the way back from a plan to what is booked."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mmm.data.columns import Role
from mmm.data.reading import name_key
from mmm.exceptions import DataError
from mmm.reporting.text import csv_text

if TYPE_CHECKING:
    from mmm.data.joining.campaigns import CampaignShare
    from mmm.data.joining.joined import Joined

FILE = "campaigns.csv"
#: Last weeks whose money counts.
WEEKS = 13
_HEAD = ("channel", "source", "campaign", f"spend_of_last_{WEEKS}_weeks", "share_of_channel")


def recent_campaigns(joined: Joined) -> tuple[CampaignShare, ...]:
    """Return the campaigns of every channel that spent in the last weeks; empty where no source names campaigns."""
    from mmm.data.joining.campaigns import campaign_shares  # noqa: PLC0415  (one file needs no pyarrow for it)

    found: list[CampaignShare] = []
    for series in joined.columns.series:
        if series.role is Role.SPEND:
            try:
                found += _one_spelling(campaign_shares(joined, series.name, WEEKS))
            except DataError:  # nothing was spent on it lately: there is no share to tell
                continue
    named = any(name_key(one.campaign) != name_key(one.channel) for one in found)
    return tuple(found) if named else ()


def _one_spelling(shares: tuple[CampaignShare, ...]) -> list[CampaignShare]:
    """Join campaigns whose names differ in case or spaces only, under the spelling with the most money."""
    joined: dict[tuple[str, str], CampaignShare] = {}
    for one in shares:  # the largest first
        key = (one.source, name_key(one.campaign))
        first = joined.get(key)
        joined[key] = (
            one if first is None else replace(first, spend=first.spend + one.spend, share=first.share + one.share)
        )
    return sorted(joined.values(), key=lambda one: -one.spend)


def write_campaigns(joined: Joined, folder: Path) -> None:
    """Write ``campaigns.csv`` where sources name campaigns; names that look like formulas are written as text."""
    found = recent_campaigns(joined)
    if not found:
        return
    with (folder / FILE).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(_HEAD)
        for one in found:
            names = [csv_text(name) for name in (one.channel, one.source, one.campaign)]
            writer.writerow([*names, repr(one.spend), repr(one.share)])
