"""Which column of a file is what: from what is declared, what a preset knows, and what the model uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmm.data.columns import Role, is_money, roles
from mmm.data.currency_of_rows import column_of_currencies
from mmm.data.names import refuse_missing
from mmm.data.reading import Reading, name_key
from mmm.data.sources.presets import known_columns, resolve
from mmm.data.sources.spec import SPEND, SourceSpec
from mmm.data.spec import DataSpec, PanelSpec
from mmm.exceptions import DataError

_LEVELS = (Role.CONTROL, Role.VALUE, Role.COST, Role.POPULATION)


@dataclass(frozen=True)
class Metric:
    """One metric of a long source, or one series of a wide one.

    Attributes
    ----------
    name : str
    column : str
        Its column, or, where each row names its metric, the name that stands in the rows.
    is_money : bool
    adds_up : bool
        False for prices, populations and the like, of which a sum says nothing.
    """

    name: str
    column: str
    is_money: bool
    adds_up: bool = True


@dataclass(frozen=True)
class Layout:
    """The columns of one file.

    Attributes
    ----------
    source : SourceSpec
        Without preset, with what ``data`` declares for all sources.
    date : str
    geo, channel, currency, metric, value : str or None
        Columns; ``metric`` and ``value`` where each row names its metric.
    metrics : tuple of Metric
        Empty where each row names its metric and none was declared: then all of them.
    declared : SourceSpec
        As a person wrote it, with its preset.
    """

    source: SourceSpec
    date: str
    geo: str | None
    channel: str | None
    currency: str | None
    metric: str | None
    value: str | None
    metrics: tuple[Metric, ...]
    declared: SourceSpec

    def columns(self) -> tuple[str, ...]:
        """Return every column that is read."""
        figures = [self.value] if self.metric is not None else [one.column for one in self.metrics]
        some = [self.date, self.geo, self.channel, self.currency, self.metric, *figures, *self.source.only]
        return tuple(dict.fromkeys(name for name in some if name is not None))


def with_shared(source: SourceSpec, data: DataSpec) -> SourceSpec:
    """Return a source with the ways of reading that ``data`` declares for all, where it has none of its own."""
    own = source.model_fields_set
    shared = {name: getattr(data, name) for name in Reading.model_fields if name not in own and name != "week_start"}
    return source.model_copy(update={**shared, "units": {**data.units, **source.units}})


def asked(source: SourceSpec, spec: PanelSpec, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (columns that every file must have, columns that help to find the header).

    Parameters
    ----------
    source : SourceSpec
        As declared, with its preset.
    spec : PanelSpec
    key : str
        As in ``sources.google``.
    """
    date = source.date if source.preset is not None else source.date or spec.data.date
    figures = [source.value] if source.metric is not None else [*source.metrics.values()]
    some = [date, source.geo, source.channel, source.metric, source.currency_column, *figures, *source.only]
    wanted = tuple(dict.fromkeys(name for name in some if name is not None))
    offered = [*known_columns(source, key), spec.data.date, *([] if spec.data.geo is None else [spec.data.geo])]
    if not figures and source.preset is None:
        offered += _endings(spec) if source.is_long else _series(spec)
    return wanted, tuple(name for name in dict.fromkeys(offered) if name not in wanted)


def _series(spec: PanelSpec) -> list[str]:
    return list(dict.fromkeys(column for _, _, column in roles(spec)))


def _endings(spec: PanelSpec) -> list[str]:
    """Return what a series' name may end with after its channel: ``paid_search_spend`` → search_spend, spend."""
    return [name[at + 1 :] for name in _series(spec) for at, char in enumerate(name) if char == "_" and name[at + 1 :]]


def is_used(name: str, spec: PanelSpec, *, long: bool) -> bool:
    """Say whether the model uses a metric of some channel (long), or a series of this name."""
    return _in(name, _series(spec), long=long)


def _in(name: str, series: Sequence[str], *, long: bool) -> bool:
    key = name_key(name)
    return any(name_key(one).endswith(f"_{key}") if long else name_key(one) == key for one in series)


def money_metric(name: str, source: SourceSpec, spec: PanelSpec) -> bool:
    """Say whether a metric or series is money: by its name, as declared, or because the model uses it as money."""
    if name_key(name) in {SPEND, *map(name_key, source.money)}:
        return True
    return _in(name, [column for role, _, column in roles(spec) if is_money(role, spec)], long=source.is_long)


def metric_of(name: str, column: str, source: SourceSpec, spec: PanelSpec) -> Metric:
    """Say what a metric or series of this name is."""
    levels = [one for role, _, one in roles(spec) if role in _LEVELS]
    return Metric(
        name, column, money_metric(name, source, spec), adds_up=source.is_long or not _in(name, levels, long=False)
    )


def lay_out(source: SourceSpec, spec: PanelSpec, header: Sequence[str], key: str, file: str) -> Layout:
    """Decide what each column of one file is.

    Parameters
    ----------
    source : SourceSpec
        As declared, with its preset.
    spec : PanelSpec
    header : sequence of str
        Column names of the file.
    key : str
        As in ``sources.google``.
    file : str

    Raises
    ------
    DataError
        A column that is missing, or no figures at all.
    """
    known = resolve(source, header, key)
    date = known.date or spec.data.date
    have = {name_key(name) for name in header}
    geo = known.geo
    if geo is None and known.geo_is is None and spec.data.geo is not None and name_key(spec.data.geo) in have:
        geo = spec.data.geo
    metrics = tuple(_metrics(known, source, spec, header))
    if not metrics and known.metric is None:
        use = "name them there, as metric: column" if known.is_long else "name them there, as series: column"
        raise DataError(
            f"no column of the file holds figures of the model; it has {', '.join(map(repr, header[:12]))}",
            where=f"{key}.metrics",
            do=f"Look at {file}, and {use}.",
        )
    currency = known.currency_column
    if currency is None:
        index = column_of_currencies(header, file, declared=known.currency is not None)
        currency = None if index is None else header[index]
    layout = Layout(known, date, geo, known.channel, currency, known.metric, known.value, metrics, source)
    refuse_missing(header, layout.columns(), file)
    return layout


def _metrics(known: SourceSpec, source: SourceSpec, spec: PanelSpec, header: Sequence[str]) -> Iterator[Metric]:
    """Yield the metrics that are read: all that are declared; of a preset's, those that the model uses."""
    if known.metrics:
        for name, column in known.metrics.items():
            if name in source.metrics or is_used(name, spec, long=known.is_long):
                yield metric_of(name, column, known, spec)
        return
    if known.metric is not None:
        return
    for column in header:
        if is_used(column, spec, long=known.is_long):
            series = {name_key(name): name for name in _series(spec)}
            name = column if known.is_long else series[name_key(column)]
            yield metric_of(name, column, known, spec)
