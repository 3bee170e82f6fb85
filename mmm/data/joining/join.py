"""``join``: the figures of all sources → one table by period and geo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from mmm.arrays import BoolArray
from mmm.data.columns import Role
from mmm.data.joining.absent import warn_of_absent_parts
from mmm.data.joining.account import say_excluded
from mmm.data.joining.aside import money_aside, rewrite_listed
from mmm.data.joining.draft import Draft, refuse_empty
from mmm.data.joining.geos import resolve_geos
from mmm.data.joining.idle import tell_idle_lines
from mmm.data.joining.joined import Joined
from mmm.data.joining.known import refuse_absent, settle_known
from mmm.data.joining.late import warn_of_late_data
from mmm.data.joining.lines import Lines
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.national import count_national_once
from mmm.data.joining.partial import drop_partial, drop_unfinished
from mmm.data.joining.parts import warn_of_parts
from mmm.data.joining.people import refuse_added_people
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.rates import convert, read_rates
from mmm.data.joining.reconcile import read_ledger, reconcile
from mmm.data.joining.resolve import resolve_series
from mmm.data.joining.restated import settle_repeats
from mmm.data.joining.spread import place_in_periods, refuse_future
from mmm.data.joining.table import make_table
from mmm.data.joining.twice import ask_about_twins
from mmm.data.joining.vanished import drop_vanished
from mmm.data.log import ReadingLog
from mmm.data.report import LedgerLine
from mmm.data.sources.facts import Facts
from mmm.data.sources.presets import with_usual
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError


def join(facts: Sequence[Facts], spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> Joined:
    """Join sources to one table.

    Parameters
    ----------
    facts : sequence of Facts
        One a source; their order, and that of their files, changes nothing.
    spec : PanelSpec
        ``join`` says how; ``data`` holds what all sources share.
    folder : Path
        In which the file of rates and the company's ledger lie.
    today : date
        Later days are refused, and the period it stands in is left out.
    log : ReadingLog
        Repairs, warnings and everything that is set aside are listed here.

    Returns
    -------
    Joined
        Rows in = used + listed and money in = used + listed hold for every source, and were checked.

    Raises
    ------
    DataError, SpecError
        What cannot be read one way only; each names the source, and what to declare.
    """
    made = draft(facts, spec, folder, today, log)
    say_excluded(made.pieces, made.names, log)
    joined = made.settle()
    return replace(joined, reconciled=compare(made, made.known.rows, folder, log))


def draft(facts: Sequence[Facts], spec: PanelSpec, folder: Path, today: date, log: ReadingLog) -> Draft:
    """Join sources; what was set aside is not yet listed, because making a panel may set more aside."""
    lines = Lines.of(facts)
    if not len(lines):
        raise DataError("no source has a figure", where="sources", do="Check the files and columns of the sources.")
    spec = spec.model_copy(update={"sources": {name: with_usual(one, name) for name, one in spec.sources.items()}})
    names, periods, pieces = SeriesNames.of(spec), Periods.of(spec), Pieces(lines)
    rates = read_rates(folder, spec, log)
    aside = money_aside(facts, names, spec, rates)
    rewrite_listed(log, aside)
    refuse_future(pieces, spec, today)
    resolve_series(pieces, names, spec, log)
    geos = resolve_geos(pieces, names, spec, log)
    refuse_added_people(pieces, names, spec)
    came = pieces.used
    settle_repeats(pieces, names, spec, log)
    drop_vanished(pieces, came, spec)
    count_national_once(pieces, names, spec, log)
    refuse_absent(facts, pieces, names, spec)
    place_in_periods(pieces, names, periods, spec, log)
    convert(pieces, rates, spec, log)
    ask_about_twins(pieces, names, spec, log)
    drop_unfinished(pieces, periods, spec, today)
    drop_partial(pieces, names, periods, spec)
    refuse_empty(pieces)
    _refuse_without_outcome(pieces, names)
    known = settle_known(pieces, len(geos), names, periods, spec, log)
    columns, parts = make_table(pieces, known, geos, names, spec, log)
    warn_of_parts(pieces, names, periods, log)
    warn_of_absent_parts(pieces, geos, names, periods, spec, log)
    warn_of_late_data(pieces, names, periods, log)
    inputs = {file.name: file.sha256 for _, file in lines.files}
    if rates.file:
        inputs[rates.file] = rates.sha256
    labels, places = (tuple(name for one in facts for name in one.written[i]) for i in (0, 1))
    return Draft(spec, names, periods, geos, pieces, known, columns, parts, inputs, aside, (labels, places))


def _refuse_without_outcome(pieces: Pieces, names: SeriesNames) -> None:
    outcome = next(n for n, one in enumerate(names.all) if one[0] is Role.OUTCOME)
    if not (pieces.used & (pieces.series == outcome)).any():
        raise DataError(
            f"no whole period of the outcome '{names.all[outcome][2]}' is left",
            where="sources",
            do="Give a source that covers more weeks.",
        )


def compare(made: Draft, rows: BoolArray, folder: Path, log: ReadingLog) -> tuple[LedgerLine, ...]:
    """Compare the spend of a draft with the company's own account, where one is given, and tell lines that fit nothing.

    Parameters
    ----------
    made : Draft
    rows : (G, T) bool
        Of the draft's axis that stand in the panel.
    folder : Path
    log : ReadingLog
    """
    declared = made.spec.join.ledger
    ledger = None if declared is None else read_ledger(declared, made.periods, folder, log)
    labels = [*made.written[0], *(() if ledger is None else ledger.channel)]
    tell_idle_lines(made.pieces, made.names, made.spec, labels, made.written[1], log)
    return () if ledger is None else reconcile(ledger, made, rows, log)
