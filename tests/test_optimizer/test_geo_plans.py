"""Plans that decide geos: the same as a nation of as many channels, never worse than a stated split, within limits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import InfeasibleError, SpecError
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.draws import MediaDraws, ResponseDraws
from mmm.response.horizon import HorizonResponse
from mmm.response.storage import load_response, save_response
from mmm.response.units import geo_units
from mmm.runs import Manifest, staged_run
from optimizer.brief import Brief
from optimizer.cli import plan
from optimizer.constraints import Bounds, Budget, ChangeVsBaseline, Constraint, ObservedRange
from optimizer.problem import Granularity
from optimizer.solve import allocate
from tests.test_mmm.test_response.make_geos import divided, unbalanced
from tests.test_optimizer.responses import START, baseline_total, problem, response

GEO_WEEK, GEO_TOTAL = Granularity.GEO_WEEK, Granularity.GEO_TOTAL


def regions(
    *, geos: int = 3, seed: int = 0, channels: int = 2, count: int = 80, s_shaped: bool = False
) -> ResponseDraws:
    """Return geos that differ: in size, in what media return and in how fast that saturates."""
    nation = divided(response(channels=channels, draws=count, seed=seed, s_shaped=s_shaped), geos)
    g = np.random.default_rng(seed)
    size = g.dirichlet(np.full(geos, 4.0)) * geos
    paid = nation.paid
    moved = replace(
        paid,
        media=paid.media * size[None, :, None],
        half_saturation=paid.half_saturation * size[None, :, None] * np.exp(0.4 * g.standard_normal((1, geos, 1))),
        beta=paid.beta * size[None, :, None] * np.exp(0.4 * g.standard_normal((channels, geos, 1))),
    )
    return replace(nation, spend=nation.spend * size[None, :, None], paid=moved)


def flattened(draws: ResponseDraws) -> ResponseDraws:
    """Return a nation in which each channel of each geo is a channel of its own."""

    def flat(values: np.ndarray) -> np.ndarray:
        return values.reshape(-1, 1, values.shape[-1])

    paid, (channels, geos) = draws.paid, draws.spend.shape[:2]
    names = tuple(f"{name} in {geo}" for name in paid.names for geo in draws.geos)
    forms = tuple(form for form in paid.saturation for _ in range(geos))
    media = MediaDraws(
        names, flat(paid.media), forms, *(flat(v) for v in (paid.alpha, paid.half_saturation, paid.slope, paid.beta))
    )
    nation = response(channels=channels, draws=draws.n_draws)
    return replace(nation, paid=media, spend=flat(draws.spend), weeks=draws.weeks, chain=draws.chain)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 50), week=st.booleans(), s_shaped=st.booleans())
def test_geos_are_planned_as_channels_of_their_own(seed: int, week: bool, s_shaped: bool) -> None:
    # S-shaped weeks take minutes to bound closely: fewer and smaller ones, to half of what is asserted of them.
    draws = regions(seed=seed, s_shaped=True, geos=2, count=12) if s_shaped else regions(seed=seed)
    gap, weeks = (5e-3, 2) if s_shaped else (1e-3, 4)
    by_geo = allocate(problem(draws, weeks=weeks, granularity=GEO_WEEK if week else GEO_TOTAL), gap=gap)
    alone = Granularity.WEEK if week else Granularity.TOTAL
    flat = allocate(problem(flattened(draws), weeks=weeks, granularity=alone), gap=gap)
    assert by_geo.upper_bound >= flat.value * (1 - 1e-6)
    assert flat.upper_bound >= by_geo.value * (1 - 1e-6)
    assert by_geo.baseline_value == pytest.approx(flat.baseline_value, rel=1e-9)
    assert by_geo.value == pytest.approx(flat.value, rel=0.01 if s_shaped else 1e-3)
    np.testing.assert_allclose(by_geo.row_spend.sum(axis=0), by_geo.spend.sum(axis=0))


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 50))
def test_deciding_geos_is_never_worse_than_a_stated_split(seed: int) -> None:
    draws = regions(seed=seed)
    national, local = allocate(problem(draws)), allocate(problem(draws, granularity=GEO_WEEK))
    assert local.baseline_value == pytest.approx(national.baseline_value, rel=1e-9)
    assert local.upper_bound >= national.value * (1 - 1e-9)
    assert local.value >= national.value * (1 - 1e-3)


@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_by_geo_are_the_differences(order: int) -> None:
    draws = unbalanced(slopes=True, demand=True)
    draws = replace(draws, national_channels=(draws.channels[1],))
    units = geo_units(draws)
    calendar = units.calendar(
        business_as_usual(draws, draws.weeks[-1] + np.timedelta64(7, "D"), 3, BaselineRule.LAST_WEEKS),
        draws.geo_shares(),
    )
    horizon = HorizonResponse(draws, calendar, units=units)
    spend = calendar.baseline * 1.1 + 0.5
    here = horizon.evaluate(spend, 2)
    assert here.gradient is not None
    assert here.hessian is not None
    step = 1e-4 * spend.mean()
    for u, t in [(0, 0), (2, 1), (len(units.names) - 1, 2)]:
        up, down = spend.copy(), spend.copy()
        up[u, t] += step
        down[u, t] -= step
        high, low = horizon.evaluate(up, order), horizon.evaluate(down, order)
        if order == 1:
            assert here.gradient[u, t] == pytest.approx((high.value - low.value) / (2 * step), rel=1e-5)
        else:
            assert high.gradient is not None
            assert low.gradient is not None
            slope = (high.gradient[u] - low.gradient[u]) / (2 * step)
            np.testing.assert_allclose(here.hessian[u, t], slope, rtol=1e-4, atol=1e-9)


def test_a_national_channel_keeps_its_split_and_an_ended_geo_gets_nothing() -> None:
    draws = replace(unbalanced(), national_channels=("radio",))
    start = draws.weeks[-1].astype(object)
    brief = {"horizon": {"start": start.replace(month=3, day=2), "weeks": 4}, "granularity": "geo_week"}
    made = Brief.model_validate(brief).problem(draws)
    assert [name for name in made.rows if name.startswith("radio")] == ["radio"]
    assert "tv · geo 3" not in made.rows
    found = allocate(made)
    assert found.geo_spend[:, 3].sum() == 0.0
    radio = found.geo_spend[1].sum(axis=1)
    np.testing.assert_allclose(radio / radio.sum(), draws.geo_shares()[1], atol=1e-12)
    assert found.spend.sum() == pytest.approx(made.baseline.sum(), rel=1e-6)


def test_limits_hold_over_all_geos_or_those_that_are_named() -> None:
    draws = regions()
    total = baseline_total(draws)
    some = tuple(draws.geos[:2])
    rules: tuple[Constraint, ...] = (
        Budget(total),
        ChangeVsBaseline(None, 0.1),
        Bounds(("channel 0",), None, 0.3 * total / 3, geos=some),
    )
    made = problem(draws, granularity=GEO_WEEK, constraints=rules)
    found = allocate(made)
    channel, before = found.spend.sum(axis=1), made.baseline.sum(axis=1)
    assert (np.abs(channel / before - 1) <= 0.1 + 1e-6).all()
    assert found.geo_spend[0, :2].sum() <= 0.1 * total * (1 + 1e-6)
    name = list(made.named)[2]
    if name in found.binding:
        assert found.shadow_prices[name].value > 0


def test_a_geo_without_a_plan_is_a_sentence() -> None:
    draws = regions()
    rules = (Budget(baseline_total(draws)), Bounds(("channel 0",), None, 1.0, geos=("mars",)))
    with pytest.raises(SpecError, match="the geo 'mars' is not in the fit"):
        allocate(problem(draws, granularity=GEO_WEEK, constraints=rules))
    local = (rules[0], Bounds(("channel 0",), None, 1.0, geos=draws.geos[:1]))
    with pytest.raises(SpecError, match="this plan decides national spend"):
        allocate(problem(draws, constraints=local))
    when = {"start": START.astype(object), "weeks": 4}
    with pytest.raises(SpecError, match="the fit is national"):
        Brief.model_validate({"horizon": when, "granularity": "geo_week"}).problem(response())


def test_a_geo_is_never_planned_far_beyond_what_it_saw() -> None:
    draws = regions(seed=4)
    made = problem(draws, granularity=GEO_WEEK)
    found = allocate(made)
    assert (found.row_spend <= 1.5 * made.row_max[:, None] * (1 + 1e-9)).all()
    flagged = [f for f in found.findings if f.name == "extrapolation" and "geo budgets" in f.says]
    assert bool(flagged) == bool((found.row_spend.max(axis=1) > made.row_max * (1 + 1e-9)).any())
    free = replace(made, observed_range=ObservedRange(allowed=("channel 0",)))
    assert np.isinf(free.cap[:3]).all()
    assert np.isfinite(free.cap[3:]).all()


def test_contradictions_between_geos_are_named() -> None:
    draws = regions()
    total = baseline_total(draws)
    rules = (Budget(total), Bounds(("channel 0",), 2 * total, None, geos=draws.geos[:1], name="north first"))
    with pytest.raises(InfeasibleError) as caught:
        allocate(problem(draws, granularity=GEO_TOTAL, constraints=rules))
    assert any(text.startswith("north first") for text in caught.value.conflict)


def test_national_channels_survive_storage(tmp_path: Path) -> None:
    save_response(replace(unbalanced(), national_channels=("tv",)), tmp_path)
    assert load_response(tmp_path).national_channels == ("tv",)


def test_the_command_plans_geos(tmp_path: Path) -> None:
    with staged_run(tmp_path / "fit", Manifest(command="fit")) as stage:
        save_response(unbalanced(), stage)
    text = "horizon: {start: 2026-03-02, weeks: 4}\ngranularity: geo_week\n"
    text += "constraints:\n  - {channels: all, change_vs_baseline: 0.3}\n"
    (tmp_path / "brief.yaml").write_text(text, encoding="utf-8")
    asked = [str(tmp_path / "brief.yaml"), "--fit", str(tmp_path / "fit"), "--out", str(tmp_path / "plan")]
    done = CliRunner().invoke(plan, asked)
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "plan" / "plan.json").read_text(encoding="utf-8"))
    rows = content["allocation"]
    assert set(rows[0]) == {"week", "channel", "geo", "spend"}
    assert sum(row["spend"] for row in rows) == pytest.approx(sum(content["totals"].values()))
    page = (tmp_path / "plan" / "report.html").read_text(encoding="utf-8")
    assert "Each geo is decided" in page
