"""The plan's page: what to spend, what it should bring, what binds, and how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from mmm.findings import Finding
from mmm.reporting.numbers import count, money_short, percent, probability, short
from mmm.reporting.page import (
    Align,
    Block,
    Card,
    Cards,
    Column,
    FindingsList,
    Page,
    Prose,
    Section,
    Table,
    Tone,
    write_page,
)
from mmm.reporting.text import shorten
from mmm.response.draws import ResponseDraws
from optimizer import report_charts as charts
from optimizer import report_words as words
from optimizer.allocation import Allocation
from optimizer.extras import Extra
from optimizer.report_facts import PlanFacts
from optimizer.report_geos import geo_sections

_RIGHT = partial(Column, align=Align.RIGHT)


def write_plan_page(
    allocation: Allocation,
    response: ResponseDraws,
    path: str | Path,
    *,
    findings: Sequence[Finding] = (),
    details: Mapping[str, str] | None = None,
    extras: Sequence[Extra] = (),
) -> Path:
    """Write the plan as one offline HTML file.

    Parameters
    ----------
    allocation : Allocation
    response : ResponseDraws
        All draws of the fit: response curves and observed ranges come from it.
    path : path
    findings : sequence of Finding
        Warnings that stand before the plan, e.g. of a fit that failed its checks.
    details : Mapping, optional
        Facts for whoever repeats the run.
    extras : sequence of Extra
        Further results, before the certificate.
    """
    return write_page(plan_page(PlanFacts(allocation, response), findings, details or {}, extras=extras), path)


def plan_page(
    facts: PlanFacts,
    findings: Sequence[Finding] = (),
    details: Mapping[str, str] | None = None,
    *,
    extras: Sequence[Extra] = (),
) -> Page:
    """Return the page of a plan."""
    first = [Section("Before you use this plan", [FindingsList(findings)])] if findings else []
    return Page(
        title=words.title(facts),
        lead=words.lead(facts),
        cards=_cards(facts),
        sections=[
            *first,
            _spend(facts),
            _returns(facts),
            _weeks(facts),
            *geo_sections(facts),
            _curves(facts),
            _limits(facts),
            *(section for extra in extras for section in extra.sections(facts)),
            _certificate(facts),
            Section("What to keep in mind", [FindingsList(words.caveats(facts))]),
        ],
        details=details or {},
        kicker="Mixwise · plan",
    )


def _bound_tone(found: Allocation) -> Tone:
    return Tone.NEUTRAL if found.certified else Tone.CAUTION


def _cards(facts: PlanFacts) -> Cards:
    problem, found = facts.problem, facts.allocation
    uplift = found.uplift
    sure = uplift.q05 > 0
    figure = partial(words.figure, problem)
    change = facts.budget / facts.baseline_spend - 1.0 if facts.baseline_spend > 0 else float("nan")
    same = abs(change) < 5e-4
    bound = Card("Gap to the best possible plan", words.gap_text(found.gap), words.gap_note(facts), _bound_tone(found))
    return Cards(
        [
            Card(
                "Planned spend",
                money_short(facts.budget, facts.currency),
                f"{len(problem.weeks)} weeks; "
                + ("the same as business as usual" if same else f"{percent(change, signed=True)} on business as usual"),
            ),
            Card(
                f"Expected {words.value_name(problem)} from it",
                figure(found.held_back_value),
                f"business as usual: {figure(found.held_back_baseline_value)}",
            ),
            Card(
                "Uplift over business as usual",
                figure(uplift.mean, signed=True),
                f"{words.value_name(problem)}; 90% interval {figure(uplift.q05)} to {figure(uplift.q95)}",
                Tone.GOOD if sure else Tone.CAUTION,
            ),
            Card(
                "Chance to beat business as usual",
                probability(found.p_beats_baseline),
                "by the draws held back from planning",
                Tone.GOOD if found.p_beats_baseline >= 0.95 else Tone.NEUTRAL,
            ),
            bound,
        ]
    )


def _spend(facts: PlanFacts) -> Section:
    whole, before = facts.budget, facts.baseline_spend

    def row(name: str, was: float, now: float) -> tuple[str, ...]:
        change = now / was - 1.0 if was > 0 else float("nan")
        shares = (part / total if total > 0 else float("nan") for part, total in ((was, before), (now, whole)))
        return (
            name,
            count(was),
            count(now),
            count(now - was, signed=True),
            percent(change, signed=True),
            *map(percent, shares),
        )

    rows = [row(c.name, c.plan.baseline_spend, c.plan.spend) for c in facts.channels]
    heads = ("Business as usual", "Planned", "Change", "Change, %", "Share before", "Share planned")
    table = Table(
        [Column("Channel"), *map(_RIGHT, heads)],
        rows,
        f"Spend over the horizon's {len(facts.problem.weeks)} weeks, {facts.currency}",
        total=row("Total", before, whole),
    )
    lead = (
        f"{money_short(facts.moved, facts.currency)} ({percent(facts.moved / whole if whole > 0 else 0.0)} of the "
        "budget) stands in another channel than it would by business as usual's shares."
    )
    return Section("What changes", [charts.spend_bars(facts), table], lead)


def _returns(facts: PlanFacts) -> Section:
    problem = facts.problem
    labels = {"plan": "Plan", "baseline": "Business as usual", "difference": "Difference"}
    say = words.plain_spread
    rows = [
        (label, say(facts.parts[key].inside), say(facts.parts[key].after), say(facts.parts[key].both))
        for key, label in labels.items()
    ]
    heads = ("In the horizon", "After it", "Both")
    table = Table(
        [Column("Incremental outcome"), *map(_RIGHT, heads)],
        rows,
        f"Expected {problem.outcome_name} against no spend in the horizon, {words.outcome_unit(problem)}: mean (90% "
        "interval)",
    )
    returns = Table(
        [
            Column("Channel"),
            *map(
                _RIGHT,
                (
                    "ROAS, planned",
                    "mROAS, business as usual",
                    "mROAS, planned",
                    f"Observed week, {words.observed_unit(problem)}",
                ),
            ),
        ],
        [
            (
                c.name,
                words.ratio_spread(c.plan.roas),
                words.ratio_spread(c.plan.baseline_mroas),
                words.ratio_spread(c.plan.mroas),
                f"{short(c.observed_min)} to {short(c.plan.observed_max)}",
            )
            for c in facts.channels
        ],
        f"Return of the planned spend, {words.return_unit(problem)}: mean (90% interval). mROAS is the return of the "
        "next unit of money; the observed week is the range of weekly spend that the data hold"
        + (", at what its exposures will cost" if problem.frame.repriced else ""),
    )
    tail = Prose([facts.allocation.risk.says])
    blocks: list[Block] = [table, *_profit(facts), *charts.uplift(facts), tail, charts.arrival(facts), returns]
    lead = (
        "All figures here are of the draws held back from planning. Intervals of a difference hold what is not known "
        "about the effects, not the noise of single weeks, which falls on both plans alike."
    )
    return Section("What it should bring", blocks, lead)


def _profit(facts: PlanFacts) -> list[Block]:
    """Lead from the outcome to the profit, where that is what counts."""
    found, problem = facts.allocation, facts.problem
    if not problem.objective.is_profit:
        return []
    plan, before = (words.amount(problem, x) for x in (found.held_back_value, found.held_back_baseline_value))
    return [Prose([f"{problem.objective.says()} That is {plan} for the plan and {before} for business as usual."])]


def _weeks(facts: PlanFacts) -> Section:
    plan = facts.allocation.spend
    rows = [
        (words.short_day(week), *map(count, plan[:, t]), count(plan[:, t].sum()))
        for t, week in enumerate(facts.problem.weeks)
    ]
    total = ("Total", *map(count, plan.sum(axis=1)), count(facts.budget))
    columns = [Column("Week of"), *(_RIGHT(shorten(name, 24)) for name in facts.problem.channels), _RIGHT("Total")]
    grid = Table(columns, rows, f"Planned spend by week, {facts.currency}", total=total)
    return Section("Week by week", [charts.phasing(facts), grid, *_volumes(facts)])


def _volumes(facts: PlanFacts) -> list[Block]:
    """Show what the money serves or buys, of channels that the model sees by volume or exposure."""
    bought = facts.allocation.volumes
    if not bought:
        return []
    rows = [
        (words.short_day(week), *(count(series[t]) for series in bought.values()))
        for t, week in enumerate(facts.problem.weeks)
    ]
    total = ("Total", *(count(series.sum()) for series in bought.values()))
    columns = [Column("Week of"), *(_RIGHT(shorten(name, 24)) for name in bought)]
    says = "What the plan serves or buys, in each channel's unit (chats, impressions), at the planned cost of a unit"
    return [Table(columns, rows, says, total=total)]


def _curves(facts: PlanFacts) -> Section:
    at = " Prices are the planned ones." if facts.problem.frame.repriced else ""
    lead = (
        "What a steady weekly spend brings once its carryover has built up, and where the horizon's mean week stands: "
        "ring, business as usual; dot, the plan. Grey is the range of weekly spend that the data hold; outside it the "
        f"curve is the model's assumption.{at}"
    )
    return Section("Response curves", [charts.curves(facts)], lead)


def _limits(facts: PlanFacts) -> Section:
    problem, found = facts.problem, facts.allocation
    rows = []
    for name, constraint in problem.named.items():
        rows.append((name, constraint.in_words(problem.frame_of(name)), *words.price(found, name)))
    binding = [row for row in rows if row[2] == "yes"]
    table = Table([Column("Name"), Column("Constraint"), Column("Binds"), Column("What it costs")], rows)
    lead = f"{problem.says} {len(binding)} of {len(rows)} constraints bind."
    return Section("What binds, and what it costs", [table], lead)


def _held_back(facts: PlanFacts) -> tuple[str, str]:
    """Say the plan's value by the draws held back, and what it is."""
    problem, found = facts.problem, facts.allocation
    if problem.risk.of_uplift:
        return words.amount(problem, found.held_back_value), "mean over the other half of the chains"
    return words.value_amount(problem, found.risk.held_back), "of the other half of the chains"


def _certificate(facts: PlanFacts) -> Section:
    problem, found = facts.problem, facts.allocation
    amount, value = partial(words.amount, problem), partial(words.value_amount, problem)
    known = words.bounded(facts)
    rows = [
        ("Value of the plan", value(found.value), words.value_meaning(facts.problem)),
        ("Upper bound of any plan", value(found.upper_bound) if known else "none", found.bound_method),
        ("Gap", words.gap_text(found.gap), words.gap_meaning(found)),
        (
            "Gap of the uplift",
            words.gap_text(found.gap_of_uplift),
            "bound less value, over bound less business as usual",
        ),
        (
            "Gap asked for",
            words.gap_text(found.gap_asked),
            f"{words.gap_text(found.gap_before_rounding)} before smoothing and rounding",
        ),
        ("Monte Carlo error", value(found.monte_carlo_error), f"standard error of the value, {words.ERROR_OF}"),
        ("Monte Carlo error of the uplift", amount(facts.uplift_error), "smaller, because the draws are paired"),
        ("Value by the held-back draws", *_held_back(facts)),
        ("Solved in", f"{found.seconds:.2f} s", f"{found.evaluations} evaluations over all planning draws"),
    ]
    table = Table([Column("Figure"), _RIGHT("Value"), Column("What it is")], rows)
    return Section("How good the plan is", [Prose([words.gap_sentence(facts)]), table])
