"""Channels and geos as the log writes them → the model's, before people are counted: people do not add up later."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from mmm.data.events.spec import OTHER
from mmm.data.joining.geos import GeoNames
from mmm.data.joining.names import Channels, How, SeriesNames, fits
from mmm.data.log import counted
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, SpecError

#: Different names that a column of channels or geos can have.
MOST_LABELS = 5_000


def gathered_channels(found: Mapping[str, int], spec: PanelSpec, metrics: Sequence[str], where: str) -> dict[str, str]:
    """Return channel or campaign as written → name that it counts under, found as the joining finds names.

    What the table would add up is one name. Names that ``join.ignore`` sets aside, or that nobody knows, stay as they
    are: the joining lists them, or asks.

    Parameters
    ----------
    found : mapping of name to rows
        As written, none empty.
    spec : PanelSpec
    metrics : sequence of str
        What is counted by channel.
    where : str
        Log and column, for messages.

    Raises
    ------
    DataError
        So many names that they cannot be channels, or names that look like personal data.
    SpecError
        ``join`` maps a name to no channel, or to one that it sets aside.
    """
    _refuse_odd(found, where)
    channels = Channels(spec, SeriesNames.of(spec))
    names: dict[Hashable, str] = {}
    result: dict[str, str] = {}
    # The commonest spelling holds where the model has none.
    for label in sorted(found, key=lambda label: (-found[label], label)):
        match = channels.find(label, metrics)
        if match.how in (How.IGNORED, How.UNKNOWN):
            result[label] = names.setdefault(name_key(label), " ".join(label.split()))
            continue
        aside = next((pattern for pattern in spec.join.ignore if fits(match.target, pattern)), None)
        if aside is not None:
            raise SpecError(
                f"'{safe(label)}' is '{match.target}', which '{aside}' sets aside",
                where="join.ignore",
                do="Narrow the pattern, so that it is no channel's name.",
            )
        result[label] = names.setdefault(channels.columns_of(match.target, metrics), match.target)
    return result


def gathered_geos(found: Mapping[str, int], spec: PanelSpec, where: str) -> dict[str, str]:
    """Return geo as written → name that it counts under; parameters and errors as in :func:`gathered_channels`."""
    _refuse_odd(found, where)
    geos = GeoNames(spec.join.geos)
    names = {name_key(target): target for target in sorted(set(spec.join.geos.values()))}
    result: dict[str, str] = {}
    for label in sorted(found, key=lambda label: (-found[label], label)):
        name = geos.find(label) or " ".join(label.split())
        result[label] = names.setdefault(name_key(name), name)
    return result


def _refuse_odd(found: Mapping[str, int], where: str) -> None:
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
    if any(name_key(label) == OTHER for label in found):
        raise DataError(
            f"a channel or geo is called '{OTHER}', as Mixwise calls channels of too few people",
            where=where,
            do="Give it another name in the log.",
        )
