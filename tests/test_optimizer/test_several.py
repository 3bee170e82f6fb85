"""The responses of several fits side by side are what each is by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer.constraints import ActiveWeeks, Blackout
from optimizer.risk import WorstFit
from optimizer.several import SeveralResponses, fits_of
from optimizer.solve import allocate
from tests.test_optimizer.responses import problem, response


def parts(*, s_shaped: bool = False):
    one, two = response(channels=2, draws=24, seed=1), response(channels=2, draws=40, seed=2, s_shaped=s_shaped)
    two = replace(two, spend=one.spend, paid=replace(two.paid, media=one.paid.media))
    return problem(one, weeks=3).horizon, problem(two, weeks=3).horizon


def test_draws_and_derivatives_are_those_of_the_fits():
    one, two = parts()
    both = SeveralResponses([one, two])
    assert both.n_draws == 2 * one.n_draws
    spend = one.calendar.baseline * 1.1
    thin = both.fits[1]
    weights = np.random.default_rng(0).dirichlet(np.ones(both.n_draws))
    found = both.evaluate(spend, 2, weights=weights)
    first, second = (fit.evaluate(spend, 2, weights=weights[fits_of(both) == k]) for k, fit in enumerate(both.fits))
    np.testing.assert_allclose(found.per_draw, np.concatenate([first.per_draw, second.per_draw]))
    np.testing.assert_allclose(found.gradient, first.gradient + second.gradient)
    np.testing.assert_allclose(found.hessian, first.hessian + second.hessian)
    np.testing.assert_allclose(both.per_channel(spend)[:, : one.n_draws], one.per_channel(spend))
    np.testing.assert_allclose(both.weekly(spend).sum(axis=(0, 1)), found.per_draw, rtol=1e-3)
    inside, after = both.within_and_after(spend)
    np.testing.assert_allclose(inside + after, found.per_draw)
    assert both.evaluate(spend).value == pytest.approx(0.5 * (one.evaluate(spend).value + thin.evaluate(spend).value))
    assert len(both.response.chain) == both.n_draws


def test_groups_of_weeks_add_up_to_the_mean_effect():
    one, two = parts()
    both = SeveralResponses([one, two])
    spend = one.calendar.baseline * 1.1
    group = np.minimum(np.arange(len(both.week_value)), 3)
    value, slope = both.by_weeks(spend, group)
    idle, _ = both.by_weeks(np.zeros(both.shape), group)
    found = both.evaluate(spend, 1)
    assert (value - idle).sum() == pytest.approx(found.value)
    np.testing.assert_allclose(slope.sum(axis=1), found.gradient)


@pytest.mark.parametrize("s_shaped", [False, True])
def test_whole_numbers_go_with_several_fits(s_shaped: bool):
    one, two = response(channels=2, draws=24, seed=1), response(channels=2, draws=40, seed=2, s_shaped=s_shaped)
    two = replace(two, spend=one.spend, paid=replace(two.paid, media=one.paid.media))
    first, second = (problem(draws, weeks=3) for draws in (one, two))
    made = replace(
        first,
        horizon=SeveralResponses([first.horizon, second.horizon]),
        held_back=SeveralResponses([first.held_back, second.held_back]),
        constraints=(*first.constraints, ActiveWeeks(("channel 0",), most=2)),
        risk=WorstFit(),
    )
    found = allocate(made, time_limit=10.0)
    assert (found.spend[0] > 0).sum() <= 2
    assert np.isfinite(found.upper_bound)
    # Every pattern by itself, without whole numbers.
    for dark in made.weeks:
        plain = replace(made, constraints=(*first.constraints, Blackout(("channel 0",), (dark,))))
        assert found.upper_bound >= allocate(plain, time_limit=10.0).value * (1 - 1e-9)


def test_chosen_draws_stay_with_their_fit():
    one, two = parts()
    both = SeveralResponses([one, two])
    spend = one.calendar.baseline
    picked = np.array([0, 3, both.n_draws - 1])
    few = both.select(picked)
    np.testing.assert_allclose(few.evaluate(spend).per_draw, both.evaluate(spend).per_draw[picked], rtol=1e-3)
    np.testing.assert_array_equal(fits_of(few), [0, 0, 1])


def test_envelopes_are_above_and_concave_only_where_all_are():
    one, two = parts(s_shaped=True)
    both = SeveralResponses([one, two])
    assert not both.concave.any()
    spend = one.calendar.baseline
    assert (both.envelope(3 * spend).evaluate(spend).per_draw >= both.evaluate(spend).per_draw - 1e-9).all()


def test_fits_of_other_data_are_refused():
    one, _ = parts()
    other = problem(response(channels=2, draws=24, seed=9), weeks=3).horizon
    with pytest.raises(SpecError, match="other channels, weeks or spend"):
        SeveralResponses([one, other])
