"""The page's tables: by month and fiscal quarter, by channel, scenario against scenario, fit beside fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mmm.arrays import FloatArray
from mmm.reporting.numbers import MISSING, percent, probability
from mmm.reporting.page import Align, Column, Section, Table
from mmm.reporting.text import isolate
from simulations.compare import beats, side_by_side
from simulations.periods import RULE, Period
from simulations.results import BeyondObserved, Estimate, ScenarioDraws, ScenarioResults
from simulations.stacking import Stack
from simulations.wording import Scale, change, more, outcome_heading, period_headings, returns, shown

RIGHT = Align.RIGHT


def scale_of(figures: Iterable[FloatArray | float]) -> Scale:
    """Return one scale for figures, each a number or draws whose mean counts."""
    return Scale.fitting(np.array([float(np.mean(figure)) for figure in figures]))


def period_section(results: ScenarioResults, kind: Period, title: str) -> Section:
    """Return differences, outcomes and spend by month or fiscal quarter."""
    periods = results.divided(kind)
    columns = [
        Column("Scenario"),
        *(Column(label, RIGHT) for label in period_headings(periods)),
        Column("In the horizon", RIGHT),
    ]
    usual = periods.sums(results.bau.expected)
    expected = {one.name: periods.sums(one.expected) for one in results.all}
    spends = {one.name: periods.sums(one.future.spend.sum(axis=0)) for one in results.all}
    small = scale_of(results.in_horizon(one) for one in results.scenarios)
    large = scale_of(results.bau.expected.sum(axis=0)[None])
    money = scale_of(spend.sum() for spend in spends.values())
    differences = [
        [
            shown(one.name),
            *(small.difference(Estimate.of(draws)) for draws in expected[one.name] - usual),
            small.difference(Estimate.of(results.in_horizon(one))),
        ]
        for one in results.scenarios
    ]
    levels = [
        [
            shown(one.name),
            *(large.level(Estimate.of(draws)) for draws in periods.sums(results.level(one))),
            large.level(results.outcome(one)),
        ]
        for one in results.all
    ]
    spent = [[shown(name), *map(money.plain, spend), money.plain(spend.sum())] for name, spend in spends.items()]
    return Section(
        title,
        [
            Table(
                columns,
                differences,
                caption=f"Difference from business as usual, {outcome_heading(results, small)}, with 90% intervals.",
            ),
            Table(
                columns,
                levels,
                caption=f"Outcome, {outcome_heading(results, large)}, with 90% intervals that hold residual noise.",
            ),
            Table(columns, spent, caption=f"Spend, {money.unit(results.currency)}."),
        ],
        lead=RULE if kind is Period.MONTH else "",
    )


def channel_section(results: ScenarioResults) -> Section:
    """Return spend by channel and scenario, and what the channels return under business as usual."""
    return Section("By channel", [_spend_table(results), _return_table(results)])


def _spend_table(results: ScenarioResults) -> Table:
    """Return spend by channel and scenario; the longer of the two goes down, so that the table fits a page."""
    usual = results.bau.spend
    money = scale_of(one.spend.max() for one in results.all)

    def said(one: ScenarioDraws, pick: slice) -> str:
        spend, base = float(one.spend[pick].sum()), float(usual[pick].sum())
        if one is results.bau or abs(spend - base) <= 1e-9 * base:
            return money.plain(spend)
        return f"{money.plain(spend)} ({change(spend - base, base)})"

    channels = [(channel, slice(c, c + 1)) for c, channel in enumerate(results.channels)]
    whole = ("All channels", slice(None))
    caption = f"Spend in the horizon, {money.unit(results.currency)}, and its change against business as usual."
    if len(results.all) > len(channels) + 1:
        return Table(
            [Column("Scenario"), *(Column(name, RIGHT) for name, _ in (*channels, whole))],
            [[shown(one.name), *(said(one, pick) for _, pick in (*channels, whole))] for one in results.all],
            caption=caption,
        )
    return Table(
        [Column("Channel"), *(Column(shown(one.name), RIGHT) for one in results.all)],
        [[name, *(said(one, pick) for one in results.all)] for name, pick in channels],
        caption=caption,
        total=[whole[0], *(said(one, whole[1]) for one in results.all)],
    )


def _return_table(results: ScenarioResults) -> Table:
    spend, low, high = results.bau.future.spend, results.observed_min, results.observed_max
    money = scale_of(high)
    rows = [
        [
            channel,
            returns(results.roas(results.bau, c)),
            returns(results.mroas(results.bau, c)),
            f"{money.plain(spend[c].min())} to {money.plain(spend[c].max())}",
            f"{money.plain(low[c])} to {money.plain(high[c])}",
        ]
        for c, channel in enumerate(results.channels)
    ]
    columns = [
        Column("Channel"),
        Column(f"ROAS, {results.return_unit}", RIGHT),
        Column("mROAS", RIGHT),
        Column(f"Spend a week, {money.unit(results.currency)}", RIGHT),
        Column("Seen in the data", RIGHT),
    ]
    caption = "What channels return under business as usual, with 90% intervals."
    if results.scenarios:
        caption = f"{caption[:-1]}; every scenario's are in the workbook."
    return Table(columns, rows, caption=caption)


def against_section(results: ScenarioResults, drawn: Sequence[ScenarioDraws], few: str) -> Section:
    """Return the matrix of who beats whom, of some scenarios and business as usual; ``few`` says which."""
    table = beats(results, (results.bau, *drawn))
    names = [shown(str(name)) for name in table.columns]
    rows = [
        [name, *(probability(float(p)) if np.isfinite(p) else MISSING for p in row)]
        for name, row in zip(names, table.to_numpy(dtype=np.float64), strict=True)
    ]
    columns = [Column("Scenario"), *(Column(f"beats {name}", RIGHT) for name in names)]
    caption = (
        f"Probability that the row's scenario has a higher outcome than the column's, after the horizon included.{few}"
    )
    return Section("Which beats which", [Table(columns, rows, caption=caption)])


def fits_section(fits: Mapping[str, ScenarioResults], stack: Stack | None = None) -> Section:
    """Return the scenarios' differences under each fit, and under all of them together."""
    table = side_by_side(fits)
    scale = Scale.fitting(table["mean"].to_numpy(dtype=np.float64))
    first = next(iter(fits.values()))
    mixed = {} if stack is None else {one.scenario: one for one in stack.scenarios}
    columns = [Column("Scenario"), *(Column(name, RIGHT) for name in fits)]
    columns += [Column("All together", RIGHT), Column("Between fits", RIGHT)] if mixed else []
    rows = []
    for scenario, found in table.groupby("scenario", sort=False):
        cells = [
            _odds(scale, Estimate(row["mean"], row["q05"], row["q95"]), row["p_beats_bau"])
            for _, row in found.iterrows()
        ]
        if (one := mixed.get(str(scenario))) is not None:
            cells += [_odds(scale, one.delta, one.p_beats_bau), percent(one.from_form, 0)]
        rows.append([shown(str(scenario)), *cells, "yes" if found["agrees"].all() else "no"])
    agree = table.groupby("scenario")["agrees"].all()
    caption = (
        f"Difference from business as usual, {outcome_heading(first, scale)}, with its 90% interval; then the "
        f"probability that it is above zero.{_weights(stack)}"
    )
    return Section(
        "Under each fit",
        [Table([*columns, Column("Same direction")], rows, caption=caption)],
        lead=(
            f"The {len(fits)} fits agree on the direction of {int(agree.sum())} of {len(agree)} scenarios. Where they "
            "do not, the data do not settle the question. All other figures on this page are those of the first fit."
        ),
    )


def _odds(scale: Scale, found: Estimate, p: float) -> str:
    return f"{scale.difference(found)}; {more(found, p)}"


def _weights(stack: Stack | None) -> str:
    """Say how the fits are weighted where they are mixed."""
    if stack is None:
        return ""
    said = ", ".join(f"{isolate(name)} {percent(weight, 0)}" for name, weight in stack.weights.items())
    return (
        f" All together: each fit's draws count with its weight ({said}). Between fits: the part of the variance that "
        "lies between them, which is what the choice of a model leaves open."
    )


def _seen(flag: BeyondObserved, money: Scale) -> str:
    if not flag.observed:
        return "never bought"
    return f"{'at most' if flag.above else 'at least'} {money.plain(flag.observed)}"


def beyond_table(results: ScenarioResults) -> Table:
    """Return where weekly spend leaves the range that the data have seen."""
    money = scale_of(max(flag.planned, flag.observed) for flag in results.beyond)
    columns = [
        Column("Scenario"),
        Column("Channel"),
        Column("Weeks", RIGHT),
        Column(f"Planned a week, {money.unit(results.currency)}", RIGHT),
        Column("Seen in the data", RIGHT),
    ]
    rows = [
        [
            shown(flag.scenario),
            flag.channel,
            f"{flag.weeks} of {len(results.weeks)}",
            f"{'up to' if flag.above else 'down to'} {money.plain(flag.planned)}",
            _seen(flag, money),
        ]
        for flag in sorted(results.beyond, key=lambda flag: not flag.above)
    ]
    caption = (
        "Weekly spend, at today's cost of an exposure, outside what the data have seen. There the response rests on "
        "the model's curve and not on anything observed: read these scenarios with care, or test the level first."
    )
    return Table(columns, rows, caption=caption)
