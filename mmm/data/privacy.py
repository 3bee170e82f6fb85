"""Personal data never enters: columns of e-mail, phone, IP or device ids are refused, and no value is echoed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mmm.config import without_login
from mmm.data.table import TextTable
from mmm.exceptions import DataError

# Counts are bounded and a match starts where a run starts: a cell of a million letters takes no longer than that.
_EMAIL = re.compile(r"(?<![^\s@,;<>])[^\s@,;<>]{1,64}@[^\s@,;<>]{1,190}\.[^\W\d_]{2}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}(?::\d+|/\d+)?")
_IPV6 = re.compile(r"(?=.*::|(?:[^:]*:){7})[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:%\w+)?(?:/\d+)?")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d\s().\-/]{7,18}\d|\(?0\d{2,4}[)\s./\-][\d\s./\-]{5,12}\d|\(?\d{3}\)?[\s.\-]+\d{3}[\s.\-]\d{4}"
)
#: Characters of a cell that a message could ever show.
_LOOKED_AT = 2000
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|\d{4}-\d\d-\d\d")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,60}")
_DIGITS = re.compile(r"\+?[\d\s().\-/]{7,20}")
_DEVICE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"  # IDFA, GAID, any UUID
    r"|(?:[0-9a-fA-F]{2}[:\-]){5}[0-9a-fA-F]{2}"  # MAC
    r"|(?<![0-9a-fA-F])(?=[0-9a-fA-F]{0,64}[a-fA-F])(?=[0-9a-fA-F]{0,64}\d)"
    r"(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32}|[0-9a-fA-F]{16})(?![0-9a-fA-F])"
    r"|GA\d\.\d\.\d+\.\d+"  # cookie
)
_PHONE_NAMES = re.compile(
    r"(?:^|[\W_])(?:phone|telephone|telefon|telefono|téléphone|msisdn|fax|handy|phone_?number)(?:$|[\W_])"
)
_DEVICE_NAMES = re.compile(
    r"(?:^|[\W_])(?:idfa|idfv|gaid|aaid|imei|imsi|(?:device|cookie|advertising|visitor)[\s_\-]?id)s?(?:$|[\W_])"
)


def safe(text: str, limit: int = 40) -> str:
    """Return text of a file for a message: no control characters, no personal value, never long."""
    text = without_login(text[:_LOOKED_AT])
    if any(pattern.search(text) for pattern in (_EMAIL, _DEVICE)) or any(
        pattern.fullmatch(text.strip()) for pattern in (_IPV4, _IPV6, _PHONE)
    ):
        return "(hidden: it looks like personal data)"
    shown = "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") else char for char in text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def variable_shown(name: str) -> str:
    """Return the name of an environment variable for a message, unless a secret may stand in its place."""
    return f"'{name}'" if _VARIABLE.fullmatch(name) else "named here (it is not shown: it may be the secret itself)"


def looks_personal(header: str, cells: Sequence[str]) -> tuple[str, int] | None:
    """Name the kind of personal data a column holds, and in how many cells; None where it holds none."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    name = header.casefold()
    by_name = _by_name(name, filled)
    if by_name is not None:
        return by_name
    half = max(1, len(filled) / 2)
    filled = [cell for cell in filled if not _PLAIN.fullmatch(cell)]
    emails = sum(1 for cell in filled if _EMAIL.search(cell))
    if emails:
        return "e-mail addresses", emails
    addresses = [cell for cell in filled if _IPV4.fullmatch(cell)]
    # Ten-digit numbers with points between the thousands may look like addresses: 1.125.200.100.
    if len(addresses) >= half and any(len(part) < 3 for cell in addresses for part in cell.split(".")[1:]):
        return "IP addresses", len(addresses)
    kinds = (("IP addresses", _IPV6), ("phone numbers", _PHONE), ("device identifiers", _DEVICE))
    for kind, pattern in kinds:
        found = sum(1 for cell in filled if pattern.fullmatch(cell))
        if found >= half:
            return kind, found
    return None


def _by_name(name: str, filled: Sequence[str]) -> tuple[str, int] | None:
    """Bare digits are telephone or device numbers only where the column's name says so."""
    for kind, names, pattern in (
        ("phone numbers", _PHONE_NAMES, _DIGITS),
        ("device identifiers", _DEVICE_NAMES, re.compile(r"[\w\-:.]{8,}")),
    ):
        found = sum(1 for cell in filled if pattern.fullmatch(cell)) if names.search(name) else 0
        if found >= max(1, len(filled) / 2):
            return kind, found
    return None


def refuse_personal(table: TextTable) -> None:
    """Refuse a table with a column of e-mail addresses, phone numbers, IP addresses or device identifiers.

    Every column is looked at, used or not, by its cells and, for bare digits, by its name too.

    Raises
    ------
    DataError
        Names the column and the kind, never a value.
    """
    for index, header in enumerate(table.header):
        found = looks_personal(header, [row[index] for row in table.cells])
        if found is None and _EMAIL.search(header):
            found = ("e-mail addresses", 1)
        if found is not None:
            kind, count = found
            raise DataError(
                f"{count} of {len(table.cells)} cells look like {kind}",
                where=f"{table.file}, column {safe(header)}",
                do="Mixwise needs no personal data: delete this column from the file, at its source.",
            )
