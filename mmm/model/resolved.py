"""Everything that a fit used, defaults included, JSON-ready: written into the manifest."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mmm.arrays import FloatArray
from mmm.model.prior_values import ResolvedPriors, RoasRule

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def resolved_configuration(fit: Fit) -> dict[str, Any]:
    """Return the spec with every default, every prior as numbers with the rule that chose it, and the form."""
    priors, spec = fit.priors, fit.spec
    return {
        "spec": spec.model_dump(mode="json"),
        "media": {name: _medium(fit, i) for i, name in enumerate(spec.media)},
        "pooled_roas": _pooled(fit),
        "controls": _controls(fit),
        "own_priors": [{"parameter": str(parameter), "of": name} for parameter, name in fit.own_priors],
        "form": {"form": str(fit.form), "why": fit.form_why, "route": fit.route_why},
        "geos": list(fit.response.geos),
        "lift_tests": [test.name for test in fit.lift_tests],
        "spend_share": float(priors.spend_share),
        "calendar_basis": fit.response.baseline.basis.as_dict(),
        "cores": spec.sampling.resolved_cores(),
    }


def _log_normal(mu: FloatArray, sigma: FloatArray, i: int) -> dict[str, float]:
    """Return mean and sd of a logarithm."""
    return {"mu": float(mu[i]), "sigma": float(sigma[i])}


def _medium(fit: Fit, i: int) -> dict[str, Any]:
    """Return one medium's priors; ``distributions`` holds those that are not the log-normals (the Beta) beside them."""
    priors, spec = fit.priors, fit.spec
    name = spec.media[i]
    named = {str(parameter): str(own) for (parameter, of), own in priors.custom.items() if of == name}
    return {
        "saturation": str(spec.form(name)),
        **_size(priors, i, len(spec.channels)),
        "carryover_beta": [float(priors.carryover_a[i]), float(priors.carryover_b[i])],
        "half_saturation": _log_normal(priors.half_mu, priors.half_sigma, i),
        "slope": _log_normal(priors.slope_mu, priors.slope_sigma, i),
        **({"distributions": named} if named else {}),
    }


def _size(priors: ResolvedPriors, i: int, paid: int) -> dict[str, Any]:
    if i >= paid:
        share = _log_normal(priors.organic_mu, priors.organic_sigma, i - paid)
        return {"share_of_outcome": share, "rule": "share"}
    size: dict[str, Any] = {"roas": _log_normal(priors.roas_mu, priors.roas_sigma, i)}
    if priors.roas_rule[i] is RoasRule.MROAS:
        size["mroas"] = _log_normal(priors.mroas_mu, priors.mroas_sigma, i)
    return {**size, "rule": str(priors.roas_rule[i])}


def _pooled(fit: Fit) -> dict[str, Any] | None:
    """Return the channels that share a centre and a spread, and its prior."""
    pooled = fit.priors.pooled
    if pooled is None:
        return None
    return {**asdict(pooled), "channels": [fit.response.channels[c] for c in pooled.channels]}


def _controls(fit: Fit) -> dict[str, Any]:
    """Return what is stated of controls: a sign with the log-normal of its size, or the sd of the coefficient."""
    names = fit.spec.controls
    signed = {
        names[one.index]: {"sign": one.sign, "mu": one.mu, "sigma": one.sigma} for one in fit.priors.signed_controls
    }
    free = {name: {"sd": sd} for name, sd in zip(names, fit.priors.control_sd, strict=True) if sd is not None}
    return {**signed, **free}
