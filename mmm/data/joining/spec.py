"""What a person declares about joining sources: names, calendar, rates, restatements, the ledger of the company."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mmm.config import StrictModel
from mmm.data.reading import Name, Reading


class PanelGrain(StrEnum):
    """How long a period of the panel is; models are fitted to weeks."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Restated(StrEnum):
    """What to do where a later file gives another figure for the same rows: refuse it, or take the latest file's."""

    REFUSE = "refuse"
    LATEST = "latest"


class FiscalPattern(StrEnum):
    """Weeks of the three months of a quarter in a retail calendar."""

    FOUR_FOUR_FIVE = "4-4-5"
    FOUR_FIVE_FOUR = "4-5-4"
    FIVE_FOUR_FOUR = "5-4-4"


class FiscalCalendar(StrictModel):
    """A retail calendar of whole weeks.

    Attributes
    ----------
    pattern : FiscalPattern
    starts : date
        First day of one fiscal year; its weekday starts every week.
    long_years : tuple of int
        Years (counted from that of ``starts`` as 0) that have 53 weeks.
    """

    pattern: FiscalPattern
    starts: date
    long_years: tuple[int, ...] = ()


class LedgerSpec(Reading):
    """The company's own account of spend: by channel and month.

    Attributes
    ----------
    file : str
    month, channel, amount : str
        Columns.
    tolerance : float
        Relative difference below which a month agrees.
    """

    file: Name
    month: Name = "month"
    channel: Name = "channel"
    amount: Name = "spend"
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.005


class JoinSpec(StrictModel):
    """How sources become one panel.

    Attributes
    ----------
    grain : PanelGrain
    calendar : FiscalCalendar, optional
        Otherwise weeks start on ``data.week_start`` (Monday: ISO weeks).
    channels : mapping
        A source's name for a channel → the model's. Case, spaces and look-alike letters need no line here.
    campaigns : mapping
        Pattern of campaign names (``Brand *``) → channel; the first that fits.
    ignore : tuple of str
        Names or patterns of channels and campaigns whose rows are set aside, and listed.
    geos : mapping
        A source's name for a geo → the panel's; several may become one, and ``"*"`` stands for all others.
    same : mapping
        Channel → the sources that both report it and are to be added up; otherwise that is a question.
    rates_file : str, optional
        CSV of date, currency, rate (worth of one unit in the model's currency); the last rate on or before a day holds.
    rates_date_format : str, optional
        Of the dates in that file, where they can be read two ways: ``%d/%m/%Y``.
    restated : Restated
    overlap : bool
        Keep only the weeks that every source covers, however many the longest source has beside them. Otherwise more
        than four such weeks are a question.
    ledger : LedgerSpec, optional
    """

    grain: PanelGrain = PanelGrain.WEEK
    calendar: FiscalCalendar | None = None
    channels: dict[Name, Name] = Field(default_factory=dict)
    campaigns: dict[Name, Name] = Field(default_factory=dict)
    ignore: tuple[Name, ...] = ()
    geos: dict[Name, Name] = Field(default_factory=dict)
    same: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    rates_file: Name | None = None
    rates_date_format: Name | None = None
    restated: Restated = Restated.REFUSE
    overlap: bool = False
    ledger: LedgerSpec | None = None
