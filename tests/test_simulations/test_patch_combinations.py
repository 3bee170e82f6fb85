"""Changes in any number and order: what is neutral changes nothing, and whatever is accepted runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from simulations.run import simulate
from tests.test_mmm.test_response.make_geos import divided
from tests.test_simulations.scenario_company import company
from tests.test_simulations.small_fit import make_response, make_set
from tests.test_simulations.test_patches import futures

SMALL = make_response(per_chain=2, demand=True)
GEOS = divided(SMALL, 2)
LAUNCH = {"launch": "podcast", "like": "tv", "spend": 2_000, "ramp_weeks": 3}
#: Everything that may stand beside anything else.
POOL: tuple[dict[str, Any], ...] = (
    {"channels": "all", "change": 0.3},
    {"channel": "tv", "change": -1, "weeks": [2, 5]},
    {"channels": ["tv", "search"], "total": 90_000},
    {"channel": "social", "dark": True, "weeks": [1, 3]},
    {"shift": "40%", "from": "search", "to": "social"},
    {"channels": "all", "flighting": "burst"},
    {"channel": "tv", "flighting": [1, 0], "weeks": [3, 12]},
    {"channel": "tv", "flighting": "as_history"},
    {"channels": "all", "shift_weeks": -3},
    LAUNCH,
    {"channel": "podcast", "change": 0.5},
    {"shift": "50%", "from": "podcast", "to": "tv"},
    {"rollout": {"1": 0.25, "6": 0.75}},
    {"channel": "search", "cost_per_exposure": 0.2},
    {"demand": -0.2, "weeks": [4, 9]},
    {"season_shift": 4},
    {"supply_cap": 110_000, "backlog": 0.5},
    {"competitor": "Acme", "loss": 0.1, "weeks": [2, 4]},
    {"control": "price", "change": 0.05},
    {"price": -0.1, "elasticity": -1.5, "weeks": [1, 6]},
    {"promotion": 0.3, "discount": 0.1, "pulled_forward": 0.5, "weeks": [7, 8]},
)


@pytest.mark.parametrize(
    "patch",
    [
        {"channels": "all", "change": 0},
        {"channels": "all", "shift_weeks": 0},
        {"channel": "social", "cost_per_exposure": 0},
        {"demand": 0},
        {"season_shift": 0},
        {"supply_cap": 1e12},
        {"competitor": "Acme", "loss": 0},
        {"control": "price", "change": 0},
        {"control": "price", "add": 0},
        {"price": 0, "elasticity": -2},
        {"price": 0, "control": "price"},
    ],
    ids="-".join,
)
def test_a_neutral_change_is_business_as_usual_exactly(response: ResponseDraws, patch: dict[str, Any]) -> None:
    results = simulate(response, make_set({"neutral": [patch]}))
    assert (results.delta(results["neutral"]) == 0).all()


def test_a_total_is_kept_with_its_proportions(response: ResponseDraws) -> None:
    usual, future = futures(response, {"channels": ["tv", "social"], "total": 50_000, "weeks": [2, 7]})
    cells = np.ix_([0, 2], range(1, 7))
    assert future.spend[cells].sum() == pytest.approx(50_000)
    np.testing.assert_allclose(future.spend[cells] / 50_000, usual.spend[cells] / usual.spend[cells].sum())
    untouched = usual.spend.copy()
    untouched[cells] = future.spend[cells]
    np.testing.assert_array_equal(future.spend, untouched)
    dark = {"channel": "tv", "dark": True}
    np.testing.assert_allclose(futures(response, dark, {"channel": "tv", "total": 1_300})[1].spend[0], 100)


def contradicts(patches: list[dict[str, Any]]) -> bool:
    """Tell whether a list must be refused: a channel before its launch or launched twice, or a roll-out too many."""
    before: set[str] = set()
    for patch in patches:
        if "podcast" in (patch.get("channel"), patch.get("from")) and "launch" not in before:
            return True
        if "launch" in patch and "launch" in before:
            return True
        if "rollout" in patch and before & {"rollout", "season_shift", "price", "promotion"}:
            return True
        before |= patch.keys()
    return False


@given(st.lists(st.sampled_from(POOL), min_size=1, max_size=5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_does_not_contradict_itself_runs(patches: list[dict[str, Any]], by_geo: bool) -> None:
    response, scenarios = GEOS if by_geo else SMALL, make_set({"a": patches}, margin=0.4)
    if contradicts(patches):
        with pytest.raises(SpecError, match=r"scenarios\.a\."):
            simulate(response, scenarios)
        return
    results = simulate(response, scenarios)
    one = results["a"]
    assert (one.future.spend >= -1e-9).all()
    assert np.isfinite(one.future.spend).all()
    assert np.isfinite(results.delta(one)).all()
    assert (one.expected <= one.future.supply_cap[:, None] * (1 + 1e-9)).all()
    profit = results.profit_delta(one)
    assert profit is not None
    assert np.isfinite(profit).all()
    assert one.says.endswith(".")


@given(st.permutations([0, 1, 13, 14, 15, 17, 18]))
@settings(max_examples=15, deadline=None)
def test_changes_of_different_things_commute(order: list[int]) -> None:
    """Spend in proportion, costs, demand, season, base sales and controls: in whatever order."""
    chosen = [POOL[n] for n in sorted(order)]
    turned = [POOL[n] for n in order]
    results = simulate(SMALL, make_set({"one": chosen, "other": turned}))
    np.testing.assert_allclose(results["one"].expected, results["other"].expected, rtol=1e-9)


def test_parts_of_a_market_answer_as_its_geos_whatever_changes() -> None:
    """Every kind at once, spread by shares of a nation and by the geos of its equal parts."""
    nation = company()
    geos = divided(nation, 3)
    before = [POOL[n] for n in (0, 3, 4, 5, 8, 9, 10, 11, 13, 14, 17, 18)]
    after = [POOL[n] for n in (1, 15, 16)]
    shares = {"1": 1 / 3, "4": 2 / 3, "8": 1.0}
    one = simulate(nation, make_set({"a": [*before, {"rollout": shares}, *after]}))
    steps = {"1": "part 2", "4": "part 0", "8": "all"}
    other = simulate(geos, make_set({"a": [*before, {"rollout": steps}, *after]}))
    np.testing.assert_allclose(other["a"].expected, one["a"].expected, rtol=1e-8)
    np.testing.assert_allclose(other.delta(other["a"]), one.delta(one["a"]), rtol=1e-6)
