"""Series of event logs: what is missing there was left out because it is of few people, and never nothing."""

from __future__ import annotations

import numpy as np

from mmm.arrays import BoolArray
from mmm.data.joining.pieces import Pieces
from mmm.data.spec import PanelSpec


def remedy_of_log(pieces: Pieces, n: int, spec: PanelSpec) -> str | None:
    """Say why figures of a series are missing and what to do, None where it is of no log.

    Zero is no remedy: the log has events there. A channel without any is told as nil.
    """
    found = (spec.sources.get(pieces.lines.sources[s]) for s in np.unique(pieces.source[pieces.series == n]))
    events = next((source.events for source in found if source is not None and source.events is not None), None)
    if events is None:
        return None
    if events.privacy is not None:
        why = "A noisy figure is told where the noisy number of its people is above a threshold, and was not here."
    else:
        few = f"fewer than {events.minimum_people} people"
        why = (
            f"The log has them; they were left out because they, or another cell that they would tell of, are of {few}."
        )
    return (
        f"{why} Gather small channels with join.channels or join.campaigns, or leave out the geo; zero would be wrong."
    )


def never_told(spec: PanelSpec) -> str:
    """Say that a log may have a channel and never tell its figures; nothing where no source is a log."""
    logs = [name for name, source in spec.sources.items() if source.events is not None]
    if not logs:
        return ""
    return f" A channel of the log '{logs[0]}' that is of too few people in every period is never told."


def within(known: BoolArray) -> BoolArray:
    """Mark from the first to the last period that a series is known in, (G, T): a log holds every event between.

    Parameters
    ----------
    known : (G, T) bool
    """
    there = known.any(axis=0)
    span = np.logical_or.accumulate(there) & np.logical_or.accumulate(there[::-1])[::-1]
    return np.broadcast_to(span, known.shape)
