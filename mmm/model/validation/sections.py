"""Each check as a section of the page."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.validation import charts
from mmm.model.validation.backtest import Backtest
from mmm.model.validation.base import MOVE
from mmm.model.validation.confounder import Sensitivities
from mmm.model.validation.demand import SURE, Following, limit
from mmm.model.validation.placebo import GOAL, Placebos
from mmm.model.validation.prior import WiderPriors
from mmm.model.validation.refresh import Refresh
from mmm.reporting import Align, Chart, Column, Prose, Section, Table
from mmm.reporting.charts import bar_height
from mmm.reporting.numbers import MISSING, count, interval, money_short, percent, ratio, significant

_RIGHT = Align.RIGHT


def _columns(first: str, *others: str) -> list[Column]:
    return [Column(first), *(Column(label, _RIGHT) for label in others)]


def _ratio(draws: FloatArray) -> str:
    low, high = np.quantile(draws, [0.05, 0.95])
    mean = float(draws.mean())
    return interval(mean, float(low), float(high), ratio if abs(mean) < 100 else significant)


def backtest(found: Backtest) -> Section:
    """Forecasts of weeks that the refits had not seen."""
    lead = (
        "The model was refitted to the first part of the history, forecast the weeks after it, with the spend and "
        "controls that really came, and was scored against the rule 'as in the same week last year, with the errors "
        "that this rule has made'. CRPS is the error of a whole forecast, interval and all; less is better."
    )
    if not found.folds:
        return Section("Does it foresee?", [Prose(["No fold could be made."])], lead=lead)
    rows = [
        (
            f"{fold.weeks[0]} to {fold.weeks[-1]}",
            count(fold.history),
            significant(float(fold.crps.mean())),
            significant(float(fold.naive_crps.mean())),
            percent(1.0 - float(fold.crps.mean()) / float(fold.naive_crps.mean()), 0, signed=True),
            percent(float(fold.inside.mean()), 0),
            percent(float(fold.naive_inside.mean()), 0),
        )
        for fold in found.folds
    ]
    pooled = ("All", "", significant(found.pooled("crps")), significant(found.pooled("naive_crps")),
              percent(found.skill, 0, signed=True), percent(found.pooled("inside"), 0),
              percent(found.pooled("naive_inside"), 0))  # fmt: skip
    labels = ("Weeks seen", "CRPS", "CRPS of last year", "Better by", "Inside 90%", "Last year's inside")
    table = Table(_columns("Forecast weeks", *labels), rows, caption=f"CRPS in {found.unit} per week.", total=pooled)
    chart = Chart(
        charts.forecasts(found),
        f"Forecasts with their 90% interval, what came (dots) and last year's weeks (dashed), {found.unit} per week.",
        "Weekly forecasts with intervals beside the observed outcome and the seasonal-naive forecast.",
    )
    return Section("Does it foresee?", [chart, table], lead=lead)


def placebo(found: Placebos) -> Section:
    """Made-up channels beside the real ones."""
    lead = (
        "Each placebo is a channel's spend with its weeks in another order: the same size and the same flights, but it "
        "sold nothing. What the model credits it with is what it can invent."
    )
    if not found.placebos:
        return Section("Does it credit spend that sold nothing?", [Prose(["No placebo could be fitted."])], lead=lead)
    rows = [
        (f"made up, like {one.like}", percent(one.spend_share), interval(*one.interval, percent))
        for one in found.placebos
    ]
    table = Table(
        _columns("Placebo", "Spend, share of the outcome's value", "Credited share of the outcome"),
        rows,
        caption=f"Means with 90% intervals; the goal is an interval that ends below {percent(GOAL, 0)}.",
    )
    names = len(found.placebos) + len(found.real)
    chart = Chart(
        charts.placebos(found),
        "Share of the outcome that each real channel (in the fit) and each placebo is credited with, in %. Dashed: "
        f"what a real channel's interval must pass to stand out, {percent(found.bar)}.",
        "Bars with intervals: real channels, then placebos.",
        height=bar_height(names),
    )
    return Section("Does it credit spend that sold nothing?", [chart, table], lead=lead)


def refresh(found: Refresh, currency: str) -> Section:
    """The fit beside the one made some weeks earlier."""
    lead = (
        f"The same fit without its last {found.dropped} weeks. The plan is a plain one, made for this comparison: "
        f"last year's weekly spend, each channel within ±{percent(MOVE, 0)} of its own, put where the mean response "
        "rises most."
    )
    if not found.channels:
        return Section("Is it stable?", [Prose(["The refit could not be used."])], lead=lead)
    rows = [
        (
            name,
            _ratio(found.before[c]),
            _ratio(found.after[c]),
            percent(float(found.change[c]), signed=True),
            money_short(float(found.plan_before[c]), currency),
            money_short(float(found.plan_after[c]), currency),
        )
        for c, name in enumerate(found.channels)
    ]
    labels = ("ROAS without them", "ROAS with them", "Change", "Plan without, a week", "Plan with, a week")
    return Section("Is it stable?", [Table(_columns("Channel", *labels), rows, caption=_MEANS)], lead=lead)


_MEANS = "ROAS: means with 90% intervals."


def confounder(found: Sensitivities) -> Section:
    """ROAS under hidden causes of growing strength."""
    lead = (
        "A cause that nobody measured can drive spend and sales alike, and the channel is credited with its work. Here "
        "such causes were made up, ever stronger, and given to the model. Strength: the share that the cause explains "
        "of what is otherwise unexplained in the channel's effect, and in the outcome."
    )
    title = "How strong would a hidden cause have to be?"
    if not found.channels:
        return Section(title, [Prose(["No refit could be used."])], lead=lead)
    rows = []
    for one in found.channels:
        known = sorted(found.known[one.channel].items(), key=lambda item: -item[1])
        said = ", ".join(f"{name} {percent(value)}" for name, value in known[:3]) or MISSING
        at = percent(one.halves_at) if np.isfinite(one.halves_at) else f"over {percent(found.strongest, 0)}"
        rows.append((one.channel, ratio(float(one.roas[0])), at, said))
    table = Table(
        [*_columns("Channel", "ROAS", "Halved by a strength of"), Column("For comparison, as strong as")],
        rows,
        caption="For comparison: the strength of a cause that would bias as much as leaving out what is measured.",
    )
    chart = Chart(
        charts.hidden_causes(found),
        "Mean ROAS in % of the fit's, against the strength of the hidden cause in %. Dashed: half.",
        "Lines of ROAS falling with the strength of a hidden cause, one a channel.",
    )
    return Section(title, [chart, table], lead=lead)


def demand(found: Following) -> Section:
    """Whether last week's sales explain this week's spend."""
    lead = (
        "People search because they want to buy, and budgets follow orders: then spend and sales have a cause in "
        "common, and the channel is credited with it. It shows where more is spent after weeks that sold more than "
        "calendar, controls and media explain."
    )
    rows = [
        (one.channel, count(one.t, 1, signed=True), ratio(one.roas), ratio(one.roas_with)) for one in found.channels
    ]
    certain = count(limit(SURE, len(found.channels)), 1)
    caption = (
        f"t: of last week's sales in this week's spend; above {certain} is hardly chance, over all channels. Where it "
        "may be so, the last column is from a refit that holds last week's sales beyond calendar, controls and other "
        "media: what the ROAS loses there was demand. It is no corrected figure: sales are a poor measure of demand."
    )
    labels = ("t", "ROAS", "ROAS with last week's sales held")
    return Section("Does spend follow demand?", [Table(_columns("Channel", *labels), rows, caption=caption)], lead=lead)


def prior(found: WiderPriors) -> Section:
    """ROAS with priors twice as wide."""
    lead = "The same fit with every ROAS prior twice as wide on its log scale, about the same median."
    title = "How much rests on the priors?"
    if not found.channels:
        return Section(title, [Prose(["The refit could not be used."])], lead=lead)
    rows = [
        (name, _ratio(found.roas[c]), _ratio(found.wider[c]), percent(float(found.change[c]), signed=True))
        for c, name in enumerate(found.channels)
    ]
    table = Table(_columns("Channel", "ROAS", "ROAS, wider priors", "Change"), rows, caption=_MEANS)
    return Section(title, [table], lead=lead)
