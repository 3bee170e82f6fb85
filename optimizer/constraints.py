"""The constraints a planner can state, in one place."""

from __future__ import annotations

from optimizer.constraints_amount import Bounds, Budget, ChangeVsBaseline
from optimizer.constraints_group import GroupBounds, GroupShare
from optimizer.constraints_range import Convex, ObservedRange
from optimizer.constraints_ratio import Ratio
from optimizer.constraints_stability import StayWithin
from optimizer.constraints_week import Blackout, Booked, Booking, Ramp
from optimizer.limits import Constraint, Frame, Limit
from optimizer.periods import Per

__all__ = [
    "Blackout",
    "Booked",
    "Booking",
    "Bounds",
    "Budget",
    "ChangeVsBaseline",
    "Constraint",
    "Convex",
    "Frame",
    "GroupBounds",
    "GroupShare",
    "Limit",
    "ObservedRange",
    "Per",
    "Ramp",
    "Ratio",
    "StayWithin",
]
