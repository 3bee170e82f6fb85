"""The way back: what a channel is planned to get → its campaigns, by what they were recently given."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mmm.data.columns import Role
from mmm.data.joining.joined import Joined
from mmm.exceptions import DataError


@dataclass(frozen=True)
class CampaignShare:
    """One campaign of a channel.

    Attributes
    ----------
    campaign : str
        As its source writes it; the channel's name where the source names no campaign.
    channel, source : str
    spend : float
        Money in the chosen weeks, in the panel's currency.
    share : float
        Of the channel's spend in these weeks.
    """

    campaign: str
    channel: str
    source: str
    spend: float
    share: float


def campaign_shares(joined: Joined, channel: str, weeks: int = 13) -> tuple[CampaignShare, ...]:
    """Return how a channel's recent spend was divided over campaigns, the largest first.

    Parameters
    ----------
    joined : Joined
    channel : str
        Of the model.
    weeks : int
        How many of the last periods of the table count.

    Raises
    ------
    DataError
        No such channel, or no spend in these weeks.
    """
    column = next((s.column for s in joined.columns.series if s.role is Role.SPEND and s.name == channel), None)
    if column is None:
        raise DataError(f"the sources give no spend of '{channel}'", where="sources", do="Name a channel that they do.")
    cells = joined.cells.filter(pc.equal(joined.cells["series"], column))
    starts = np.unique(joined.columns.days)
    recent = cells.filter(pc.greater_equal(cells["week"], pa.scalar(starts[-min(weeks, len(starts))].item())))
    sums: dict[tuple[str, str], list[float]] = {}
    for label, source, value in zip(*(recent[name].to_pylist() for name in ("label", "source", "value")), strict=True):
        sums.setdefault((label or channel, source), []).append(value)
    spend = {key: math.fsum(values) for key, values in sums.items()}
    total = math.fsum(spend.values())
    if total <= 0:
        raise DataError(
            f"'{channel}' has no spend in the last {weeks} weeks",
            where="sources",
            do="Ask for more weeks: a share of nothing is not known.",
        )
    ordered = sorted(spend.items(), key=lambda item: (-item[1], item[0]))
    return tuple(CampaignShare(name, channel, source, money, money / total) for (name, source), money in ordered)
