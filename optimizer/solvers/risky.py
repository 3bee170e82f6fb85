"""Plans under a risk measure, or with requirements on the response: which steps, which bound.

Concave curves under a measure that is a least weighted mean are certified (:mod:`optimizer.solvers.bundle`). On
S-shaped curves the draws' concave envelopes bound the same measure, since it never falls when every draw rises, and
local climbs find the plan. Measures of another kind: :mod:`optimizer.solvers.local_risk`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import InfeasibleError
from mmm.response.horizon import Curvature
from optimizer.problem import AllocationProblem
from optimizer.solvers.bounds import Support
from optimizer.solvers.bundle import Bundle
from optimizer.solvers.conic import FEASIBLE, ConicSet
from optimizer.solvers.cuts import CutBound
from optimizer.solvers.floors import CurvedSet, Floors
from optimizer.solvers.oracle import Oracle
from optimizer.solvers.solution import Goal, Solution, Status
from optimizer.solvers.sshaped import FULL_STARTS, starting_points, tightened

#: Draws of the first level: the tail needs more of them than a mean.
FIRST_DRAWS = 250
#: The first level stops at this gap, or after so many steps.
FIRST_GAP, FIRST_STEPS = 5e-3, 8
#: Solves go on to this share of the gap asked for, for exact shadow prices.
INNER = 0.2


def maximise_coherent(
    problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Maximise the mean, a tail's mean or the worst of fits, with any requirements on the response.

    Raises
    ------
    InfeasibleError
        No plan meets the requirements.
    """
    floors = Floors.of(problem, oracle)
    if bool(problem.horizon.concave.all()):
        solution = climb_levels(oracle, feasible, floors, start, goal, support)
    else:
        solution = _sshaped(problem, oracle, feasible, floors, start, goal, support)
    if not len(floors):
        return solution
    short = -float(floors.slack(solution.y).min())
    if short > FEASIBLE:
        raise _unmet(problem, floors, feasible, solution.y, short, support)
    return replace(solution, feasible=CurvedSet(problem, floors, solution.y))


def climb_levels(
    oracle: Oracle, feasible: ConicSet, floors: Floors, start: FloatArray, goal: Goal, support: Support
) -> Solution:
    """Maximise concave curves on few draws first, then on all, from where the few ended."""
    few = oracle.coarse(FIRST_DRAWS)
    if few is not None:
        rough = replace(goal, gap=max(FIRST_GAP, goal.gap), max_steps=FIRST_STEPS)
        start = Bundle(few, feasible, floors.over(few), rough, support, "first draws").climb(start).y
    sharper = replace(goal, gap=INNER * goal.gap)
    solution = Bundle(oracle, feasible, floors, sharper, support, "all draws").climb(start)
    reached = goal.relative(solution.upper_bound, solution.value)
    if reached <= goal.gap:
        says = f"Certified: no plan is better by more than {reached:.1e} of {goal.base(solution.value)}."
        return replace(solution, status=Status.CERTIFIED, says=says)
    return solution


def envelope_oracle(problem: AllocationProblem, oracle: Oracle, feasible: ConicSet, support: Support) -> Oracle:
    """Return the same measure of the draws' concave envelopes over the feasible set."""
    upper = oracle.decision.spend(tightened(problem, feasible, support))
    return replace(oracle, response=oracle.response.envelope(upper), evaluations=0)


def _sshaped(
    problem: AllocationProblem,
    oracle: Oracle,
    feasible: ConicSet,
    floors: Floors,
    start: FloatArray,
    goal: Goal,
    support: Support,
) -> Solution:
    over = envelope_oracle(problem, oracle, feasible, support)
    half = replace(goal, deadline=goal.started + 0.5 * (goal.deadline - goal.started))
    above = climb_levels(over, feasible, floors.over(over), start, half, support)
    exact = replace(oracle, curvature=Curvature.CLIPPED, evaluations=0)
    few = exact.coarse(FIRST_DRAWS) or exact
    starts = [above.y, *starting_points(problem, few.mean(), feasible, support, start, goal)]
    if few is not exact:
        rough = [Bundle(few, feasible, floors.over(few), goal, None, "first draws").climb(y) for y in starts]
        starts = [one.y for one in sorted(rough, key=lambda one: -one.value)[:FULL_STARTS]]
    found: list[Solution] = []
    for y in starts:
        if found and goal.late():
            break
        found.append(Bundle(exact, feasible, floors.over(exact), goal, None, "local solves").climb(y))
    met = [one for one in found if floors.slack(one.y).min(initial=0.0) >= -FEASIBLE]
    best = max(met or found, key=lambda one: one.value)
    gap = goal.relative(above.upper_bound, best.value)
    status = Status.CERTIFIED if gap <= goal.gap else Status.TIME_LIMIT if goal.late() else Status.LOCAL
    return replace(
        best,
        upper_bound=above.upper_bound,
        bound_method="the same measure of the draws' concave envelopes: " + above.bound_method,
        status=status,
        says=f"The best of {len(found)} local solves; no plan is better by more than {gap:.2%} of "
        f"{goal.base(best.value)}.",
        evaluations=above.evaluations + exact.evaluations,
        history=(*above.history, goal.tell("local solves", best.value, above.upper_bound)),
    )


def _unmet(
    problem: AllocationProblem, floors: Floors, feasible: ConicSet, y: FloatArray, short: float, support: Support
) -> InfeasibleError:
    """Make the error that says which requirements cannot be met, and whether that is proved."""
    proof = CutBound(feasible, support)
    standing = floors.at(y, floors.oracle.look(y, floors.oracle.even))
    for tangent in standing.tangents(y):
        proof.add(tangent)
    proved = bool(problem.horizon.concave.all()) and proof.most() < 0
    sentences = [f"{f.name}: {problem.named[f.name].in_words(problem.frame_of(f.name))}" for f in floors.floors]
    listed = " ".join(f"({i}) {text}" for i, text in enumerate(sentences, start=1))
    first = "no plan meets" if proved else "no plan was found that meets"
    scale = np.array([f.scale for f in floors.floors])
    miss = problem.frame.money(short * float(scale[int(np.argmin(standing.slack))]))
    return InfeasibleError(
        f"{first} what the response must bring beside the other constraints: {listed} The nearest plan found spends "
        f"{miss} more than that allows.",
        conflict=sentences,
        where="constraints",
        do="Lower the floor (raise the ceiling), or let less be spent: budget: {up_to: true}.",
    )
