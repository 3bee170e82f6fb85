"""What a person declares about the data: one file or several sources, its channels, and what moves the outcome."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from mmm.config import PlacedError, StrictModel
from mmm.data.joining.spec import JoinSpec
from mmm.data.reading import (
    DateMarks,
    DecimalMark,
    Fill,
    Gaps,
    Name,
    Percent,
    Placeholder,
    Positive,
    Reading,
    Weekday,
    name_key,
)
from mmm.data.sources.spec import SourceSpec

__all__ = [
    "ChannelSpec",
    "DataSpec",
    "DateMarks",
    "DecimalMark",
    "Fill",
    "Gaps",
    "Level",
    "Name",
    "PanelSpec",
    "Percent",
    "Placeholder",
    "Positive",
    "Weekday",
    "name_key",
]


class Level(StrEnum):
    """Whether a channel's column holds each geo's own figure, or the national one repeated in every geo's row."""

    GEO = "geo"
    NATIONAL = "national"


class ChannelSpec(StrictModel):
    """One channel that costs money: media that is bought, or a service with a volume and a cost.

    Attributes
    ----------
    spend : str, optional
        Column of money per row.
    exposure : str, optional
        Column of impressions, clicks or reach. The model then works on it; plans stay in money.
    volume : str, optional
        Of an owned channel (support chats, events, e-mails, stores), instead of ``spend``: the column of what was
        served. The model works on it.
    cost_of_service : float or str, optional
        Money per unit of volume, or the column that holds it; the channel's money is volume × cost.
    level : Level
        ``national``: the channel runs only nationally; its figure is split over geos by population.
    """

    spend: Name | None = None
    exposure: Name | None = None
    volume: Name | None = None
    cost_of_service: float | Name | None = None
    level: Level = Level.GEO

    @property
    def is_owned(self) -> bool:
        """Whether its money is volume × cost of service."""
        return self.volume is not None

    @property
    def seen(self) -> str | None:
        """The column that the model works on, where that is not money."""
        return self.volume or self.exposure

    @property
    def paid_by(self) -> str:
        """The column that money is read or worked out from."""
        return self.spend or self.volume or ""

    @model_validator(mode="after")
    def _spend_or_service(self) -> Self:
        if self.spend is None and self.volume is None:
            raise ValueError("a channel needs spend: <column of money>, or volume: <column> with its cost_of_service")
        if self.volume is None:
            if self.cost_of_service is not None:
                raise ValueError("cost_of_service goes with volume; where there is a column of money, name it as spend")
            return self
        if self.spend is not None or self.exposure is not None:
            raise ValueError(
                "volume with cost_of_service stands instead of spend and exposure; where the money is in a column, "
                "name that as spend and the volume as exposure"
            )
        if self.cost_of_service is None:
            raise ValueError("volume needs cost_of_service: money for one unit of it, or the column that holds it")
        if isinstance(self.cost_of_service, float) and not 0 <= self.cost_of_service < math.inf:
            raise ValueError(f"a cost_of_service of {self.cost_of_service:g} is no cost")
        if self.cost_of_service == 0:
            raise ValueError(
                "a cost_of_service of 0 leaves nothing to plan: what costs nothing belongs under organic, as "
                f"'{self.volume}'"
            )
        return self


class DataSpec(Reading):
    """One data file and how to read it; with ``sources``, what all of them share.

    How it is written is declared as in :class:`mmm.data.reading.Reading`.

    Attributes
    ----------
    file : str, optional
        CSV, xlsx or Parquet, inside the folder of ``model.yaml``; none where ``sources`` are given.
    date, outcome : str
        Columns.
    geo, population : str, optional
        Columns, where the file has a row per week and geo.
    value_per_outcome : float or str, optional
        Money per unit of outcome, or the column that holds it. Without it the outcome is money itself.
    outcome_is_money : bool
        Say false where the outcome is a count without a known value: then no ROAS in money is stated.
    allow_future : bool
        Accept dates after today (planned or simulated figures).
    missing : Fill or mapping of column to Fill
        What to do with empty number cells. Spend columns accept ``refuse`` or ``zero`` only.
    gaps : Gaps
        What to do with missing weeks or days.
    rates : mapping of currency to number
        Worth of one unit of another currency in ``currency``: ``{USD: 0.92}``.
    """

    file: Name | None = None
    date: Name = "week"
    outcome: Name
    geo: Name | None = None
    population: Name | None = None
    value_per_outcome: Positive | Name | None = None
    outcome_is_money: bool = True
    allow_future: bool = False
    missing: Fill | dict[Name, Fill] = Fill.REFUSE
    gaps: Gaps = Gaps.REFUSE
    rates: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Positive] = Field(default_factory=dict)

    def fill_of(self, column: str) -> Fill:
        """Return what is declared for missing numbers of one column."""
        if isinstance(self.missing, Fill):
            return self.missing
        declared = {name_key(name): fill for name, fill in self.missing.items()}
        return declared.get(name_key(column), Fill.REFUSE)


class PanelSpec(StrictModel):
    """What a panel is read from: one data file or several sources, the channels, organic activity and controls.

    Attributes
    ----------
    data : DataSpec
    channels : mapping
        Channel name → its columns. At least one.
    organic : tuple of str
        Columns of unpaid activity (newsletter, events): they get a response curve and no ROAS.
    controls : tuple of str
        Columns that move the outcome and are nobody's marketing (prices, competitors).
    currency : str
        ISO 4217 code of every money column.
    holidays : str or None
        ISO country code whose public holidays move the outcome; the model gives each a coefficient.
    lift_tests : str, optional
        CSV of experiments, inside the folder of ``model.yaml`` (:func:`mmm.data.read_lift_tests.read_lift_tests`).
    sources : mapping
        Name → source, instead of ``data.file``; they are joined to one panel as ``join`` says.
    join : JoinSpec
    """

    data: DataSpec
    channels: Annotated[dict[Name, ChannelSpec], Field(min_length=1)]
    organic: tuple[Name, ...] = ()
    controls: tuple[Name, ...] = ()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    holidays: str | None = None
    lift_tests: Name | None = None
    sources: dict[Name, SourceSpec] = Field(default_factory=dict)
    join: JoinSpec = JoinSpec()

    @property
    def data_name(self) -> str:
        """What messages and manifests call the data: the file, or how many sources."""
        if self.data.file is not None:
            return self.data.file
        return f"{len(self.sources)} source{'' if len(self.sources) == 1 else 's'}"

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (key path in the model file, column name) for every column that is used."""
        optional = {"geo": self.data.geo, "population": self.data.population}
        yield "data.date", self.data.date
        yield "data.outcome", self.data.outcome
        yield from ((f"data.{key}", name) for key, name in optional.items() if name is not None)
        if isinstance(self.data.value_per_outcome, str):
            yield "data.value_per_outcome", self.data.value_per_outcome
        for name, channel in self.channels.items():
            keys = ("spend", "exposure", "volume", "cost_of_service")
            named = ((key, getattr(channel, key)) for key in keys)
            yield from ((f"channels.{name}.{key}", column) for key, column in named if isinstance(column, str))
        yield from ((f"organic[{i}]", name) for i, name in enumerate(self.organic))
        yield from ((f"controls[{i}]", name) for i, name in enumerate(self.controls))

    @model_validator(mode="after")
    def _one_file_or_sources(self) -> Self:
        if (self.data.file is None) == (not self.sources):
            raise ValueError("name either one file (data.file) or several sources")
        return self

    @model_validator(mode="after")
    def _one_log_a_release(self) -> Self:
        """What was told of one log is never repeated as if it were of another."""
        seen: dict[str, str] = {}
        for name, source in self.sources.items():
            privacy = None if source.events is None else source.events.privacy
            if privacy is None:
                continue
            first = seen.setdefault(posixpath.normpath(privacy.release).casefold(), name)
            if first != name:
                raise PlacedError(
                    f"two sources keep what was told in one file: '{first}' and '{name}' need a release of their own "
                    "each",
                    *("sources", name, "events", "privacy", "release"),
                )
        return self

    @model_validator(mode="after")
    def _one_use_a_column(self) -> Self:
        seen: dict[str, str] = {}
        for path, column in self.columns():
            first = seen.setdefault(name_key(column), path)
            if first != path:
                raise ValueError(f"the column '{column}' is used twice: as {first} and as {path}")
        return self

    @model_validator(mode="after")
    def _one_thing_a_name(self) -> Self:
        seen: set[str] = set()
        for name in (*self.channels, *self.organic, *self.controls):
            key = name_key(name)
            if key == "all":
                raise ValueError("'all' cannot name a channel: briefs use it for every channel")
            if key in seen and name in self.channels:
                raise ValueError(f"the channel name '{name}' is given twice, but for case or spaces")
            if key in seen:
                raise ValueError(f"the name '{name}' is both a channel and an organic or control column")
            seen.add(key)
        return self

    @model_validator(mode="after")
    def _spend_is_never_invented(self) -> Self:
        for name, channel in self.channels.items():
            if self.data.fill_of(channel.paid_by) in (Fill.PREVIOUS, Fill.INTERPOLATE):
                what = "volume" if channel.is_owned else "spend"
                raise ValueError(
                    f"missing {what} of '{name}' can be filled with zero only, else money would be invented: "
                    f"write missing: {{{channel.paid_by}: zero, …}} column by column"
                )
        return self
