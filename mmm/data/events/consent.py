"""Who may be counted: people who opted out are known to DuckDB by their salted hash alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmm.config import inside
from mmm.data.events.aggregate import Aggregation
from mmm.data.events.expressions import opted_out_person
from mmm.data.events.spec import EventsSpec
from mmm.data.events.store import Store, literal, name
from mmm.data.events.tally import Tally, Why
from mmm.data.log import ReadingLog
from mmm.data.names import refuse_missing
from mmm.data.reading import name_key
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError


def opt_out_path(events: EventsSpec, folder: Path, where: str) -> Path | None:
    """Return where the opt-out file lies, None where there is none.

    Raises
    ------
    DataError
        It does not exist, or lies outside the folder.
    """
    if events.opt_out is None:
        return None
    return inside(folder, events.opt_out.file, where=f"{where}.events.opt_out.file")


def load_opt_outs(store: Store, events: EventsSpec, path: Path, secrets: Mapping[str, object]) -> int:
    """Make the table ``opted_out`` of the ids in a file, and return how many different ones it holds.

    Raises
    ------
    DataError
        Not a CSV in UTF-8, or its column of ids is not named.
    """
    if events.opt_out is None:
        raise ValueError("no opt-out file is declared")
    file = events.opt_out.file
    header, delimiter = _header(path, file)
    column = events.opt_out.column
    if column is None and len(header) > 1:
        column = events.person
    if column is not None:
        refuse_missing(header, [column], file)
    chosen = header[0] if column is None else next(c for c in header if name_key(c) == name_key(column))
    types = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in header)
    person = opted_out_person(name(chosen), events)
    store.rows(
        f"CREATE TEMP TABLE opted_out AS SELECT DISTINCT {person} AS id FROM read_csv({literal(str(path))}, "
        f"auto_detect = false, header = true, columns = {{{types}}}, delim = {literal(delimiter)}, quote = '\"', "
        f"escape = '\"', strict_mode = true) WHERE trim({name(chosen)}) <> '' AND {person} IS NOT NULL",
        secrets,
        where=file,
    )
    return int(store.rows("SELECT count(*) FROM opted_out")[0][0])


def _header(path: Path, file: str) -> tuple[tuple[str, ...], str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            line = opened.readline(100_000).strip()
    except UnicodeDecodeError:
        line = ""
    except OSError as error:
        raise DataError(f"the file cannot be opened ({error.strerror})", where=file, do="Correct its rights.") from None
    if not line or "\0" in line:
        raise DataError(
            "this is not a list of ids",
            where=file,
            do="Write it as CSV in UTF-8: a name in the first line, an id in each further one.",
        )
    delimiter = max(",;\t|", key=line.count)
    header = tuple(cell.strip().strip('"') for cell in line.split(delimiter))
    if "" in header or len(set(map(name_key, header))) < len(header):
        raise DataError("a column of the header has no name, or one stands twice", where=file, do="Name each once.")
    return header, delimiter


def tell_consent(tally: Tally, opted_out: int, source: SourceSpec, run: Aggregation, log: ReadingLog) -> None:
    """Tell how consent was applied, and warn where it seems not to have been.

    Raises
    ------
    DataError
        No row has a consent that counts.
    """
    events, where = source.events, run.store.where
    if events is None:
        raise ValueError("the source is no log of events")
    rows = {why: int(tally.rows[tally.why == why].sum()) for why in Why}
    if events.consent is None:
        log.warned(
            "no_consent_column",
            "No column of consent is declared: everybody in the log was counted, but for those who opted out.",
            where=where,
            means="People may be counted who never agreed to it.",
            do="Declare events.consent, if the log has such a column; otherwise make sure that counting needs none.",
        )
    elif int(tally.rows.sum()) == rows[Why.NO_CONSENT] + rows[Why.NO_PERSON]:
        raise DataError(
            "no row has a consent that counts",
            where=f"{where}, column {events.consent.column}",
            do="Correct consent.granted: the values of that column that are consent.",
        )
    if events.opt_out is not None and opted_out and not rows[Why.OPTED_OUT]:
        log.warned(
            "opt_out_unmatched",
            f"None of the {opted_out:,} ids of {events.opt_out.file} occurs in the log.",
            where=events.opt_out.file,
            means="If the two write ids differently, people who opted out were counted.",
            do="Compare how both write an id; declare opt_out.hashed: true if the file holds hashes.",
        )
