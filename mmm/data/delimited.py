"""Text → records → table: the delimiter and the header are those in which the declared columns are found."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from mmm.data.log import ReadingLog, counted
from mmm.data.names import refuse_duplicates, refuse_missing
from mmm.data.privacy import safe
from mmm.data.spec import name_key
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEARCHED = 50


@dataclass(frozen=True)
class Record:
    """The cells of one record and the line on which it begins."""

    row: int
    cells: tuple[str, ...]


class _BrokenQuotingError(Exception):
    """csv's complaint, with the line on which the broken record begins."""

    def __init__(self, complaint: str, row: int) -> None:
        self.complaint, self.row = complaint, row
        super().__init__(complaint)


def _parsed(text: str, delimiter: str) -> Iterator[Record]:
    """Yield records with the line on which each begins; blank lines are passed over."""
    # csv.reader counts lines as it reads, and a quoted cell may span several.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if cells:
                yield Record(line, tuple(cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise _BrokenQuotingError(str(error), line) from error


def _records(text: str, delimiter: str, file: str) -> list[Record]:
    """Split text into records, or say where the quoting is broken."""
    try:
        return list(_parsed(text, delimiter))
    except _BrokenQuotingError as error:
        complaint = safe(error.complaint.replace("'\t'", "a tab"), 80)
        says, do = f"the quoting is broken ({complaint})", "Mend that line, or export the file again."
        if "field larger" in error.complaint:
            says, do = "a cell is longer than any name or number", "A quotation mark may be missing: mend that line."
        elif "unexpected end of data" in error.complaint:
            says = "a quotation mark is opened and never closed: the file is cut off"
            do = "Export the file again."
        raise DataError(says, where=f"{file}, row {error.row}", do=do) from error


def _matches(cells: Sequence[str], wanted: frozenset[str]) -> int:
    return len(wanted & {name_key(cell) for cell in cells})


def _head(text: str, delimiter: str) -> list[Record]:
    """Return the first records, up to where this delimiter breaks the quoting."""
    found: list[Record] = []
    with contextlib.suppress(_BrokenQuotingError):
        for record in islice(_parsed(text, delimiter), _SEARCHED):
            found.append(record)  # noqa: PERF402  (what was read before the break is kept)
    return found


def find_header(text: str, wanted: frozenset[str], declared: str | None) -> tuple[str, Record] | None:
    """Choose delimiter and header: the record with most of the wanted names; the earlier, the better."""
    best: tuple[int, int, str, Record] | None = None
    for delimiter in [declared] if declared is not None else list(_DELIMITERS):
        for order, record in enumerate(_head(text, delimiter)):
            rank = (_matches(record.cells, wanted), -order)
            if rank[0] and (best is None or rank > best[:2]):
                best = (*rank, delimiter, record)
    return None if best is None else (best[2], best[3])


def _refuse_headless(text: str, file: str, wanted: Sequence[str]) -> DataError:
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    return DataError(
        f"none of the columns of the model file is in this file; its first line reads '{safe(first, 80)}'",
        where=file,
        do=f"The header must name {', '.join(wanted[:3])}…: correct the names in the model file, or name another file.",
    )


def _cut_off(record: Record, width: int, file: str, *, last: bool) -> DataError:
    found = f"this row has {counted(len(record.cells), 'field')} and the header {width}"
    if len(record.cells) > width:
        do = "A separator inside a cell needs quotation marks around the cell: mend that row."
    elif last:
        found, do = f"the last row is cut off: {found}", "The export was interrupted: make it again."
    else:
        do = "Mend that row, or export the file again."
    return DataError(found, where=f"{file}, row {record.row}", do=do)


def _is_footnote(record: Record, width: int) -> bool:
    """Say whether a short record under the table is a note or an unfinished total and not a week cut off."""
    filled = [cell.strip() for cell in record.cells if cell.strip()]
    return len(record.cells) < width and bool(filled) and not re.match(r"[\d٠-٩۰-۹]", filled[0])


def _numbers_rows(cells: Sequence[str]) -> bool:
    """Say whether a column counts the rows, from 0 or 1, as data frames do when they are written out."""
    return any(
        len(cells) > 1 and all(cell.strip() == str(i) for i, cell in enumerate(cells, start)) for start in (0, 1)
    )


def _squared(body: list[Record], header: Record, file: str, log: ReadingLog) -> tuple[tuple[str, ...], list[Record]]:
    """Give every record the header's width: drop empty trailing columns, pad footnotes, refuse the rest."""
    names = header.cells
    width = len(names)
    spare = min((len(record.cells) for record in body), default=width) - width
    if spare > 0 and all(not cell.strip() for record in body for cell in record.cells[width:]):
        body = [Record(record.row, record.cells[:width]) for record in body]
    else:
        spare = 0
    squared: list[Record] = []
    for position, record in enumerate(body):
        if len(record.cells) < width and all(_is_footnote(other, width) for other in body[position:]):
            below = body[position:]
            squared += [Record(other.row, other.cells + ("",) * (width - len(other.cells))) for other in below]
            break
        if len(record.cells) != width:
            raise _cut_off(record, width, file, last=position == len(body) - 1)
        squared.append(record)
    unnamed = [i for i in range(width) if not names[i].strip()]
    empty = {i for i in unnamed if all(not record.cells[i].strip() for record in squared)}
    numbering = {i for i in unnamed if _numbers_rows([record.cells[i] for record in squared])}
    kept = [i for i in range(width) if i not in empty | numbering]
    if numbering:
        log.repaired("row_numbers", "A column without a name that numbers the rows was left out.", where=file)
    if empty or spare:
        log.repaired(
            "empty_columns", f"{counted(len(empty) + spare, 'column')} without name or content left out.", where=file
        )
    return tuple(names[i].strip() for i in kept), [
        Record(record.row, tuple(record.cells[i] for i in kept)) for record in squared
    ]


def read_delimited(
    text: str,
    file: str,
    log: ReadingLog,
    *,
    wanted: Sequence[str],
    offered: Sequence[str] = (),
    delimiter: str | None = None,
) -> TextTable:
    """Read delimited text as a table.

    Parameters
    ----------
    text : str
        The decoded file.
    file : str
        Name for messages.
    log : ReadingLog
    wanted : sequence of str
        Columns the model file names; the header is the line that holds most of them.
    offered : sequence of str
        Columns that help to find the header and may be absent.
    delimiter : str, optional
        Declared in the model file; found among comma, semicolon, tab and vertical bar otherwise.

    Raises
    ------
    DataError
        No header, columns missing or given twice, rows longer or shorter than the header, no rows, broken quoting.
    """
    found = find_header(text, frozenset(map(name_key, (*wanted, *offered))), delimiter)
    if found is None:
        raise _refuse_headless(text, file, wanted)
    mark, header = found
    table = tabulate(_records(text, mark, file), header, file, log, wanted=wanted)
    if mark != ",":
        log.repaired("delimiter", f"The columns are separated by a {_DELIMITERS.get(mark, repr(mark))}.", where=file)
    return table


def tabulate(
    records: Sequence[Record], header: Record, file: str, log: ReadingLog, *, wanted: Sequence[str]
) -> TextTable:
    """Make a table of records of which one is the header; those above it are a preamble, and listed.

    Raises
    ------
    DataError
        See :func:`read_delimited`.
    """
    above = [record for record in records if record.row < header.row]
    names, body = _squared([record for record in records if record.row > header.row], header, file, log)
    refuse_missing(names, wanted, file)
    refuse_duplicates(names, file)
    if not body:
        raise DataError(
            "the file has a header and no rows", where=file, do="Export it again, with a row for every week."
        )
    if above:
        log.repaired(
            "preamble",
            f"{counted(len(above), 'line')} above the header (row {header.row}) passed over as a preamble.",
            where=file,
        )
    return TextTable(file=file, header=names, rows=tuple(r.row for r in body), cells=tuple(r.cells for r in body))
