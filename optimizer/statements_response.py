"""Entries about what spend brings: a floor on ROAS, a ceiling on the cost of a unit of outcome."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from optimizer.constraints import Constraint, CpaCeiling, RoasFloor
from optimizer.statements_base import Kind, Known, Who

Positive = Annotated[float, Field(gt=0)]


class ResponseKeys(Who):
    """Keys about what spend brings."""

    roas_floor: Positive | None = Field(
        None, description="At least this much incremental value for a unit of money; 2.0, say."
    )
    cpa_ceiling: Positive | None = Field(
        None, description="Money: at most this much for a unit of incremental outcome; 30, say."
    )


def roas_floor(entry: ResponseKeys, _: Known) -> Constraint:
    """Value over spend of the channels together."""
    return RoasFloor(entry.members, entry.roas_floor or 0.0, name=entry.name)


def cpa_ceiling(entry: ResponseKeys, _: Known) -> Constraint:
    """Spend over units of outcome of the channels together."""
    return CpaCeiling(entry.members, entry.cpa_ceiling or 0.0, name=entry.name)


KINDS = (
    Kind(
        "The expected incremental value of the listed channels together, over what they spend, is at least this: over "
        "the planning draws, carryover after the horizon included. Where every response is concave the set of such "
        "plans is convex and the bound is proven; on S-shaped curves plans are locally best, and the plan says so.",
        ("roas_floor",),
        roas_floor,
        price="a floor lower by 0.01",
    ),
    Kind(
        "The listed channels together spend at most this for each unit of incremental outcome (CPA); the rest as for "
        "`roas_floor`.",
        ("cpa_ceiling",),
        cpa_ceiling,
        price="one more unit of money in the ceiling",
    ),
)
