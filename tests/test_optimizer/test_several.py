"""The responses of several fits side by side are what each is by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mmm.exceptions import SpecError
from optimizer.several import SeveralResponses, fits_of
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
