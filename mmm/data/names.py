"""Column names: matched but for case, spaces and Unicode form, and what differed is listed."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from mmm.data.log import ReadingLog, counted, listed
from mmm.data.privacy import safe
from mmm.data.spec import name_key
from mmm.exceptions import DataError

_LONGEST = 1000
_MARKUP = re.compile(r"<[^<>]{0,200}>|&\w{1,32};|\x1b")


def refuse_duplicates(header: Sequence[str], file: str) -> None:
    """Refuse a header that names a column twice, or leaves one that holds data without a name."""
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        raise DataError(
            f"the column '{safe(twice[0])}' stands {counted(header.count(twice[0]), 'time')} in the header",
            where=file,
            do="Rename or remove one of them: which is meant cannot be told.",
        )
    if "" in header:
        raise DataError(
            f"column number {header.index('') + 1} holds data and has no name",
            where=file,
            do="Give it a name in the header, or remove it.",
        )


def refuse_missing(header: Sequence[str], wanted: Sequence[str], file: str) -> None:
    """Refuse a header that lacks a column of the model file; similar names are offered."""
    have = {name_key(name) for name in header if len(name) < _LONGEST}
    missing = [name for name in wanted if name_key(name) not in have]
    if not missing:
        return
    close = difflib.get_close_matches(name_key(missing[0]), have, n=1, cutoff=0.7)
    offer = f" Did you mean '{safe(next(n for n in header if name_key(n) == close[0]))}'?" if close else ""
    some = listed((repr(name) for name in missing), 5)
    raise DataError(
        f"the column{f' {some} is' if len(missing) == 1 else f's {some} are'} not in the file; "
        f"it has {listed((safe(name) for name in header if name), 12)}",
        where=file,
        do=f"Correct the name in the model file, or add the column.{offer}",
    )


def match_columns(header: Sequence[str], wanted: Sequence[str], file: str, log: ReadingLog) -> Mapping[str, int]:
    """Find each wanted column.

    Parameters
    ----------
    header : sequence of str
        Names in the file.
    wanted : sequence of str
        Names in the model file.
    file : str
    log : ReadingLog

    Returns
    -------
    Mapping
        Wanted name → index in the header.

    Raises
    ------
    DataError
        Two columns of the file differ from each other in case, spaces or Unicode form only.
    """
    places: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        places.setdefault(name_key(name), []).append(index)
    found: dict[str, int] = {}
    for name in wanted:
        candidates = places[name_key(name)]
        if len(candidates) > 1:
            raise DataError(
                f"the columns {' and '.join(repr(safe(header[i])) for i in candidates)} differ in case or spaces only",
                where=file,
                do="Rename or remove one of them: which is meant cannot be told.",
            )
        found[name] = candidates[0]
        list_difference(header[candidates[0]], name, file, log)
    return found


def list_difference(there: str, wanted: str, file: str, log: ReadingLog) -> None:
    """List that a column's name was taken for another that differs in case, spaces or Unicode form."""
    if there == wanted:
        return
    if unicodedata.normalize("NFC", there) == unicodedata.normalize("NFC", wanted):
        log.warned(
            "unicode_name",
            f"The column '{safe(there)}' is written with other Unicode characters than in the model file; "
            "they look the same and were taken as the same.",
            where=f"{file}, column {safe(there)}",
            means="Two systems write this name differently; another file may fail to match it.",
            do="Write the name in composed form (NFC) in both.",
        )
        return
    log.repaired(
        "column_name",
        f"The column '{safe(there)}' was taken as '{safe(wanted)}': they differ in case or spaces.",
        where=f"{file}, column {safe(there)}",
    )


def list_markup(names: Sequence[str], where: str, log: ReadingLog) -> None:
    """List names that hold HTML or terminal codes: they are shown as plain text everywhere."""
    odd = [name for name in names if _MARKUP.search(name) or any(unicodedata.category(c) == "Cc" for c in name)]
    if odd:
        log.repaired(
            "markup_in_name",
            f"{counted(len(odd), 'name')} with HTML or control codes, shown as plain text: {listed(map(safe, odd))}.",
            where=where,
            do="Give these columns plain names.",
        )
