"""The plan's page: what it says agrees with the plan, and names cannot act."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmm.findings import Finding, Severity
from mmm.reporting.numbers import count, money_short
from mmm.reporting.page import Page, Table, render
from mmm.response.draws import ResponseDraws
from optimizer import report_words as words
from optimizer.allocation import Allocation
from optimizer.objectives import Profit
from optimizer.problem import Granularity
from optimizer.report import plan_page, write_plan_page
from optimizer.report_facts import PlanFacts
from optimizer.solve import allocate
from tests.browser import look, needs_browser
from tests.test_optimizer.plans import NAMES, awkward, planned
from tests.test_optimizer.responses import problem


@pytest.fixture(scope="module")
def draws() -> ResponseDraws:
    return awkward()


@pytest.fixture(scope="module")
def allocation(draws: ResponseDraws) -> Allocation:
    return planned(draws, round_to=100.0)


@pytest.fixture(scope="module")
def facts(draws: ResponseDraws, allocation: Allocation) -> PlanFacts:
    return PlanFacts(allocation, draws)


@pytest.fixture(scope="module")
def page(facts: PlanFacts) -> Page:
    warning = Finding("max_rhat", Severity.WARNING, "The fit: R-hat is 1.03.", "Run longer chains.")
    return plan_page(facts, [warning], {"Fit": "run ab"})


def _tables(page: Page, section: str) -> list[Table]:
    found = next(one for one in page.sections if one.title == section)
    return [block for block in found.blocks if isinstance(block, Table)]


def test_spend_table_adds_up(page: Page, allocation: Allocation) -> None:
    (table,) = _tables(page, "What changes")
    assert [row[0] for row in table.rows] == list(NAMES)
    assert [row[2] for row in table.rows] == [count(x) for x in allocation.totals.values()]
    assert table.total[2] == count(allocation.spend.sum())


def test_weekly_grid_is_the_plan(page: Page, allocation: Allocation) -> None:
    grid, bought = _tables(page, "Week by week")
    assert len(grid.rows) == len(allocation.weeks)
    figures = [[float(cell.replace(",", "")) for cell in row[1:-1]] for row in grid.rows]
    np.testing.assert_allclose(np.transpose(figures), allocation.spend, atol=0.5)
    assert bought.total == ("Total", *(count(series.sum()) for series in allocation.volumes.values()))
    assert len(bought.rows) == len(allocation.weeks)


def test_uplift_draws_are_the_allocations(facts: PlanFacts) -> None:
    assert facts.uplift_draws.mean() == pytest.approx(facts.allocation.uplift.mean, rel=1e-9)
    assert (facts.uplift_draws > 0).mean() == pytest.approx(facts.allocation.p_beats_baseline)
    by_channel = sum(channel.uplift.mean for channel in facts.channels)
    assert by_channel == pytest.approx(facts.allocation.uplift.mean, rel=1e-9)


def test_parts_add_up(facts: PlanFacts) -> None:
    for part in facts.parts.values():
        assert part.inside.mean + part.after.mean == pytest.approx(part.both.mean, rel=1e-9)
    assert facts.parts["plan"].both.mean == pytest.approx(facts.allocation.held_back_value, rel=1e-9)


def test_weekly_outcome_adds_up_to_nearly_all(draws: ResponseDraws, facts: PlanFacts) -> None:
    few = facts.problem.held_back.n_draws <= 200
    assert few
    whole = facts.parts["plan"].both.mean
    assert 0.985 * whole <= facts.weekly.planned[0].sum() <= whole * (1 + 1e-9)
    assert facts.weekly.weeks[0] == facts.problem.weeks[0]


def test_the_lead_says_spend_moves_and_uplift(page: Page, facts: PlanFacts) -> None:
    assert money_short(facts.budget, "EUR") in page.lead
    assert money_short(abs(facts.allocation.uplift.mean), "EUR") in page.lead
    assert "90% interval" in page.lead
    assert "more on" in page.lead
    assert "less on" in page.lead


def test_constraints_that_bind_have_a_price_in_words(page: Page, allocation: Allocation) -> None:
    (table,) = _tables(page, "What binds, and what it costs")
    rows = {row[0]: row for row in table.rows}
    assert list(rows) == list(allocation.problem.named)
    assert rows["budget"][2] == "yes"
    assert "One more EUR of budget brings" in rows["budget"][3]
    assert all(row[3] == "Nothing: there is room." for row in table.rows if row[2] == "no")


def test_caveats_speak_of_halves_timing_and_what_comes_after(page: Page, facts: PlanFacts) -> None:
    names = {finding.name for finding in words.caveats(facts)}
    assert {"halves", "timing", "after_horizon"} <= names
    document = render(page)
    assert "timing moves carryover only" in document
    assert "wrong model" in document
    assert "Before you use this plan" in document


def test_a_channel_beyond_its_range_is_flagged(draws: ResponseDraws) -> None:
    flat = replace(draws, spend=np.repeat(draws.spend[..., -4:].mean(axis=-1, keepdims=True), 60, axis=-1))
    facts = PlanFacts(planned(flat), flat)
    beyond = [channel.name for channel in facts.channels if channel.beyond]
    warned = {finding.where for finding in words.caveats(facts) if finding.name == "extrapolation"}
    assert beyond
    assert set(beyond) == warned


def test_names_are_shown_and_never_act(page: Page) -> None:
    document = render(page)
    body = re.sub(r"<script>.*?</script>", "", document, flags=re.DOTALL)
    assert "<script>alert(1)" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "\x1b" not in document
    assert "راديو" in document


def test_profit_is_called_profit(draws: ResponseDraws) -> None:
    found = planned(draws, objective=Profit(0.6))
    page = plan_page(PlanFacts(found, draws))
    assert "more profit than" in page.lead or "less profit than" in page.lead


def test_an_outcome_without_a_price_is_counted_not_priced(draws: ResponseDraws) -> None:
    units = replace(draws, outcome_is_money=False, outcome_name="sign-ups")
    found = planned(units)
    counted = replace(found.problem, outcome_is_money=False, outcome_name="sign-ups")
    page = plan_page(PlanFacts(replace(found, problem=counted), units))
    assert " more sign-ups than" in page.lead
    assert page.cards is not None
    assert "EUR" not in page.cards.cards[1].value
    assert "sign-ups" in page.cards.cards[1].label
    assert "sign-ups per EUR" in render(page)


def test_a_budget_whose_end_loses_money_is_said(draws: ResponseDraws) -> None:
    found = planned(draws, objective=Profit(0.05))
    assert found.shadow_prices["budget"].value < 0
    (finding,) = [one for one in words.caveats(PlanFacts(found, draws)) if one.name == "budget_too_large"]
    assert "costs" in finding.says
    assert "up_to" in finding.do


def test_without_a_bound_nothing_is_called_optimal(draws: ResponseDraws, allocation: Allocation) -> None:
    open_ended = replace(allocation, upper_bound=np.inf, gap=np.inf, gap_of_uplift=None, bound_method="none")
    document = render(plan_page(PlanFacts(open_ended, draws)))
    assert "a better plan may exist" in document
    assert "not known" in document


def test_the_gap_is_called_a_share_of_what_it_is_divided_by(draws: ResponseDraws, allocation: Allocation) -> None:
    plain = render(plan_page(PlanFacts(allocation, draws)))
    assert "of its value)" in plain
    assert "bound less value, over its value" in plain
    small = replace(allocation, gap_base="1% of the budget")
    document = render(plan_page(PlanFacts(small, draws)))
    assert "of its value" not in document
    assert "over its value" not in document
    assert f"({words.gap_text(small.gap)} of 1% of the budget)" in document
    assert "the gap is a share of 1% of the budget" in document


def test_ranges_and_curves_are_at_the_planned_prices(draws: ResponseDraws, allocation: Allocation) -> None:
    today = PlanFacts(allocation, draws).channels[1]
    factor = np.array([1.0, 1.25, 1.0, 1.0, 1.0])
    problem = allocation.problem
    dearer = replace(problem, observed_max=problem.observed_max * factor, price_factor=factor)
    plans = dict(allocation.channels)
    plans[NAMES[1]] = replace(today.plan, observed_max=1.25 * today.plan.observed_max)
    facts = PlanFacts(replace(allocation, problem=dearer, channels=plans), draws)
    channel = facts.channels[1]
    assert channel.observed_min == pytest.approx(1.25 * today.observed_min)
    # The same exposures cost a quarter more.
    assert channel.curve.at(1.25 * 4_000) == pytest.approx(today.curve.at(4_000), rel=1e-2)
    assert facts.channels[0].curve.at(4_000) == pytest.approx(PlanFacts(allocation, draws).channels[0].curve.at(4_000))
    assert "at the planned prices" in render(plan_page(facts))
    assert "at the planned prices" not in render(plan_page(PlanFacts(allocation, draws)))


def test_gap_words() -> None:
    assert words.gap_text(0.00123) == "0.12%"
    assert words.gap_text(1e-9) == "under 0.0001%"
    assert words.gap_text(float("inf")) == "not known"


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_and_draws_every_chart(
    draws: ResponseDraws, allocation: Allocation, tmp_path: Path, width: int
) -> None:
    seen = look(write_plan_page(allocation, draws, tmp_path / "report.html"), width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn == 5 + len(NAMES)
    assert seen.messages == []
    assert seen.requests == []
    assert seen.contrast_failures == []
    assert "<script>alert(1)</script>" in seen.text


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (None, "business as usual"),
        (np.ones((5, 4)) / 4, "even spread"),
        (np.tile([0.4, 0.3, 0.2, 0.1], (5, 1)), "given"),
    ],
)
def test_what_the_weeks_of_a_total_follow_is_said(draws: ResponseDraws, pattern: np.ndarray | None, said: str) -> None:
    made = problem(draws, weeks=4, granularity=Granularity.TOTAL, smooth=0.01)
    found = allocate(replace(made, flighting=pattern))
    (timing,) = [one for one in words.caveats(PlanFacts(found, draws)) if one.name == "timing"]
    assert said in timing.says
    assert any(said in note for note in found.notes)


def test_weeks_that_a_dark_week_left_out_still_follow_business_as_usual(draws: ResponseDraws) -> None:
    made = problem(draws, weeks=4, granularity=Granularity.TOTAL)
    kept = made.row_baseline * np.array([1.0, 0.0, 1.0, 1.0])
    dark = replace(made, flighting=kept / np.maximum(kept.sum(axis=1, keepdims=True), 1e-300))
    assert "business as usual" in dark.weeks_follow
