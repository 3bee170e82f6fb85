"""What a plan says of its risk: the measure's error, the tail of the held-back draws, units that fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from optimizer.risk import CVaR, Mean, MeanCVaR, MeanSd, ReachProbability, Risk, WorstFit
from optimizer.risk_report import influence
from optimizer.several import SeveralResponses
from optimizer.solve import allocate
from tests.test_optimizer.responses import problem, response


@pytest.mark.parametrize("risk", [CVaR(0.1), MeanCVaR(0.2, 0.4), MeanSd(0.5), ReachProbability(0.1)])
def test_figures_by_draw_have_the_measure_as_their_mean_and_its_spread(risk: Risk) -> None:
    made = replace(problem(response()), risk=risk)
    rng = np.random.default_rng(0)
    fit = np.zeros(2000, dtype=np.int64)
    values = [risk.value(rng.normal(0.0, 1.0, 2000), fit) for _ in range(200)]
    draws = rng.normal(0.0, 1.0, 2000)
    figures = influence(made, draws)
    assert figures.mean() == pytest.approx(risk.value(draws, fit), abs=5e-3)
    assert figures.std() / np.sqrt(2000) == pytest.approx(np.std(values), rel=0.25)


@pytest.mark.parametrize("inner", [Mean(), CVaR(0.2)])
def test_the_error_of_the_worst_of_fits_is_of_that_fits_draws(inner: Mean | CVaR) -> None:
    one = problem(response(draws=120))
    both = SeveralResponses((one.horizon, one.horizon))
    made = replace(one, horizon=both, risk=WorstFit(inner))
    rng, half = np.random.default_rng(0), one.horizon.n_draws
    fit = np.repeat([0, 1], half)
    # The second fit has the larger mean and the worse tail.
    spread = np.repeat([0.1, 3.0], half)
    middle = np.repeat([0.0, 0.2], half)
    values = [WorstFit(inner).value(middle + spread * rng.normal(size=2 * half), fit) for _ in range(400)]
    found = [influence(made, middle + spread * rng.normal(size=2 * half)) for _ in range(50)]
    assert np.mean([one.mean() for one in found]) == pytest.approx(np.mean(values), abs=0.1)
    if isinstance(inner, CVaR):
        errors = [one.std() / np.sqrt(2 * half) for one in found]
        assert np.mean(errors) == pytest.approx(np.std(values), rel=0.3)


def test_a_probability_is_said_in_draws_and_its_uplift_in_money() -> None:
    made = problem(response())
    aim = 0.02 * float(made.baseline.sum())
    found = allocate(replace(made, risk=ReachProbability(aim)))
    assert 0.0 <= found.value <= 1.0
    assert found.monte_carlo_error < 0.2
    said = found.to_json()
    assert (said["unit"], said["value_unit"]) == ("EUR", "of all draws")
    assert said["risk"]["reach"]["target"] == aim
    assert "of all draws" in found._repr_html_()


def test_the_tail_is_of_the_draws_that_did_not_choose() -> None:
    made = problem(response())
    found = allocate(replace(made, risk=CVaR(0.25)))
    held = made.held_back
    uplift = np.sort(held.evaluate(found.spend).per_draw - held.evaluate(made.baseline).per_draw)
    count = int(np.ceil(0.25 * len(uplift)))
    assert found.risk.held_back_draws == count
    assert found.risk.held_back_cvar == pytest.approx(CVaR(0.25).value(uplift, np.zeros(len(uplift), dtype=np.int64)))
