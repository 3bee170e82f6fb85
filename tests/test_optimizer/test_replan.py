"""Planning anew in mid-course: the weeks gone stay as they were, the rest is planned as well as it can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer import Booked, Booking, Budget, ChangeVsBaseline, Granularity, allocate
from optimizer.brief import Brief
from optimizer.replan import Spent, read_spent, replanned, with_spent
from optimizer.report_words import price
from tests.test_optimizer.responses import baseline_total, problem, response

DRAWS = response(channels=3, draws=60, seed=3)
TOTAL = baseline_total(DRAWS, 6)


def made(*more, **asked):
    return problem(DRAWS, weeks=6, constraints=(Budget(TOTAL, name="budget"), *more), **asked)


def actuals(path, weeks, spend=None, channels=DRAWS.channels):
    spend = np.arange(1.0, 1.0 + len(weeks) * len(channels)).reshape(len(channels), -1) if spend is None else spend
    rows = [f"{week},{name},{spend[c, t]}" for t, week in enumerate(weeks) for c, name in enumerate(channels)]
    path.write_text("week,channel,spend\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_weeks_gone_are_untouched_and_the_rest_is_the_best(tmp_path):
    p = made()
    spent = read_spent(actuals(tmp_path / "a.csv", p.weeks[:2]), p.channels, p.weeks)
    plan = allocate(with_spent(p, spent))
    np.testing.assert_array_equal(plan.spend[:, :2], [[1, 2], [3, 4], [5, 6]])
    assert plan.spend.sum() == pytest.approx(TOTAL)
    assert plan.certified
    # What is spent cannot be had cheaper: it binds, and has no price.
    assert "spent so far" in plan.binding
    assert "spent so far" not in plan.shadow_prices
    assert price(plan, "spent so far") == ("yes", "It cannot be changed any more.")
    found = replanned(plan)
    assert (found.weeks_gone, found.weeks_left) == (2, 4)
    assert found.spent == 21.0
    assert found.left == pytest.approx(TOTAL - 21.0)
    assert found.left_by_channel == pytest.approx(dict(zip(p.channels, plan.spend[:, 2:].sum(axis=1), strict=True)))
    g = np.random.default_rng(0)
    for _ in range(100):
        rest = p.baseline[:, 2:] * g.uniform(0.3, 1.7, (3, 4))
        rest *= found.left / rest.sum()
        if (rest <= p.upper[:, 2:]).all():
            other = np.concatenate([spent, rest], axis=1)
            assert p.horizon.evaluate(other).value <= plan.upper_bound


def test_carrying_on_is_business_as_usual_with_the_money_left(tmp_path):
    p = made()
    spent = read_spent(actuals(tmp_path / "a.csv", p.weeks[:3]), p.channels, p.weeks)
    plan = allocate(with_spent(p, spent))
    rest = p.baseline[:, 3:] * (TOTAL - spent.sum()) / p.baseline[:, 3:].sum()
    found = replanned(plan)
    assert found.carry_on == pytest.approx(p.horizon.evaluate(np.concatenate([spent, rest], axis=1)).value)
    assert found.value >= found.carry_on


def test_spend_beyond_the_observed_range_has_happened_but_is_not_planned():
    p = made()
    spent = np.full((3, 1), 2.0)
    spent[1, 0] = 4.0 * p.cap[1]
    plan = allocate(with_spent(p, spent))
    assert plan.spend[1, 0] == spent[1, 0]
    assert (plan.spend[:, 1:] <= p.upper[:, 1:] * (1 + 1e-6)).all()


def test_bookings_of_weeks_gone_give_way_to_what_was_spent():
    weeks = made().weeks
    booked = Booked((Booking("channel 0", weeks[0], 9.0), Booking("channel 0", weeks[4], 7.0)))
    p = with_spent(made(booked, ChangeVsBaseline(None, 0.9)), np.full((3, 2), 3.0))
    plan = allocate(p)
    assert plan.spend[0, 0] == 3.0
    assert plan.spend[0, 4] == 7.0
    assert sum(isinstance(one, Spent) for one in p.constraints) == 1


def test_files_that_cannot_be_true_are_refused(tmp_path):
    p = made()
    later = p.weeks[-1] + np.timedelta64(7, "D")
    cases = (
        (actuals(tmp_path / "outside.csv", [p.weeks[0], later]), "is not a week of the horizon"),
        (actuals(tmp_path / "hole.csv", [p.weeks[0], p.weeks[2]]), "has no row, and later weeks do"),
        (actuals(tmp_path / "all.csv", p.weeks), "nothing is left to plan"),
        (actuals(tmp_path / "who.csv", p.weeks[:1], channels=("channel 0", "channel 1", "radio")), "not in the fit"),
        (actuals(tmp_path / "few.csv", p.weeks[:1], channels=("channel 0", "channel 1")), "has no row"),
    )
    for path, says in cases:
        with pytest.raises(SpecError, match=says):
            read_spent(path, p.channels, p.weeks)
    with pytest.raises(SpecError, match="more than the budget"):
        with_spent(p, np.full((3, 1), TOTAL))
    with pytest.raises(SpecError, match="needs weeks"):
        with_spent(replace(p, granularity=Granularity.TOTAL), np.ones((3, 1)))
    with pytest.raises(SpecError, match="no week of this plan has gone"):
        replanned(allocate(p))


def test_a_brief_names_the_file(tmp_path):
    weeks = made().weeks
    actuals(tmp_path / "spent.csv", weeks[:2])
    brief = tmp_path / "brief.yaml"
    brief.write_text(
        f"horizon: {{start: {weeks[0]}, weeks: 6}}\nbudget: {{total: {TOTAL:.0f}}}\nreplan: {{spent: spent.csv}}\n",
        encoding="utf-8",
    )
    asked = Brief.from_yaml(brief)
    assert asked.files == ("spent.csv",)
    plan = allocate(asked.problem(DRAWS))
    np.testing.assert_array_equal(plan.spend[:, :2], [[1, 2], [3, 4], [5, 6]])
    assert "Spent so far" in plan.sentences["spent so far"]
    actuals(tmp_path / "spent.csv", [weeks[0] - np.timedelta64(7, "D")])
    with pytest.raises(SpecError, match=r"spent\.csv"):
        asked.problem(DRAWS)
