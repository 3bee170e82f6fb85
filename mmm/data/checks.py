"""Figures by week that no model can use are refused here; what it can use at a risk is in ``watch``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from mmm.arrays import BoolArray, FloatArray
from mmm.data.columns import Figures, Role
from mmm.data.coverage import coverage_findings
from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.data.spec import PanelSpec
from mmm.data.watch_base import Leftover, leftover, odd_weeks
from mmm.data.watch_breaks import break_findings
from mmm.data.watch_demand import demand_findings
from mmm.data.watch_geos import geo_findings
from mmm.data.watch_learning import learning, learning_findings
from mmm.data.watch_media import media_findings
from mmm.data.watch_rates import rate_findings
from mmm.data.watch_season import season_findings
from mmm.data.watch_series import series_findings
from mmm.data.watch_together import together, together_findings
from mmm.exceptions import DataError
from mmm.findings import Finding, Severity

#: A channel cannot cost a hundred times what the company sells: its column holds micros, or another unit.
_ABSURD_SHARE = 100.0
#: Carryover, half-saturation and size of one channel; level, trend and noise of the outcome.
_PER_MEDIUM, _PER_OUTCOME = 3, 3
_FEW_ROWS_PER_PARAMETER = 3.0


def check_rows(n_rows: int, n_parameters: int, where: str) -> None:
    """Refuse data with fewer rows than the model has parameters.

    Parameters
    ----------
    n_rows : int
        Weeks × geos.
    n_parameters : int
    where : str
        File, for the message.

    Raises
    ------
    DataError
    """
    if n_rows < n_parameters:
        raise DataError(
            f"{n_rows} rows are fewer than the {n_parameters} parameters of the model",
            where=where,
            do="Give a longer history, or name fewer channels and controls in the model file.",
        )


def least_parameters(n_media: int, n_controls: int, n_geos: int = 1) -> int:
    """Return the number of parameters that any model of this panel has, whatever its options."""
    return _PER_MEDIUM * n_media + n_controls + _PER_OUTCOME * n_geos


def _refuse_negative(figures: Figures, file: str) -> None:
    for (role, name), values in figures.items():
        if role in (Role.EXPOSURE, Role.ORGANIC, Role.VALUE, Role.POPULATION) and values.min() < 0:
            raise DataError(
                f"the {role} '{name}' is negative in {counted(int((values < 0).sum()), 'week')}",
                where=file,
                do="Correct the column; a figure that may be negative belongs under controls.",
            )


def _money_of_outcome(figures: Figures, spec: PanelSpec) -> FloatArray | None:
    """Return the outcome in money, (G, T), or None where it has no price."""
    outcome = figures[Role.OUTCOME, spec.data.outcome]
    value = spec.data.value_per_outcome
    if isinstance(value, str):
        return np.asarray(outcome * figures[Role.VALUE, value])
    if value is not None:
        return np.asarray(outcome * float(value))
    return outcome if spec.data.outcome_is_money else None


def _refuse_micros(figures: Figures, spec: PanelSpec, file: str) -> None:
    """Refuse spend that is absurd against the outcome's money or the other channels, unless its unit is declared."""
    money = _money_of_outcome(figures, spec)
    totals = {name: float(np.abs(values).sum()) for (role, name), values in figures.items() if role is Role.SPEND}
    for name, total in totals.items():
        column = spec.channels[name].paid_by
        if spec.data.unit_of(column) is not None or total == 0:
            continue
        others = sorted(other for key, other in totals.items() if key != name and other > 0)
        against_sales = money is not None and 0 < float(money.sum()) * _ABSURD_SHARE < total
        against_others = bool(others) and total > 1e5 * others[-1]
        if against_sales or against_others:
            than = "the outcome is worth" if against_sales else "every other channel"
            raise DataError(
                f"the spend of '{name}' ({total:,.0f} {spec.currency}) is absurdly more than {than}; "
                "it may be in micros (millionths)",
                where=f"{file}, column {column}",
                do=f"Declare data.units: {{{column}: 0.000001}} if it is, or {{{column}: 1}} if the figures are right.",
            )


def _refuse_empty_geos(
    figures: Figures, observed: BoolArray, geos: tuple[str, ...], spec: PanelSpec, file: str
) -> None:
    """Refuse a geo that sells nothing, and one without people: there is nothing to scale it by."""
    outcome = np.where(observed, figures[Role.OUTCOME, spec.data.outcome], 0.0)
    silent = [name for name, values in zip(geos, outcome, strict=True) if not values.any()]
    if silent and len(geos) > 1:
        raise DataError(
            f"the outcome is zero in every week of {counted(len(silent), 'geo')}: {listed(silent, 5)}",
            where=f"{file}, column {spec.data.outcome}",
            do="Remove the rows of these geos, join them to others, or check whether both columns use the same names.",
        )
    for (role, column), values in figures.items():
        if role is Role.POPULATION and (values <= 0).any():
            name = geos[int(np.flatnonzero((values <= 0).any(axis=1))[0])]
            raise DataError(
                f"the population of '{name}' is zero", where=f"{file}, column {column}", do="Give every geo's people."
            )


def refuse_impossible(figures: Figures, observed: BoolArray, geos: tuple[str, ...], spec: PanelSpec, file: str) -> None:
    """Refuse figures that no model can use.

    Parameters
    ----------
    figures : mapping to (G, T)
    observed : (G, T) bool
    geos : G names
    spec : PanelSpec
    file : str

    Raises
    ------
    DataError
        Sums beyond what a float holds, an outcome that never changes, negative exposure, spend without any exposure,
        no channel with spend, spend in micros, a geo without outcome or people, fewer rows than parameters.
    """
    for (role, name), values in figures.items():
        with np.errstate(over="ignore"):
            if not np.isfinite(np.square(values).sum()):
                raise DataError(f"the {role} '{name}' is too large to add up", where=file, do="Correct the column.")
    outcome = figures[Role.OUTCOME, spec.data.outcome]
    if np.ptp(outcome[observed]) == 0:
        raise DataError(
            f"the outcome is {outcome[observed][0]:g} in every week",
            where=f"{file}, column {spec.data.outcome}",
            do="Name the column that holds the outcome in data.outcome.",
        )
    _refuse_negative(figures, file)
    _refuse_empty_geos(figures, observed, geos, spec, file)
    spend = {name: values for (role, name), values in figures.items() if role is Role.SPEND and values.any()}
    if not spend:
        raise DataError("no channel has any spend", where=file, do="Check the columns named under channels.")
    for name in spend:
        exposure = figures.get((Role.EXPOSURE, name))
        if exposure is not None and not exposure.any():
            raise DataError(
                f"the exposure of '{name}' is zero in every week although money was spent",
                where=f"{file}, column {spec.channels[name].seen}",
                do="Remove 'exposure' from the channel (the model then works on spend), or correct the column.",
            )
    _refuse_micros(figures, spec, file)
    organic = sum(role is Role.ORGANIC for role, _ in figures)
    controls = sum(role is Role.CONTROL for role, _ in figures)
    check_rows(int(observed.sum()), least_parameters(len(spend) + organic, controls, len(geos)), file)


def _of_media(panel: Panel, left: Leftover | None) -> Iterator[Finding]:
    """Yield what media and outcome together may do to the result; ``where`` names the channel."""
    moves = together(panel)
    tied = [*together_findings(panel, moves), *season_findings(panel)]
    told = {name for finding in tied for name in finding.where.split(", ")}
    yield from learning_findings(learning(panel, moves), told)
    yield from tied
    yield from media_findings(panel)
    yield from rate_findings(panel)
    yield from demand_findings(panel, left)
    yield from break_findings(panel, left)


def _placed(found: Iterable[Finding], file: str) -> list[Finding]:
    """Put the file before the channel that a finding is about."""
    return [replace(one, where=f"{file}, {one.where}" if one.where else file) for one in found]


def check_panel(panel: Panel, file: str, holidays: str | None = None) -> list[Finding]:
    """Return what the panel's figures may do to the result, and what was found in order."""
    n_media = len(panel.channels) + len(panel.organic_names)
    parameters = least_parameters(n_media, len(panel.control_names), len(panel.geos))
    rows = int(panel.observed.sum())
    left = leftover(panel, holidays)
    findings = [*series_findings(panel, file, odd_weeks(left)), *_placed(_of_media(panel, left), file)]
    if len(panel.geos) > 1:
        findings += [*coverage_findings(panel.observed, panel.geos, panel.weeks, file), *geo_findings(panel, file)]
    if rows < _FEW_ROWS_PER_PARAMETER * parameters:
        findings.append(
            Finding(
                name="data_per_parameter",
                severity=Severity.WARNING,
                says=f"There are {rows / parameters:.1f} rows for each of the {parameters} parameters.",
                means="The priors, and not the data, will decide much of the result.",
                do="Give a longer history or geo data, join small channels, or add lift tests.",
                where=file,
            )
        )
    return [*findings, balanced(panel, file)]


def balanced(panel: Panel, file: str) -> Finding:
    """Say that rows and spend in are rows and spend used and listed."""
    ledger = panel.report.ledger
    money, used = sum(ledger.spend_in.values()), sum(ledger.spend_used.values())
    return Finding(
        name="ledger",
        severity=Severity.OK,
        says=f"{ledger.rows_in} rows in = {ledger.rows_used} used + {ledger.rows_in - ledger.rows_used} listed as "
        f"excluded; {money:,.2f} {panel.currency} of spend in = {used:,.2f} used + {money - used:,.2f} listed.",
        do="Compare the spend with the ledger of the company.",
        where=file,
    )
