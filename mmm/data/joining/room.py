"""Several sources → one panel, with the account of every row from its file to the panel."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mmm.data.assemble import assemble
from mmm.data.checks import balanced
from mmm.data.events.shared import refuse_shared_logs
from mmm.data.joining.draft import Draft
from mmm.data.joining.join import compare, draft, join
from mmm.data.joining.joined import JOINED, Joined, Room
from mmm.data.joining.spec import PanelGrain
from mmm.data.log import ReadingLog
from mmm.data.panel import Panel
from mmm.data.reading import DateMarks
from mmm.data.report import DataReport, Excluded, Ledger, SourceAccount
from mmm.data.sources.facts import Facts
from mmm.data.sources.read import read_facts
from mmm.data.spec import PanelSpec
from mmm.exceptions import SpecError
from mmm.findings import by_severity


def read_room(spec: PanelSpec, folder: str | Path, *, today: date | None = None, name: str = "the model file") -> Room:
    """Read every source, join them and make the panel.

    Parameters
    ----------
    spec : PanelSpec
        With ``sources``.
    folder : path
        Of the model file; every file lies in it.
    today : date, optional
        Default: the day it is.
    name : str
        What errors call the model file.

    Returns
    -------
    Room
        The panel, and the joined table with where each of its cells comes from.

    Raises
    ------
    DataError, SpecError
    """
    if spec.join.grain is not PanelGrain.WEEK:
        raise SpecError(
            f"models are fitted to weeks, and join.grain is {spec.join.grain}",
            where=f"{name}, join.grain",
            do="Remove join.grain to make the weekly panel; the table by day or month is for looking at.",
        )
    folder, today, log = Path(folder), today or date.today(), ReadingLog()
    facts = read_sources(spec, folder, today, log)
    return make_room(facts, spec, folder, today, log)


def read_sources(spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> list[Facts]:
    """Read every source of a model file, in the order of their names."""
    refuse_shared_logs(spec.sources, folder)
    return [read_facts(name, source, spec, folder, today, log) for name, source in sorted(spec.sources.items())]


def make_room(facts: Sequence[Facts], spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> Room:
    """Join facts and make the panel; see :func:`read_room`.

    Parameters
    ----------
    log : ReadingLog
        What was found while the sources were read.
    """
    made = draft(facts, spec, folder, today, log)
    while_read = list(log.excluded)
    told = ReadingLog()
    panel = assemble(made.columns, _as_table(spec, made), today, told)
    rows = made.keep(panel)
    entries, findings = made.excluded()
    joined = made.settle(rows, panel)
    reconciled = compare(made, rows, folder, log)
    # Exclusions of the joined table's own rows are listed above by the files' rows; what remains is money in no row.
    entries += [item for item in told.excluded if not item.rows]
    ledger = _ledger(made, panel, joined.sources, while_read, entries)
    kept = [finding for finding in panel.report.findings if finding.name != "ledger"]  # it counts the table's rows
    panel = replace(panel, report=replace(panel.report, ledger=ledger))
    all_findings = by_severity([*log.findings, *findings, *kept, balanced(panel, JOINED)])
    inputs = dict(sorted(joined.inputs.items()))
    if spec.join.ledger is not None:
        inputs |= _ledger_input(spec, folder)
    return Room(
        replace(
            panel,
            report=DataReport(all_findings, ledger, joined.sources, reconciled),
            inputs=inputs,
            source_hash=hash_of(inputs),
        ),
        replace(joined, reconciled=reconciled, inputs=inputs),
    )


def hash_of(inputs: Mapping[str, str]) -> str:
    """Return one hash of named files: SHA-256 of their names and hashes, sorted."""
    text = "\n".join(f"{name}\0{sha}" for name, sha in sorted(inputs.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _ledger_input(spec: PanelSpec, folder: Path) -> dict[str, str]:
    if spec.join.ledger is None:
        return {}
    file = spec.join.ledger.file
    return {file: hashlib.sha256((folder / file).read_bytes()).hexdigest()}


def _as_table(spec: PanelSpec, made: Draft) -> PanelSpec:
    """Return the model file as it would be for the joined table: weeks by their first day, and its own columns."""
    data = {"date": "week", "date_marks": DateMarks.FIRST_DAY, "week_start": made.periods.week_start}
    return spec.model_copy(update={"data": spec.data.model_copy(update=data)})


def _ledger(
    made: Draft, panel: Panel, sources: Sequence[SourceAccount], while_read: list[Excluded], entries: list[Excluded]
) -> Ledger:
    """Make the ledger in rows of files and money of channels, and check it."""
    of_table = panel.report.ledger
    channels = list(of_table.spend_in)
    read = {name: [source.money_in[name] for source in sources if name in source.money_in] for name in channels}
    spend_in = {name: math.fsum(read[name]) if read[name] else of_table.spend_in[name] for name in channels}
    ledger = Ledger(
        rows_in=sum(source.rows_in for source in sources),
        rows_used=sum(source.rows_used for source in sources),
        spend_in=spend_in,
        spend_used=of_table.spend_used,
        excluded=(*while_read, *entries),
    )
    ledger.check({name: made.gross(name) for name in channels})
    return ledger


def read_joined(spec: PanelSpec, folder: str | Path, *, today: date | None = None) -> tuple[Joined, ReadingLog]:
    """Read and join the sources of a model file at the grain that it declares, without making a panel.

    Returns
    -------
    joined : Joined
    log : ReadingLog
        What was found, and what was set aside.
    """
    folder, today, log = Path(folder), today or date.today(), ReadingLog()
    return join(read_sources(spec, folder, today, log), spec, folder, today, log), log
