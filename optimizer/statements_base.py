"""What every kind of entry under ``constraints`` is made of: whom it is about, and how it becomes a constraint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mmm.arrays import FloatArray, WeekArray
from mmm.config import StrictModel
from mmm.exceptions import SpecError
from optimizer.limits import Constraint
from optimizer.periods import Per

Money = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Unit(StrEnum):
    """What the sums of an entry are in."""

    MONEY = "money"
    VOLUME = "volume"


class Who(StrictModel):
    """Whom an entry is about, and when it binds."""

    channel: str | None = Field(None, description="The one channel that the entry is about.")
    channels: Literal["all"] | tuple[str, ...] | None = Field(
        None, description="`all`, or a list of channels, each meant by itself unless the entry is about their sum."
    )
    group: str | None = Field(None, description="What to call the listed channels; money is then of their sum.")
    geos: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="The geos that the entry is about, together; for `granularity: geo_week` or `geo_total`. "
        "Without it: all geos together.",
    )
    per: Per = Field(
        Per.HORIZON,
        description="The period in which it binds. A week counts in the month, and so in the quarter, of its first "
        "day; of a sum of money, a period that the horizon covers in part holds its share by weeks.",
    )
    unit: Unit = Field(
        Unit.MONEY,
        description="What the entry's sums are in: `money`, or with `channel` its `volume` (chats, impressions), which "
        "is turned into money at the planned cost of a unit.",
    )
    name: str = Field("", description="The key of its shadow price in `plan.json`; unique.")

    @property
    def members(self) -> tuple[str, ...] | None:
        """The channels it is about; None for all."""
        if self.channel is not None:
            return (self.channel,)
        return None if self.channels == "all" or self.channels is None else self.channels

    def together(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Return the channels it is about by name."""
        return known if self.members is None else self.members

    def money(self, amount: float | None, known: Known) -> float | None:
        """Return a sum of the entry in money.

        Raises
        ------
        SpecError
            A volume is no one sum of money.
        """
        if amount is None or self.unit is Unit.MONEY or self.channel is None:
            return amount
        return amount * known.cost(self.channel)

    def label(self, known: tuple[str, ...]) -> str:
        """Return what to call the channels together."""
        return self.group or ", ".join(self.together(known))


@dataclass(frozen=True)
class Known:
    """What a builder may need to know besides the entry.

    Attributes
    ----------
    channels : tuple of str
        C of the fit.
    weeks : (T,) datetime64[D]
        First days of the planned weeks.
    where : str
        The entry's place, for errors about files.
    read : callable
        Name of a CSV of week, channel, spend, and the place that names it → money of the planned weeks, (C, T).
    cost : callable
        Channel → money for one unit of its volume in the planned weeks.
    """

    channels: tuple[str, ...]
    weeks: WeekArray
    where: str
    read: Callable[[str, str], FloatArray]
    cost: Callable[[str], float]

    def week(self, day: date) -> np.datetime64:
        """Return a planned week, given by its first day.

        Raises
        ------
        SpecError
            It is not one.
        """
        first = np.datetime64(day, "D")
        if first not in self.weeks:
            says = f"the week {first} is not a week of the horizon ({self.weeks[0]} to {self.weeks[-1]})"
            raise SpecError(says, do="Give each week by its first day.")
        return first


@dataclass(frozen=True)
class Kind[KeysT: Who]:
    """One thing that an entry can say.

    Attributes
    ----------
    says : str
        What it means, in a sentence or two, for the page of the brief.
    heads : tuple of str
        Keys of which any makes an entry one of this kind.
    build : callable
        Entry and what is known → constraint; None where it only lifts an automatic one.
    uses : tuple of str
        Further keys that have a meaning with it.
    price : str
        What its shadow price is for, on the page of the brief.
    one : bool
        Whether it is about one channel.
    weekly : tuple of Per
        The periods with which it has a meaning only where weeks are decided.
    """

    says: str
    heads: tuple[str, ...]
    build: Callable[[KeysT, Known], Constraint | None]
    uses: tuple[str, ...] = ()
    price: str = ""
    one: bool = False
    weekly: tuple[Per, ...] = ()

    @property
    def title(self) -> str:
        """``min or max``."""
        return " or ".join(self.heads)

    @property
    def slug(self) -> str:
        """The name of its example brief, without the extension."""
        return self.heads[0] if len(self.heads) == 1 else "_".join(dict.fromkeys(self.heads))
