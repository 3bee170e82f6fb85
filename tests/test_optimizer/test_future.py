"""The planned weeks' costs: factors, inflation by the week, prices that rise with volume; and flightings of totals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import MixwiseError
from mmm.response.calendar import BaselineRule, business_as_usual
from mmm.response.horizon import HorizonResponse
from mmm.response.prices import PriceCurve
from optimizer import AllocationProblem, Brief, Budget, Granularity, allocate
from tests.test_optimizer.company import company
from tests.test_optimizer.responses import START, response

HEAD = "horizon: {start: 2027-01-04, weeks: 6}\n"
TOTAL = HEAD + "granularity: total\n"
TV, SOCIAL = 0, 3


def problem(folder: Path, text: str, *, by_geo: bool = False):
    (folder / "brief.yaml").write_text(text)
    return Brief.from_yaml(folder / "brief.yaml").problem(company(by_geo=by_geo))


def test_inflation_runs_from_the_last_week_of_data(tmp_path: Path) -> None:
    made = problem(tmp_path, HEAD + "future: {cost_per_exposure: {social: {factor: 1.1, inflation: 0.06}, tv: 0.9}}\n")
    years = 7 * np.arange(1, 7) / 365.25
    cost = made.horizon.cost_factor[:, :6]
    np.testing.assert_allclose(cost[SOCIAL], 1.1 * 1.06**years)
    np.testing.assert_allclose(cost[TV], 0.9)
    np.testing.assert_allclose(cost[1], 1.0)
    assert (made.horizon.cost_factor[:, 6:] == 1.0).all()
    np.testing.assert_allclose(made.prices[SOCIAL], np.mean(1.1 * 1.06**years))
    says = next(note for note in made.notes if note.startswith("A unit of social"))
    assert "+10.1% against today in the first planned week and +10.7% in the last: +6.0% a year" in says
    assert "A unit of tv costs -10% against today." in made.notes
    # The same money buys less of what got dearer, week by week.
    plain = problem(tmp_path, HEAD)
    np.testing.assert_allclose(made.horizon.media(made.baseline)[SOCIAL, 0, :6] * cost[SOCIAL],
                               plain.horizon.media(made.baseline)[SOCIAL, 0, :6])  # fmt: skip


def test_a_number_and_a_factor_say_the_same(tmp_path: Path) -> None:
    one = problem(tmp_path, HEAD + "future: {cost_per_exposure: {tv: 1.2}}\n")
    other = problem(tmp_path, HEAD + "future: {cost_per_exposure: {tv: {factor: 1.2}}}\n")
    np.testing.assert_array_equal(one.horizon.cost_factor, other.horizon.cost_factor)
    assert one.notes == other.notes


def test_a_rising_price_sends_money_elsewhere_and_is_said(tmp_path: Path) -> None:
    text = HEAD + "future: {price_curve: {radio: {from: 15_000, elasticity: 0.8}}}\n"
    dear, flat = allocate(problem(tmp_path, text)), allocate(problem(tmp_path, HEAD))
    assert dear.certified
    assert dear.spend[1].sum() < 0.95 * flat.spend[1].sum()
    assert dear.value < flat.value
    assert any("Beyond EUR\N{NO-BREAK SPACE}15,000 a week each further unit of radio is dearer: +74%" in note
               for note in dear.problem.notes)  # fmt: skip
    # Concave in every draw: no other plan found by chance is better than the bound.
    g = np.random.default_rng(1)
    for _ in range(40):
        other = dear.spend * np.exp(0.2 * g.standard_normal(dear.spend.shape))
        other *= dear.spend.sum() / other.sum()
        if (other <= dear.problem.upper).all():
            assert dear.problem.horizon.evaluate(other).value <= dear.upper_bound


def test_a_geo_pays_the_price_of_its_share(tmp_path: Path) -> None:
    text = HEAD + "future: {price_curve: {tv: {from: 30_000, elasticity: 0.5}}}\n"
    nation = problem(tmp_path, text, by_geo=True)
    local = problem(tmp_path, text + "granularity: geo_week\n", by_geo=True)
    assert local.horizon.price_curve is not None
    np.testing.assert_allclose(local.horizon.price_curve.start[:3], 10_000)
    assert np.isinf(local.horizon.price_curve.start[3:]).all()
    plan = nation.baseline
    value = local.horizon.evaluate(local.horizon.units.split(plan, nation.horizon.response.geo_shares())).value
    assert value == pytest.approx(nation.horizon.evaluate(plan).value, rel=1e-9)
    assert any("at the geo's share" in note for note in local.notes)


@pytest.mark.parametrize(
    ("future", "words"),
    [
        ("{cost_per_exposure: {tv: {factor: 15}}}", ["future.cost_per_exposure.tv.factor", "write 1.15"]),
        ("{cost_per_exposure: {tv: {inflation: 6}}}", ["future.cost_per_exposure.tv.inflation", "2"]),
        ("{cost_per_exposure: {tv: dear}}", ["future.cost_per_exposure.tv", "{factor: 1.05, inflation: 0.06}"]),
        ("{cost_per_exposure: {tv: true}}", ["future.cost_per_exposure.tv", "write a factor"]),
        ("{cost_per_exposure: {cinema: {inflation: 0.1}}}", ["future.cost_per_exposure.cinema", "Known: tv, radio"]),
        ("{price_curve: {cinema: {from: 5, elasticity: 0.1}}}", ["future.price_curve.cinema", "Known: tv, radio"]),
        ("{price_curve: {tv: {elasticity: 0.1}}}", ["future.price_curve.tv.from", "missing"]),
        ("{price_curve: {tv: {from: 0, elasticity: 0.1}}}", ["future.price_curve.tv.from", "greater than 0"]),
        ("{price_curve: {tv: {from: 5, elasticity: -0.1}}}", ["future.price_curve.tv.elasticity"]),
    ],
)
def test_senseless_costs_are_refused_with_their_place(tmp_path: Path, future: str, words: list[str]) -> None:
    with pytest.raises(MixwiseError) as caught:
        problem(tmp_path, HEAD + f"future: {future}\n")
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith("brief.yaml, line 2, future")
    for word in words:
        assert word in str(caught.value)


def shares(spend: np.ndarray) -> np.ndarray:
    return spend / spend.sum(axis=1, keepdims=True)


def test_totals_are_spread_as_asked(tmp_path: Path) -> None:
    names = company().channels
    rows = "".join(f"2027-01-{4 + 7 * t:02d},{name},{t + c}\n" for c, name in enumerate(names) for t in range(4))
    (tmp_path / "mine.csv").write_text("week,channel,spend\n" + rows)
    base = problem(tmp_path, TOTAL)
    assert base.flighting is None
    np.testing.assert_allclose(shares(allocate(base).spend), shares(base.baseline))
    even = allocate(problem(tmp_path, TOTAL + "flighting: even\n"))
    np.testing.assert_allclose(even.spend, even.spend[:, :1] * np.ones((1, 6)))
    mine = allocate(problem(tmp_path, TOTAL + "flighting: mine.csv\n"))
    pattern = np.concatenate([np.arange(6.0)[:, None] + np.arange(4), np.zeros((6, 2))], axis=1)
    np.testing.assert_allclose(shares(mine.spend), shares(pattern), atol=1e-12)
    assert Brief.from_yaml(tmp_path / "brief.yaml").files == ("mine.csv",)
    best = allocate(problem(tmp_path, TOTAL + "flighting: optimised\n"))
    assert best.problem.granularity is Granularity.WEEK
    assert any("flighting is optimised" in note for note in best.problem.notes)
    # The bounds of plans with a given flighting hold, and what is free to choose it is never worse.
    for fixed in (even, mine):
        assert best.upper_bound >= fixed.value
        assert fixed.certified


def test_a_flighting_leaves_dark_weeks_out(tmp_path: Path) -> None:
    dark = "constraints: [{channel: tv, blackout: [2027-01-18]}]\n"
    made = problem(tmp_path, TOTAL + dark)
    found = allocate(made)
    assert found.spend[TV, 2] == 0.0
    assert found.spend[TV].sum() > 0
    kept = np.delete(np.arange(6), 2)
    np.testing.assert_allclose(shares(found.spend[:1, kept]), shares(made.baseline[:1, kept]))
    np.testing.assert_allclose(shares(found.spend[1:]), shares(made.baseline[1:]))
    assert any("leaves dark weeks out" in note for note in made.notes)


def test_geo_totals_are_spread_alike_in_every_geo(tmp_path: Path) -> None:
    text = HEAD + "granularity: geo_total\nflighting: even\nconstraints:\n"
    text += "  - {channel: tv, geos: [north], blackout: [2027-01-11]}\n"
    found = allocate(problem(tmp_path, text, by_geo=True))
    tv = found.row_spend[:3]
    assert tv[0, 1] == 0.0
    assert (tv[1:, 1] > 0).all()
    np.testing.assert_allclose(tv[1:], tv[1:, :1] * np.ones((1, 6)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TOTAL + "flighting: sometimes\n", ["line 3, flighting", "baseline, even, optimised or the name of a CSV"]),
        (HEAD + "flighting: even\n", ["line 2, flighting", "each week is decided", "granularity: total"]),
        (TOTAL + "flighting: gone.csv\n", ["line 3, flighting", "'gone.csv' does not exist"]),
        (HEAD + "fiscal_year_start: 13\n", ["line 2, fiscal_year_start"]),
    ],
)
def test_senseless_flightings_are_refused_with_their_place(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(MixwiseError) as caught:
        problem(tmp_path, text)
    assert caught.value.exit_code == 2
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("granularity", [Granularity.WEEK, Granularity.TOTAL])
def test_bounds_of_s_shaped_plans_hold_under_a_rising_price(granularity: Granularity) -> None:
    draws = response(channels=3, draws=16, seed=4, s_shaped=True)
    calendar = business_as_usual(draws, START, 3, BaselineRule.LAST_WEEKS)
    typical = calendar.baseline.mean(axis=1)
    curve = PriceCurve(0.6 * typical, np.array([0.9, 0.3, 0.0]))
    planning, held = (
        HorizonResponse(half, calendar, price_curve=curve) for half in (draws.planning(), draws.held_back())
    )
    total = float(calendar.baseline.sum())
    made = AllocationProblem(
        planning, held, (Budget(total),), draws.observed_max(), granularity=granularity, price_factor=None
    )
    found = allocate(made, time_limit=5)
    shape = calendar.baseline / calendar.baseline.sum(axis=1, keepdims=True)
    g = np.random.default_rng(2)
    tried = 0
    for split in g.dirichlet(np.full(3, 0.7), 400):
        flight = shape if granularity is Granularity.TOTAL else g.dirichlet(np.full(3, 0.7), 3)
        plan = total * split[:, None] * flight
        if (plan <= made.upper).all():
            tried += 1
            assert planning.evaluate(plan).value <= found.upper_bound * (1 + 1e-9)
    assert tried > 20
    assert found.upper_bound >= found.value
