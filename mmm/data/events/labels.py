"""Channels and geos as the log writes them → the model's, before people are counted: people do not add up later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from mmm.data.joining.look_alikes import look_key, plain_key
from mmm.data.joining.names import fits
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
    ignored: Sequence[str] = (),
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
    ignored : sequence of str
        ``join.ignore``: such names stay as they are, for the join to set aside.

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
    own = tuple(known)
    spelled = {name_key(name): name for name in own}
    # As the join finds names: declared ones, the model's own, then patterns. What it would add up is counted as one.
    declared = {name_key(raw): name for raw, name in same.items()}
    alike = {form: name for key in (look_key, plain_key) for form, name in _of_one(own, key).items()}
    result: dict[str, str] = {}
    # The commonest spelling holds where the model has none.
    for label in sorted(found, key=lambda label: (-found[label], label)):
        key = name_key(label)
        name = declared.get(key)
        if name is None and not any(fits(label, pattern) for pattern in ignored):
            name = spelled.get(key) or alike.get(plain_key(label)) or alike.get(look_key(label))
            name = name or next((to for pattern, to in patterns.items() if fits(label, pattern)), None)
        result[label] = spelled.setdefault(name_key(name or label.strip()), name or label.strip())
    return result


def _of_one(names: Sequence[str], key: Callable[[str], str]) -> dict[str, str]:
    """Return form → name, without forms that two names share."""
    forms = Counter(map(key, names))
    return {key(name): name for name in names if forms[key(name)] == 1}
