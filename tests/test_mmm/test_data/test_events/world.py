"""A log of single events, made by the tests, and the same counts by pandas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmm.data.events.read import read_events
from mmm.data.log import ReadingLog
from mmm.data.sources.facts import Facts
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec

FIRST = pd.Timestamp("2025-01-06")
TODAY = date(2025, 12, 31)
METRICS = {
    "visits": {"count": "events", "of": ["touch"]},
    "visitors": {"count": "people", "of": ["touch"]},
    "revenue": {"sum": "value", "of": ["purchase"]},
}


def people_log(
    seed: int = 0,
    *,
    rows: int = 6_000,
    people: int = 1_500,
    weeks: int = 3,
    channels: Mapping[str, float] | None = None,
    geos: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Make a log: touches and purchases of people, each with a channel and a geo; every day of every week occurs."""
    rng = np.random.default_rng(seed)
    channels = channels or {"search": 0.6, "social": 0.37, "podcast": 0.03}
    geos = geos or {"north": 0.7, "south": 0.3}
    event = rng.choice(["touch", "purchase"], rows, p=[0.8, 0.2])
    moment = rng.integers(0, weeks * 7 * 86_400, rows)
    moment[: weeks * 7] = np.arange(weeks * 7) * 86_400
    return pd.DataFrame(
        {
            "person": [f"person-{number:05d}" for number in rng.integers(0, people, rows)],
            "time": (FIRST + pd.to_timedelta(moment, unit="s")).strftime("%Y-%m-%d %H:%M:%S"),
            "event": event,
            "channel": rng.choice(list(channels), rows, p=np.array(list(channels.values()))),
            "geo": rng.choice(list(geos), rows, p=np.array(list(geos.values()))),
            "consent": rng.choice(["yes", "no"], rows, p=[0.8, 0.2]),
            "value": np.where(event == "purchase", rng.lognormal(3, 0.7, rows).round(2), np.nan),
        }
    )


@dataclass(frozen=True)
class Read:
    """What reading a log gave."""

    facts: Facts
    log: ReadingLog

    @property
    def table(self) -> pd.DataFrame:
        return self.facts.table.to_pandas()

    def figures(self) -> dict[tuple[date, str | None, str | None, str], float]:
        """Return (first day, geo, label, metric) → figure."""
        return {
            (line["first_day"], line["geo"], line["label"], line["metric"]): line["value"]
            for line in self.facts.table.to_pylist()
        }

    def finding(self, name: str) -> str:
        return next(f.says for f in self.log.findings if f.name == name)

    def names(self) -> set[str]:
        return {finding.name for finding in self.log.findings}


def spec_of(source: SourceSpec, **more: Any) -> PanelSpec:
    body = {"data": {"outcome": "revenue"}, "channels": {"search": {"spend": "cost"}}, "sources": {"web": source}}
    return PanelSpec.model_validate(body | more)


def read(
    folder: Path,
    log: pd.DataFrame | None = None,
    *,
    file: str = "log.csv",
    source: Mapping[str, Any] | None = None,
    spec: Mapping[str, Any] | None = None,
    today: date = TODAY,
    **events: Any,
) -> Read:
    """Write a log (where one is given) and read it."""
    if log is not None and file.endswith(".parquet"):
        log.to_parquet(folder / file, index=False)
    elif log is not None:
        log.to_csv(folder / file, index=False)
    declared = {"person": "person", "kind": "event", "metrics": METRICS} | events
    body = {"file": file, "date": "time", "channel": "channel", "geo": "geo", "events": declared} | dict(source or {})
    known = SourceSpec.model_validate({key: value for key, value in body.items() if value is not None})
    told = ReadingLog()
    return Read(read_events("web", known, spec_of(known, **(spec or {})), folder, today, told), told)


def weeks_of(log: pd.DataFrame) -> pd.Series:
    """Return the Monday of each row's week."""
    days = pd.to_datetime(log["time"]).dt.normalize()
    return (days - pd.to_timedelta(days.dt.day_of_week, unit="D")).dt.date
