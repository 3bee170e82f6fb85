"""The constraints a planner can state, in one place: amounts and weeks."""

from __future__ import annotations

from optimizer.constraints_amount import Bounds, Budget, ChangeVsBaseline, GroupBounds, GroupShare
from optimizer.constraints_week import Booked, Booking, Convex, ObservedRange, Ramp
from optimizer.limits import Constraint, Frame, Limit, Per

__all__ = [
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
]
