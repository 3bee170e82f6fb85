"""The posterior as an arviz-ready tree: parameters by name in raw units, sampler statistics, data."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from mmm.arrays import FloatArray
from mmm.model.posterior import SAMPLED, Draws
from mmm.model.prepared import Prepared
from mmm.response.draws import ResponseDraws

#: Sampler statistics that are kept.
STATISTICS = ("diverging", "energy", "n_steps", "step_size", "tree_depth", "depth", "logp")


def posterior_tree(prepared: Prepared, sampled: Any, draws: Draws, response: ResponseDraws) -> xr.DataTree:
    """Return groups ``posterior``, ``sample_stats``, ``observed_data`` and ``constant_data``.

    ``half_saturation``, ``beta`` and ``coefficient`` are national: sums over geos.
    """
    raw = sampled["posterior"].dataset
    shape = (raw.sizes["chain"], raw.sizes["draw"])
    wide = {"chain": np.arange(shape[0]), "draw": np.arange(shape[1])}
    both = (response.paid, response.organic)
    media = tuple(name for family in both for name in family.names)
    terms = (*response.baseline.basis.names, *(f"control:{name}" for name in response.baseline.control_names))

    def folded(values: FloatArray) -> FloatArray:
        return values.reshape(*shape, *values.shape[1:]).astype(np.float32)

    free = list(prepared.free_slope)
    national = prepared.media_scale.sum(axis=1)
    lead = ("chain", "draw")
    posterior: dict[str, Any] = {
        "carryover": ((*lead, "medium"), folded(draws.common_alpha)),
        "half_saturation": ((*lead, "medium"), folded(draws.common_half * national)),
        "roas": ((*lead, "channel"), folded(draws.roas)),
        "beta": ((*lead, "medium"), folded(np.concatenate([family.beta.sum(axis=1) for family in both]).T)),
        "coefficient": ((*lead, "term"), folded(response.baseline.coef.sum(axis=1).T)),
    }
    if free:
        posterior["slope"] = ((*lead, "free"), folded(draws.common_slope[:, free]))
    if draws.organic.shape[1]:
        posterior["organic_share"] = ((*lead, "organic"), folded(draws.organic))
    sigma = response.baseline.sigma.T
    one = sigma.shape[1] == 1
    posterior["sigma"] = (lead, folded(sigma[:, 0])) if one else ((*lead, "geo"), folded(sigma))
    if "size_geo" in raw:
        # In units of the learned spread, whatever the sampler moved.
        spread = raw["size_spread"].to_numpy()[..., None]
        tilt = np.log(draws.tilt).reshape(*shape, *draws.tilt.shape[1:])
        posterior["size_geo"] = (raw["size_geo"].dims, (tilt / spread).astype(np.float32))
    rest = [name for name in (*SAMPLED, *_own_variables(raw)) if name in raw and name not in posterior]
    posterior |= {name: (raw[name].dims, raw[name].to_numpy().astype(np.float32)) for name in rest}
    coords = {
        "medium": list(media),
        "channel": list(response.channels),
        "organic": list(response.organic.names),
        "free": [media[i] for i in free],
        "geo": list(response.geos),
        "wave": np.arange(prepared.demand_columns.shape[1]),
        "signed": [response.baseline.control_names[c.index] for c in prepared.priors.signed_controls],
        "term": list(terms),
    }
    used = {dim for dims, _ in posterior.values() for dim in dims}
    dataset = xr.Dataset(posterior, coords=wide | {name: values for name, values in coords.items() if name in used})
    return xr.DataTree.from_dict({"posterior": dataset, **_rest(sampled, response, wide, media)})


def _own_variables(raw: xr.Dataset) -> list[str]:
    """Return the variables of a custom term: those that are neither the model's nor a channel's own distribution."""
    ours = {*SAMPLED, "level", "linear", "geo_level", "geo_linear", "roas_z"}
    return [str(name) for name in raw.data_vars if name not in ours and ":" not in str(name)]


def _rest(sampled: Any, response: ResponseDraws, wide: dict[str, Any], media: tuple[str, ...]) -> dict[str, xr.Dataset]:
    stats = sampled["sample_stats"].dataset
    statistics = {name: (("chain", "draw"), stats[name].to_numpy()) for name in STATISTICS if name in stats}
    weeks = {"week": response.weeks.astype("datetime64[ns]")}
    both = (response.paid, response.organic)
    constant = {
        "spend": (("channel", "week"), response.spend.sum(1)),
        "media": (("medium", "week"), np.concatenate([family.media.sum(1) for family in both])),
    }
    named = weeks | {"channel": list(response.channels), "medium": list(media)}
    return {
        "sample_stats": xr.Dataset(statistics, coords=wide),
        "observed_data": xr.Dataset({"outcome": ("week", (response.outcome * response.observed).sum(0))}, coords=weeks),
        "constant_data": xr.Dataset(constant, coords=named),
    }
