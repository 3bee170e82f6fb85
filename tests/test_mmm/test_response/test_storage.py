"""Stored draws come back to the bit; damaged ones do not come back at all."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest

from mmm.exceptions import DataError
from mmm.response.storage import ARRAYS, NAMES, load_response, save_response
from mmm.runs import Manifest, staged_run
from tests.test_mmm.test_response.make import make_response


def same(a: object, b: object) -> bool:
    if is_dataclass(a) and not isinstance(a, type):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b  # type: ignore[arg-type]


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
    with pytest.raises(DataError, match="format 99"):
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
