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
    from optimizer.departments import Department, compare_departments
    from optimizer.extras_of import plan_for
    from optimizer.frontier import budget_frontier
    from optimizer.goals import LeastBudget, MroasFloor, RoasTarget
    from optimizer.inverse import reach_goal
    from optimizer.objectives import Outcome, PresentValue, Profit
    from optimizer.problem import AllocationProblem, Granularity, Progress
    from optimizer.replan import read_spent, replanned, with_spent
    from optimizer.risk import CVaR, Mean, MeanCVaR, MeanSd, ReachProbability, WorstFit
    from optimizer.risk_frontier import risk_frontier
    from optimizer.rollout import roll_out
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
    "CVaR": "optimizer.risk",
    "ChangeVsBaseline": "optimizer.constraints",
    "Constraint": "optimizer.constraints",
    "Convex": "optimizer.constraints",
    "CpaCeiling": "optimizer.constraints",
    "Department": "optimizer.departments",
    "Granularity": "optimizer.problem",
    "GroupBounds": "optimizer.constraints",
    "GroupShare": "optimizer.constraints",
    "LeastBudget": "optimizer.goals",
    "Mean": "optimizer.risk",
    "MeanCVaR": "optimizer.risk",
    "MeanSd": "optimizer.risk",
    "MinWhenOn": "optimizer.constraints",
    "MroasFloor": "optimizer.goals",
    "Multiples": "optimizer.constraints",
    "ObservedRange": "optimizer.constraints",
    "Outcome": "optimizer.objectives",
    "Per": "optimizer.constraints",
    "PresentValue": "optimizer.objectives",
    "Profit": "optimizer.objectives",
    "Progress": "optimizer.problem",
    "Ramp": "optimizer.constraints",
    "Ratio": "optimizer.constraints",
    "ReachProbability": "optimizer.risk",
    "RoasFloor": "optimizer.constraints",
    "RoasTarget": "optimizer.goals",
    "ShadowPrice": "optimizer.allocation",
    "StayWithin": "optimizer.constraints",
    "WorstFit": "optimizer.risk",
    "allocate": "optimizer.solve",
    "brief_schema": "optimizer.schema",
    "budget_frontier": "optimizer.frontier",
    "compare_departments": "optimizer.departments",
    "plan_for": "optimizer.extras_of",
    "reach_goal": "optimizer.inverse",
    "read_spent": "optimizer.replan",
    "replanned": "optimizer.replan",
    "risk_frontier": "optimizer.risk_frontier",
    "roll_out": "optimizer.rollout",
    "with_spent": "optimizer.replan",
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
    "CVaR",
    "ChangeVsBaseline",
    "Constraint",
    "Convex",
    "CpaCeiling",
    "Department",
    "Granularity",
    "GroupBounds",
    "GroupShare",
    "LeastBudget",
    "Mean",
    "MeanCVaR",
    "MeanSd",
    "MinWhenOn",
    "MroasFloor",
    "Multiples",
    "ObservedRange",
    "Outcome",
    "Per",
    "PresentValue",
    "Profit",
    "Progress",
    "Ramp",
    "Ratio",
    "ReachProbability",
    "RoasFloor",
    "RoasTarget",
    "ShadowPrice",
    "StayWithin",
    "WorstFit",
    "allocate",
    "brief_schema",
    "budget_frontier",
    "compare_departments",
    "plan_for",
    "reach_goal",
    "read_spent",
    "replanned",
    "risk_frontier",
    "roll_out",
    "with_spent",
]
