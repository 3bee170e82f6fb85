"""What a person needs to know of a panel with several geos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, by_geo, geo_spec, named, read


def _names(panel_findings: tuple[object, ...]) -> set[str]:
    return {str(getattr(finding, "name", "")) for finding in panel_findings}


def test_no_population(tmp_path: Path) -> None:
    panel = read(tmp_path, by_geo(), geo_spec(data={"population": None}))
    assert "compared by their mean outcome" in named(panel, "no_population").says
    assert "no_population" not in _names(read(tmp_path, by_geo(), geo_spec()).report.findings)


@pytest.mark.parametrize(("spread", "alike"), [(0.03, True), (0.6, False)])
def test_spend_per_head_that_hardly_differs(spread: float, alike: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    book = by_geo()
    people = [float(x) for x in book.cells("people")]
    weeks = np.repeat(rng.gamma(3, 50, 60), 3)
    spend = weeks * np.asarray(people) / 100 * np.exp(spread * rng.normal(size=180))
    for i, x in enumerate(spend):
        book.put(i, "search_spend", f"{x:.2f}")
    panel = read(tmp_path, book, geo_spec())
    assert ("alike_in_every_geo" in _names(panel.report.findings)) is alike
    if alike:
        found = named(panel, "alike_in_every_geo")
        assert found.severity is Severity.NOTE
        assert "'search' per head differs by 1.7 %" in found.says


def test_a_control_that_is_constant_in_one_geo(tmp_path: Path) -> None:
    book = by_geo()
    for i, row in enumerate(book.rows):
        if row[book.column("region")] == "south":
            book.put(i, "price", "9")
    panel = read(tmp_path, book, geo_spec())
    assert "'price' never changes in 1 geo: south" in named(panel, "constant_control_in_geo").says
    assert panel.control_names == ("price",)


def test_a_control_that_only_tells_geos_apart_is_left_out(tmp_path: Path) -> None:
    book = by_geo()
    place = book.column("region")
    flat = Book(book.header, [[*row[:6], str(len(row[place])), *row[7:]] for row in book.rows])
    panel = read(tmp_path, flat, geo_spec())
    assert panel.control_names == ()
    assert "never changes within any geo" in named(panel, "constant_control").says


def test_a_population_in_another_unit(tmp_path: Path) -> None:
    panel = read(tmp_path, by_geo().each("people", lambda x: "0.3" if x == "300" else x), geo_spec())
    found = named(panel, "uneven_geos")
    assert "times as high in 'west' as in " in found.says
    assert found.severity is Severity.WARNING
