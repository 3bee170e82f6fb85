"""The benchmark's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import common
from benchmarks.decision.figures import figures, paired
from benchmarks.decision.notes import MEANING

Rows = Sequence[dict[str, Any]]
Found = Mapping[str, Any]
NONE = "–"


def percent(value: float | None, digits: int = 1, *, signed: bool = False) -> str:
    if value is None:
        return NONE
    return f"{100 * value:{'+' if signed else ''}.{digits}f} %"


def with_error(value: float | None, error: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """Write a share and its standard error over markets."""
    if value is None or error is None:
        return percent(value, digits, signed=signed)
    return f"{percent(value, digits, signed=signed)} ± {100 * error:.{digits}f}"


#: Column → its words from a tool's figures.
COLUMNS: Mapping[str, Callable[[Found], object]] = {
    "markets": lambda f: f["markets"],
    "regret": lambda f: with_error(f["regret"], f["regret_se"]),
    "uplift captured": lambda f: with_error(f["captured"], f["captured_se"], 0),
    "regret of the split alone": lambda f: with_error(f["split_regret"], f["split_regret_se"]),
    "worse than current": lambda f: percent(f["worse"], 0),
    "ROAS error, median": lambda f: with_error(f.get("roas_error"), f.get("roas_error_se"), 0),
    "90 % intervals of ROAS cover": lambda f: with_error(f.get("roas_covered"), f.get("roas_covered_se"), 0),
    "uplift claimed / realised": lambda f: f"{percent(f.get('claimed'))} / {percent(f['realised'])}",
    "claimed − realised": lambda f: with_error(f.get("overclaimed"), f.get("overclaimed_se"), signed=True),
    "90 % interval covers": lambda f: percent(f.get("uplift_covered"), 0),
    "P(better) claimed / true": lambda f: (
        f"{percent(f['p_claimed'], 0)} / {percent(f['p_came_true'], 0)}" if "p_claimed" in f else NONE
    ),
    "no fit / failed search": lambda f: f"{f['failed']} / {f['no_plan']}",
    "CPU s": lambda f: common.seconds(f.get("cpu_s")),
}


def by_tool(rows: Rows, tools: Sequence[str], notes: Sequence[str], caption: str) -> common.Table:
    """Return every tool over its markets among ``rows``."""
    lines = []
    for tool in tools:
        own = [row for row in rows if row["tool"] == tool]
        if any(row.get("regret") is not None for row in own):
            found = figures(own)
            lines.append([tool, *(words(found) for words in COLUMNS.values())])
    return common.Table(caption, ("tool", *COLUMNS), lines, notes)


def headline(rows: Rows, tools: Sequence[str], asked: Sequence[str], notes: Sequence[str]) -> list[common.Table]:
    """Return the table of the markets that every tool of ``asked`` answered, and that of all markets."""
    same = answered_by_all(rows, asked)
    every = {market_of(row) for row in rows}
    alike = by_tool(
        [row for row in rows if market_of(row) in same],
        [tool for tool in tools if any(row["tool"] == tool and market_of(row) in same for row in rows)],
        (*MEANING, *notes),
        f"The same {len(same)} markets for every tool",
    )
    if same == every:
        return [alike]
    few = "A peer that was asked about fewer markets than Mixwise met other ones: compare within the table above."
    return [alike, by_tool(rows, tools, (few,), f"Every tool on all its markets, {len(every)} in all")]


def market_of(row: Mapping[str, Any]) -> tuple[str, int]:
    """Return what a row is about: world and seed."""
    return row["world"], row["seed"]


def answered_by_all(rows: Rows, tools: Sequence[str]) -> set[tuple[str, int]]:
    """Return the markets that every one of the tools was asked about."""
    found = [{market_of(row) for row in rows if row["tool"] == tool} for tool in tools]
    return set.intersection(*found) if found else set()


def against(rows: Rows, tool: str, rivals: Sequence[str]) -> common.Table:
    """Return how a tool does against each rival, on the same markets."""
    lines = []
    for rival in rivals:
        week, split = paired(rows, tool, rival), paired(rows, tool, rival, "split_regret")
        if week is None or split is None:
            continue
        lines.append(
            [
                rival,
                week["markets"],
                with_error(week["more"], week["more_se"], signed=True),
                percent(week["better"], 0),
                with_error(split["more"], split["more_se"], signed=True),
                percent(split["better"], 0),
            ]
        )
    columns = (
        "rival", "markets", "its regret − ours", "ours is better in", "of the split alone", "ours is better in",
    )  # fmt: skip
    return common.Table(f"{tool} against each, the same markets", columns, lines)


def by_world(rows: Rows, tools: Sequence[str]) -> list[common.Table]:
    """Return regret, captured uplift, ROAS and honesty by world."""
    worlds = list(dict.fromkeys(row["world"] for row in rows))
    shown = {
        "regret": "Regret by world",
        "uplift captured": "Share of the possible uplift captured, by world",
        "ROAS error, median": "Median absolute ROAS error by world",
        "90 % intervals of ROAS cover": "Coverage of the 90 % intervals of ROAS, by world",
        "uplift claimed / realised": "Uplift claimed and realised, shares of the budget, by world",
        "worse than current": "How often the plan is worse than the current one, by world",
    }
    made = []
    for column, caption in shown.items():
        lines, used = [], _used(rows, tools, column)
        for world in worlds:
            line: list[object] = [world, ", ".join(str(seed) for seed in _seeds(rows, world))]
            for tool in used:
                own = [row for row in rows if row["tool"] == tool and row["world"] == world]
                there = any(row.get("regret") is not None for row in own)
                line.append(COLUMNS[column](figures(own)) if there else NONE)
            lines.append(line)
        made.append(common.Table(caption, ("world", "seeds", *used), lines))
    return made


def _seeds(rows: Rows, world: str) -> list[int]:
    return sorted({row["seed"] for row in rows if row["world"] == world})


def _used(rows: Rows, tools: Sequence[str], column: str) -> list[str]:
    """Leave out tools that say nothing in a column."""
    fitted = column not in ("regret", "uplift captured", "worse than current")
    return [
        tool
        for tool in tools
        if any(row["tool"] == tool and (not fitted or row.get("roas_error") is not None) for row in rows)
    ]
