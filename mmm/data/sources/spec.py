"""What a person declares about one of several sources: where it lies, what its columns are, and how to read them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from mmm.config import PlacedError, StrictModel
from mmm.data.events.spec import EventsSpec
from mmm.data.reading import Name, Positive, Reading

Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
#: What a long source calls the money of a channel.
SPEND = "spend"
#: What no host's name holds, and an address with a login does.
_OF_LOGINS = frozenset("@/")


class Spread(StrEnum):
    """What becomes of a figure that covers more days than a week of the panel, as a month does.

    ``refuse``, or ``by_day``: the same figure on every day that it covers.
    """

    REFUSE = "refuse"
    BY_DAY = "by_day"


class SourceGrain(StrEnum):
    """How long a time each date of a source stands for."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Repeats(StrEnum):
    """What several rows of one date and geo are in a wide source: refused, or parts to be added up, as of a till."""

    REFUSE = "refuse"
    ADD = "add"


class Attach(StrEnum):
    """Kinds of database server that DuckDB attaches."""

    POSTGRES = "postgres"
    MYSQL = "mysql"


class ServerSpec(StrictModel):
    """A database server; who asks and with which password stands in the environment, never in the file.

    Attributes
    ----------
    kind : Attach
    host : str
    port : int, optional
    database : str
    user_from, password_from : str, optional
        Names of environment variables.
    """

    kind: Attach
    host: Name = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    database: Name
    user_from: Name | None = None
    password_from: Name | None = None

    @model_validator(mode="after")
    def _no_login(self) -> Self:
        """Refuse an address with all in it; it is not shown, for a password may stand there."""
        if not _OF_LOGINS.isdisjoint(self.host) or any(char.isspace() for char in self.host):
            raise PlacedError("a host is a name or an address, without a user, a password or a path", "host")
        if "://" in self.database:
            raise PlacedError("a database is a name, without an address, a user or a password", "database")
        return self


class SourceSpec(Reading):
    """One source: a file, a folder of exports, a sheet, a table, or a query.

    Attributes
    ----------
    preset : str, optional
        A usual export (``google_ads``, ``meta`` …): it fills every key that is not given.
    file : str, optional
        A file, a folder or a pattern (``exports/*.csv``), inside the folder of ``model.yaml``.
    server : ServerSpec, optional
        Instead of ``file``.
    sheet, table, query : str, optional
        Of a workbook; of a DuckDB or SQLite file or a server.
    date, geo : str, optional
        Columns.
    geo_is : str, optional
        The one geo that all rows are of.
    channel : str, optional
        Column that names the channel, or the campaign that ``join.campaigns`` rolls up: the source is long, and a
        figure is the series ``<channel>_<metric>``. Without it the source is wide, and ``metrics`` names series.
    channel_is : str, optional
        The one channel of a long source without such a column.
    metrics : mapping
        Metric or series → column. Default of a wide source: every column that the model names.
    metric, value : str, optional
        Columns, where each row holds the name of one metric and its figure; ``metrics`` then maps metric → that name.
    money : tuple of str
        Metrics or series that are money beside those that the model uses as spend, outcome or value.
    currency : str, optional
        ISO code of every money column, where it is not the model's.
    currency_column : str, optional
        Column of ISO codes.
    rates : mapping of currency to number
        Worth of one unit in the model's currency; ``join.rates_file`` has them by date.
    only : mapping of column to values, optional
        Rows with other values are set aside, and listed.
    grain : SourceGrain, optional
        Needed where the dates do not show it, as of e-mails sent on Tuesdays: then each date is a day of its own.
    repeats : Repeats, optional
        Rows of one date, geo and channel are added up in a long source, and refused in a wide one, unless this says so.
    spread : Spread
    events : EventsSpec, optional
        The file is a log of single events, of which only counts of enough people are read.
    """

    preset: Name | None = None
    file: Name | None = None
    server: ServerSpec | None = None
    sheet: Name | None = None
    table: Name | None = None
    query: Annotated[str, Field(min_length=1, max_length=20_000)] | None = None
    date: Name | None = None
    geo: Name | None = None
    geo_is: Name | None = None
    channel: Name | None = None
    channel_is: Name | None = None
    metrics: dict[Name, Name] = Field(default_factory=dict)
    metric: Name | None = None
    value: Name | None = None
    money: tuple[Name, ...] = ()
    currency: Code | None = None
    currency_column: Name | None = None
    rates: dict[Code, Positive] = Field(default_factory=dict)
    only: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    grain: SourceGrain | None = None
    repeats: Repeats | None = None
    spread: Spread = Spread.REFUSE
    events: EventsSpec | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.server is None):
            raise ValueError("a source has either a file or a server")
        if self.table is not None and self.query is not None:
            raise ValueError("a source has either a table or a query")
        if self.channel is not None and self.channel_is is not None:
            raise ValueError("a source has either a channel column or one channel (channel_is)")
        if self.geo is not None and self.geo_is is not None:
            raise ValueError("a source has either a geo column or one geo (geo_is)")
        if (self.metric is None) != (self.value is None):
            raise ValueError("metric and value go together: the column of names and the column of figures")
        return self

    @property
    def is_long(self) -> bool:
        """Whether rows name their channel."""
        return self.channel is not None or self.channel_is is not None

    @property
    def adds(self) -> bool:
        """Whether rows of one date, geo and channel are parts that add up."""
        return self.is_long if self.repeats is None else self.repeats is Repeats.ADD
