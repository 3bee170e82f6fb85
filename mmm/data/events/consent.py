"""Who may be counted: people who opted out are known to DuckDB by their salted hash alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmm.config import inside
from mmm.data.events.aggregate import Aggregation
from mmm.data.events.expressions import opted_out_person, seen
from mmm.data.events.spec import EventsSpec
from mmm.data.events.store import Store, literal, name
from mmm.data.events.tally import Tally, Why
from mmm.data.log import ReadingLog
from mmm.data.privacy import safe
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


def load_opt_outs(store: Store, events: EventsSpec, path: Path, secrets: Mapping[str, object], log: ReadingLog) -> int:
    """Make the table ``opted_out`` of the ids in a file, and return how many different ones it holds.

    Raises
    ------
    DataError
        Not a CSV in UTF-8, or its column of ids is not named.
    """
    if events.opt_out is None:
        raise ValueError("no opt-out file is declared")
    file = events.opt_out.file
    ids = _ids(path, file, events)
    types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in ids.columns)
    cell = name(ids.chosen)
    person = opted_out_person(cell, events)
    store.rows(
        f"CREATE TEMP TABLE opted_out AS SELECT DISTINCT {person} AS id FROM read_csv({literal(str(path))}, "
        f"auto_detect = false, header = {str(ids.header).lower()}, columns = {{{types}}}, "
        f"delim = {literal(ids.delimiter)}, quote = '\"', escape = '\"', strict_mode = true) "
        f"WHERE {seen(cell)} <> '' AND {person} IS NOT NULL",
        secrets,
        where=file,
        do="Write the list of ids again: CSV in UTF-8, an id in each line.",
    )
    found = int(store.rows("SELECT count(*) FROM opted_out")[0][0])
    if ids.header:
        return found
    if not any(char.isdigit() for char in ids.first):  # a name, in all likelihood
        return found - 1
    log.repaired(
        "opt_out_header",
        "The first line does not name the column of ids: it was taken as an id itself.",
        where=file,
        do=f"Nothing, or write '{safe(events.opt_out.column or events.person)}' as the first line.",
    )
    return found


@dataclass(frozen=True)
class _Ids:
    """Where in an opt-out file the ids stand.

    Attributes
    ----------
    columns : tuple of str
    chosen : str
        The one of ids.
    delimiter : str
    header : bool
        Whether the first line names the columns; otherwise it is taken as an id, as nobody else is called so.
    first : str
        The first line; never shown.
    """

    columns: tuple[str, ...]
    chosen: str
    delimiter: str
    header: bool
    first: str = field(repr=False)


def _ids(path: Path, file: str, events: EventsSpec) -> _Ids:
    """Find the column of ids; errors as in :func:`load_opt_outs`, none of which quotes the file."""
    declared = None if events.opt_out is None else events.opt_out.column
    line = _first_line(path, file)
    delimiter = max(",;\t|", key=line.count)
    columns = tuple(cell.strip().strip('"') for cell in line.split(delimiter))
    wanted = declared or events.person
    same = [column for column in columns if name_key(column) == name_key(wanted)]
    if not same and (declared is not None or len(columns) > 1):
        raise DataError(
            f"the first line names no column '{safe(wanted)}'",
            where=file,
            do="Write the names of the columns in the first line, and declare opt_out.column; or give a file of "
            "nothing but ids, one a line, without opt_out.column.",
        )
    if not same:
        return _Ids(("id",), "id", delimiter, header=False, first=line)
    if "" in columns or len(set(map(name_key, columns))) < len(columns):
        raise DataError("a column of the header has no name, or one stands twice", where=file, do="Name each once.")
    return _Ids(columns, same[0], delimiter, header=True, first=line)


def _first_line(path: Path, file: str) -> str:
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            line = opened.readline(100_000).strip()
    except UnicodeDecodeError:
        line = ""
    except OSError as error:
        raise DataError(f"the file cannot be opened ({error.strerror})", where=file, do="Correct its rights.") from None
    if not line or "\0" in line:
        raise DataError("this is not a list of ids", where=file, do="Write it as CSV in UTF-8: an id in each line.")
    return line


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
