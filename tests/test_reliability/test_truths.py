"""The studies' own arithmetic: truths, plans and tests of uniformity are right before they judge a model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from benchmarks.model.ascent import Limits, climb
from benchmarks.model.curves import Curve, CurveForm, binomial, geometric, weibull
from benchmarks.model.defaults import candidates, scores
from benchmarks.model.defaults.markets import Design, Family, study_market
from benchmarks.model.mechanism import HISTORY, TrueChannel, TrueMarket, sized
from benchmarks.model.posterior_figures import channel_figures, clustered, covered, pooled
from benchmarks.model.replay import Replay
from benchmarks.reliability.clean import clean_market
from benchmarks.reliability.stress_worlds import WORLDS, market_of
from benchmarks.reliability.uniformity import pot_c, ranks_to_pit


def test_a_sized_channel_returns_what_it_was_asked_to() -> None:
    market = clean_market(3)
    channel = sized(market.channels[0], 2.5)
    assert TrueMarket((channel,), market.base).roas[channel.name] == pytest.approx(2.5)


def test_the_truth_without_saturation_is_the_spend_times_a_constant() -> None:
    rng = np.random.default_rng(1)
    spend = rng.uniform(50, 150, HISTORY + 60)
    # So far below half-saturation that the curve is a line of slope beta / half.
    channel = TrueChannel("tv", spend, binomial(0.4, 6), Curve(CurveForm.HILL, 1e9), beta=3e9)
    assert TrueMarket((channel,), np.zeros(60)).roas["tv"] == pytest.approx(3.0, rel=1e-5)


def test_the_truth_agrees_with_the_simulator_of_worlds() -> None:
    from simulations.market import random_world, simulate_market

    market = simulate_market(random_world(5, channels=2))
    first = market.window.start
    channels = tuple(
        TrueChannel(
            m.name,
            np.concatenate([np.full(HISTORY - first, m.spend[0, :8].mean()), m.spend[0, : market.window.stop]]),
            geometric(m.alpha),
            Curve(CurveForm.HILL, m.half_saturation, m.slope),
            m.beta,
        )
        for m in market.channels
    )
    found = TrueMarket(channels, np.zeros(market.world.weeks)).roas
    assert list(found.values()) == pytest.approx(list(market.truth.roas.values()), rel=1e-3)


@pytest.mark.parametrize("lags", [geometric(0.6), weibull(2.0, 3.0), binomial(0.3, 8)])
def test_lag_weights_sum_to_one(lags: np.ndarray) -> None:
    assert lags.sum() == pytest.approx(1.0)
    assert (lags >= 0).all()


@pytest.mark.parametrize("form", list(CurveForm))
def test_curves_are_half_way_at_half_and_their_derivative_is_right(form: CurveForm) -> None:
    curve = Curve(form, 40.0, 1.7 if form is CurveForm.HILL else 1.0)
    u = np.array([5.0, 40.0, 130.0])
    assert curve.value(np.array([40.0]))[0] == pytest.approx(0.5)
    numeric = (curve.value(u + 1e-4) - curve.value(u - 1e-4)) / 2e-4
    np.testing.assert_allclose(curve.derivative(u), numeric, rtol=1e-6)


def test_replay_prices_a_plan_as_the_market_does() -> None:
    market = study_market(5).market
    replay = Replay.of(market)
    bump = np.zeros_like(replay.baseline)
    bump[1, 4] = 10.0
    here = replay.baseline + 1_000.0
    numeric = (replay.value(here + bump) - replay.value(here - bump)) / 20.0
    assert replay.gradient(here)[1, 4] == pytest.approx(numeric, rel=1e-6)
    assert replay.value(np.zeros_like(here)) == pytest.approx(0.0)


def test_the_oracle_is_feasible_and_beats_business_as_usual() -> None:
    replay = Replay.of(study_market(0).market)
    plan, limits = replay.oracle(1), replay.limits
    assert plan.sum() == pytest.approx(limits.budget)
    assert (plan.sum(axis=1) >= limits.least - 1e-6).all()
    assert (plan.sum(axis=1) <= limits.most + 1e-6).all()
    assert (plan <= limits.cap[:, None] + 1e-6).all()
    assert replay.value(plan) > 1.01 * replay.value(replay.baseline)


def test_the_corner_of_a_linear_objective_is_the_linear_programs() -> None:
    rng = np.random.default_rng(2)
    gain, baseline = rng.normal(size=(3, 5)), rng.uniform(1, 3, (3, 5))
    limits = Limits.around(baseline, 0.3, np.full(3, 3.5))
    rows = np.kron(np.eye(3), np.ones(5))
    exact = linprog(
        -gain.ravel(),
        A_ub=np.concatenate([rows, -rows]),
        b_ub=np.concatenate([limits.most, -limits.least]),
        A_eq=np.ones((1, 15)),
        b_eq=[limits.budget],
        bounds=(0.0, 3.5),
    )
    assert (limits.corner(gain) * gain).sum() == pytest.approx(-exact.fun)


def test_the_climb_finds_a_known_optimum() -> None:
    baseline = np.full((2, 3), 10.0)
    limits = Limits.around(baseline, 0.5, np.full(2, 30.0))
    weight = np.array([1.0, 2.0])[:, None]
    best, value = climb(
        lambda plans: (weight * np.sqrt(plans + 1e-9)).sum(axis=(1, 2)),
        lambda plan: weight / (2 * np.sqrt(plan + 1e-9)),
        limits,
        [baseline],
        iterations=500,
    )
    # Unbounded, the second channel would take four fifths; its total may rise by half.
    assert best.sum(axis=1) == pytest.approx([15.0, 45.0], rel=0.02)
    assert value == pytest.approx(3 * (np.sqrt(5.0) + 2 * np.sqrt(15.0)), rel=2e-3)


def test_uniformity_accepts_uniform_ranks_and_refuses_narrow_ones() -> None:
    rng = np.random.default_rng(4)
    accepted = [pot_c(ranks_to_pit(rng.integers(0, 100, 200), 99, rng)) > 0.01 for _ in range(50)]
    assert np.mean(accepted) > 0.9
    # The truth too often outside the posterior: intervals 1.5 times too narrow.
    from scipy import stats

    pit = stats.norm.cdf(1.5 * rng.standard_normal((50, 200)))
    assert np.mean([pot_c(row) < 0.01 for row in pit]) > 0.9


def test_markets_of_the_study_are_what_their_design_says() -> None:
    designs = [Design(number) for number in range(54)]
    for family in Family:
        own = [one for one in designs if one.family is family]
        assert {one.n_weeks for one in own} == {104, 156, 208}
        assert {one.n_channels for one in own} == {3, 5, 8}
        assert 0 < sum(one.wanders for one in own) < len(own)
        assert 0 < sum(one.persistent_noise for one in own) < len(own)
    found = study_market(7)
    market = found.market
    assert market.n_weeks == found.design.n_weeks
    assert (market.outcome > 0).all()
    assert study_market(7).market.outcome == pytest.approx(market.outcome)
    assert not np.allclose(study_market(25).market.outcome[:50], market.outcome[:50])


def test_figures_score_a_posterior() -> None:
    rng = np.random.default_rng(5)
    right = channel_figures(np.exp(rng.normal(0.0, 0.2, 4000)), 1.0)
    off = channel_figures(np.exp(rng.normal(0.5, 0.2, 4000)), 1.0)
    wide = channel_figures(np.exp(rng.normal(0.0, 1.5, 4000)), 1.0)
    assert right["crps"] < min(off["crps"], wide["crps"])
    # The score of a normal around its own mean: sd (2 φ(0) − 1/√π).
    assert right["crps"] == pytest.approx(0.2 * (2 / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi)), rel=0.1)
    assert covered(right, 0.5)
    assert not covered(off, 0.9)
    found = pooled([[right, off], [right, right]])
    assert found["coverage_90"] == 0.75
    assert found["true_below"] == 0.25


def test_errors_count_markets_not_channels() -> None:
    alike = [[1.0] * 10, [0.0] * 10] * 10
    mixed = [[1.0, 0.0] * 5 for _ in range(20)]
    assert clustered(alike)[0] == clustered(mixed)[0] == 0.5
    assert clustered(alike)[1] > 5 * clustered(mixed)[1]


def test_candidates_lay_changes_over_one_another() -> None:
    found = candidates.overlay("hill_tight_slope+flexible+roas_wide")
    assert found["trend"] == "flexible"
    assert found["saturation"] == "hill_free_slope"
    assert set(found["priors"]) == {"slope", "roas"}
    stack = candidates.stack_of("loo(hill, logistic)")
    assert stack is not None
    assert stack.members == ("hill", "logistic")
    with pytest.raises(ValueError, match="no part 'bent'"):
        candidates.overlay("hill+bent")


def test_the_winner_covers_and_scores() -> None:
    def rows(width: float, shift: float) -> list[dict[str, object]]:
        rng = np.random.default_rng(6)
        made = []
        for number in range(60):
            draws = np.exp(rng.normal(shift + 0.3 * rng.standard_normal(), width, 2000))
            plan = {"value": 1.0, "baseline_value": 0.9}
            own = {"channels": {"tv": channel_figures(draws, 1.0)}, "market": number, "plan": plan}
            made.append(own | {"max_rhat": 1.0, "min_ess": 900, "divergent": 0.0, "seconds": 1, "seconds_sampling": 1})
        return made

    # Equally honest but shifted, honest, and far too sure of itself.
    found = {"shifted": rows(0.3, 0.15), "honest": rows(0.3, 0.0), "narrow": rows(0.1, 0.0)}
    best = dict.fromkeys(range(60), 1.1)
    figures = {name: scores.figures(one, best) for name, one in found.items()}
    assert figures["narrow"]["coverage_90"] < 0.6
    assert figures["honest"]["regret"] == pytest.approx(1 / 11)
    assert figures["honest"]["captured"] == pytest.approx(0.5)
    assert scores.winner(found, figures) == "honest"


@pytest.mark.parametrize("world", ["clean", *WORLDS])
def test_every_stress_world_can_happen(world: str) -> None:
    market = market_of(world, 43_003)
    assert (market.outcome > 0).all()
    assert all(0.05 < roas < 15 for roas in market.roas.values())
    assert (market.panel().spend >= 0).all()
