"""What a simulation rests on, in sentences; pages, workbooks and JSON all show these."""

from __future__ import annotations

from collections.abc import Iterator

from mmm.reporting.numbers import percent
from mmm.response.calendar import WEEKS_A_YEAR, BaselineRule, SpendCalendar
from mmm.response.draws import RECENT_WEEKS, ResponseDraws
from mmm.response.split import split_sentences
from mmm.response.stated import bridge_filling
from simulations.patches import (
    ChangeCost,
    ChangePrice,
    DemandShock,
    FollowPlan,
    OptimisePlan,
    Promotion,
    Reflight,
    ShiftWeeks,
    SupplyCap,
)
from simulations.periods import RULE
from simulations.scenario import ScenarioSet


def assumptions(response: ResponseDraws, scenarios: ScenarioSet, calendar: SpendCalendar) -> tuple[str, ...]:
    """Return every assumption that a reader of the figures should know, the gravest first."""
    return (
        *_model(response),
        *_business_as_usual(response, scenarios, calendar),
        *_patches(response, scenarios),
        *_money(response, scenarios),
        *_sets(scenarios),
        RULE,
    )


def _model(response: ResponseDraws) -> Iterator[str]:
    yield (
        f"Every scenario runs on the same {response.n_draws:,} posterior draws of one fitted model. Differences "
        "between scenarios are taken draw by draw and hold no residual noise; levels hold it. Intervals cover 90%."
    )
    yield (
        "Intervals and probabilities hold what the data leave open if the model's form is right. They do not hold the "
        "chance that it is wrong."
    )
    as_before = "as in the same weeks a year earlier"
    if response.n_weeks < WEEKS_A_YEAR:
        as_before = f"as in the {response.n_weeks} weeks of data, over and over, for they hold less than a year"
    yield f"Trend, season and holidays go on as fitted; controls and organic media are taken to be {as_before}."


def _business_as_usual(response: ResponseDraws, scenarios: ScenarioSet, calendar: SpendCalendar) -> Iterator[str]:
    count, end = scenarios.horizon.weeks, response.weeks[-1]
    rule = {
        BaselineRule.LAST_WEEKS.value: f"repeats the spend of the last {count} weeks of data, which end with the "
        f"week of {end}",
        BaselineRule.SAME_WEEKS_LAST_YEAR.value: "spends what was spent 52 weeks before",
    }.get(scenarios.baseline, f"spends as in {scenarios.baseline}")
    yield f"Business as usual {rule}."
    bridge = len(calendar.bridge_weeks)
    if bridge:
        filling = bridge_filling(response, count, baseline=scenarios.baseline, bridge=scenarios.bridge)
        filled = f"as in {filling}" if filling else "as business as usual"
        weeks = "lies 1 week" if bridge == 1 else f"lie {bridge} weeks"
        yield f"Between the last data and the horizon {weeks}, in which every scenario spends {filled}."
    yield (
        "After the horizon every scenario spends as business as usual. What the horizon's media still add then is "
        "counted in the difference from business as usual, and shown apart."
    )
    yield (
        f"An exposure costs what it did on average in the last {RECENT_WEEKS} weeks of data, unless a scenario says "
        "otherwise."
    )


def _patches(response: ResponseDraws, scenarios: ScenarioSet) -> Iterator[str]:
    patches = list(scenarios.patches)
    if response.demand is None and any(isinstance(patch, (Reflight, ShiftWeeks)) for patch in patches):
        yield (
            "In this model a channel returns the same in every season, so the timing of spend matters only through "
            "saturation and through carryover into later weeks."
        )
    if any(isinstance(patch, ChangeCost) for patch in patches):
        yield "A change of cost ends with the horizon."
    if any(isinstance(patch, DemandShock) for patch in patches):
        yield (
            "A change of demand scales base sales, organic and paid media effects of its weeks alike, and ends with "
            "the horizon. It is compared with business as usual at the expected demand."
        )
    if any(isinstance(patch, (FollowPlan, OptimisePlan)) for patch in patches):
        report = (
            ": the plan's own report has that figure" if any(isinstance(one, FollowPlan) for one in patches) else ""
        )
        yield (
            "A plan that was optimised on this same fit is judged here on all draws, those it was chosen on included, "
            f"and looks a little better than on the draws held back{report}."
        )
    yield from split_sentences(response)


def _money(response: ResponseDraws, scenarios: ScenarioSet) -> Iterator[str]:
    unit = f"A unit of {response.outcome_name}"
    if scenarios.value_per_outcome is not None:
        yield f"{unit} is worth {response.currency} {scenarios.value_per_outcome:,.4g}, as given."
    elif not response.outcome_is_money:
        yield f"{unit} has no known value in money, so returns are in units per {response.currency}."
    elif (response.value_per_outcome != 1.0).any():
        yield f"{unit} is worth what it was on average in the last {RECENT_WEEKS} weeks of data."
    if scenarios.margin is not None:
        yield f"Profit is {scenarios.margin:.0%} of the outcome's value, less media spend."
        yield (
            "An outlay has paid back from the week on in which profit over business as usual, summed up since the "
            "horizon's first day, is never below zero again, the carryover after the horizon included."
        )
        if any(
            isinstance(one, ChangePrice) or (isinstance(one, Promotion) and one.discount) for one in scenarios.patches
        ):
            yield (
                "At another selling price the cost of a unit stays as it is, so the margin moves with the price; what "
                "is sold after the horizon is sold at today's price."
            )
    if scenarios.discount_rate is not None:
        yield (
            "Present value discounts the money of each week to the horizon's first day at "
            f"{percent(scenarios.discount_rate)} a year; spend, and what it brings, count in their own weeks."
        )


def _sets(scenarios: ScenarioSet) -> Iterator[str]:
    if scenarios.sweep is not None:
        yield (
            "The sweep draws its inputs evenly over their ranges and independently of one another: "
            f"{scenarios.sweep.points} base points of a scrambled Sobol' sequence. In the tornado each input moves by "
            "itself, with all others as in business as usual."
        )
    if any(isinstance(patch, SupplyCap) for patch in scenarios.patches):
        yield (
            "Where supply is limited, ROAS and mROAS are of what media make people want; the outcome and its "
            "difference are of what can be sold."
        )
