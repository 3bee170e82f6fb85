"""The model as configured: every prior as a table, and the equations in LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
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
_Row = tuple[str, str, Distribution]


def prior_table(model: Fit | ModelSpec, panel: Panel | None = None) -> pd.DataFrame:
    """Return every prior of media and controls as a table.

    Parameters
    ----------
    model : Fit or ModelSpec
    panel : Panel
        With a spec: some defaults depend on the data.

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

    spec, priors = _resolved(model, panel)
    rows = [
        (of, quantity, str(prior), *(float(value) for value in _quantiles(prior)))
        for of, quantity, prior in _rows(spec, priors)
    ]
    return pd.DataFrame(rows, columns=["of", "quantity", "prior", "q05", "q50", "q95"])


def _resolved(model: Fit | ModelSpec, panel: Panel | None) -> tuple[ModelSpec, ResolvedPriors]:
    if not isinstance(model, ModelSpec):
        return model.spec, model.priors
    if panel is None:
        raise SpecError("some priors depend on the data", do="Give the panel too: prior_table(spec, panel).")
    from mmm.model.prepared import prepare  # noqa: PLC0415  (the sampler's libraries come with it)

    prepared = prepare(model, panel)
    return prepared.spec, prepared.priors


def _quantiles(prior: Distribution) -> FloatArray:
    return prior.quantile(LEVELS)


def _rows(spec: ModelSpec, priors: ResolvedPriors) -> Iterator[_Row]:
    for i, name in enumerate(spec.media):
        yield _size(spec, priors, i)
        a, b = float(priors.carryover_a[i]), float(priors.carryover_b[i])
        carry = priors.custom.get((Parameter.CARRYOVER, name)) or Distribution.of("Beta", alpha=a, beta=b)
        yield name, "carryover, week to week", carry
        half = _or_log_normal(priors, Parameter.HALF_SATURATION, name, priors.half_mu[i], priors.half_sigma[i])
        yield name, "half-saturation, in typical weeks", half
        if spec.form(name) is SaturationForm.HILL_FREE_SLOPE:
            slope = _or_log_normal(priors, Parameter.SLOPE, name, priors.slope_mu[i], priors.slope_sigma[i])
            yield name, "Hill slope", slope
    if priors.pooled is not None:
        pooled = priors.pooled
        of = f"{len(pooled.channels)} channels pooled"
        yield of, "the ROAS that they share", Distribution.of("LogNormal", mu=pooled.mu, sigma=pooled.mu_sigma)
        yield of, "sd of their log ROAS around it", Distribution.of("HalfNormal", sigma=pooled.tau_scale)
    for control in priors.signed_controls:
        size = Distribution.of("LogNormal", mu=control.mu, sigma=control.sigma)
        way = "rise" if control.sign > 0 else "fall"
        yield spec.controls[control.index], f"{way} of the outcome with one sd, share of its mean", size
    for name, sd in zip(spec.controls, priors.control_sd, strict=True):
        if sd is not None:
            size = Distribution.of("HalfNormal", sigma=sd)
            yield name, "change of the outcome with one sd, up or down, share of its mean", size


def _size(spec: ModelSpec, priors: ResolvedPriors, i: int) -> _Row:
    """Return the prior of a medium's size: ROAS, mROAS or share of the outcome."""
    name, paid = spec.media[i], len(spec.channels)
    if i >= paid:
        o = i - paid
        share = _or_log_normal(priors, Parameter.SHARE, name, priors.organic_mu[o], priors.organic_sigma[o])
        return name, "share of the outcome", share
    if priors.roas_rule[i] is RoasRule.MROAS:
        mu, sigma = float(priors.mroas_mu[i]), float(priors.mroas_sigma[i])
        return name, "mROAS", Distribution.of("LogNormal", mu=mu, sigma=sigma)
    if (Parameter.SHARE, name) in priors.custom:
        return name, "share of the outcome", priors.custom[Parameter.SHARE, name]
    return name, "ROAS", _or_log_normal(priors, Parameter.ROAS, name, priors.roas_mu[i], priors.roas_sigma[i])


def _or_log_normal(priors: ResolvedPriors, parameter: Parameter, name: str, mu: float, sigma: float) -> Distribution:
    known = priors.custom.get((parameter, name))
    return known or Distribution.of("LogNormal", mu=float(mu), sigma=float(sigma))
