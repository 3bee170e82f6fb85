"""The page that finance reads: scenarios against business as usual, by week, month, fiscal quarter and channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmm.findings import Finding
from mmm.reporting import charts
from mmm.reporting.numbers import MISSING, money_short, probability
from mmm.reporting.page import (
    Block,
    Card,
    Cards,
    Chart,
    Column,
    FindingsList,
    Page,
    Prose,
    Section,
    Table,
    Tone,
    write_page,
)
from mmm.reporting.palette import BAD, BASELINE, GOOD
from mmm.response.probability import p_positive
from simulations.digest import Digest, digest
from simulations.periods import Period
from simulations.report_grid import grid_section
from simulations.report_money import money_section, payback_words
from simulations.report_sweep import sweep_section
from simulations.report_tables import (
    RIGHT,
    against_section,
    beyond_table,
    channel_section,
    fits_section,
    period_section,
    scale_of,
)
from simulations.report_weeks import charted, few, week_section
from simulations.results import Estimate, ScenarioResults
from simulations.stacking import Stack
from simulations.wording import (
    amount,
    change,
    lead,
    more,
    notes,
    outcome_heading,
    returns,
    shown,
    span,
    supply_words,
)


def write_report(
    results: ScenarioResults,
    path: Path,
    *,
    fits: Mapping[str, ScenarioResults],
    stack: Stack | None = None,
    findings: Sequence[Finding] = (),
    details: Mapping[str, str],
) -> Path:
    """Write the page.

    Parameters
    ----------
    results : ScenarioResults
        Of the first fit.
    path : Path
    fits : Mapping
        Name of every fit → its results; compared where there are several.
    stack : Stack, optional
        What they say together.
    findings : sequence of Finding
        What the first fit's own checks warned of.
    details : Mapping
        Facts for whoever repeats the run.
    """
    return write_page(scenario_page(results, fits=fits, stack=stack, findings=findings, details=details), path)


def scenario_page(
    results: ScenarioResults,
    *,
    fits: Mapping[str, ScenarioResults],
    stack: Stack | None = None,
    findings: Sequence[Finding] = (),
    details: Mapping[str, str],
) -> Page:
    """Return the page as blocks; arguments as in :func:`write_report`."""
    digests = tuple(digest(results, one) for one in results.all)
    with_money = results.margin is not None and results.value is not None
    named = bool(results.scenarios)
    return Page(
        title=f"Scenarios, {span(results)}",
        lead=lead(results),
        sections=[
            *([_overview(results, digests)] if named else []),
            *([money_section(results, digests)] if named and with_money else []),
            *([_what_changes(results)] if named else []),
            *([grid_section(results, results.grid)] if results.grid is not None else []),
            *([sweep_section(results, results.sweep)] if results.sweep is not None else []),
            *([week_section(results)] if named else []),
            *([period_section(results, Period.MONTH, "By month")] if named else []),
            *([period_section(results, Period.QUARTER, "By fiscal quarter")] if named else []),
            channel_section(results),
            *([against_section(results, charted(results), few(results))] if len(results.scenarios) > 1 else []),
            *([fits_section(fits, stack)] if len(fits) > 1 else []),
            _caveats(results, findings),
        ],
        details=details,
        cards=_cards(results, digests),
        kicker="Mixwise · scenarios",
    )


def _cards(results: ScenarioResults, digests: tuple[Digest, ...]) -> Cards:
    outcome = results.outcome(results.bau)
    low, high = amount(results, outcome.q05), amount(results, outcome.q95)
    spend = money_short(float(results.bau.spend.sum()), results.currency)
    heading = outcome_heading(results)
    cards = [
        Card(
            f"Business as usual: {heading}",
            amount(results, outcome.mean),
            f"90% interval {low} to {high}, on spend of {spend}",
        )
    ]
    if not results.scenarios:
        return Cards(cards)
    ranked = sorted(results.scenarios, key=lambda one: -float(results.delta(one).mean()))
    for one in dict.fromkeys((ranked[0], ranked[-1])):
        draws = results.delta(one)
        found = Estimate.of(draws)
        clear = found.q05 > 0 or found.q95 < 0
        tone = Tone.NEUTRAL if not clear else Tone.GOOD if found.mean > 0 else Tone.BAD
        low, high = (amount(results, x, signed=True) for x in (found.q05, found.q95))
        beats = f"beats business as usual: {probability(p_positive(draws))}"
        odds = "equal to business as usual" if found.zero else beats
        value = amount(results, found.mean, signed=True)
        cards.append(Card(f"{shown(one.name)}: difference", value, f"90% interval {low} to {high}; {odds}", tone))
    cards += _most_profit(results, digests)
    beyond = len({flag.scenario for flag in results.beyond if flag.above})
    note = "plan weeks with more spend than was ever seen" if beyond else "no week has more spend than was ever seen"
    tone = Tone.CAUTION if beyond else Tone.GOOD
    cards.append(Card("Beyond the spend seen so far", f"{beyond} of {len(results.scenarios)} scenarios", note, tone))
    return Cards(cards)


def _most_profit(results: ScenarioResults, digests: tuple[Digest, ...]) -> list[Card]:
    """Return the card of the scenario that leaves the most profit, where profit is known and one leaves more."""
    known = [(found, one) for one in digests[1:] if (found := one.profit_delta) is not None]
    if not known:
        return []
    found, one = max(known, key=lambda pair: pair[0].mean)
    low, high = (money_short(x, results.currency, signed=True) for x in (found.q05, found.q95))
    tone = Tone.GOOD if found.q05 > 0 else Tone.BAD if found.q95 < 0 else Tone.NEUTRAL
    note = f"90% interval {low} to {high}; pays back: {payback_words(one.payback)}"
    value = money_short(found.mean, results.currency, signed=True)
    return [Card(f"Most profit: {shown(one.name)}, difference", value, note, tone)]


def _overview(results: ScenarioResults, digests: tuple[Digest, ...]) -> Section:
    drawn = charted(results)
    names = [shown(one.name) for one in drawn]
    deltas = [Estimate.of(results.delta(one)) for one in drawn]
    colours = [GOOD if found.q05 > 0 else BAD if found.q95 < 0 else BASELINE for found in deltas]
    bars = charts.Bars(
        [found.mean for found in deltas], [found.q05 for found in deltas], [found.q95 for found in deltas], colours
    )
    heading = outcome_heading(results)
    figure = charts.bar_chart(names, {"difference": bars}, unit=f"difference in {heading}", reference=0)
    chart = Chart(
        figure,
        caption=(
            f"Difference from business as usual in {heading}, in the horizon and after it, with 90% intervals. A bar "
            f"is green or red where its interval lies on one side of zero, grey where it does not.{few(results)}"
        ),
        alt="; ".join(
            f"{name}: {amount(results, found.mean, signed=True)}" for name, found in zip(names, deltas, strict=True)
        ),
        height=charts.bar_height(len(names)),
    )
    return Section(
        "Against business as usual",
        [chart, _result_table(results, digests), _split_table(results, digests)],
        lead=(
            "Each scenario changes business as usual and nothing else. Both run on the same draws of the model, so "
            "that what they share cancels out."
        ),
    )


def _result_table(results: ScenarioResults, digests: tuple[Digest, ...]) -> Table:
    usual, *others = digests
    money = scale_of(one.spend for one in digests)
    scale = scale_of(one.delta.mean for one in others)
    columns = [
        Column("Scenario"),
        Column(f"Spend, {money.unit(results.currency)}", RIGHT),
        Column("Change of spend", RIGHT),
        Column(f"Difference in {outcome_heading(results, scale)}", RIGHT),
        Column("Probability of more", RIGHT),
    ]
    rows = [[shown(usual.name), money.plain(usual.spend), *(MISSING,) * (len(columns) - 2)]]
    rows += [
        [
            shown(one.name),
            money.plain(one.spend),
            change(one.spend_change, usual.spend),
            scale.difference(one.delta),
            more(one.delta, one.p_beats_bau),
        ]
        for one in others
    ]
    return Table(columns, rows, caption="Means with 90% intervals. Differences count the carryover after the horizon.")


def _split_table(results: ScenarioResults, digests: tuple[Digest, ...]) -> Table:
    scale = scale_of(one.outcome.mean for one in digests)
    small = scale_of(found.mean for one in digests for found in (one.in_horizon, one.after_horizon))
    columns = [
        Column("Scenario"),
        Column(f"Outcome in the horizon: {outcome_heading(results, scale)}", RIGHT),
        Column(f"Difference in the horizon: {outcome_heading(results, small)}", RIGHT),
        Column(f"Difference after the horizon: {outcome_heading(results, small)}", RIGHT),
        Column(f"ROAS, {results.return_unit}", RIGHT),
        Column("mROAS", RIGHT),
    ]
    rows = []
    for index, one in enumerate(digests):
        parts = [small.difference(found) if index else MISSING for found in (one.in_horizon, one.after_horizon)]
        rows.append([shown(one.name), scale.level(one.outcome), *parts, returns(one.roas), returns(one.mroas)])
    return Table(
        columns,
        rows,
        caption=(
            "Outcome levels hold residual noise, differences do not. ROAS: what the horizon's spend adds, over that "
            "spend. mROAS: the same for the next small part, when all spend is scaled in proportion."
            f"{supply_words(results)}"
        ),
    )


def _what_changes(results: ScenarioResults) -> Section:
    rows = [[shown(one.name), one.says] for one in results.all]
    return Section("What each scenario changes", [Table([Column("Scenario"), Column("What changes")], rows)])


def _caveats(results: ScenarioResults, findings: Sequence[Finding]) -> Section:
    noted = (*findings, *notes(results))
    blocks: list[Block] = [FindingsList(noted)] if noted else []
    said = "What these figures rest on."
    if results.scenarios and not results.beyond:
        said += " No scenario leaves the range of weekly spend that the data have seen."
    if results.beyond:
        blocks.append(beyond_table(results))
        said = "Where scenarios leave what the data have seen, and what all figures rest on."
    return Section("What to keep in mind", [*blocks, Prose(results.assumptions)], lead=said)
