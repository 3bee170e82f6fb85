"""A folder with the files of one source, read into facts; the law of conservation is held on every read."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mmm.data import PanelSpec
from mmm.data.log import ReadingLog
from mmm.data.sources.facts import Facts
from mmm.data.sources.read import read_facts
from mmm.exceptions import MixwiseError
from mmm.findings import Finding

TODAY = date(2025, 6, 30)
LONG = {"date": "Day", "channel": "Campaign", "metrics": {"spend": "Cost", "clicks": "Clicks"}}


def model(source: dict[str, Any], **changes: Any) -> PanelSpec:
    """Declare a model with one source called ``ads``."""
    plain: dict[str, Any] = {
        "data": {"outcome": "revenue"} | changes.pop("data", {}),
        "channels": {
            "search": {"spend": "search_spend", "exposure": "search_clicks"},
            "tv": {"spend": "tv_spend"},
        },
        "controls": ["price"],
        "sources": {"ads": source},
    }
    return PanelSpec.model_validate(plain | changes)


def write(folder: Path, files: dict[str, str | bytes]) -> None:
    """Write files, with the folders they lie in."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def read(folder: Path, source: dict[str, Any], **changes: Any) -> tuple[Facts, ReadingLog]:
    """Read the source ``ads`` and hold rows and money in = used + listed."""
    spec = model(source, **changes)
    log = ReadingLog()
    facts = read_facts("ads", spec.sources["ads"], spec, folder, TODAY, log)
    conserve(facts, log, spec.currency)
    return facts, log


def conserve(facts: Facts, log: ReadingLog, home: str = "EUR") -> None:
    """Rows in = used + listed; money in = money in facts + listed, by metric and currency."""
    listed = sum(item.rows for item in log.excluded)
    assert sum(one.rows_in for one in facts.files) == sum(one.rows_used for one in facts.files) + listed
    used: dict[tuple[str, str], list[float]] = defaultdict(list)
    for line in facts.table.to_pylist():
        if line["currency"] is not None and line["value"] is not None:
            used[line["metric"], line["currency"]].append(line["value"])
    for (metric, code), money in facts.money_in.items():
        name = metric if code == home else f"{metric} ({code})"
        out = math.fsum(item.spend.get(name, 0.0) for item in log.excluded)
        assert math.fsum([*used[metric, code], out]) == pytest.approx(money, rel=1e-9, abs=1e-6)
    assert set(used) <= set(facts.money_in)


def refused(folder: Path, source: dict[str, Any], **changes: Any) -> str:
    """Return the sentence with which a source is refused: place, finding and remedy."""
    with pytest.raises(MixwiseError) as told:
        read(folder, source, **changes)
    assert told.value.exit_code == 2
    assert told.value.where
    assert told.value.do
    return str(told.value)


def named(log: ReadingLog, name: str) -> Finding:
    """Return the finding of a name; fail with those there are."""
    found = [finding for finding in log.findings if finding.name == name]
    assert found, f"no finding '{name}' among {sorted({f.name for f in log.findings})}"
    return found[0]


def figures(facts: Facts) -> dict[tuple[str, str | None, str], float | None]:
    """Return (first day, label, metric) → value; fails where one is told twice."""
    found: dict[tuple[str, str | None, str], float | None] = {}
    for line in facts.table.to_pylist():
        key = (str(line["first_day"]), line["label"], line["metric"])
        assert key not in found, key
        found[key] = line["value"]
    return found
