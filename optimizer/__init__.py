"""What to do next: a brief becomes a problem, a problem becomes an allocation with a proof of how good it is."""

from typing import TYPE_CHECKING

from mmm.lazy import lazy_exports

if TYPE_CHECKING:
    from optimizer.allocation import Allocation, ShadowPrice
    from optimizer.brief import Brief
    from optimizer.constraints import (
        ActiveChannels,
        ActiveWeeks,
        Blackout,
        Booked,
        Booking,
        Bounds,
        Budget,
        Bursts,
        ChangeVsBaseline,
        Constraint,
        Convex,
        CpaCeiling,
        GroupBounds,
        GroupShare,
        MinWhenOn,
        Multiples,
        ObservedRange,
        Per,
        Ramp,
        Ratio,
        RoasFloor,
        StayWithin,
    )
    from optimizer.objectives import Outcome, Profit
    from optimizer.problem import AllocationProblem, Granularity, Progress
    from optimizer.schema import brief_schema
    from optimizer.solve import allocate

_EXPORTS = {
    "ActiveChannels": "optimizer.constraints",
    "ActiveWeeks": "optimizer.constraints",
    "Allocation": "optimizer.allocation",
    "AllocationProblem": "optimizer.problem",
    "Blackout": "optimizer.constraints",
    "Booked": "optimizer.constraints",
    "Booking": "optimizer.constraints",
    "Bounds": "optimizer.constraints",
    "Brief": "optimizer.brief",
    "Budget": "optimizer.constraints",
    "Bursts": "optimizer.constraints",
    "ChangeVsBaseline": "optimizer.constraints",
    "Constraint": "optimizer.constraints",
    "Convex": "optimizer.constraints",
    "CpaCeiling": "optimizer.constraints",
    "Granularity": "optimizer.problem",
    "GroupBounds": "optimizer.constraints",
    "GroupShare": "optimizer.constraints",
    "MinWhenOn": "optimizer.constraints",
    "Multiples": "optimizer.constraints",
    "ObservedRange": "optimizer.constraints",
    "Outcome": "optimizer.objectives",
    "Per": "optimizer.constraints",
    "Profit": "optimizer.objectives",
    "Progress": "optimizer.problem",
    "Ramp": "optimizer.constraints",
    "Ratio": "optimizer.constraints",
    "RoasFloor": "optimizer.constraints",
    "ShadowPrice": "optimizer.allocation",
    "StayWithin": "optimizer.constraints",
    "allocate": "optimizer.solve",
    "brief_schema": "optimizer.schema",
}

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = [
    "ActiveChannels",
    "ActiveWeeks",
    "Allocation",
    "AllocationProblem",
    "Blackout",
    "Booked",
    "Booking",
    "Bounds",
    "Brief",
    "Budget",
    "Bursts",
    "ChangeVsBaseline",
    "Constraint",
    "Convex",
    "CpaCeiling",
    "Granularity",
    "GroupBounds",
    "GroupShare",
    "MinWhenOn",
    "Multiples",
    "ObservedRange",
    "Outcome",
    "Per",
    "Profit",
    "Progress",
    "Ramp",
    "Ratio",
    "RoasFloor",
    "ShadowPrice",
    "StayWithin",
    "allocate",
    "brief_schema",
]
