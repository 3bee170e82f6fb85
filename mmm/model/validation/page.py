"""The page of ``mixwise validate``: what the long checks found, each with its figures."""

from __future__ import annotations

from collections.abc import Mapping

from mmm.findings import Severity
from mmm.model.validation import sections
from mmm.model.validation.backtest import Backtest
from mmm.model.validation.confounder import Sensitivities
from mmm.model.validation.demand import Following
from mmm.model.validation.placebo import Placebos
from mmm.model.validation.prior import WiderPriors
from mmm.model.validation.refresh import Refresh
from mmm.model.validation.run import Result, Validation
from mmm.reporting import Align, Card, Cards, Column, FindingsList, Page, Prose, Section, Table, Tone
from mmm.reporting.blocks import Block
from mmm.reporting.numbers import count, percent

_NAMES = {
    "refits": "refits converged",
    "backtest_skill": "forecasts beat last year",
    "backtest_coverage": "forecast intervals",
    "placebo": "placebos stay small",
    "placebo_real": "channels stand out from placebos",
    "refresh": "stable at a refresh",
    "hidden_cause": "hidden cause",
    "spend_follows_sales": "spend follows demand",
    "prior_influence": "influence of the priors",
}


def validation_page(found: Validation, *, details: Mapping[str, str] | None = None) -> Page:
    """Return the report of a validation.

    Parameters
    ----------
    found : Validation
    details : Mapping, optional
        Further facts for whoever repeats the run.
    """
    response = found.fit.response
    span = f"{response.n_weeks} weeks, {response.weeks[0]} to {response.weeks[-1]}"
    return Page(
        title=f"Does the fit stand up? {response.outcome_name}",
        lead=f"{found.sentence} ({span})",
        sections=[_found(found), *(_section(found, result) for result in found.results.values()), _how(found)],
        details={"Seed": str(found.seed), "Seed of the fit": str(found.fit.seed), **(details or {})},
        cards=_cards(found),
        kicker="Mixwise · validate",
    )


def _cards(found: Validation) -> Cards:
    grave = sum(finding.severity in (Severity.ERROR, Severity.WARNING) for finding in found.findings)
    unusable = sum(not one.usable for one in found.refits)
    cards = [
        Card("To look at", count(grave), "findings that need attention", Tone.CAUTION if grave else Tone.GOOD),
        Card("Refits", count(len(found.refits)), f"{count(unusable)} of them could not be used",
             Tone.CAUTION if unusable else Tone.GOOD),
    ]  # fmt: skip
    for result in found.results.values():
        if isinstance(result, Backtest) and result.folds:
            note = "smaller forecast error than 'same week last year'; goal 10%"
            cards.append(Card("Foresight", percent(result.skill, 0, signed=True), note))
        if isinstance(result, Placebos) and result.placebos:
            worst = max(one.interval[2] for one in result.placebos)
            cards.append(Card("Placebos", percent(worst), "of the outcome at most (upper end of 90%); goal under 2%"))
    return Cards(cards)


def _found(found: Validation) -> Section:
    passed = [finding for finding in found.findings if finding.severity is Severity.OK]
    rest = [finding for finding in found.findings if finding.severity is not Severity.OK]
    blocks: list[Block] = [FindingsList(rest)] if rest else [Prose(["Nothing needs attention."])]
    if passed:
        rows = [(_NAMES.get(finding.name, finding.name.replace("_", " ")), finding.says) for finding in passed]
        blocks.append(Table([Column("Check passed"), Column("Found")], rows))
    return Section("What was found", blocks)


def _section(found: Validation, result: Result) -> Section:
    match result:
        case Backtest():
            return sections.backtest(result)
        case Placebos():
            return sections.placebo(result)
        case Refresh():
            return sections.refresh(result, found.fit.response.currency)
        case Sensitivities():
            return sections.confounder(result)
        case Following():
            return sections.demand(result)
        case WiderPriors():
            return sections.prior(result)
        case _:
            raise TypeError(f"{type(result).__name__} has no section")


def _how(found: Validation) -> Section:
    right = Align.RIGHT
    columns = [
        Column("Refit"), Column("R-hat", right), Column("Least effective samples", right), Column("Divergences", right),
        Column("Seconds", right), Column("Used"),
    ]  # fmt: skip
    rows = [
        (
            one.label,
            count(one.max_rhat, 3),
            count(one.min_ess),
            count(one.divergences),
            count(one.seconds, 1),
            "yes" if one.usable else f"no: {one.trouble}",
        )
        for one in found.refits
    ]
    sampling = found.fit.spec.sampling
    lead = (
        f"Each refit has at most {found.settings.tune} steps of warm-up and {found.settings.draws} draws in each of "
        f"{sampling.chains} chains, less than the fit itself; one that fails the fit's own limits (R-hat above 1.05, "
        "more than 1% divergent, figures that are not numbers) is left out, and said to be."
    )
    return Section("How it was done", [Table(columns, rows)], lead=lead)
