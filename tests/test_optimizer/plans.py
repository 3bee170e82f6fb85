"""A small plan with awkward names, for the tests of its page, workbook and command."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import ResponseDraws
from optimizer.allocation import Allocation
from optimizer.constraints import Bounds, Budget, ChangeVsBaseline
from optimizer.objectives import Objective
from optimizer.solve import allocate
from tests.test_optimizer.responses import START, problem, response

#: HTML, a formula, right-to-left, a terminal code, a very long name.
NAMES = ("<script>alert(1)</script>", "=cmd()", "راديو", "ooh \x1b[31mred", "w" * 80)


def awkward(*, s_shaped: bool = False, money: float = 1_000.0) -> ResponseDraws:
    """Return draws of channels whose names attack whoever shows them."""
    draws = response(channels=len(NAMES), draws=120, seed=5, money=money, s_shaped=s_shaped)
    spend = draws.spend.copy()
    spend[-1, :, :-1] = 0.0
    return replace(draws, paid=replace(draws.paid, names=NAMES), outcome_name="revenue", spend=spend)


def planned(draws: ResponseDraws, *, weeks: int = 4, objective: Objective | None = None, **asked: float) -> Allocation:
    """Plan the baseline's total within ±30 %, one channel capped."""
    baseline = business_as_usual(draws, START, weeks, BaselineRule.LAST_WEEKS).baseline
    constraints = (
        Budget(float(np.floor(baseline.sum() / 1_000) * 1_000), name="budget"),
        ChangeVsBaseline(None, 0.3, name="change"),
        Bounds((NAMES[1],), most=float(baseline[1].sum() * 1.1), name="=cap"),
    )
    return allocate(problem(draws, weeks=weeks, constraints=constraints, objective=objective, **asked))
