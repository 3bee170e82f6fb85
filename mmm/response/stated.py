"""What a brief and a set of scenarios state alike: the horizon, its baseline and bridge, an outcome unit's worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BeforeValidator, Field

from mmm.arrays import FloatArray
from mmm.config import StrictModel, inside
from mmm.exceptions import SpecError
from mmm.response.calendar import BaselineRule, SpendCalendar, business_as_usual, read_spend_csv
from mmm.response.draws import RECENT_WEEKS, ResponseDraws


def written_date(value: object) -> object:
    """Keep numbers from being read as seconds since 1970."""
    if not isinstance(value, (str, date)):
        raise ValueError("write a date as 2027-01-04")  # noqa: TRY004  (pydantic turns it into an error with a place)
    return value


Day = Annotated[date, BeforeValidator(written_date)]


class Horizon(StrictModel):
    """The weeks ahead: the first day of the first week, and how many."""

    start: Day = Field(description="First day of the first week: after the data, on the data's weekday.")
    weeks: Annotated[int, Field(ge=1, le=260)] = Field(description="How many weeks, 1 to 260.")


def stated_calendar(
    response: ResponseDraws,
    horizon: Horizon,
    *,
    baseline: str,
    bridge: str | None,
    folder: Path,
    place: Callable[[str], str] = str,
) -> SpendCalendar:
    """Lay out bridge, horizon and tail with the business-as-usual spend that a file states.

    Parameters
    ----------
    response : ResponseDraws
    horizon : Horizon
    baseline : str
        ``last_weeks``, ``same_weeks_last_year`` or a CSV of week, channel, spend.
    bridge : str or None
        A CSV of what is spent between the data and the horizon; None: what the rule says, and with a baseline from a
        CSV the last weeks of data.
    folder : Path
        Where file names are resolved.
    place : callable
        Key → how an error names its place.

    Raises
    ------
    SpecError, DataError
        The horizon does not follow the data, a file of spend is missing or not understood, or there is one for a
        bridge without a week.
    """
    rule = BaselineRule(baseline) if baseline in tuple(BaselineRule) else None

    def lay_out(spend: BaselineRule | FloatArray) -> SpendCalendar:
        try:
            return business_as_usual(response, np.datetime64(horizon.start, "D"), horizon.weeks, spend)
        except SpecError as error:
            raise SpecError(error.says, where=place(error.where or "horizon"), do=error.do) from error

    def find(name: str, key: str) -> Path:
        if not name.lower().endswith(".csv"):
            do = "Write last_weeks, same_weeks_last_year or the name of a CSV file."
            raise SpecError(f"'{name}' is not understood", where=place(key), do=do)
        return inside(folder, name, where=place(key))

    calendar = lay_out(rule or BaselineRule.LAST_WEEKS)
    if rule is None:
        calendar = lay_out(read_spend_csv(find(baseline, "baseline"), response.channels, calendar.weeks))
    if bridge is not None:
        if not len(calendar.bridge_weeks):
            says = f"nothing lies between the data and the horizon, which starts on {horizon.start}, right after them"
            raise SpecError(says, where=place("bridge"), do="Remove 'bridge'.")
        between = read_spend_csv(find(bridge, "bridge"), response.channels, calendar.bridge_weeks)
        calendar = calendar.with_bridge(between)
    return calendar


def bridge_filling(response: ResponseDraws, weeks: int, *, baseline: str, bridge: str | None) -> str | None:
    """Say what fills the bridge where that is not the baseline itself; None where it is.

    Parameters
    ----------
    response : ResponseDraws
    weeks : int
        Of the horizon.
    baseline, bridge : str, str or None
        As in :func:`stated_calendar`.
    """
    if bridge is not None:
        return f"the file {bridge}"
    if baseline in tuple(BaselineRule):
        return None
    count = min(weeks, response.n_weeks)
    return "the last week of data" if count == 1 else f"the last {count} weeks of data"


def money_per_outcome(
    response: ResponseDraws, given: float | None, *, where: str = "value_per_outcome"
) -> float | None:
    """Return what an outcome unit is worth in the weeks ahead: what a file states, else the last 13 weeks' mean.

    Parameters
    ----------
    response : ResponseDraws
    given : float or None
        What a file states.
    where : str
        The place of that key, for the error.

    Returns
    -------
    float or None
        Money per outcome unit, weighted by outcome; None where neither the file nor the fit knows it.

    Raises
    ------
    SpecError
        A value is given for an outcome that is money already.
    """
    if given is not None and response.outcome_is_money and (response.value_per_outcome == 1.0).all():
        raise SpecError(f"the outcome '{response.outcome_name}' is money already", where=where, do="Remove the key.")
    if given is not None or not response.outcome_is_money:
        return given
    outcome, value = response.outcome[:, -RECENT_WEEKS:], response.value_per_outcome[:, -RECENT_WEEKS:]
    return float((outcome * value).sum() / outcome.sum()) if outcome.sum() > 0 else float(value.mean())
