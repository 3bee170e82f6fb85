"""What patches are written with: relative changes, ranges of weeks, names of channels."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from simulations.future import WeekRange


def as_share(value: object) -> object:
    """Read ``-20%`` as −0.2; leave anything else to the type."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip()[:-1]) / 100.0
        except ValueError:
            return value
    return value


def _not_below_minus_one(value: float) -> float:
    if value < -1.0:
        raise ValueError("less than -1 would leave a negative amount; a fifth less is -0.2 or -20%")
    return value


def _above_minus_one(value: float) -> float:
    if value <= -1.0:
        raise ValueError("a cost cannot fall by all of itself; a tenth cheaper is -0.1 or -10%")
    return value


def _part(value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise ValueError("a part of a whole is 0 to 1: a quarter is 0.25 or 25%")
    return value


def _two_weeks(value: object) -> object:
    whole = isinstance(value, (list, tuple)) and len(value) == 2
    if not whole or len({isinstance(end, int) for end in value}) > 1:  # type: ignore[attr-defined]
        raise ValueError("give the first and the last week, as two numbers such as [3, 6] or as two dates")
    return value


def _all_or_list(value: object) -> object:
    if isinstance(value, str) and value != "all":
        raise ValueError("give all or a list of names; for one channel write 'channel'")
    return value


def _ordered(span: WeekRange) -> WeekRange:
    first, last = span
    if str(last) < str(first) if isinstance(first, date) else int(str(last)) < first:
        raise ValueError("the range of weeks ends before it begins")
    return span


Change = Annotated[float, BeforeValidator(as_share), AfterValidator(_not_below_minus_one)]
CostChange = Annotated[float, BeforeValidator(as_share), AfterValidator(_above_minus_one)]
Part = Annotated[float, BeforeValidator(as_share), AfterValidator(_part)]
Positive = Annotated[float, Field(gt=0)]
Weeks = Annotated[WeekRange, BeforeValidator(_two_weeks), AfterValidator(_ordered)]
Name = Annotated[str, Field(min_length=1)]
Names = Annotated[Literal["all"] | tuple[Name, ...] | None, BeforeValidator(_all_or_list)]


def signed(change: float) -> str:
    """Say a relative change: ``20% lower``, ``unchanged``."""
    return f"{abs(change) * 100:.4g}% {'higher' if change > 0 else 'lower'}" if change else "unchanged"


def percent_of(share: float) -> str:
    """Say a share: ``25%``."""
    return f"{share * 100:.4g}%"
