"""Stored draws come back to the bit; damaged ones do not come back at all."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from mmm.exceptions import DataError
from mmm.response.storage import ARRAYS, NAMES, load_response, save_response
from mmm.runs import Manifest, hash_file, staged_run
from tests.test_mmm.test_response.make import make_response
from tests.test_mmm.test_response.make_geos import unbalanced


def same(a: object, b: object) -> bool:
    if is_dataclass(a) and not isinstance(a, type):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b  # type: ignore[arg-type]


def test_unbalanced_geos_and_student_t_residuals_come_back(tmp_path: Path) -> None:
    response = unbalanced()
    response = replace(response, baseline=replace(response.baseline, freedom=np.linspace(3, 30, response.n_draws)))
    save_response(response, tmp_path)
    assert same(load_response(tmp_path), response)


def test_format_1_is_read_as_whole_and_normal(tmp_path: Path) -> None:
    """What the first format wrote: neither observed weeks nor population."""
    response = make_response(geos=2)
    save_response(response, tmp_path)
    with xr.open_dataset(tmp_path / ARRAYS, engine="h5netcdf", decode_cf=False) as stored:
        old = stored.load().drop_vars(["observed", "population"])
    old.to_netcdf(tmp_path / ARRAYS, engine="h5netcdf")
    names = json.loads((tmp_path / NAMES).read_text(encoding="utf-8"))
    names |= {"format": 1, "arrays_sha256": hash_file(tmp_path / ARRAYS)}
    (tmp_path / NAMES).write_text(json.dumps(names), encoding="utf-8")
    loaded = load_response(tmp_path)
    assert same(loaded, response)
    assert loaded.observed.all()
    assert loaded.population.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("kind", [{}, {"geos": 2, "demand": True, "slopes": True}])
def test_round_trip(tmp_path: Path, kind: dict[str, object]) -> None:
    response = make_response(**kind)  # type: ignore[arg-type]
    save_response(response, tmp_path)
    assert same(load_response(tmp_path), response)
    assert (tmp_path / ARRAYS).stat().st_size < 1_000_000


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    save_response(make_response(), tmp_path)
    raw = bytearray((tmp_path / ARRAYS).read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / ARRAYS).write_bytes(raw)
    with pytest.raises(DataError, match="changed"):
        load_response(tmp_path)


def test_damaged_names_are_refused(tmp_path: Path) -> None:
    save_response(make_response(), tmp_path)
    names = json.loads((tmp_path / NAMES).read_text(encoding="utf-8"))
    (tmp_path / NAMES).write_text(json.dumps({**names, "format": 99}), encoding="utf-8")
    with pytest.raises(DataError, match=r"format 99.* reads formats 1 to 2.*newer Mixwise"):
        load_response(tmp_path)
    (tmp_path / NAMES).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        load_response(tmp_path)


def test_a_run_folder_is_checked_whole(tmp_path: Path) -> None:
    with staged_run(tmp_path / "fit", Manifest("fit")) as folder:
        save_response(make_response(), folder)
        (folder / "summary.json").write_text("{}", encoding="utf-8")
    assert load_response(tmp_path / "fit").n_draws == 300
    (tmp_path / "fit" / "summary.json").write_text("{ }", encoding="utf-8")
    with pytest.raises(DataError, match=r"summary\.json"):
        load_response(tmp_path / "fit")
    with pytest.raises(DataError, match="does not exist"):
        load_response(tmp_path / "nothing")
