"""The constraints a planner can state, in one place."""

from __future__ import annotations

from optimizer.constraints_amount import Bounds, Budget, ChangeVsBaseline
from optimizer.constraints_group import GroupBounds, GroupShare
from optimizer.constraints_integer import ActiveChannels, ActiveWeeks, Bursts, MinWhenOn, Multiples
from optimizer.constraints_range import Convex, ObservedRange
from optimizer.constraints_ratio import Ratio
from optimizer.constraints_response import CpaCeiling, ResponseConstraint, RoasFloor
from optimizer.constraints_stability import StayWithin
from optimizer.constraints_week import Blackout, Booked, Booking, Ramp
from optimizer.discrete import Discrete
from optimizer.limits import Constraint, Frame, Limit
from optimizer.periods import Per

__all__ = [
    "ActiveChannels",
    "ActiveWeeks",
    "Blackout",
    "Booked",
    "Booking",
    "Bounds",
    "Budget",
    "Bursts",
    "ChangeVsBaseline",
    "Constraint",
    "Convex",
    "CpaCeiling",
    "Discrete",
    "Frame",
    "GroupBounds",
    "GroupShare",
    "Limit",
    "MinWhenOn",
    "Multiples",
    "ObservedRange",
    "Per",
    "Ramp",
    "Ratio",
    "ResponseConstraint",
    "RoasFloor",
    "StayWithin",
]
