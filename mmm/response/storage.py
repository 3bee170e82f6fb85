"""Safe storage of response draws: arrays in netCDF, names in JSON with the hash of the arrays; no pickle anywhere.

Format 2 added which geo-weeks have a row, and the geos' population.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from mmm.exceptions import DataError
from mmm.response.draws import BaselineDraws, DemandIndex, MediaDraws, ResponseDraws
from mmm.runs import MARKER, hash_file, open_run, write_json
from mmm.transforms.saturation import Saturation
from mmm.transforms.time_bases import TimeBasis

ARRAYS, NAMES = "response.nc", "response.json"
FORMAT = 2

_MEDIA_DIMS = {
    "media": ("geo", "week"),
    "alpha": ("geo", "sample"),
    "half_saturation": ("geo", "sample"),
    "slope": ("geo", "sample"),
    "beta": ("geo", "sample"),
}
_TOP_DIMS = {
    "outcome": ("geo", "week"),
    "value_per_outcome": ("geo", "week"),
    "spend": ("channel", "geo", "week"),
    "chain": ("sample",),
    "observed": ("geo", "week"),
    "population": ("geo",),
}
_BASE_DIMS = {
    "controls": ("control", "geo", "week"),
    "control_center": ("control", "geo"),
    "control_scale": ("control", "geo"),
    "coef": ("term", "geo", "sample"),
    "sigma": ("geo", "sample"),
}


def _arrays(response: ResponseDraws) -> xr.Dataset:
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "weeks": (("week",), response.weeks.astype("datetime64[D]").astype(np.int64)),
    }
    variables |= {name: (dims, getattr(response, name)) for name, dims in _TOP_DIMS.items()}
    for family, media, axis in (("paid", response.paid, "channel"), ("organic", response.organic, "organic_channel")):
        variables |= {f"{family}_{n}": ((axis, *dims), getattr(media, n)) for n, dims in _MEDIA_DIMS.items()}
    variables |= {f"baseline_{name}": (dims, getattr(response.baseline, name)) for name, dims in _BASE_DIMS.items()}
    if response.demand is not None:
        variables["demand_coef"] = (("demand_term", "sample"), response.demand.coef)
    if response.baseline.freedom.size:
        variables["baseline_freedom"] = (("sample",), response.baseline.freedom)
    if response.baseline.common.size:
        variables["baseline_common"] = (("geo", "sample"), response.baseline.common)
    return xr.Dataset({name: xr.Variable(dims, value) for name, (dims, value) in variables.items()})


def save_response(response: ResponseDraws, folder: str | Path) -> None:
    """Write ``response.nc`` and ``response.json`` into a folder (of a staged run)."""
    folder = Path(folder)
    data = _arrays(response)
    packed = {name: {"zlib": True, "complevel": 4} for name, value in data.variables.items() if value.size}
    data.to_netcdf(folder / ARRAYS, engine="h5netcdf", encoding=packed)
    names = {
        "format": FORMAT,
        "geos": response.geos,
        "outcome_name": response.outcome_name,
        "outcome_is_money": response.outcome_is_money,
        "currency": response.currency,
        "paid": {"names": response.paid.names, "saturation": response.paid.saturation},
        "organic": {"names": response.organic.names, "saturation": response.organic.saturation},
        "baseline": {"basis": response.baseline.basis.as_dict(), "control_names": response.baseline.control_names},
        "demand": response.demand is not None,
        "national_channels": response.national_channels,
        "arrays_sha256": hash_file(folder / ARRAYS),
    }
    write_json(folder / NAMES, names)


def _media(data: dict[str, Any], family: str, names: dict[str, Any]) -> MediaDraws:
    return MediaDraws(
        names=tuple(names["names"]),
        saturation=tuple(Saturation(form) for form in names["saturation"]),
        **{name: data[f"{family}_{name}"] for name in _MEDIA_DIMS},
    )


def load_response(folder: str | Path) -> ResponseDraws:
    """Read response draws from a fit's run folder (all its hashes are checked) or from a bare folder.

    Raises
    ------
    DataError
        Files missing, damaged, changed after they were written, or of a newer format. Older formats are read.
    """
    folder = Path(folder)
    redo = "Run 'mixwise fit' again."
    if (folder / MARKER).exists() or not (folder / NAMES).exists():
        open_run(folder, command="fit")
    try:
        names = json.loads((folder / NAMES).read_text(encoding="utf-8"))
        written = int(names["format"])
        if written > FORMAT:
            raise DataError(
                f"the draws are in format {written}, and this version of Mixwise reads formats 1 to {FORMAT}",
                where=str(folder / NAMES),
                do="Open them with a newer Mixwise, or fit again with this one.",
            )
        if hash_file(folder / ARRAYS) != names["arrays_sha256"]:
            raise DataError("the draws were changed after they were written", where=str(folder / ARRAYS), do=redo)
        with xr.open_dataset(folder / ARRAYS, engine="h5netcdf", decode_cf=False) as stored:
            data = {str(name): np.ascontiguousarray(value.values) for name, value in stored.variables.items()}
        return _assemble(names, _migrated(data, written))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError("the response draws cannot be read", where=str(folder), do=redo) from error


def _migrated(data: dict[str, Any], written: int) -> dict[str, Any]:
    """Add what an older format does not hold: in format 1 every geo-week had a row."""
    if written < 2:
        shape = data["outcome"].shape
        data = data | {
            "observed": np.ones(shape, dtype=np.bool_),
            "population": np.ones(shape[0]),
        }
    return data | {"observed": data["observed"].astype(np.bool_)}


def _assemble(names: dict[str, Any], data: dict[str, Any]) -> ResponseDraws:
    weeks = data["weeks"].astype("datetime64[D]")
    base = names["baseline"]
    return ResponseDraws(
        weeks=weeks,
        geos=tuple(names["geos"]),
        outcome_name=names["outcome_name"],
        outcome_is_money=names["outcome_is_money"],
        currency=names["currency"],
        paid=_media(data, "paid", names["paid"]),
        organic=_media(data, "organic", names["organic"]),
        baseline=BaselineDraws(
            basis=TimeBasis.from_dict(base["basis"]),
            control_names=tuple(base["control_names"]),
            **{name: data[f"baseline_{name}"] for name in _BASE_DIMS},
            freedom=data.get("baseline_freedom", np.zeros(0)),
            common=data.get("baseline_common", np.zeros((0, 0))),
        ),
        demand=DemandIndex(weeks, data["demand_coef"]) if names["demand"] else None,
        # Written since geos are planned; before, every channel was taken to be decided nationally.
        national_channels=tuple(names.get("national_channels", ())),
        **{name: data[name] for name in _TOP_DIMS},
    )


__all__ = ["ARRAYS", "NAMES", "load_response", "save_response"]
