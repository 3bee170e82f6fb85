"""The priors of a model as configured, one row a parameter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError
from mmm.model.distributions import Distribution, Parameter
from mmm.model.prior_values import ResolvedPriors, RoasRule
from mmm.model.spec import ModelSpec, SaturationForm

if TYPE_CHECKING:
    import pandas as pd

    from mmm.data.panel import Panel
    from mmm.model.fit import Fit

LEVELS = np.array([0.05, 0.5, 0.95])
#: Instead of the name of a distribution that came from Python.
GIVEN = "given in Python"
#: Scale of the half-normal prior of how far geos' baselines differ, as :mod:`mmm.model.build` has it.
BASELINE_SPREAD = 0.5


class Quantity(StrEnum):
    """What a prior is of, in words."""

    ROAS = "ROAS"
    MROAS = "mROAS"
    SHARE = "share of the outcome"
    CARRYOVER = "carryover, week to week"
    HALF_SATURATION = "half-saturation, in typical weeks"
    SLOPE = "Hill slope"
    POOLED_ROAS = "the ROAS that they share"
    POOLED_SPREAD = "sd of their log ROAS around it"
    RISE = "rise of the outcome with one sd, share of its mean"
    FALL = "fall of the outcome with one sd, share of its mean"
    CHANGE = "change of the outcome with one sd, up or down, share of its mean"
    SIZE_BY_GEO = "how far geos differ in size (sd of the log)"
    CARRYOVER_BY_GEO = "how far geos differ in carryover (sd of the logit)"
    HALF_BY_GEO = "how far geos differ in half-saturation (sd of the log)"
    SLOPE_BY_GEO = "how far geos differ in slope (sd of the log)"
    BASELINE_BY_GEO = "how far geos differ in it, over the prior sd of what they share"


#: What all media, or all of the baseline, share between geos: quantity → its variable in the posterior.
SPREADS = {
    Quantity.CARRYOVER_BY_GEO: "carryover_spread",
    Quantity.HALF_BY_GEO: "half_saturation_spread",
    Quantity.SLOPE_BY_GEO: "slope_spread",
    Quantity.BASELINE_BY_GEO: "deviation",
}


@dataclass(frozen=True)
class PriorRow:
    """One prior.

    Attributes
    ----------
    of : str
        Channel, organic channel, control, or who shares it.
    quantity : Quantity
    prior : Distribution or None
        None: given in Python, so its name alone is known.
    index : int
        Of the medium; of a control, among those with a stated sign (RISE, FALL) or among all (CHANGE).
    """

    of: str
    quantity: Quantity
    prior: Distribution | None
    index: int = 0

    @property
    def levels(self) -> FloatArray:
        """Its 5, 50 and 95 % quantiles; NaN where it is not known."""
        return np.full(3, np.nan) if self.prior is None else self.prior.quantile(LEVELS)

    def __str__(self) -> str:
        return GIVEN if self.prior is None else str(self.prior)


def prior_table(
    model: Fit | ModelSpec, panel: Panel | None = None, *, own_priors: Iterable[tuple[Parameter, str]] = ()
) -> pd.DataFrame:
    """Return every prior of media and controls as a table.

    Parameters
    ----------
    model : Fit or ModelSpec
    panel : Panel
        With a spec: some defaults depend on the data.
    own_priors : iterable of (Parameter, str)
        With a spec: those given in Python; a fit knows its own. Their quantiles are NaN.

    Returns
    -------
    DataFrame
        One row a parameter: ``of`` (channel, organic channel or control), ``quantity``, ``prior`` (the distribution
        in words), ``q05``, ``q50``, ``q95``.

    Raises
    ------
    SpecError
        A spec without its panel.
    """
    import pandas as pd  # noqa: PLC0415  (slow to load; only this table needs it)

    rows = [
        (row.of, str(row.quantity), str(row), *(float(value) for value in row.levels))
        for row in prior_rows(model, panel, own_priors=own_priors)
    ]
    return pd.DataFrame(rows, columns=["of", "quantity", "prior", "q05", "q50", "q95"])


def prior_rows(
    model: Fit | ModelSpec, panel: Panel | None = None, *, own_priors: Iterable[tuple[Parameter, str]] = ()
) -> tuple[PriorRow, ...]:
    """Return every prior of media and controls; see :func:`prior_table`."""
    if not isinstance(model, ModelSpec):
        found = model.draws["posterior"]
        vary = [name for name in ("size_spread", *SPREADS.values()) if name in found]
        given = set(model.own_priors)
        return tuple(_unless_given(row, given) for row in _rows(model.spec, model.priors, vary))
    if panel is None:
        raise SpecError("some priors depend on the data", do="Give the panel too: prior_table(spec, panel).")
    from mmm.model.prepared import prepare  # noqa: PLC0415  (the sampler's libraries come with it)
    from mmm.model.spreads import by_geo  # noqa: PLC0415

    prepared = prepare(model, panel)
    vary = [f"{name}_spread" for name in by_geo(prepared)] + ["deviation"] * bool(prepared.linear.own)
    given = set(own_priors)
    return tuple(_unless_given(row, given) for row in _rows(prepared.spec, prepared.priors, vary))


#: Quantity → the parameters that a prior given in Python may be of.
_PARAMETERS = {
    Quantity.ROAS: (Parameter.ROAS, Parameter.SHARE),
    Quantity.MROAS: (Parameter.ROAS, Parameter.SHARE),
    Quantity.SHARE: (Parameter.SHARE, Parameter.ROAS),
    Quantity.CARRYOVER: (Parameter.CARRYOVER,),
    Quantity.HALF_SATURATION: (Parameter.HALF_SATURATION,),
    Quantity.SLOPE: (Parameter.SLOPE,),
}


def _unless_given(row: PriorRow, given: set[tuple[Parameter, str]]) -> PriorRow:
    """Return a row without its distribution where another one was given in Python."""
    if any((parameter, row.of) in given for parameter in _PARAMETERS.get(row.quantity, ())):
        return replace(row, prior=None)
    return row


def _rows(spec: ModelSpec, priors: ResolvedPriors, vary: Sequence[str]) -> Iterator[PriorRow]:
    for i in range(len(spec.media)):
        yield from _medium(spec, priors, i)
    if priors.pooled is not None:
        pooled = priors.pooled
        of = f"{len(pooled.channels)} channels pooled"
        center = Distribution.of("LogNormal", mu=pooled.mu, sigma=pooled.mu_sigma)
        yield PriorRow(of, Quantity.POOLED_ROAS, center)
        yield PriorRow(of, Quantity.POOLED_SPREAD, Distribution.of("HalfNormal", sigma=pooled.tau_scale))
    for j, control in enumerate(priors.signed_controls):
        size = Distribution.of("LogNormal", mu=control.mu, sigma=control.sigma)
        yield PriorRow(spec.controls[control.index], Quantity.RISE if control.sign > 0 else Quantity.FALL, size, j)
    for k, (name, sd) in enumerate(zip(spec.controls, priors.control_sd, strict=True)):
        if sd is not None:
            yield PriorRow(name, Quantity.CHANGE, Distribution.of("HalfNormal", sigma=sd), k)
    yield from _between_geos(spec, vary)


def _medium(spec: ModelSpec, priors: ResolvedPriors, i: int) -> Iterator[PriorRow]:
    name = spec.media[i]
    yield _size(spec, priors, i)
    a, b = float(priors.carryover_a[i]), float(priors.carryover_b[i])
    carry = priors.custom.get((Parameter.CARRYOVER, name)) or Distribution.of("Beta", alpha=a, beta=b)
    yield PriorRow(name, Quantity.CARRYOVER, carry, i)
    half = _or_log_normal(priors, Parameter.HALF_SATURATION, name, priors.half_mu[i], priors.half_sigma[i])
    yield PriorRow(name, Quantity.HALF_SATURATION, half, i)
    if spec.form(name) is SaturationForm.HILL_FREE_SLOPE:
        slope = _or_log_normal(priors, Parameter.SLOPE, name, priors.slope_mu[i], priors.slope_sigma[i])
        yield PriorRow(name, Quantity.SLOPE, slope, i)


def _size(spec: ModelSpec, priors: ResolvedPriors, i: int) -> PriorRow:
    """Return the prior of a medium's size: ROAS, mROAS or share of the outcome."""
    name, paid = spec.media[i], len(spec.channels)
    if i >= paid:
        o = i - paid
        share = _or_log_normal(priors, Parameter.SHARE, name, priors.organic_mu[o], priors.organic_sigma[o])
        return PriorRow(name, Quantity.SHARE, share, i)
    if priors.roas_rule[i] is RoasRule.MROAS:
        mu, sigma = float(priors.mroas_mu[i]), float(priors.mroas_sigma[i])
        return PriorRow(name, Quantity.MROAS, Distribution.of("LogNormal", mu=mu, sigma=sigma), i)
    if (Parameter.SHARE, name) in priors.custom:
        return PriorRow(name, Quantity.SHARE, priors.custom[Parameter.SHARE, name], i)
    roas = _or_log_normal(priors, Parameter.ROAS, name, priors.roas_mu[i], priors.roas_sigma[i])
    return PriorRow(name, Quantity.ROAS, roas, i)


def _or_log_normal(priors: ResolvedPriors, parameter: Parameter, name: str, mu: float, sigma: float) -> Distribution:
    known = priors.custom.get((parameter, name))
    return known or Distribution.of("LogNormal", mu=float(mu), sigma=float(sigma))


def _between_geos(spec: ModelSpec, vary: Sequence[str]) -> Iterator[PriorRow]:
    from mmm.model.spreads import CARRYOVER_SPREAD, HALF_SPREAD, SIZE_SPREAD, SLOPE_SPREAD  # noqa: PLC0415

    if "size_spread" in vary:
        scale = Distribution.of("HalfNormal", sigma=SIZE_SPREAD)
        yield from (PriorRow(name, Quantity.SIZE_BY_GEO, scale, i) for i, name in enumerate(spec.media))
    scales = (CARRYOVER_SPREAD, HALF_SPREAD, SLOPE_SPREAD, BASELINE_SPREAD)
    for (quantity, variable), sigma in zip(SPREADS.items(), scales, strict=True):
        if variable in vary:
            of = "baseline" if quantity is Quantity.BASELINE_BY_GEO else "all media"
            yield PriorRow(of, quantity, Distribution.of("HalfNormal", sigma=sigma))
