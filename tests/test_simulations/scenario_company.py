"""The company of the example scenarios: the small fit with a second control, nationally or in three geos."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from mmm.response.draws import ResponseDraws
from tests.test_mmm.test_response.make_geos import divided
from tests.test_simulations.small_fit import make_response


@cache
def company(*, by_geo: bool = False) -> ResponseDraws:
    """Return the fit; with geos, their equal parts are north, south and west."""
    nation = make_response(demand=True, per_chain=15)
    base, draws = nation.baseline, nation.n_draws
    rng = np.random.default_rng(4)
    rival = rng.normal(12, 0.5, base.controls.shape)
    two = replace(
        base,
        control_names=("price", "competitor_price"),
        controls=np.concatenate([base.controls, rival]),
        control_center=np.concatenate([base.control_center, np.full((1, 1), 12.0)]),
        control_scale=np.concatenate([base.control_scale, np.full((1, 1), 0.5)]),
        coef=np.concatenate([base.coef, rng.normal(800, 100, (1, 1, draws))]),
    )
    nation = replace(nation, baseline=two)
    return replace(divided(nation, 3), geos=("north", "south", "west")) if by_geo else nation
