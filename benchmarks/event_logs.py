"""A log of 100 million events → counts by week, channel and geo, in bounded memory; beside pandas where pandas can.

``python -m benchmarks.event_logs`` (``--rows 1e8 --pandas-rows 1e7 --memory 2GB``). The log is made by DuckDB in a
temporary folder: ids of a tenth as many people as events, with consent and an opt-out file, as 20 Parquet files.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks.common import ROOT, Finished, Table, run, seconds, start, whole, write

FILES = 20
WEEKS = 104
FIRST = "2023-01-02"
TODAY = date(2025, 6, 30)
PEOPLE_SHARE = 0.1


def make(folder: Path, rows: int) -> int:
    """Write a log of single events and an opt-out file, and return the bytes of the log."""
    import duckdb

    connection = duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(folder / "spill")})
    connection.execute("SET enable_progress_bar = false")
    people, per_file = max(1, int(rows * PEOPLE_SHARE)), rows // FILES
    (folder / "log").mkdir()
    for k in range(FILES):
        # A hash of the row's number stands for chance: the same log in every run, on any number of threads.
        connection.execute(
            f"""
            COPY (
                SELECT 'p' || (a % {people})::VARCHAR AS person,
                       TIMESTAMP '{FIRST}' + to_seconds((b % {WEEKS * 7 * 86400})::BIGINT) AS time,
                       ['search', 'social', 'video', 'display', 'mail', 'shop', 'partner', 'podcast']
                           [(1 + least((a >> 40) % 8, (b >> 40) % 8))::BIGINT] AS channel,
                       ['north', 'south', 'east', 'west', 'isles']
                           [(1 + least((a >> 44) % 5, (b >> 44) % 5))::BIGINT] AS geo,
                       CASE WHEN (a >> 48) % 10 = 0 THEN 'purchase' ELSE 'touch' END AS event,
                       CASE WHEN (b >> 48) % 5 = 0 THEN 'no' ELSE 'yes' END AS consent,
                       (500 + (a >> 52) % 4000) / 100 AS value
                FROM (SELECT hash(i) AS a, hash(i, 1) AS b FROM range({k * per_file}, {(k + 1) * per_file}) AS t(i))
            ) TO '{folder}/log/events{k:02}.parquet' (FORMAT parquet)
            """
        )
    connection.execute(
        f"COPY (SELECT 'p' || (i * 1000)::VARCHAR AS person FROM range({people // 1000}) AS t(i)) "
        f"TO '{folder}/optout.csv' (HEADER)"
    )
    connection.close()
    shutil.rmtree(folder / "spill", ignore_errors=True)
    return sum(path.stat().st_size for path in (folder / "log").iterdir())


def count_with_mixwise(folder: Path, memory: str) -> dict[str, object]:
    """Read the log as ``mixwise check`` does."""
    from mmm.data.events.read import read_events
    from mmm.data.log import ReadingLog
    from mmm.data.sources.spec import SourceSpec
    from mmm.data.spec import PanelSpec

    metrics = {
        "visits": {"count": "events", "of": ["touch"]},
        "visitors": {"count": "people", "of": ["touch"]},
        "orders": {"count": "events", "of": ["purchase"]},
        "revenue": {"sum": "value", "of": ["purchase"]},
    }
    source = SourceSpec.model_validate(
        {
            "file": "log",
            "date": "time",
            "channel": "channel",
            "geo": "geo",
            "events": {
                "person": "person",
                "kind": "event",
                "metrics": metrics,
                "consent": {"column": "consent", "granted": ["yes"]},
                "opt_out": {"file": "optout.csv"},
                "memory_limit": memory,
            },
        }
    )
    spec = PanelSpec.model_validate(
        {"data": {"outcome": "revenue"}, "channels": {"search": {"spend": "spend"}}, "sources": {"web": source}}
    )
    began, log = time.perf_counter(), ReadingLog()
    facts = read_events("web", source, spec, folder, TODAY, log)
    took = time.perf_counter() - began
    value = facts.table["value"].to_numpy()
    metric = facts.table["metric"].to_numpy(zero_copy_only=False)
    sums = {name: float(value[metric == name].sum()) for name in metrics}
    return {"seconds": took, "cells": len(value) // 2, "rows_used": facts.files[0].rows_used, "sums": sums}


def count_with_pandas(folder: Path) -> dict[str, object]:
    """The same counts as a notebook makes them; small cells are dropped, nothing guards against subtraction."""
    import pandas as pd

    began = time.perf_counter()
    log = pd.read_parquet(folder / "log")
    out = pd.read_csv(folder / "optout.csv")["person"]
    log = log[(log["consent"] == "yes") & ~log["person"].isin(out)]
    log["week"] = log["time"].dt.to_period("W-SUN").dt.start_time
    keys = ["week", "channel", "geo"]
    touches, bought = log[log["event"] == "touch"], log[log["event"] == "purchase"]
    visits = touches.groupby(keys, observed=True)["person"].agg(visits="size", visitors="nunique")
    orders = bought.groupby(keys, observed=True).agg(
        orders=("person", "size"), revenue=("value", "sum"), people=("person", "nunique")
    )
    visits, orders = visits[visits["visitors"] >= 50], orders[orders["people"] >= 50]
    sums = {**visits.sum().to_dict(), **orders.drop(columns="people").sum().to_dict()}
    took = time.perf_counter() - began
    return {
        "seconds": took,
        "cells": len(visits) + len(orders),
        "rows_used": int(visits["visits"].sum() + orders["orders"].sum()),
        "sums": sums,
    }


def measured(kind: str, folder: Path, memory: str) -> Finished:
    """Run one of the two in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.event_logs",
        "--child",
        kind,
        "--folder",
        str(folder),
        "--memory",
        memory,
    ]
    return run(command, cwd=ROOT)


def main() -> None:
    """Make the logs, count them, write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=float, default=1e8)
    parser.add_argument("--pandas-rows", type=float, default=1e7)
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--child", choices=("mixwise", "pandas"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.child is not None:
        done = (
            count_with_pandas(asked.folder)
            if asked.child == "pandas"
            else count_with_mixwise(asked.folder, asked.memory)
        )
        print(json.dumps(done))
        return
    head = start()
    rows: list[list[object]] = []
    figures: dict[str, object] = {"memory_limit": asked.memory}
    for count, kinds in ((int(asked.pandas_rows), ("mixwise", "pandas")), (int(asked.rows), ("mixwise",))):
        with tempfile.TemporaryDirectory(prefix="event-log-") as name:
            folder = Path(name)
            size = make(folder, count)
            for kind in kinds:
                finished = measured(kind, folder, asked.memory)
                done = finished.last_json() if finished.code == 0 else None
                used = None if done is None else done["rows_used"]
                rows.append(
                    [
                        "Mixwise" if kind == "mixwise" else "pandas",
                        whole(count),
                        f"{size / 1e9:.2f}",
                        seconds(finished.wall) if done else finished.reason(),
                        seconds(finished.cpu),
                        f"{finished.peak_mb / 1e3:.2f}",
                        whole(used),
                    ]
                )
                figures[f"{kind}_{count}"] = {
                    "wall_seconds": finished.wall,
                    "cpu_seconds": finished.cpu,
                    "peak_mb": finished.peak_mb,
                    "log_bytes": size,
                    **({} if done is None else done),
                }
                print(rows[-1], flush=True)
    table = Table(
        "Touches and purchases by week, channel and geo: events, different people, orders and revenue",
        ["by", "events", "log, GB (Parquet)", "seconds", "CPU seconds", "peak memory, GB", "rows used"],
        rows,
        [
            f"DuckDB's memory_limit is {asked.memory}; the peak is of the whole process, its libraries included.",
            (
                "Mixwise reads the log twice (names first, then people) and hashes its bytes; consent and the opt-out "
                "list are applied, cells of fewer than 50 people merged or listed. pandas drops small cells."
            ),
        ],
    )
    write("event_logs", head, "100 million events in bounded memory", [table], figures)


if __name__ == "__main__":
    main()
