"""Channels and geos as the log writes them → the model's, before people are counted: people do not add up later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from mmm.data.log import counted
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.exceptions import DataError

#: Different names that a column of channels or geos can have.
MOST_LABELS = 5_000


def gathered(
    found: Mapping[str, int],
    same: Mapping[str, str],
    patterns: Mapping[str, str],
    known: Iterable[str],
    where: str,
) -> dict[str, str]:
    """Return name as written → name that it counts under.

    Parameters
    ----------
    found : mapping of name to rows
        As written, none empty.
    same, patterns : mapping
        ``join.channels`` (or ``join.geos``) and ``join.campaigns``.
    known : iterable of str
        The model's names, whose spelling holds.
    where : str
        Log and column, for messages.

    Raises
    ------
    DataError
        So many names that they cannot be channels, or names that look like personal data.
    """
    if len(found) > MOST_LABELS:
        raise DataError(
            f"the column holds more than {MOST_LABELS:,} different values, too many for channels or geos",
            where=where,
            do="Correct the name of the column; campaigns are gathered with join.campaigns before they are counted, "
            "so write one name a campaign, not one a click.",
        )
    personal = sum(1 for label in found if safe(label).startswith("(hidden"))
    if personal:
        raise DataError(
            f"{counted(personal, 'value')} look like personal data",
            where=where,
            do="Remove them at the source: names of channels and geos are shown on every page.",
        )
    mapped = {name_key(raw): name for raw, name in same.items()}
    spelled = {name_key(name): name for name in known}
    result: dict[str, str] = {}
    # The commonest spelling holds where the model has none.
    for label in sorted(found, key=lambda label: (-found[label], label)):
        key = name_key(label)
        fits = (name for pattern, name in patterns.items() if fnmatchcase(key, name_key(pattern)))
        name = mapped.get(key) or next(fits, None) or label.strip()
        result[label] = spelled.setdefault(name_key(name), name)
    return result
