"""What a person declares about a data file: where the columns are, and how to read what can be read two ways."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from mmm.config import StrictModel

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Positive = Annotated[float, Field(gt=0)]


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class DateMarks(StrEnum):
    """Which day of its week a date names."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"


class DecimalMark(StrEnum):
    """The character before the decimals; the other one is then a thousands separator."""

    POINT = "."
    COMMA = ","


class Percent(StrEnum):
    """What ``5%`` becomes: 0.05 (fraction) or 5 (points)."""

    FRACTION = "fraction"
    POINTS = "points"


class Placeholder(StrEnum):
    """What ``-`` or ``n/a`` in a number's place means."""

    ZERO = "zero"
    MISSING = "missing"


class Fill(StrEnum):
    """What to do with a missing number: refuse it, or put zero, the value before it, or a straight line through it."""

    REFUSE = "refuse"
    ZERO = "zero"
    PREVIOUS = "previous"
    INTERPOLATE = "interpolate"


class Gaps(StrEnum):
    """What to do with missing weeks or days.

    ``refuse``: refused in national data; a week that only some geos lack is missing there (``Panel.observed``).
    ``no_spend`` gives them no spend, exposure or organic activity, and a straight line for outcome and controls; before
    a geo's first row and after its last they stay missing.
    """

    REFUSE = "refuse"
    NO_SPEND = "no_spend"


def name_key(name: str) -> str:
    """Return the form under which two column names count as the same: NFC, case folded, spaces collapsed."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).split()).casefold())


class Level(StrEnum):
    """Whether a channel's column holds each geo's own figure, or the national one repeated in every geo's row."""

    GEO = "geo"
    NATIONAL = "national"


class ChannelSpec(StrictModel):
    """One paid channel.

    Attributes
    ----------
    spend : str
        Column of money per row.
    exposure : str, optional
        Column of impressions, clicks or reach. The model then works on it; plans stay in money.
    level : Level
        ``national``: the channel runs only nationally; its figure is split over geos by population.
    """

    spend: Name
    exposure: Name | None = None
    level: Level = Level.GEO


class DataSpec(StrictModel):
    """One data file and how to read it.

    Attributes
    ----------
    file : str
        CSV or Parquet, inside the folder of ``model.yaml``.
    date, outcome : str
        Columns.
    geo, population : str, optional
        Columns, where the file has a row per week and geo.
    value_per_outcome : float or str, optional
        Money per unit of outcome, or the column that holds it. Without it the outcome is money itself.
    outcome_is_money : bool
        Say false where the outcome is a count without a known value: then no ROAS in money is stated.
    encoding : str, optional
        The text encoding, e.g. ``cp1250``, where it cannot be told from the bytes.
    delimiter : str, optional
        One character, where the columns cannot be told apart.
    date_format : str, optional
        As in ``%d/%m/%Y``; ``%G-W%V`` for ISO week labels, ``%Y-W%U`` for weeks that start on Sunday.
    time_zone : str, optional
        Zone in which a time stamp's day is meant, e.g. ``Europe/Berlin``.
    week_start : Weekday, optional
        First day of a week. Needed where weekly dates are not Mondays; daily rows are summed to these weeks.
    date_marks : DateMarks
        Whether a weekly date is the first or the last day of its week.
    allow_future : bool
        Accept dates after today (planned or simulated figures).
    decimal : DecimalMark, optional
        Needed where every separator in a column can be read two ways, as in ``1.234``.
    percent : Percent, optional
        Needed where cells hold ``%``.
    placeholder : Placeholder, optional
        Needed where cells hold ``-`` or ``n/a``.
    missing : Fill or mapping of column to Fill
        What to do with empty number cells. Spend columns accept ``refuse`` or ``zero`` only.
    gaps : Gaps
        What to do with missing weeks or days.
    units : mapping of column to number
        Worth of 1 in that column: ``{cost_micros: 0.000001, tv_spend_k: 1000}``; 1 takes it as it stands.
    rates : mapping of currency to number
        Worth of one unit of another currency in ``currency``: ``{USD: 0.92}``.
    """

    file: Name
    date: Name
    outcome: Name
    geo: Name | None = None
    population: Name | None = None
    value_per_outcome: Positive | Name | None = None
    outcome_is_money: bool = True
    encoding: Name | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    date_format: Name | None = None
    time_zone: Name | None = None
    week_start: Weekday | None = None
    date_marks: DateMarks = DateMarks.FIRST_DAY
    allow_future: bool = False
    decimal: DecimalMark | None = None
    percent: Percent | None = None
    placeholder: Placeholder | None = None
    missing: Fill | dict[Name, Fill] = Fill.REFUSE
    gaps: Gaps = Gaps.REFUSE
    units: dict[Name, Positive] = Field(default_factory=dict)
    rates: dict[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], Positive] = Field(default_factory=dict)

    def fill_of(self, column: str) -> Fill:
        """Return what is declared for missing numbers of one column."""
        if isinstance(self.missing, Fill):
            return self.missing
        declared = {name_key(name): fill for name, fill in self.missing.items()}
        return declared.get(name_key(column), Fill.REFUSE)

    def unit_of(self, column: str) -> float | None:
        """Return the declared worth of 1 in a column, or None where nothing is declared."""
        return {name_key(name): unit for name, unit in self.units.items()}.get(name_key(column))


class PanelSpec(StrictModel):
    """What a panel is read from: one data file, its channels, organic activity and controls.

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
    lift_tests : str, optional
        CSV of experiments, inside the folder of ``model.yaml`` (:func:`mmm.data.read_lift_tests.read_lift_tests`).
    """

    data: DataSpec
    channels: Annotated[dict[Name, ChannelSpec], Field(min_length=1)]
    organic: tuple[Name, ...] = ()
    controls: tuple[Name, ...] = ()
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    lift_tests: Name | None = None

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (key path in the model file, column name) for every column that is used."""
        optional = {"geo": self.data.geo, "population": self.data.population}
        yield "data.date", self.data.date
        yield "data.outcome", self.data.outcome
        yield from ((f"data.{key}", name) for key, name in optional.items() if name is not None)
        if isinstance(self.data.value_per_outcome, str):
            yield "data.value_per_outcome", self.data.value_per_outcome
        for name, channel in self.channels.items():
            yield f"channels.{name}.spend", channel.spend
            if channel.exposure is not None:
                yield f"channels.{name}.exposure", channel.exposure
        yield from ((f"organic[{i}]", name) for i, name in enumerate(self.organic))
        yield from ((f"controls[{i}]", name) for i, name in enumerate(self.controls))

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
            if self.data.fill_of(channel.spend) in (Fill.PREVIOUS, Fill.INTERPOLATE):
                raise ValueError(
                    f"missing spend of '{name}' can be filled with zero only, else money would be invented: "
                    f"write missing: {{{channel.spend}: zero, …}} column by column"
                )
        return self
