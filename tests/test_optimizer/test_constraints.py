"""Each constraint does what its sentence says."""

from __future__ import annotations

from dataclasses import replace

import cvxpy as cp
import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer import (
    Booked,
    Booking,
    Bounds,
    Budget,
    ChangeVsBaseline,
    Convex,
    Granularity,
    GroupBounds,
    GroupShare,
    ObservedRange,
    Per,
    Ramp,
    allocate,
)
from tests.test_optimizer.responses import START, baseline_total, problem, response

DRAWS = response(channels=3, draws=24, seed=5)
TOTAL = baseline_total(DRAWS, 4)
TOLERANCE = 1 + 1e-6


def plan(*constraints, up_to=False, **more):
    return allocate(problem(DRAWS, constraints=(Budget(TOTAL, up_to), *constraints), **more))


def test_without_constraints_the_cap_and_the_budget_hold():
    found = plan()
    assert found.spend.sum() == pytest.approx(TOTAL)
    assert (found.spend.max(axis=1) <= 1.5 * DRAWS.observed_max() * TOLERANCE).all()


def test_bounds_per_week_hold_in_every_week():
    found = plan(Bounds(("channel 0",), least=2.0, most=5.0, per=Per.WEEK))
    assert found.spend[0].min() >= 2.0 / TOLERANCE
    assert found.spend[0].max() <= 5.0 * TOLERANCE


def test_bounds_on_several_channels_hold_for_each():
    least = 0.2 * TOTAL
    found = plan(Bounds(("channel 0", "channel 2"), least=least))
    assert (found.spend[[0, 2]].sum(axis=1) >= least / TOLERANCE).all()


def test_change_per_week_follows_the_baselines_weeks():
    found = plan(ChangeVsBaseline(None, 0.1, Per.WEEK))
    base = found.problem.baseline
    assert (found.spend <= 1.1 * base * TOLERANCE).all()
    assert (found.spend >= 0.9 * base / TOLERANCE).all()


def test_group_share_and_group_bounds():
    pair = ("channel 0", "channel 1")
    held = plan(GroupShare("pair", pair, min_share=0.6, max_share=0.7))
    assert 0.6 / TOLERANCE <= held.spend[:2].sum() / held.spend.sum() <= 0.7 * TOLERANCE
    weekly = plan(GroupShare("pair", pair, max_share=0.5, per=Per.WEEK))
    shares = weekly.spend[:2].sum(axis=0) / weekly.spend.sum(axis=0)
    assert (shares <= 0.5 * TOLERANCE).all()
    capped = plan(GroupBounds("pair", pair, most=0.1 * TOTAL / 4, per=Per.WEEK), up_to=True)
    assert (capped.spend[:2].sum(axis=0) <= 0.1 * TOTAL / 4 * TOLERANCE).all()


def test_ramp_in_shares_and_in_money():
    relative = plan(Ramp(None, change=0.05))
    mean = relative.problem.baseline.mean(axis=1, keepdims=True)
    assert (abs(np.diff(relative.spend, axis=1)) <= 0.05 * mean * TOLERANCE).all()
    money = plan(Ramp(("channel 1",), amount=0.01))
    assert (abs(np.diff(money.spend[1])) <= 0.01 * TOLERANCE).all()


def test_booked_and_dark_weeks_are_kept_to_the_cent():
    week = START + np.timedelta64(7, "D")
    found = plan(Booked((Booking("channel 0", START, 1.25), Booking("channel 2", week, 0.0))))
    assert found.spend[0, 0] == 1.25
    assert found.spend[2, 1] == 0.0


def test_any_convex_constraint_from_cvxpy():
    spread = 0.05 * TOTAL
    ball = Convex(lambda x: [cp.norm(cp.sum(x, axis=0) - TOTAL / 4) <= spread], "Weeks stay close to an even spend.")
    found = plan(ball)
    assert np.linalg.norm(found.spend.sum(axis=0) - TOTAL / 4) <= spread * TOLERANCE
    assert found.gap <= 1e-3
    assert found.value <= plan().upper_bound
    assert "conic" in found.bound_method
    with pytest.raises(SpecError, match="not convex"):
        plan(Convex(lambda x: [cp.norm(x) >= 3.0]))


def test_helper_variables_of_cvxpy_keep_the_bound():
    tied = plan(Convex(lambda x: [cp.sum(cp.abs(x[:, 1:] - x[:, :-1])) <= 0.1 * TOTAL]))
    assert abs(np.diff(tied.spend, axis=1)).sum() <= 0.1 * TOTAL * TOLERANCE
    assert tied.gap <= 1e-3
    assert "HiGHS" in tied.bound_method


def test_the_cap_is_lifted_only_where_it_is_allowed():
    lean = problem(DRAWS, constraints=(Budget(3.0 * TOTAL, up_to=True),))
    free = allocate(
        type(lean)(
            horizon=lean.horizon,
            held_back=lean.held_back,
            constraints=lean.constraints,
            observed_max=lean.observed_max,
            observed_range=ObservedRange(allowed=("channel 1",)),
        )
    )
    times = {name: c.extrapolation for name, c in free.channels.items()}
    assert times["channel 1"] > 1.5
    assert max(times["channel 0"], times["channel 2"]) <= 1.5 * TOLERANCE
    flagged = {finding.where for finding in free.findings if finding.name == "extrapolation"}
    assert flagged == {name for name, ratio in times.items() if ratio > 1 + 1e-9}


def test_totals_keep_the_baselines_flighting():
    found = plan(ChangeVsBaseline(None, 0.5), granularity=Granularity.TOTAL)
    base = found.problem.baseline
    np.testing.assert_allclose(
        found.spend / found.spend.sum(axis=1, keepdims=True), base / base.sum(axis=1, keepdims=True), rtol=1e-9
    )


def test_every_constraint_says_itself_and_its_price():
    frame = problem(DRAWS).frame
    every = [
        Budget(5.0, True),
        Bounds(None, 1.0, 2.0),
        ChangeVsBaseline(("channel 0",), 0.3),
        GroupShare("brand", ("channel 0",), 0.1),
        GroupBounds("brand", ("channel 0",), 1.0),
        Ramp(None, 0.2),
        Booked((Booking("channel 0", START, 3.0),)),
        ObservedRange(),
        Convex(lambda x: [cp.sum(x) >= 0]),
    ]
    for constraint in every:
        sentence = constraint.sentence(frame)
        assert sentence.endswith(".")
        assert constraint.loosening(frame)
    assert len({c.default_name for c in every}) == len(every)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Budget(0.0),
        lambda: Bounds(None),
        lambda: Bounds(None, 3.0, 2.0),
        lambda: ChangeVsBaseline(None, -0.1),
        lambda: GroupShare("g", ("channel 0",), 1.2),
        lambda: Ramp(None),
        lambda: Ramp(None, 0.1, 5.0),
        lambda: Booked((Booking("channel 0", START, -1.0),)),
        lambda: plan(Bounds(("radio",), 1.0)),
        lambda: plan(Booked((Booking("channel 0", START + np.timedelta64(70, "D"), 1.0),))),
        lambda: problem(DRAWS, constraints=(Budget(5.0, name="a"), Bounds(None, 1.0, name="a"))),
    ],
)
def test_senseless_constraints_are_refused(make):
    with pytest.raises(SpecError):
        make()


def test_names_are_unique_and_lead_back_to_their_constraint():
    first, second = Bounds(("channel 0",), least=1.0), Bounds(("channel 0",), most=9.0)
    made = problem(DRAWS, constraints=(Budget(TOTAL), first, second, Bounds(None, most=1e6, name="mine")))
    assert list(made.named) == [
        "budget", "bounds(channel 0)", "bounds(channel 0) 2", "mine", "observed_range",
    ]  # fmt: skip
    moved = made.replacing("bounds(channel 0) 2", Bounds(("channel 0",), most=4.0))
    assert moved.constraints[2].most == 4.0
    assert moved.constraints[1] is first


def test_limits_of_several_channels_read_as_each_by_itself():
    frame = problem(DRAWS).frame
    pair = ("channel 0", "channel 2")
    for one in (Bounds(pair, most=5.0), ChangeVsBaseline(pair, 0.3), Ramp(pair, 0.2)):
        assert one.sentence(frame).startswith("Each of channel 0, channel 2: ")
        assert "each of channel 0, channel 2" in one.loosening(frame)
        assert replace(one, channels=None).sentence(frame).startswith("Each channel: ")
        assert replace(one, channels=("channel 1",)).sentence(frame).startswith("channel 1: ")


def test_money_in_sentences_is_said_as_on_pages():
    frame = problem(DRAWS).frame
    said = [
        Budget(4_000.0).sentence(frame),
        Ramp(None, amount=4_000.0).sentence(frame),
        GroupBounds("brand", ("channel 0",), most=4_000.0).sentence(frame),
    ]
    assert all("EUR\N{NO-BREAK SPACE}4,000" in sentence for sentence in said)
