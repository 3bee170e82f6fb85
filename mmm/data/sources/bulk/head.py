"""The head of a large file, read by the strict reader: its header, delimiter and layout, or why it is not plain."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmm.data.delimited import find_header, read_delimited
from mmm.data.log import ReadingLog
from mmm.data.names import match_columns
from mmm.data.privacy import refuse_personal
from mmm.data.reading import name_key
from mmm.data.sources.layout import Layout, asked, lay_out
from mmm.data.sources.places import Place
from mmm.data.sources.repeats import SEEN
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_HEAD, _LINES = 400_000, SEEN + 100
_BLOCK = 1 << 20
#: What the strict reader may note of a plain file.
_HARMLESS = frozenset({"delimiter"})


class NotPlainError(Exception):
    """A file is to be read cell by cell; holds the sentence for one that is too large for that.

    Parameters
    ----------
    error : DataError
    """

    def __init__(self, error: DataError) -> None:
        self.error = error
        super().__init__(str(error))


def not_plain(says: str, file: str, row: int | None = None, column: str | None = None) -> NotPlainError:
    """Return what stands in the way, with its place."""
    where = file + (f", row {row}" if row is not None else "") + (f", column {column}" if column is not None else "")
    do = "Write dates as YYYY-MM-DD and numbers as 1234.5 in UTF-8, or split the file by month: large files must be "
    return NotPlainError(DataError(says, where=where, do=f"{do}plain, small ones are read cell by cell."))


@dataclass(frozen=True)
class Head:
    """What is known of a file before it is read.

    Attributes
    ----------
    place : Place
    table : TextTable
        The first rows.
    delimiter : str
    layout : Layout
    columns : Mapping
        Column of the layout → index in the header.
    lines : int
        Line ends in the file; the last line may have none.
    sha256 : str
    """

    place: Place
    table: TextTable
    delimiter: str
    layout: Layout
    columns: Mapping[str, int]
    lines: int
    sha256: str

    def index(self, column: str | None) -> int | None:
        """Return the index of a column; None for none."""
        return None if column is None else self.columns[column]


def read_head(key: str, place: Place, source: SourceSpec, spec: PanelSpec, log: ReadingLog) -> Head:
    """Read the first rows of a file, and count and hash the whole of it.

    Raises
    ------
    NotPlainError
        Not UTF-8, a preamble, columns without names: whatever the strict reader would mend.
    DataError
        What it would refuse.
    """
    with place.path.open("rb") as stream:
        raw = stream.read(_HEAD)
    if source.encoding is not None and not _is_utf8(source.encoding):
        raise not_plain(f"the file is declared to be {source.encoding}", place.name)
    first = raw[: raw.rfind(b"\n") + 1 or len(raw)].splitlines(keepends=True)
    try:
        text = b"".join(first[:_LINES]).decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_plain("the file is not UTF-8", place.name) from error
    wanted, offered = asked(source, spec, key)
    own = ReadingLog()
    table = read_delimited(text, place.name, own, wanted=wanted, offered=offered, delimiter=source.delimiter)
    odd = [finding for finding in own.findings if finding.name not in _HARMLESS]
    if odd or text.startswith("\ufeff") or "\x00" in text:
        raise not_plain(odd[0].says.rstrip(".") if odd else "the file has a byte-order mark", place.name)
    refuse_personal(table)
    log.findings += own.findings
    layout = lay_out(source, spec, table.header, key, place.name)
    found = find_header(text, frozenset(map(name_key, (*wanted, *offered))), source.delimiter)
    lines, sha256 = _counted(place, table.header)
    columns = match_columns(table.header, layout.columns(), place.name, log)
    return Head(place, table, "," if found is None else found[0], layout, columns, lines, sha256)


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        return False


def _counted(place: Place, header: Sequence[str]) -> tuple[int, str]:
    """Return the number of line ends, and the hash."""
    found, lines, last = hashlib.sha256(), 0, b""
    with place.path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
            lines += block.count(b"\n")
            last = block
            if b"\x00" in block:
                raise not_plain("the file holds NUL bytes", place.name)
    if any("\n" in name for name in header):
        raise not_plain("a column's name runs over two lines", place.name)
    return lines + (not last.endswith(b"\n")), found.hexdigest()
