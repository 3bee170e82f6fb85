"""The plan in sentences: what it says, how sure that is, and what to keep in mind."""

from __future__ import annotations

from datetime import date

import numpy as np

from mmm.findings import Finding, Severity
from mmm.reporting.numbers import MISSING, interval, money_short, percent, probability, ratio, short, significant
from mmm.reporting.text import isolate, join_parts, shorten
from mmm.response.split import split_sentences
from optimizer.allocation import Allocation, Interval
from optimizer.constraints import Budget
from optimizer.problem import AllocationProblem
from optimizer.ranges import spoken
from optimizer.report_facts import ChannelFacts, PlanFacts
from optimizer.risk import Mean

#: How the Monte Carlo error is reckoned.
ERROR_OF = "from the number of draws, by batch means within chains"
#: A channel's spend is said to change from this share of the budget on.
_NOTABLE = 0.005


def value_name(problem: AllocationProblem) -> str:
    """Name what is maximised: ``profit``, ``net present value``, or the outcome."""
    return problem.objective.called if problem.objective.is_profit else isolate(problem.outcome_name)


def value_meaning(problem: AllocationProblem) -> str:
    """Say what the plan's value is."""
    if isinstance(problem.risk, Mean):
        return "mean over the planning draws"
    if not problem.risk.of_uplift:
        return "of the planning draws"
    return "the mean of business as usual, plus what the measure of risk makes of the uplift; planning draws"


def amount(problem: AllocationProblem, x: float, *, signed: bool = False) -> str:
    """Say a value of the objective with its unit."""
    return _in_unit(x, problem.currency if problem.unit == problem.currency else "", problem.unit, signed=signed)


def value_amount(problem: AllocationProblem, x: float) -> str:
    """Say a figure of what is maximised: the objective's amount, or a share of draws."""
    return amount(problem, x) if problem.risk.of_uplift else f"{percent(x, 1)} of draws"


def figure(problem: AllocationProblem, x: float, *, signed: bool = False) -> str:
    """Say a value of the objective where its name stands beside it: money with its currency, else the number alone."""
    if problem.unit == problem.currency:
        return money_short(x, problem.currency, signed=signed)
    return f"+{short(x)}" if signed and x > 0 else short(x)


def outcome_amount(problem: AllocationProblem, x: float, *, signed: bool = False) -> str:
    """Say an incremental outcome: money where the outcome has a value, else outcome units."""
    currency = problem.currency if problem.outcome_is_money else ""
    return _in_unit(x, currency, problem.outcome_name, signed=signed)


def _in_unit(x: float, currency: str, unit: str, *, signed: bool) -> str:
    if currency:
        return money_short(x, currency, signed=signed)
    sign = "+" if signed and x > 0 else ""
    return f"{sign}{short(x)} {isolate(unit)}"


def outcome_unit(problem: AllocationProblem) -> str:
    """Name the unit of incremental outcomes."""
    return problem.currency if problem.outcome_is_money else problem.outcome_name


def outcome_axis(problem: AllocationProblem) -> str:
    """Name what an axis of incremental outcomes shows: ``EUR of revenue``, or the outcome itself."""
    return f"{problem.currency} of {problem.outcome_name}" if problem.outcome_is_money else problem.outcome_name


def return_unit(problem: AllocationProblem) -> str:
    """Name the unit of ROAS."""
    return f"{problem.currency if problem.valued else problem.outcome_name} per {problem.currency}"


def observed_unit(problem: AllocationProblem) -> str:
    """Name the unit of observed weeks, at the planned prices where those differ from today's."""
    return f"{problem.currency} at the planned prices" if problem.frame.repriced else problem.currency


def department_heads(money: str, unit: str) -> tuple[str, ...]:
    """Return the headings of what departments spend and bring: alone, in this plan, and planned together."""
    ways = ("separate", "planned", "joint")
    return (*(f"Spend, {way}, {money}" for way in ways), *(f"Value, {way}, {unit}" for way in ways))


def day(week: np.datetime64) -> str:
    """Say a day: ``4 January 2027``."""
    return spoken(week)


def short_day(week: np.datetime64) -> str:
    """Say a day in a table: ``4 Jan 2027``."""
    found = date.fromisoformat(str(week.astype("datetime64[D]")))
    return f"{found.day} {found:%b %Y}"


def spread(one: Interval, problem: AllocationProblem) -> str:
    """Say an incremental outcome with its interval and unit."""
    return interval(one.mean, one.q05, one.q95, lambda x: outcome_amount(problem, x))


def plain_spread(one: Interval) -> str:
    """Say figures of a table whose heading has the unit."""
    return interval(one.mean, one.q05, one.q95, short)


def ratio_spread(one: Interval | None) -> str:
    """Say a ROAS with its interval."""
    return MISSING if one is None else interval(one.mean, one.q05, one.q95, ratio)


def title(facts: PlanFacts) -> str:
    """Return the page's heading."""
    weeks = facts.problem.weeks
    return f"Spending plan for {len(weeks)} week{'s' if len(weeks) != 1 else ''} from {day(weeks[0])}"


def _changed(channels: list[ChannelFacts]) -> str:
    shown = [
        f"{isolate(shorten(c.name))} ({percent(c.change, 0, signed=True) if c.plan.baseline_spend > 0 else 'new'})"
        for c in channels
    ]
    return join_parts(shown, limit=4)


def moves(facts: PlanFacts) -> str:
    """Say which channels get more and which less."""
    by_money = sorted(facts.channels, key=lambda c: -abs(c.plan.spend - c.plan.baseline_spend))
    least = _NOTABLE * facts.budget
    more = [c for c in by_money if c.plan.spend - c.plan.baseline_spend > least]
    less = [c for c in by_money if c.plan.baseline_spend - c.plan.spend > least]
    parts = [f"more on {_changed(more)}"] if more else []
    parts += [f"less on {_changed(less)}"] if less else []
    return ", ".join(parts) if parts else "every channel stays at about business as usual"


def uplift_sentence(facts: PlanFacts) -> str:
    """Say the expected uplift with its interval and the probability behind it."""
    problem, found = facts.problem, facts.allocation
    low, high = (figure(problem, x) for x in (found.uplift.q05, found.uplift.q95))
    more = found.uplift.mean >= 0
    direction, of = ("more", "") if more else ("less", " of the difference")
    return (
        f"It is expected to bring {figure(problem, abs(found.uplift.mean))} {direction} {value_name(problem)} than "
        f"business as usual (90% interval{of} {low} to {high}); the chance that it brings more is "
        f"{probability(found.p_beats_baseline)}."
    )


def lead(facts: PlanFacts) -> str:
    """Return the plan in two sentences."""
    return f"Spend {money_short(facts.budget, facts.currency)}: {moves(facts)}. {uplift_sentence(facts)}"


def bounded(facts: PlanFacts) -> bool:
    """Whether the plan has an upper bound."""
    return bool(np.isfinite(facts.allocation.upper_bound))


def gap_text(gap: float | None) -> str:
    """Say a gap in percent to two figures, a vanishing one as such."""
    if gap is None or not np.isfinite(gap):
        return "not known"
    return "under 0.0001%" if gap < 1e-6 else f"{significant(100.0 * gap, 2)}%"


def _room(facts: PlanFacts) -> str:
    """Say the most that another plan could add; no false cents beside thousands."""
    found, problem = facts.allocation, facts.problem
    least = 1.0 if problem.unit == problem.currency and abs(found.value) > 1_000 else 0.0
    return value_amount(problem, max(found.upper_bound - found.value, least if problem.risk.of_uplift else 0.0))


def gap_note(facts: PlanFacts) -> str:
    """Say in a card what the gap means."""
    found = facts.allocation
    if not bounded(facts):
        return "no upper bound is known for this problem"
    room = _room(facts)
    text = f"no plan within the constraints is more than {room} better"
    if not found.certified:
        return f"{text}; {gap_text(found.gap_asked)} was asked for"
    if found.gap > found.gap_asked:
        text += f"; {gap_text(found.gap_before_rounding)} before smoothing and rounding"
    return text if found.gap_base == "its value" else f"{text}; the gap is a share of {found.gap_base}"


def gap_sentence(facts: PlanFacts) -> str:
    """Say what the gap means."""
    found, problem = facts.allocation, facts.problem
    if not bounded(facts):
        return "There is no upper bound for this problem: a better plan may exist, and this one is not called optimal."
    if problem.risk.of_uplift:
        text = (
            f"On the draws it was chosen on, no plan that keeps every constraint can bring more than "
            f"{_room(facts)} above this one ({gap_text(found.gap)} of {found.gap_base})."
        )
    else:
        text = (
            f"On the draws it was chosen on, this plan reaches the target in {value_amount(problem, found.value)}, and "
            f"no plan that keeps every constraint reaches it in more than {value_amount(problem, found.upper_bound)}."
        )
    noise = found.monte_carlo_error
    share = f" ({percent(noise / abs(found.value), 1)})" if found.gap_base == "its value" and found.value else ""
    return (
        f"{text} The number of draws alone leaves a standard error of {value_amount(problem, noise)}{share} in the "
        "plan's value."
    )


def gap_meaning(found: Allocation) -> str:
    """Say in a table what the gap is."""
    return f"bound less value, over {found.gap_base}"


def price(found: Allocation, name: str) -> tuple[str, str]:
    """Say whether a constraint binds and what it costs."""
    if name not in found.binding:
        return "no", "Nothing: there is room."
    if not found.problem.named[name].priced:
        return "yes", "It cannot be changed any more."
    known = found.shadow_prices.get(name)
    if known is None:
        return "yes", "Not known."
    says = known.says if known.kind == "dual" else f"{known.says.removesuffix('.')} ({known.kind})."
    parts = sorted(known.by_channel.items(), key=lambda item: -abs(item[1]))
    parts = [item for item in parts if abs(item[1]) > 0.01 * abs(known.value)]
    if len(known.by_channel) > 1 and parts:
        shown = join_parts([f"{isolate(channel)} {significant(value)}" for channel, value in parts], limit=4)
        says += f" By channel: {shown}."
    return "yes", says


def _budget(facts: PlanFacts) -> list[Finding]:
    """Say so where the end of the budget loses what is maximised."""
    found, problem = facts.allocation, facts.problem
    findings = []
    for name, constraint in problem.named.items():
        known = found.shadow_prices.get(name)
        if isinstance(constraint, Budget) and name in found.binding and known is not None and known.value < 0:
            findings.append(
                Finding(
                    "budget_too_large",
                    Severity.WARNING,
                    f"The end of the budget does not pay: {known.says[:1].lower()}{known.says[1:]}",
                    "Write up_to: true under budget, and the plan will spend less where that is better.",
                )
            )
    return findings


def caveats(facts: PlanFacts) -> tuple[Finding, ...]:
    """Return what a reader must know before acting on the plan."""
    problem = facts.problem
    findings = [*facts.allocation.findings, *_budget(facts)]
    if not bounded(facts):
        findings.append(
            Finding("no_bound", Severity.WARNING, gap_sentence(facts), "Ask for a longer search, or a coarser problem.")
        )
    findings.append(
        Finding(
            "halves",
            Severity.NOTE,
            f"The plan was chosen on {problem.horizon.n_draws:,} draws of one half of the chains; uplift, intervals "
            f"and probabilities come from the {problem.held_back.n_draws:,} draws of the other half.",
            "Test large moves with an experiment before they are made everywhere.",
            "That removes the optimism of choosing and judging on the same draws. It does not remove the error of a "
            "wrong model or of wrong priors, which can be larger than any interval here.",
        )
    )
    if facts.response.demand is None:
        means = "In this model a channel's effect does not change with the season, so timing moves carryover only."
    else:
        means = "This model has learned a yearly demand index that scales media effects, so timing matters."
    what = "channel in each geo" if problem.granularity.by_geo else "channel"
    if problem.granularity.by_week:
        says = f"Every week of every {what} was decided."
    else:
        says = f"The total of every {what} was decided; the weeks follow {problem.weeks_follow}."
    findings.append(Finding("timing", Severity.NOTE, says, "Move weeks within a channel where buying needs it.", means))
    rule, *others = split_sentences(problem.horizon.response) or ("",)
    if rule and not problem.granularity.by_geo:
        means = "The response keeps every geo's own curve; granularity: geo_total decides each geo."
        do = "Move money between geos by their own returns only with a test: those rest on fewer data."
        findings.append(Finding("geo_split", Severity.NOTE, rule, do, means))
    findings += [
        Finding("geo_rows", Severity.WARNING, text, "Fit again with complete weeks, or book those geos by hand.")
        for text in others
    ]
    findings.append(
        Finding(
            "after_horizon",
            Severity.NOTE,
            f"After {day(problem.weeks[-1] + np.timedelta64(6, 'D'))} business as usual continues, the same under the "
            "plan and without it. What the plan's spend brings after that day is counted, and shown by itself.",
            "Leave that part out where a result must fall in the period.",
            "Base sales and the carryover of earlier spend are credited to no plan.",
        )
    )
    findings += [Finding("note", Severity.NOTE, text, "") for text in (*problem.notes, *facts.allocation.notes)]
    return tuple(findings)
