"""``mixwise trace``: one figure of a run's panel, and every file and row that it was made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from mmm.data.columns import Role, is_money
from mmm.data.log import counted
from mmm.data.privacy import safe
from mmm.data.room.figures import SUMMED, role_of
from mmm.data.room.lineage import FILE, read_lineage
from mmm.data.room.owned_money import money_of
from mmm.data.room.source_rows import Found, Shelf, SourceRows
from mmm.data.room.trace import Part, Trace, adds_up, placed, series_of, take_apart
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError
from mmm.runs import MANIFEST, Run, open_run

_COMMANDS = ("check", "fit")
#: Parts whose rows are shown in the terminal; ``--json`` has all.
_MOST_PARTS = 12
_INDENT = 18


@dataclass(frozen=True)
class Question:
    """What is asked of a run; one of channel, series and outcome.

    Attributes
    ----------
    week : str
        Any day of it, as ``2024-03-04``.
    channel, series, geo : str, optional
    exposure : bool
        Of the channel, instead of its spend.
    outcome : bool
    data : Path, optional
        Where the sources lie now; by default where they lay.
    """

    week: str
    channel: str | None = None
    series: str | None = None
    geo: str | None = None
    exposure: bool = False
    outcome: bool = False
    data: Path | None = None

    def day(self) -> date:
        """Return the day.

        Raises
        ------
        SpecError
        """
        try:
            return date.fromisoformat(self.week)
        except ValueError:
            raise SpecError(f"'{safe(self.week)}' is no day", where="--week", do="Write it as 2024-03-04.") from None


def _open(folder: Path) -> Run:
    """Open a run of ``check`` or ``fit``."""
    command = _COMMANDS[0]
    if (folder / MANIFEST).is_file():
        try:
            told = json.loads((folder / MANIFEST).read_text(encoding="utf-8")).get("command")
        except (ValueError, AttributeError):
            told = None
        command = told if told in _COMMANDS else command
    return open_run(folder, command=command)


def _series(asked: Question, configuration: Mapping[str, Any]) -> str:
    """Return the column that is asked for."""
    if sum((asked.channel is not None, asked.series is not None, asked.outcome)) != 1:
        raise SpecError("say which figure", where="trace", do="Give one of --channel, --series and --outcome.")
    if asked.channel is not None:
        return series_of(asked.channel, configuration, channel=True, exposure=asked.exposure)
    if asked.series is not None:
        return series_of(asked.series, configuration, channel=False)
    return str(configuration["data"]["outcome"])


def _spec(configuration: Mapping[str, Any]) -> PanelSpec:
    """Return the part of a run's configuration that says how its data were read."""
    return PanelSpec.model_validate({key: configuration[key] for key in PanelSpec.model_fields if key in configuration})


def trace(folder: Path, asked: Question) -> tuple[Trace, list[SourceRows]]:
    """Take one figure of a run apart.

    Parameters
    ----------
    folder : Path
        Of ``mixwise check`` or ``mixwise fit``.
    asked : Question

    Returns
    -------
    trace : Trace
    rows : list of SourceRows
        Of each part.

    Raises
    ------
    DataError, SpecError
        No such run, week, channel, series or geo; a run without a lineage.
    """
    day = asked.day()
    run = _open(folder)
    grain = run.manifest["configuration"].get("join", {}).get("grain", "week")
    if grain != "week":
        raise DataError(
            f"this is a table by {grain}, and figures of weeks are traced",
            where=str(folder),
            do="Remove join.grain and run 'mixwise check' again.",
        )
    if not (run.folder / FILE).is_file():
        raise DataError(
            "this run was made before lineages were kept",
            where=str(folder),
            do=f"Run 'mixwise {run.manifest['command']}' again.",
        )
    table, way = read_lineage(run.folder)
    told = run.manifest["configuration"]
    configuration = told.get("spec", told)  # a fit's has the priors beside it
    spec = _spec(configuration)
    series = _series(asked, configuration)
    owned = {money_of(one.volume): one for one in spec.channels.values() if one.volume is not None}.get(series)
    role = role_of(spec).get(series, Role.CONTROL if owned is None else Role.SPEND)
    found = take_apart(
        table,
        series=series,
        week=day,
        geo=asked.geo,
        unit=spec.currency if is_money(role, spec) else "",
        averaged=role not in SUMMED,
        volume="" if owned is None else owned.volume or "",
    )
    if not adds_up(found):
        raise DataError(
            f"the parts give {found.added:,.6f} and the panel holds {found.figure:,.6f}",
            where=f"{folder}, {safe(series)}, {found.week}",
            do=f"Run 'mixwise {run.manifest['command']}' again; if it stays so, it is our mistake: please report it.",
        )
    shelf = Shelf(asked.data or run.folder / way, spec, dict(run.manifest["inputs"]))
    cost = None if owned is None else owned.cost_of_service
    parts = tuple(placed(part, spec.sources.get(part.source)) for part in found.parts)
    found = replace(found, parts=parts, mean_cost=isinstance(cost, str))
    columns = [found.volume or series, *([cost] if isinstance(cost, str) else [])]
    return found, [shelf.rows(part, columns) if part.file else SourceRows(Found.SAME) for part in found.parts]


def run(folder: Path, asked: Question, *, as_json: bool) -> int:
    """Print one figure of a run with its parts.

    Parameters
    ----------
    folder : Path
    asked : Question
    as_json : bool

    Returns
    -------
    int
        Exit code: 0.

    Raises
    ------
    DataError, SpecError
    """
    found, rows = trace(folder, asked)
    if as_json:
        content = found.as_dict()
        for part, source in zip(content["parts"], rows, strict=True):
            part["found"] = source.says or source.found.value
            part["lines"] = [{"row": row, **dict(zip(source.header, cells, strict=True))} for row, cells in source.rows]
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))  # noqa: T201  (the result)
    else:
        _print(found, rows, Console(highlight=False, markup=False))
    return 0


def _amount(value: float, unit: str) -> str:
    return f"{value:,.2f} {unit}" if unit else f"{value:,.10g}"


def _print(found: Trace, rows: list[SourceRows], console: Console) -> None:
    place = "" if found.geo == "national" else f", {'all geos' if found.geo == 'all' else safe(found.geo)}"
    head = f"{safe(found.series)}, week of {found.week}{place}: {_amount(found.figure, found.unit)}"
    console.print(Text(head, style="bold"))
    if not found.parts:
        console.print(Text("No row of any file holds it: nothing was there, which counts as zero."))
        return
    add = "is all of it" if len(found.parts) == 1 else f"add up to {_amount(found.added, found.unit)}"
    console.print(Text(f"{counted(len(found.parts), 'part')} {add}:"))
    for part, source in list(zip(found.parts, rows, strict=True))[:_MOST_PARTS]:
        _print_part(found, part, source, console)
    more = len(found.parts) - _MOST_PARTS
    if more > 0:
        rest = sum(part.value for part in found.parts[_MOST_PARTS:])
        console.print(Text(f"{_amount(rest, found.unit):>16}  {counted(more, 'smaller part')} more: see --json"))


def _print_part(found: Trace, part: Part, source: SourceRows, console: Console) -> None:
    line = Text(f"{_amount(part.value, found.unit):>16}  ")
    line.append(safe(part.place, limit=200), style="bold" if part.file else "")
    console.print(line)
    days = part.first_day if part.first_day == part.last_day else f"{part.first_day} to {part.last_day}"
    told = [f"'{safe(part.label)}'"] if part.label and part.file else []
    told += [safe(part.geo)] if found.geo == "all" else []
    told += [days] if part.first_day else []
    whole = part.original is not None and found.how(part) and not found.volume
    told += [_amount(part.original, part.currency)] if whole and part.original is not None else []
    told += [found.how(part)] if found.how(part) else []
    below = [Text(", ".join(told), style="dim")] if told else []
    if source.says:
        below.append(Text(f"({source.says})", style="yellow"))
    for number, cells in source.rows:
        pairs = " · ".join(f"{name}: {cell}" for name, cell in zip(source.header, cells, strict=True))
        below.append(Text(f"row {number} · {pairs}", style="dim"))
    if source.more:
        below.append(Text(f"and {source.more} more rows", style="dim"))
    for text in below:
        console.print(Padding(text, (0, 0, 0, _INDENT), expand=False))
