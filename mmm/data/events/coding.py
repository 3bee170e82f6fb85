"""Names of a log → codes: which channel, geo and kind each combination means, and what can exclude it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mmm.data.events.aggregate import Coded
from mmm.data.events.columns import LogColumns
from mmm.data.events.labels import gathered_channels, gathered_geos
from mmm.data.events.measures import Measures
from mmm.data.events.shown import Codes
from mmm.data.events.survey import Group, bare
from mmm.data.events.tally import TOTAL, Why
from mmm.data.reading import name_key
from mmm.data.sources.spec import SourceSpec
from mmm.data.spec import PanelSpec
from mmm.exceptions import SpecError


@dataclass(frozen=True)
class Names:
    """What a log is called, and what the model calls what is in it.

    Attributes
    ----------
    name, where : str
        Of the source, and of the log in messages.
    source : SourceSpec
    spec : PanelSpec
    """

    name: str
    where: str
    source: SourceSpec
    spec: PanelSpec


def code_names(
    groups: Sequence[Group], measures: Measures, names: Names, columns: LogColumns
) -> tuple[Codes, list[Coded]]:
    """Number channels and geos under the model's names, and say what every combination of the log means.

    Raises
    ------
    DataError, SpecError
        Names that cannot be channels or geos, or declared channels without declared geos.
    """
    source = names.source
    if source.events is None:
        raise ValueError("the source is no log of events")
    channels, geos = _channels(groups, names, columns), _geos(groups, names, columns)
    consent = source.events.consent
    labels = _distinct(channels.values())
    has_geo = columns.geo is not None or source.geo_is is not None
    places: list[str | None] = [*_distinct(geos.values())] if has_geo else [None]
    channel_code = {name_key(label): i for i, label in enumerate(labels)}
    geo_code = {name_key(place or ""): i for i, place in enumerate(places)}
    granted = None if consent is None else {name_key(bare(value)) for value in consent.granted}
    coded = []
    for group in groups:
        atom = measures.atom_of_kind.get(group.kind)
        total = atom is not None and (measures.is_total(atom) or not source.is_long)
        channel = TOTAL if total else channel_code.get(name_key(channels.get(source.channel_is or group.channel, "")))
        geo = geo_code.get(name_key(geos.get(source.geo_is or group.geo, ""))) if has_geo else 0
        coded.append(
            Coded(
                group.written,
                granted is None or name_key(group.consent) in granted,
                _why(atom, channel, geo),
                TOTAL if channel is None else channel,
                0 if geo is None else geo,
                -1 if atom is None else atom,
            )
        )
    return Codes(tuple(labels), tuple(places), channels, geos), coded


def _channels(groups: Sequence[Group], names: Names, columns: LogColumns) -> dict[str, str]:
    """Return channel as written → the name that it counts under, declared ones included."""
    found = Counter[str](dict.fromkeys(_declared(names, "channels"), 0))
    for group in groups:
        found[names.source.channel_is or group.channel] += group.rows
    del found[""]
    events = names.source.events
    metrics = [] if events is None else [name for name, metric in events.metrics.items() if metric.by_channel]
    place = names.where if columns.channel is None else f"{names.where}, column {columns.channel}"
    return gathered_channels(found, names.spec, metrics, place) if metrics else {}


def _geos(groups: Sequence[Group], names: Names, columns: LogColumns) -> dict[str, str]:
    """Return geo as written → the name that it counts under, declared ones included."""
    declared = _declared(names, "geos")
    if columns.geo is not None and not declared and _declared(names, "channels"):
        raise SpecError(
            "channels are declared and geos are not",
            where=f"sources.{names.name}.events.privacy.geos",
            do="Name the geos whose figures are told.",
        )
    found = Counter[str](dict.fromkeys(declared, 0))
    for group in groups:
        found[names.source.geo_is or group.geo] += group.rows
    del found[""]
    place = names.where if columns.geo is None else f"{names.where}, column {columns.geo}"
    return gathered_geos(found, names.spec, place)


def _declared(names: Names, key: str) -> tuple[str, ...]:
    """Return the channels or geos that differential privacy declares."""
    privacy = None if names.source.events is None else names.source.events.privacy
    if privacy is None:
        return ()
    return privacy.channels if key == "channels" else privacy.geos


def _why(atom: int | None, channel: int | None, geo: int | None) -> Why:
    if atom is None:
        return Why.OTHER_KIND
    if channel is None:
        return Why.NO_CHANNEL
    return Why.NO_GEO if geo is None else Why.COUNTED


def _distinct(names: Iterable[str]) -> list[str]:
    """Return names once each, by their keys, sorted."""
    return sorted({name_key(name): name for name in reversed(list(names))}.values())
