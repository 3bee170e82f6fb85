"""Everything that a fit used, defaults included, JSON-ready: written into the manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mmm.model.fit import Fit


def resolved_configuration(fit: Fit) -> dict[str, Any]:
    """Return the spec with every default, and every media prior as numbers with the rule that chose it."""
    priors, spec = fit.priors, fit.spec
    used: dict[str, Any] = {}
    for i, name in enumerate(spec.media):
        paid = i < len(spec.channels)
        j = i if paid else i - len(spec.channels)
        size = (priors.roas_mu[j], priors.roas_sigma[j]) if paid else (priors.organic_mu[j], priors.organic_sigma[j])
        used[name] = {
            "saturation": str(spec.form(name)),
            "roas" if paid else "share_of_outcome": {"mu": float(size[0]), "sigma": float(size[1])},
            "rule": str(priors.roas_rule[j]) if paid else "share",
            "carryover_beta": [float(priors.carryover_a[i]), float(priors.carryover_b[i])],
            "half_saturation": {"mu": float(priors.half_mu[i]), "sigma": float(priors.half_sigma[i])},
            "slope": {"mu": float(priors.slope_mu[i]), "sigma": float(priors.slope_sigma[i])},
        }
    return {
        "spec": spec.model_dump(mode="json"),
        "media": used,
        "calendar_basis": fit.response.baseline.basis.as_dict(),
        "cores": spec.sampling.resolved_cores(),
    }
