"""The pictures of a plan."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting import charts
from mmm.reporting.numbers import money_short, probability
from mmm.reporting.page import Block, Chart, Gallery
from mmm.reporting.palette import ACCENT, BASELINE, GOOD, INK, MUTED, fade
from mmm.reporting.text import isolate
from optimizer import report_words as words
from optimizer.report_facts import ChannelFacts, PlanFacts

#: Channels that the stacked weeks tell apart; the smallest beyond it stand together.
_MOST_STACKED = 12
_OTHERS = "#c9cfd6"


def spend_bars(facts: PlanFacts) -> Chart:
    """Draw business as usual against the plan, by channel."""
    names = facts.problem.channels
    figure = charts.bar_chart(
        names,
        {
            "planned": charts.Bars([c.plan.spend for c in facts.channels], colour=ACCENT),
            "business as usual": charts.Bars([c.plan.baseline_spend for c in facts.channels], colour=BASELINE),
        },
        unit=f"{facts.currency} over {len(facts.problem.weeks)} weeks",
    )
    said = "; ".join(
        f"{isolate(c.name)} {money_short(c.plan.baseline_spend, '')} to {money_short(c.plan.spend, '')}"
        for c in facts.channels
    )
    return Chart(
        figure,
        "",
        f"Spend by channel in {facts.currency}, business as usual to planned: {said}.",
        charts.bar_height(len(names), 2),
    )


def uplift(facts: PlanFacts) -> list[Block]:
    """Draw the uplift by channel, and its distribution over the held-back draws: side by side where they fit."""
    pair = [_by_channel(facts), _histogram(facts)]
    return [Gallery(pair)] if len(facts.channels) <= _MOST_STACKED else list(pair)


def _by_channel(facts: PlanFacts) -> Chart:
    found = [c.uplift for c in facts.channels]
    figure = charts.bar_chart(
        facts.problem.channels,
        {
            "difference": charts.Bars(
                [one.mean for one in found],
                [one.q05 for one in found],
                [one.q95 for one in found],
                colour=[GOOD if one.mean >= 0 else BASELINE for one in found],
            )
        },
        unit=f"{words.outcome_axis(facts.problem)}, plan less business as usual",
    )
    return Chart(
        figure,
        "Mean and 90% interval of each channel's incremental outcome, plan less business as usual.",
        "Uplift by channel: "
        + "; ".join(f"{isolate(c.name)} {words.spread(c.uplift, facts.problem)}" for c in facts.channels),
        max(240, charts.bar_height(len(found))),
        title="Where the uplift comes from",
    )


def _histogram(facts: PlanFacts) -> Chart:
    draws = facts.uplift_draws
    heights, edges = np.histogram(draws, bins=30)
    axis = f"{words.value_name(facts.problem)} above business as usual, {facts.problem.unit}"
    figure = charts.new_figure("share of draws", axis)
    middles = (edges[:-1] + edges[1:]) / 2.0
    figure.add_bar(
        x=middles.tolist(),
        y=(heights / heights.sum()).tolist(),
        width=(edges[1] - edges[0]) * 0.94,
        marker={"color": [GOOD if x >= 0 else BASELINE for x in middles]},
        hovertemplate="%{x:,.3~s}: %{y:.1%}<extra></extra>",
    )
    if edges[0] <= 0 <= edges[-1]:
        figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.update_yaxes(tickformat=".0%", nticks=4)
    figure.update_xaxes(nticks=6)
    above = probability(facts.allocation.p_beats_baseline)
    text = f"The plan beats business as usual in {above} of the {len(draws):,} held-back draws."
    height = min(max(240, charts.bar_height(len(facts.channels))), charts.bar_height(_MOST_STACKED))
    return Chart(figure, text, text, height, title="How sure the uplift is")


def _band(summary: FloatArray, colour: str) -> charts.Band:
    mean, low, high = summary
    return charts.Band(mean, low, high, colour)


def arrival(facts: PlanFacts) -> Chart:
    """Draw incremental outcome by week, the weeks after the horizon included."""
    weekly, problem = facts.weekly, facts.problem
    figure = charts.band_chart(
        weekly.weeks,
        {
            "business as usual": _band(weekly.baseline, BASELINE),
            "plan": _band(weekly.planned, ACCENT),
        },
        unit=f"{words.outcome_axis(problem)} a week, against no spend",
    )
    end = problem.weeks[-1]
    if weekly.weeks[-1] > end:
        figure.add_vline(x=f"{end + np.timedelta64(4, 'D')}", line={"color": MUTED, "width": 1, "dash": "dot"})
    caption = (
        "When the horizon's spend has its effect, mean with 90% interval; right of the dotted line the horizon is over "
        "and carryover is left."
    )
    return Chart(figure, caption, "Incremental outcome by week under the plan and business as usual.", 320)


def phasing(facts: PlanFacts) -> Chart:
    """Draw the planned weeks, stacked by channel, with business as usual's weekly total."""
    plan = facts.allocation.spend
    order = sorted(range(len(plan)), key=lambda c: -plan[c].sum())
    shown = set(order if len(plan) <= _MOST_STACKED else order[: _MOST_STACKED - 1])
    series = {c.name: plan[i] for i, c in enumerate(facts.channels) if i in shown}
    colours = {c.name: c.colour for c in facts.channels}
    if len(shown) < len(plan):
        rest = f"{len(plan) - len(shown)} smaller channels"
        series[rest] = sum(plan[i] for i in range(len(plan)) if i not in shown)
        colours[rest] = _OTHERS
    figure = charts.stacked_weeks(
        facts.problem.weeks,
        series,
        unit=f"{facts.currency} a week",
        colours=colours,
        line={"business as usual, total": facts.problem.baseline.sum(axis=0)},
    )
    lows, highs = plan.sum(axis=0).min(), plan.sum(axis=0).max()
    low, high = money_short(lows, facts.currency), money_short(highs, facts.currency)
    text = f"Every week spends about {low}." if low == high else f"Weekly totals run from {low} to {high}."
    return Chart(figure, text, f"Planned spend by week and channel. {text}", 380)


def curves(facts: PlanFacts) -> Gallery:
    """Draw each channel's response curve with both points."""
    return Gallery([_curve(facts, channel) for channel in facts.channels])


def _curve_unit(facts: PlanFacts) -> str:
    response = facts.response
    return f"{response.currency} of {response.outcome_name}" if response.outcome_is_money else response.outcome_name


def _curve(facts: PlanFacts, channel: ChannelFacts) -> Chart:
    weeks = len(facts.problem.weeks)
    before, planned = channel.plan.baseline_spend / weeks, channel.plan.spend / weeks
    curve = channel.curve
    figure = charts.response_curve_chart(
        curve.spend,
        charts.Band(curve.mean, curve.low, curve.high, colour=channel.colour),
        unit=f"{_curve_unit(facts)} a week",
        x_title=f"{facts.currency} a week",
        points={
            "business as usual": charts.Mark(before, curve.at(before), hollow=True),
            "plan": charts.Mark(planned, curve.at(planned)),
        },
        observed=(channel.observed_min, channel.plan.observed_max),
    )
    if channel.beyond:
        figure.add_vrect(
            x0=channel.plan.observed_max,
            x1=channel.plan.max_week,
            fillcolor=fade("#8a5a00", 0.10),
            line_width=0,
            layer="below",
        )
    money = facts.currency
    text = f"Mean week {money_short(before, money)} in business as usual, {money_short(planned, money)} planned"
    if channel.beyond:
        text += f"; up to {money_short(channel.plan.max_week, money)}, beyond what was observed"
    return Chart(figure, f"{text}.", f"Response curve of {isolate(channel.name)}: {text}.", 240, title=channel.name)
