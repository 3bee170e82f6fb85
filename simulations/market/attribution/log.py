"""The log of journeys: one row an event, a touch or the purchase that ends a journey. No personal data.

========  ==============================================================================
column    meaning
========  ==============================================================================
journey   a pseudonym of one journey; it says nothing of the person, and never comes back
time      when, ``2026-03-04 17:05:00``
event     ``touch`` or ``purchase``
channel   of the touch; empty for a purchase
device    such as phone or computer; ``none`` offline
place     ``online`` or ``offline``
geo       region
value     money of the purchase; empty for a touch
========  ==============================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd

from mmm.data.privacy import refuse_personal, safe
from mmm.data.table import TextTable
from mmm.exceptions import DataError
from simulations.market.attribution.paths import Paths

LOG_FILE = "journeys.csv"
COLUMNS = ("journey", "time", "event", "channel", "device", "place", "geo", "value")


class Event(StrEnum):
    """What a row of the log is."""

    TOUCH = "touch"
    PURCHASE = "purchase"


def read_log(path: str | Path) -> pd.DataFrame:
    """Read a log of journeys.

    Returns
    -------
    DataFrame
        The columns above, ``time`` as datetime and ``value`` as a number, in order of journey and time.

    Raises
    ------
    DataError
        Missing, not a CSV with exactly these columns, a column of personal data, or rows that no journey can have.
    """
    path = Path(path)
    if not path.is_file():
        raise DataError("the log does not exist", where=str(path), do="Check the path.")
    try:
        text = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError("this is not a CSV file in UTF-8", where=path.name, do="Save it as one.") from error
    if set(text.columns) != set(COLUMNS):
        raise DataError(
            "the columns are not those of a log",
            where=path.name,
            do=f"Keep exactly these: {', '.join(COLUMNS)}; nothing that names a person.",
        )
    for name in COLUMNS:
        # Each value once: a column of a million rows says few different things.
        values = text[name].unique().tolist()
        refuse_personal(TextTable(path.name, (name,), tuple(range(len(values))), tuple((value,) for value in values)))
    log = text.assign(
        time=pd.to_datetime(text["time"], errors="coerce", format="ISO8601"),
        value=pd.to_numeric(text["value"], errors="coerce"),
    )
    _check(log, path.name)
    return log.sort_values(["journey", "time", "event"], ascending=[True, True, False], ignore_index=True)


def paths_of_log(log: pd.DataFrame, channels: Sequence[str] | None = None, *, scale: float = 1.0) -> Paths:
    """Turn a log into the paths that attribution takes.

    Parameters
    ----------
    log : DataFrame
        See the module; in any order.
    channels : sequence of str, optional
        All channels, those that the log never shows included; by default those it shows, by name.
    scale : float
        Journeys of the market that one of the log stands for.

    Raises
    ------
    DataError
        A touch after its journey's purchase, two purchases, or a channel that is not among ``channels``.
    """
    _check(log, "log")
    # A purchase in the same second as a touch comes after it.
    log = log.sort_values(["journey", "time", "event"], ascending=[True, True, False], kind="stable")
    bought = log[log["event"] == Event.PURCHASE]
    touched = log[log["event"] == Event.TOUCH]
    names = tuple(channels) if channels is not None else tuple(sorted(touched["channel"].unique()))
    number = {name: place for place, name in enumerate(names)}
    unknown = set(touched["channel"].unique()) - set(names)
    if unknown:
        raise DataError(
            f"the channel '{safe(min(unknown))}' is not known", where="channel", do="Name it among the channels."
        )
    ids, starts = np.unique(touched["journey"].to_numpy(dtype=str), return_index=True)
    value = bought.set_index("journey")["value"].astype(float)
    converted = np.isin(ids, value.index.to_numpy(dtype=str))
    return Paths(
        channels=names,
        touches=touched["channel"].map(number).to_numpy(dtype=np.int64),
        starts=np.append(starts, len(touched)).astype(np.int64),
        converted=converted,
        value=np.asarray(value.reindex(ids).fillna(0.0), dtype=np.float64),
        scale=scale,
        untouched=float(value[~value.index.isin(ids)].sum()),
    )


def _check(log: pd.DataFrame, name: str) -> None:
    purchase = log["event"] == Event.PURCHASE
    wrong = {
        "the event is neither touch nor purchase": ~(purchase | (log["event"] == Event.TOUCH)),
        "the time is not a date and time": log["time"].isna(),
        "a touch has no channel": ~purchase & (log["channel"].fillna("") == ""),
        "a purchase has no value": purchase & ~np.isfinite(log["value"].astype(float)),
        "a journey has two purchases": purchase & log["journey"].where(purchase).duplicated(keep="first"),
    }
    last = log.loc[purchase].groupby("journey")["time"].min().reindex(log["journey"])
    wrong["a journey goes on after its purchase"] = log["time"] > pd.to_datetime(last).to_numpy()
    for says, rows in wrong.items():
        if rows.any():
            # The header is line 1 of the file.
            line = int(np.flatnonzero(rows.to_numpy())[0]) + 2
            raise DataError(says, where=f"{name}, line {line}", do="Correct the row, or leave it out.")
