"""What a person declares about a log of events: who, what is counted, whose consent, and how few people are too few."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from mmm.config import PlacedError, StrictModel
from mmm.data.reading import Name, Positive, name_key

#: No figure of fewer people ever leaves the log; a model file may ask for more people, not for fewer.
FEWEST = 50
#: Where channels with too few people go; no channel may be called so.
OTHER = "other (merged)"


def _as_text(value: Any) -> Any:
    """Keep ``granted: [true, 1]`` as the text that stands in the log."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


Text = Annotated[str, BeforeValidator(_as_text), Field(min_length=1, max_length=200)]


class Count(StrEnum):
    """What is counted: events, or the different people behind them."""

    EVENTS = "events"
    PEOPLE = "people"


class Empty(StrEnum):
    """What a missing value of a counted event means: refuse it, or zero."""

    REFUSE = "refuse"
    ZERO = "zero"


class Identifiers(StrEnum):
    """What to do with e-mail addresses, telephone numbers and the like.

    ``refuse``, or ``hash``: as the person's id they go through a keyed hash (HMAC-SHA-256) before anything else
    happens, and other columns of that kind are never read.
    """

    REFUSE = "refuse"
    HASH = "hash"


class Epoch(StrEnum):
    """Unit of time stamps that are numbers since 1970, UTC."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"


class EventMetric(StrictModel):
    """One figure of every cell.

    Attributes
    ----------
    count : Count, optional
        Events, or different people.
    sum : str, optional
        Column of numbers to add up, instead of ``count``.
    of : tuple of str
        Kinds of events that are meant; all where it is empty.
    by_channel : bool
        Say false for events without a channel, such as purchases: the figure is then of the whole geo and week, and
        the series is called as the metric.
    money : bool
        Whether a sum is money.
    empty : Empty
        What a missing number to be added up means.
    """

    count: Count | None = None
    sum: Name | None = None
    of: tuple[Text, ...] = ()
    by_channel: bool = True
    money: bool = True
    empty: Empty = Empty.REFUSE

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.count is None) == (self.sum is None):
            raise ValueError("a metric either counts (count: events or people) or adds up a column (sum: …)")
        return self


class ConsentSpec(StrictModel):
    """Which rows may be used.

    Attributes
    ----------
    column : str
    granted : tuple of str
        The values that are consent; every other value, and an empty cell, is none.
    """

    column: Name
    granted: Annotated[tuple[Text, ...], Field(min_length=1)]


class OptOutSpec(StrictModel):
    """People who want to be left out.

    Attributes
    ----------
    file : str
        CSV, inside the folder of ``model.yaml``: one id a row.
    column : str, optional
        Its column of ids; the only one by default.
    hashed : bool
        The ids were hashed with the key of ``identifiers_key_from`` already (hexadecimal HMAC-SHA-256 of the id in
        lower case without outer spaces).
    """

    file: Name
    column: Name | None = None
    hashed: bool = False


class Mechanism(StrEnum):
    """Which noise is added."""

    LAPLACE = "laplace"
    GAUSSIAN = "gaussian"


class Keys(StrEnum):
    """Which cells exist: found in the log (only noisy counts above a threshold appear), or named in the model file."""

    THRESHOLD = "threshold"
    DECLARED = "declared"


class PrivacySpec(StrictModel):
    """Differential privacy: what is told hardly depends on any one person's week.

    Attributes
    ----------
    epsilon, delta : float
        Budget of one person's week, all metrics together: no release is more than e^epsilon times as likely with the
        week's events of a person as without them, but for a chance of delta.
    mechanism : Mechanism
    keys : Keys
    channels, geos : tuple of str
        Where the keys are declared.
    cells : int
        At most so many cells (channel in a geo) count of a person in a week.
    events : int
        At most so many events count of a person in a cell.
    largest : mapping of metric to number
        Of each sum: the most that counts of a person in a cell.
    release : str
        JSON file beside ``model.yaml`` that keeps what was told: a week is told once, and later readings repeat it.
    limit : float, optional
        The most epsilon that all weeks together may cost a person who is in every one.
    """

    epsilon: Annotated[float, Field(gt=0, le=20)] = 1.0
    delta: Annotated[float, Field(gt=0, le=1e-3)] = 1e-6
    mechanism: Mechanism = Mechanism.LAPLACE
    keys: Keys = Keys.THRESHOLD
    channels: tuple[Name, ...] = ()
    geos: tuple[Name, ...] = ()
    cells: Annotated[int, Field(ge=1, le=1000)] = 3
    events: Annotated[int, Field(ge=1, le=100_000)] = 10
    largest: dict[Name, Positive] = Field(default_factory=dict)
    release: Name
    limit: Positive | None = None

    @model_validator(mode="after")
    def _keys_are_named(self) -> Self:
        named = bool(self.channels or self.geos)
        if named != (self.keys is Keys.DECLARED):
            raise ValueError("channels and geos are named where keys: declared, and only there")
        return self


class EventsSpec(StrictModel):
    """A log of events under a source, whose ``date``, ``channel`` and ``geo`` name columns of the log.

    Attributes
    ----------
    person : str
        Column of pseudonymous ids. They serve to count different people, and never leave the log.
    kind : str, optional
        Column that names the kind of event.
    metrics : mapping
        Name → what is counted; all events by default.
    consent : ConsentSpec, optional
    opt_out : OptOutSpec, optional
    minimum_people : int
        A figure of fewer people is merged into ``other``, or left out and listed.
    totals_known : bool
        Say true where totals by geo and week are shown elsewhere, as web analytics does: then no total less what is
        shown here tells of fewer people either, at the price of further merged cells.
    identifiers : Identifiers
    identifiers_key_from : str, optional
        Name of the environment variable that holds the key of the hash, at least 32 characters.
    case_matters : bool
        Say true where two ids that differ in upper and lower case only are two people.
    epoch : Epoch, optional
        Where times are numbers.
    privacy : PrivacySpec, optional
    memory_limit : str
        Memory that the aggregation may take; beyond it a private temporary folder is used.
    """

    person: Name
    kind: Name | None = None
    metrics: Annotated[dict[Name, EventMetric], Field(min_length=1)] = Field(
        default_factory=lambda: {"events": EventMetric(count=Count.EVENTS)}
    )
    consent: ConsentSpec | None = None
    opt_out: OptOutSpec | None = None
    minimum_people: int = FEWEST
    totals_known: bool = False
    identifiers: Identifiers = Identifiers.REFUSE
    identifiers_key_from: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,100}$")] | None = None
    case_matters: bool = False
    epoch: Epoch | None = None
    privacy: PrivacySpec | None = None
    memory_limit: Annotated[str, Field(pattern=r"^\d{1,6} ?(MB|GB)$")] = "2GB"

    @model_validator(mode="after")
    def _enough_people(self) -> Self:
        if self.minimum_people < FEWEST:
            raise PlacedError(
                f"figures of fewer than {FEWEST} people would tell of single ones: {FEWEST} or more is expected here",
                "minimum_people",
            )
        return self

    @model_validator(mode="after")
    def _key_is_named(self) -> Self:
        needs = self.identifiers is Identifiers.HASH or (self.opt_out is not None and self.opt_out.hashed)
        if needs and self.identifiers_key_from is None:
            raise ValueError("hashed ids need a key: name its environment variable in identifiers_key_from")
        return self

    @model_validator(mode="after")
    def _kinds_have_a_column(self) -> Self:
        for name, metric in self.metrics.items():
            if metric.of and self.kind is None:
                raise PlacedError("kinds of events need the column that names them (kind)", "metrics", name, "of")
        return self

    @model_validator(mode="after")
    def _by_channel_or_not(self) -> Self:
        """A total beside its own parts would tell of parts that are left out: total less parts."""
        for name, metric in self.metrics.items():
            for other, second in self.metrics.items():
                if metric.by_channel and not second.by_channel and kinds_overlap(metric.of, second.of):
                    raise PlacedError(
                        f"the same events are counted by channel ('{name}') and in total ('{other}'): "
                        "a total less its parts would tell of parts that are too small to be shown",
                        "metrics",
                        other,
                    )
        return self

    @model_validator(mode="after")
    def _people_tell_no_difference(self) -> Self:
        """Events and sums of several kinds are taken apart and judged kind by kind; people do not add up."""
        people = {name: metric.of for name, metric in self.metrics.items() if metric.count is Count.PEOPLE}
        for (name, of), (other, second) in combinations(people.items(), 2):
            if self.privacy is None and kinds_overlap(of, second) and _keys(of) != _keys(second):
                raise PlacedError(
                    f"'{name}' and '{other}' count people of kinds that overlap, and the difference of the two may be "
                    "one person: count the people of both over the same kinds, or over kinds of which none is in both",
                    "metrics",
                    other,
                )
        return self

    @model_validator(mode="after")
    def _sums_are_bounded(self) -> Self:
        if self.privacy is not None:
            sums = {name for name, metric in self.metrics.items() if metric.sum is not None}
            if sums != set(self.privacy.largest):
                raise PlacedError(
                    "the most that counts of a person is needed for every sum, and for nothing else", "privacy"
                )
        return self


def kinds_overlap(first: Iterable[str], second: Iterable[str]) -> bool:
    """Say whether two selections of kinds share one; an empty selection holds all."""
    a, b = _keys(first), _keys(second)
    return not a or not b or bool(a & b)


def _keys(kinds: Iterable[str]) -> set[str]:
    return {name_key(kind) for kind in kinds}
