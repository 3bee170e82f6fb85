"""Ten million rows of daily campaign data in 200 files to a weekly panel: Mixwise beside pandas, each in a process.

``python -m benchmarks.data_room [--files 200] [--rows 50000]``

The files are made in a temporary folder. pandas reads what it is told to read and checks nothing; Mixwise reads every
cell for two meanings and for personal data, keeps files and rows of every figure, and accounts for every row and coin.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common

PLATFORMS = ("search", "social", "video", "display")
COUNTRIES = ("DE", "ES", "FR", "IT", "NL", "PL")
CAMPAIGNS = 60
FIRST = date(2021, 1, 1)
MODEL = {
    "data": {"date": "week", "outcome": "revenue", "geo": "country"},
    "channels": {name: {"spend": f"{name}_spend", "exposure": f"{name}_clicks"} for name in PLATFORMS},
    "sources": {
        "ads": {
            "file": "exports", "date": "Day", "geo": "Country", "channel": "Campaign",
            "metrics": {"spend": "Cost", "clicks": "Clicks"},
        },
        "shop": {"file": "shop.csv"},
    },
    "join": {"campaigns": {f"{name} *": name for name in PLATFORMS}},
}  # fmt: skip


def _months(count: int) -> list[date]:
    return [date(FIRST.year + month // 12, month % 12 + 1, 1) for month in range(count)]


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def make(folder: Path, files: int, rows: int) -> int:
    """Write the files: one a platform and month, with a row a day, campaign and advertisement; returns their bytes."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(7)
    (folder / "exports").mkdir()
    months = _months(-(-files // len(PLATFORMS)))
    written = 0
    for month in months:
        for platform in PLATFORMS[: files - written]:
            days = np.arange(month, _next(month), dtype="datetime64[D]")
            i = np.arange(rows)
            campaign = (i // len(days)) % CAMPAIGNS
            table = pa.table(
                {
                    "Day": pa.array(days[i % len(days)]),
                    "Campaign": pa.array([f"{platform} {k:02}, always on" for k in range(CAMPAIGNS)]).take(campaign),
                    "Ad": pa.array([f"ad {k:05}" for k in i // (len(days) * CAMPAIGNS)]),
                    "Country": pa.array(list(COUNTRIES)).take(campaign % len(COUNTRIES)),
                    "Cost": np.round(rng.gamma(2.0, 20.0, rows), 2),
                    "Impressions": rng.integers(100, 90_000, rows),
                    "Clicks": rng.integers(0, 900, rows),
                }
            )
            csv.write_csv(
                table,
                folder / "exports" / f"{platform}-{month:%Y-%m}.csv",
                csv.WriteOptions(quoting_style="needed"),
            )
            written += 1
    weeks = np.arange(FIRST + timedelta(days=3), _next(months[-1]) - timedelta(days=6), 7, dtype="datetime64[D]")
    lines = [f"{week},{country},{rng.gamma(50, 1000):.2f}" for week in weeks for country in COUNTRIES]
    (folder / "shop.csv").write_text("\n".join(["week,country,revenue", *lines]) + "\n")
    return sum(path.stat().st_size for path in (folder / "exports").iterdir())


def _ours(folder: Path) -> dict[str, Any]:
    from mmm.data import PanelSpec
    from mmm.data.joining.room import read_room

    started = time.perf_counter()
    room = read_room(PanelSpec.model_validate(MODEL), folder, today=date(2030, 1, 1))
    panel = room.panel
    return {
        "seconds": time.perf_counter() - started,
        "weeks": [str(week) for week in panel.weeks],
        "spend": {name: panel.spend[c].sum(axis=0).tolist() for c, name in enumerate(panel.channels)},
        "rows": panel.report.ledger.rows_in,
    }


def _facts(folder: Path) -> dict[str, Any]:
    from mmm.data import PanelSpec
    from mmm.data.log import ReadingLog
    from mmm.data.sources.read import read_facts

    started = time.perf_counter()
    spec = PanelSpec.model_validate(MODEL)
    facts = read_facts("ads", spec.sources["ads"], spec, folder, date(2030, 1, 1), ReadingLog())
    return {"seconds": time.perf_counter() - started, "figures": len(facts.table)}


def _pandas(folder: Path, *, whole: bool) -> dict[str, Any]:
    import pandas as pd

    def weekly(frame: pd.DataFrame) -> pd.DataFrame:
        days = pd.to_datetime(frame["Day"])
        week = days - pd.to_timedelta(days.dt.weekday, unit="D")
        channel = frame["Campaign"].str.split(" ", n=1).str[0]
        by = [week.rename("week"), frame["Country"].rename("country"), channel.rename("channel")]
        return frame[["Cost", "Clicks"]].groupby(by).sum()

    started = time.perf_counter()
    read = (pd.read_csv(path) for path in sorted((folder / "exports").iterdir()))
    if whole:
        sums = weekly(pd.concat(read, ignore_index=True))
    else:
        sums = pd.concat([weekly(frame) for frame in read]).groupby(level=[0, 1, 2]).sum()
    spend = sums.reset_index().pivot_table(index="week", columns="channel", values="Cost", aggfunc="sum")
    return {
        "seconds": time.perf_counter() - started,
        "weeks": [str(week.date()) for week in spend.index],
        "spend": {name: spend[name].tolist() for name in spend},
    }


WAYS = {
    "ours": ("Mixwise, to the panel", _ours),
    "facts": ("Mixwise, reading only", _facts),
    "whole": ("pandas, all files at once", lambda folder: _pandas(folder, whole=True)),
    "by_file": ("pandas, file by file", lambda folder: _pandas(folder, whole=False)),
}


def apart(first: dict[str, Any], second: dict[str, Any]) -> float:
    """Return the largest relative difference of weekly spend, over the weeks that both have."""
    place = {week: i for i, week in enumerate(second["weeks"])}
    both = [(i, place[week]) for i, week in enumerate(first["weeks"]) if week in place]
    mine, theirs = np.asarray(both).T
    gaps = [
        np.abs(np.asarray(first["spend"][name])[mine] / np.asarray(second["spend"][name])[theirs] - 1).max()
        for name in first["spend"]
    ]
    return float(max(gaps))


def measure(files: int, rows: int) -> None:
    head = common.start()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="mixwise-room-") as name:
        folder = Path(name)
        size = make(folder, files, rows)
        for way, (label, _) in WAYS.items():
            done = common.run([sys.executable, "-m", "benchmarks.data_room", "--way", way, "--folder", name])
            if done.code:
                raise SystemExit(f"{label}: {done.reason()}")
            told = done.last_json()
            found[way] = {**told, "wall": done.wall, "cpu": done.cpu, "peak_mb": done.peak_mb}
            load = common.machine()["load_before"]
            found[way]["load_after"] = load
            print(f"{label}: {done.wall:.1f} s, {done.cpu:.1f} CPU s, {done.peak_mb:.0f} MB, load {load}", flush=True)
    gap = apart(found["ours"], found["whole"])
    table = common.Table(
        caption=f"{files * rows:,} rows in {files} CSV files ({size / 1e6:.0f} MB) to weeks × {len(COUNTRIES)} "
        f"countries × {len(PLATFORMS)} channels",
        columns=("way", "seconds", "CPU seconds", "peak memory, MB", "machine's load after it"),
        rows=[
            (
                label,
                common.seconds(found[way]["wall"]),
                common.seconds(found[way]["cpu"]),
                common.whole(found[way]["peak_mb"]),
                f"{found[way]['load_after']:.1f}",
            )
            for way, (label, _) in WAYS.items()
        ],
        notes=(
            "Each way is a process of its own, one after another; seconds hold its start and its imports.",
            f"Weekly spend of Mixwise and pandas differs by {gap:.1e} at most.",
            (
                "pandas checks nothing. Mixwise reads every cell for two meanings and for personal data, accounts for "
                "every row and coin, keeps the file and rows of every figure, and joins the outcome."
            ),
        ),
    )
    figures = {way: {key: x for key, x in one.items() if key not in ("weeks", "spend")} for way, one in found.items()}
    figures |= {"rows": files * rows, "files": files, "bytes": size, "largest_relative_difference": gap}
    common.write("data_room", head, "Scattered files to a panel", [table], figures)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--files", type=int, default=200)
    asked.add_argument("--rows", type=int, default=50_000)
    asked.add_argument("--way", choices=tuple(WAYS))
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    if given.way is None:
        measure(given.files, given.rows)
    else:
        print(json.dumps(WAYS[given.way][1](given.folder)))


if __name__ == "__main__":
    main()
