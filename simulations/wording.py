"""Figures and sentences that the page, the workbook and the command line share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from mmm.arrays import FloatArray
from mmm.findings import Finding, Severity
from mmm.reporting.numbers import MISSING, count, interval, money_short, probability, ratio
from mmm.reporting.text import isolate, join_names
from mmm.response.probability import p_positive
from simulations.grids import GridResults
from simulations.periods import Period, Periods
from simulations.results import Estimate, ScenarioDraws, ScenarioResults
from simulations.scenario import BAU

USUAL = "business as usual"
#: Notes of a grid's or a sweep's courses that are shown; scenarios.json holds all.
NOTED = 8


def shown(name: str) -> str:
    """Return a scenario's name as people read it."""
    return USUAL if name == BAU else isolate(name)


def change(delta: float, base: float) -> str:
    """Say a relative change of spend: ``−6.5%``."""
    if abs(delta) <= 1e-9 * abs(base):
        return "none"
    return f"{delta / base:+.1%}".replace("-", "\u2212") if base > 0 else "new"


def more(found: Estimate, p: float) -> str:
    """Say the probability ``p`` that a difference is above zero; ``equal`` where there is no difference."""
    return "equal" if found.zero else probability(p)


@dataclass(frozen=True)
class Scale:
    """One scale for a table's figures, so that they compare at a glance and the unit stands in the heading.

    Attributes
    ----------
    size : float
        1, a thousand or a million.
    word : str
        Empty, ``thousand`` or ``million``.
    decimals : int
    """

    size: float
    word: str
    decimals: int

    @staticmethod
    def fitting(figures: FloatArray) -> Scale:
        """Return the scale that shows the largest figure with three to five digits."""
        most = float(np.abs(figures).max(initial=0.0))
        if most >= 1e7:
            return Scale(1e6, "million", 2 if most < 1e9 else 0)
        if most >= 1e4:
            return Scale(1e3, "thousand", 1 if most < 1e6 else 0)
        return Scale(1.0, "", 0 if most >= 100 else 2)

    def unit(self, unit: str) -> str:
        """Return the unit with the scale: ``EUR thousand``."""
        return f"{unit} {self.word}".strip()

    def plain(self, x: float) -> str:
        """Say one figure."""
        return count(x / self.size, self.decimals)

    def signed(self, x: float) -> str:
        """Say one difference, with its sign."""
        text = self.plain(x)
        return f"+{text}" if x > 0 and any(char in "123456789" for char in text) else text

    def level(self, found: Estimate) -> str:
        """Say an outcome with its interval."""
        return interval(found.mean, found.q05, found.q95, self.plain)

    def difference(self, found: Estimate) -> str:
        """Say a difference with its interval."""
        return interval(found.mean, found.q05, found.q95, self.signed)


def returns(found: Estimate | None) -> str:
    """Say a ROAS with its interval; a dash where nothing is spent."""
    return interval(found.mean, found.q05, found.q95, ratio) if found is not None else MISSING


def outcome_heading(results: ScenarioResults, scale: Scale | None = None) -> str:
    """Name the outcome and its unit: ``revenue, EUR thousand``."""
    name = isolate(results.outcome_name)
    unit = (scale or Scale(1.0, "", 0)).unit(results.currency if results.outcome_is_money else "")
    return f"{name}, {unit}" if unit else name


def amount(results: ScenarioResults, x: float, *, signed: bool = False) -> str:
    """Say an outcome in running text: ``EUR 1.77 m`` or ``12.3 k orders``."""
    if results.outcome_is_money:
        return money_short(x, results.currency, signed=signed)
    return f"{money_short(x, '', signed=signed)} {isolate(results.outcome_name)}"


def told(results: ScenarioResults, found: Estimate, *, signed: bool = True) -> str:
    """Say an outcome or a difference in running text, with its interval."""
    low, high = (amount(results, x, signed=signed) for x in (found.q05, found.q95))
    return f"{amount(results, found.mean, signed=signed)} (90% interval {low} to {high})"


def _day(day: date, *, year: bool) -> str:
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def span(results: ScenarioResults) -> str:
    """Say the horizon: ``4 January to 4 April 2027``."""
    first: date = results.weeks[0].astype("datetime64[D]").astype(object)
    last: date = results.weeks[-1].astype("datetime64[D]").astype(object) + timedelta(days=6)
    return f"{_day(first, year=first.year != last.year)} to {_day(last, year=True)}"


def weeks(number: int) -> str:
    """Say a number of weeks."""
    return "1 week" if number == 1 else f"{number} weeks"


def period_headings(periods: Periods) -> list[str]:
    """Name each period, and say which ones the horizon covers only in part."""
    names = [
        f"{date.fromisoformat(f'{label}-01'):%b %Y}" if periods.kind is Period.MONTH else label
        for label in periods.labels
    ]
    covered = periods.days.sum(axis=1)
    return [
        f"{name}, {int(days)} of {int(full)} days" if partial else name
        for name, days, full, partial in zip(names, covered, periods.full_days, periods.partial, strict=True)
    ]


def lead(results: ScenarioResults) -> str:
    """Say the answer: what business as usual brings, which scenario adds most and which takes most."""
    spend = money_short(float(results.bau.spend.sum()), results.currency)
    what = f" of {isolate(results.outcome_name)}" if results.outcome_is_money else ""
    said = (
        f"In the {weeks(len(results.weeks))} from {span(results)}, business as usual spends {spend} and is expected to "
        f"bring {amount(results, results.outcome(results.bau).mean)}{what}."
    )
    if not results.scenarios:
        return " ".join(part for part in (said, grid_words(results), sweep_words(results)) if part)
    ranked = sorted(results.scenarios, key=lambda one: float(results.delta(one).mean()))
    rest = (_worst(results, ranked[0]),) if len(ranked) > 1 else ()
    return " ".join((said, _best(results, ranked[-1]), *rest, *_profit(results)))


def _best(results: ScenarioResults, one: ScenarioDraws) -> str:
    draws, total = results.delta(one), len(results.scenarios)
    odds = f"with a probability of {probability(p_positive(draws))} of beating business as usual"
    said = f"{told(results, Estimate.of(draws))}, {odds}"
    if total == 1:
        return f"The scenario '{shown(one.name)}' changes that by {said}."
    if draws.mean() > 0:
        return f"Of {total} scenarios, '{shown(one.name)}' adds the most: {said}.{_unseen(results, one)}"
    return f"None of {total} scenarios is expected to add to that; '{shown(one.name)}' comes closest: {said}."


def _unseen(results: ScenarioResults, one: ScenarioDraws) -> str:
    """Warn, beside the best scenario, where it rests on spend that was never seen."""
    new = [launch.name for launch in one.future.launched if launch.name in _above(results, one)]
    seen = [name for name in _above(results, one) if name not in new]
    said = f" Nobody has seen what {join_names(new)} does: that part of the figure is borrowed." if new else ""
    if seen:
        said += (
            f" It has weeks with more spend on {join_names(seen)} than the data have seen, where the figure rests on "
            "the model's form."
        )
    return said


def _above(results: ScenarioResults, one: ScenarioDraws) -> list[str]:
    """Return the channels with weeks of more spend than the data have seen."""
    return [flag.channel for flag in results.beyond if flag.scenario == one.name and flag.above]


def _worst(results: ScenarioResults, one: ScenarioDraws) -> str:
    draws = results.delta(one)
    verb = "adds the least" if draws.mean() >= 0 else "takes the most away"
    return f"'{shown(one.name)}' {verb}: {told(results, Estimate.of(draws))}."


def _profit(results: ScenarioResults) -> tuple[str, ...]:
    """Say which scenario leaves the most profit, where profit is known and there is a choice."""
    gains = {one.name: gain for one in results.scenarios if (gain := results.profit_delta(one)) is not None}
    if len(gains) < 2:
        return ()
    name, gain = max(gains.items(), key=lambda pair: float(pair[1].mean()))
    found = Estimate.of(gain)
    mean, low, high = (money_short(x, results.currency, signed=True) for x in (found.mean, found.q05, found.q95))
    if found.mean <= 0:
        return ("After media spend, none is expected to leave more profit than business as usual.",)
    return (f"After media spend, '{shown(name)}' leaves the most profit: {mean} (90% interval {low} to {high}).",)


def notes(results: ScenarioResults) -> tuple[Finding, ...]:
    """Return what patches had to say about how they were applied; what several scenarios share is said once."""
    of: dict[str, list[str]] = {}
    for one in results.all:
        for note in one.future.notes:
            of.setdefault(note, []).append(USUAL if one.name == BAU else one.name)
    for name, many in (("combinations", results.grid), ("sweep", results.sweep)):
        for note in many.notes[:NOTED] if many is not None else ():
            of.setdefault(note, []).append(name)
    return tuple(Finding("note", Severity.NOTE, note, "", where=join_names(names)) for note, names in of.items())


def supply_words(results: ScenarioResults) -> str:
    """Say, where returns are read, what they are of under a limit of supply; nothing without one."""
    capped = [one.name for one in results.scenarios if one.capped is not None]
    if not capped:
        return ""
    return (
        f" With limited supply ({join_names(capped)}), ROAS and mROAS are of what media make people want, not of what "
        "is sold: they do not say what media earn there."
    )


def told_result(results: ScenarioResults, found: Estimate, *, is_profit: bool) -> str:
    """Say a result in running text, with its interval: ``+EUR 588 k of profit (90% interval …)``."""
    if not is_profit and not results.outcome_is_money:
        return told(results, found)
    what = "profit" if is_profit else isolate(results.outcome_name)
    mean, low, high = (money_short(x, results.currency, signed=True) for x in (found.mean, found.q05, found.q95))
    return f"{mean} of {what} (90% interval {low} to {high})"


def combination(grid: GridResults, n: int) -> str:
    """Name a combination by the option of each axis."""
    return ", ".join(f"{axis.name} {axis.options[o]}" for axis, o in zip(grid.axes, grid.at[n], strict=True))


def grid_words(results: ScenarioResults) -> str:
    """Say which combination of a grid comes first; nothing without a grid."""
    grid = results.grid
    if grid is None:
        return ""
    best = grid.ranked[0]
    found = grid.points[best]
    what = told_result(results, found.profit_delta or found.delta, is_profit=found.profit_delta is not None)
    said = (
        f"Of {len(grid.points):,} combinations '{combination(grid, best)}' comes first on average over the draws: "
        f"{what} over business as usual, with a probability of {probability(float(grid.p_best[best]))} of being the "
        "best of all."
    )
    if found.unseen:
        said += f" It has weeks with more spend on {join_names(found.unseen)} than the data have seen."
    return said


def sweep_words(results: ScenarioResults) -> str:
    """Say which input of a sweep moves the result most; nothing without a sweep."""
    sweep = results.sweep
    if sweep is None:
        return ""
    widest = sweep.swings[0]
    most = "moves the result most" if len(sweep.swings) > 1 else "moves the result"
    low, high = (told_result(results, found, is_profit=sweep.is_profit) for found in (widest.low, widest.high))
    return f"'{isolate(widest.name)}' {most}: it is {low} at {widest.at_low}, and {high} at {widest.at_high}."
