"""Render ``benchmarks/results/README.md`` from the JSON files beside it: ``python -m benchmarks.render``."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.common import RESULTS

ORDER = (
    "decision", "w1", "markets", "defaults", "defaults_peer", "real_data", "data_room", "event_logs", "model_scale",
    "optimizer_speed", "demo_time",
)  # fmt: skip
HEAD = """# Results

Rendered from the JSON files in this folder by `python -m benchmarks.render`; what each benchmark does, and how to
rerun it, is in [../README.md](../README.md). Every figure is of the commit, date and machine written above its table.
"""


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def table_markdown(table: dict[str, Any]) -> str:
    lines = [f"**{table['caption']}**", ""] if table["caption"] else []
    lines.append("| " + " | ".join(_cell(name) for name in table["columns"]) + " |")
    lines.append("|" + "---|" * len(table["columns"]))
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in table["rows"]]
    lines += ["", *(f"- {note}" for note in table["notes"])] if table["notes"] else []
    return "\n".join(lines)


def record_markdown(record: dict[str, Any]) -> str:
    machine = record["machine"]
    load = machine.get("load_before")
    where = f"{machine['cores']} cores ({machine['processor']}, {machine['system']})"
    busy = f", load before the run {load:.1f}" if load is not None else ""
    head = f"## {record['title']}\n\n{record['date']} · commit {record['commit']} · {where}{busy}"
    return "\n\n".join([head, *(table_markdown(table) for table in record["tables"])])


def render() -> None:
    """Write the page of all results that are there."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}
    names = [name for name in ORDER if name in found] + [name for name in found if name not in ORDER]
    page = "\n\n".join([HEAD.strip(), *(record_markdown(found[name]) for name in names)])
    (RESULTS / "README.md").write_text(page + "\n", encoding="utf-8")


if __name__ == "__main__":
    render()
