"""How much geos may differ, and how much the demand index may move: the scales of these priors."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.model.prepared import Prepared
from mmm.model.spec import Pool

#: Scales of the half-normal priors of how much geos differ: sd of the log of size, half-saturation and slope, and of
#: the logit of the retention.
SIZE_SPREAD, CARRYOVER_SPREAD, HALF_SPREAD, SLOPE_SPREAD = 0.3, 0.3, 0.3, 0.1
#: Scale of the half-normal prior of the weekly shock that all geos share, in typical weeks.
WEEK_SPREAD = 0.1
#: Prior standard deviation of the demand index's Fourier coefficients.
DEMAND_SCALE = 0.15


def by_geo(prepared: Prepared) -> tuple[str, ...]:
    """Return which parameters of the media differ between geos."""
    pooling = prepared.spec.pooling
    wanted = {
        "size": pooling.size,
        "carryover": pooling.carryover,
        "half_saturation": pooling.half_saturation,
        "slope": pooling.slope if prepared.free_slope else Pool.COMPLETE,
    }
    many = len(prepared.panel.geos) > 1
    return tuple(name for name, pool in wanted.items() if many and pool is Pool.PARTIAL)


def prior_spreads(prepared: Prepared, n: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Draw how geos differ from the prior: name → (S, M, G), on the log (carryover: logit) scale."""
    shape = (n, len(prepared.forms), len(prepared.panel.geos))
    scales = {
        "size": SIZE_SPREAD,
        "carryover": CARRYOVER_SPREAD,
        "half_saturation": HALF_SPREAD,
        "slope": SLOPE_SPREAD,
    }
    vary = by_geo(prepared)
    found: dict[str, FloatArray] = {}
    for name, scale in scales.items():
        found[name] = np.zeros(shape)
        if name in vary:
            # One spread for all media, but for the size, whose media each have their own.
            media = shape[1] if name == "size" else 1
            spread = scale * np.abs(rng.standard_normal((n, media, 1)))
            found[name] = spread * rng.standard_normal(shape)
    found["slope"][:, [m for m in range(shape[1]) if m not in prepared.free_slope]] = 0.0
    return found
