"""What a page is made of: frozen blocks of plain text and figures, which know nothing of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from mmm.findings import Alike, Finding, Severity, alike

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


_GRAVE = (Severity.ERROR, Severity.WARNING)
#: Errors or warnings of one kind, notes, and places of folded findings that stand open.
_MOST_GRAVE, _MOST_NOTES, _MOST_PLACES = 4, 6, 3


class Align(StrEnum):
    """How a column stands; figures go right."""

    LEFT = "left"
    RIGHT = "right"


class Tone(StrEnum):
    """What a card says at a glance; the words must say it too."""

    NEUTRAL = "neutral"
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"


@dataclass(frozen=True)
class Prose:
    """Plain paragraphs."""

    paragraphs: Sequence[str]
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Card:
    """One key figure: label, formatted value with its unit, and a note that says what it means."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True)
class Cards:
    """A row of cards."""

    cards: Sequence[Card]
    kind: ClassVar[str] = "cards"


@dataclass(frozen=True)
class Chart:
    """A plotly figure with what it shows in words.

    Attributes
    ----------
    figure : plotly Figure
        Its legend is drawn by the page, outside the plot, so that it wraps on a phone.
    caption : str
        What to see in it, with the unit.
    alt : str
        The same for those who cannot see it.
    height : int
        Pixels.
    title : str
        Short heading above the plot; wanted in a :class:`Gallery`.
    """

    figure: Figure
    caption: str
    alt: str
    height: int = 360
    title: str = ""
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Gallery:
    """Small charts beside each other, as many as the width allows: one on a phone, two or three on a desk."""

    charts: Sequence[Chart]
    kind: ClassVar[str] = "gallery"


@dataclass(frozen=True)
class Column:
    """Heading and alignment of a table's column."""

    label: str
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Table:
    """Cells are formatted strings; the first column names the row. ``total`` is set apart at the foot."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    total: Sequence[str] = ()
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.total,) if self.total else ())):
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells, the table {len(self.columns)} columns: {tuple(row)!r}")


@dataclass(frozen=True)
class FindingsGroup:
    """Findings of one kind: those that are shown, and those that are folded under them."""

    shown: Sequence[Finding]
    folded: Sequence[Finding] = ()

    @property
    def more(self) -> str:
        """What the fold is called: how many more, and the first places where they are."""
        places = list(dict.fromkeys(one.where for one in self.folded if one.where))
        rest = len(places) - _MOST_PLACES if len(places) > _MOST_PLACES + 1 else 0
        named = "; ".join(places[: len(places) - rest])
        where = f": {named}{f' and {rest:,} more places' if rest else ''}" if places else ""
        return f"and {len(self.folded):,} more of this kind{where}"


@dataclass(frozen=True)
class FindingsList:
    """Findings, gravest first, each with its next step; many of one kind are folded, and so are many notes."""

    findings: Sequence[Finding]
    kind: ClassVar[str] = "findings"

    @property
    def grave(self) -> tuple[FindingsGroup, ...]:
        """Errors and warnings, by kind; of a kind with many, the first few are shown."""
        return tuple(_folded(some, _MOST_GRAVE) for some in alike(self.findings) if some.severity in _GRAVE)

    @property
    def notes(self) -> tuple[FindingsGroup, ...]:
        """Notes by kind, those that may matter to the result first; where there are many, the first of each kind."""
        kinds = [some for some in alike(self.findings) if some.severity is Severity.NOTE]
        if self.n_notes <= _MOST_NOTES:
            return tuple(FindingsGroup(some.findings) for some in kinds)
        return tuple(FindingsGroup(some.findings[:1], some.others) for some in sorted(kinds, key=_weight))

    @property
    def n_notes(self) -> int:
        """Number of notes."""
        return sum(one.severity is Severity.NOTE for one in self.findings)

    @property
    def notes_title(self) -> str:
        """What the fold of the notes is called; empty where they are few and stand open."""
        if self.n_notes <= _MOST_NOTES:
            return ""
        kinds = f"{len(self.notes)} kind{'' if len(self.notes) == 1 else 's'}"
        return f"{self.n_notes:,} notes of {kinds}: smaller doubts, and what was repaired, assumed or set aside"

    @property
    def passed(self) -> tuple[FindingsGroup, ...]:
        """What was looked at and is in order."""
        found = [one for one in self.findings if one.severity is Severity.OK]
        return tuple(FindingsGroup((one,)) for one in found)


def _weight(some: Alike) -> int:
    """Rank notes: what says its meaning for the result, what asks for something, what asks for nothing."""
    return 0 if some.first.means else 2 if some.first.do.startswith("Nothing") else 1


def _folded(some: Alike, shown: int) -> FindingsGroup:
    """Fold all but the first few findings of a kind; one alone is not folded."""
    if len(some.findings) <= shown + 1:
        return FindingsGroup(some.findings)
    return FindingsGroup(some.findings[:shown], some.findings[shown:])


@dataclass(frozen=True)
class Check:
    """A finding as a line of a checklist.

    Attributes
    ----------
    finding : Finding
    title : str
        What was checked, in two or three words.
    threshold : str
        When it is raised, and as what.
    source : str
        Where the threshold comes from.
    """

    finding: Finding
    title: str
    threshold: str = ""
    source: str = ""


@dataclass(frozen=True)
class CheckGroup:
    """Checks that answer one question."""

    title: str
    checks: Sequence[Check]

    @property
    def raised(self) -> tuple[Check, ...]:
        """Those that found something, gravest first."""
        ranks = list(Severity)
        found = [check for check in self.checks if check.finding.severity is not Severity.OK]
        return tuple(sorted(found, key=lambda check: ranks.index(check.finding.severity)))

    @property
    def passed(self) -> tuple[Check, ...]:
        """Those that found nothing."""
        return tuple(check for check in self.checks if check.finding.severity is Severity.OK)


@dataclass(frozen=True)
class Checklist:
    """Every check by group, the group with the gravest finding first; what passed is folded."""

    groups: Sequence[CheckGroup]
    kind: ClassVar[str] = "checklist"

    @property
    def ordered(self) -> tuple[CheckGroup, ...]:
        """Groups that hold a check, gravest first, in their own order within a severity."""
        ranks = list(Severity)
        full = [group for group in self.groups if group.checks]
        return tuple(sorted(full, key=lambda g: min(ranks.index(check.finding.severity) for check in g.checks)))


Block = Prose | Cards | Chart | Gallery | Table | FindingsList | Checklist


@dataclass(frozen=True)
class Section:
    """A heading, one leading sentence and blocks."""

    title: str
    blocks: Sequence[Block]
    lead: str = ""


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes
    ----------
    title : str
    lead : str
        The answer in one or two sentences.
    sections : sequence of Section
    details : Mapping
        Facts for whoever repeats the run (file hashes, versions, seed); folded at the foot.
    cards : Cards, optional
        Key figures under the lead.
    kicker : str
        Small line over the title, e.g. ``Mixwise · plan``.
    language : str
        BCP 47 code of the text.
    """

    title: str
    lead: str
    sections: Sequence[Section]
    details: Mapping[str, str] = field(default_factory=dict)
    cards: Cards | None = None
    kicker: str = "Mixwise"
    language: str = "en-GB"
