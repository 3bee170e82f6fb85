"""A further result of a brief: its figures, and how the page and the workbook show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mmm.reporting.page import Prose, Section
from mmm.reporting.workbook import Book
from optimizer.report_facts import PlanFacts


@dataclass(frozen=True, eq=False)
class Further[T]:
    """An :class:`~optimizer.extras.Extra` made of a result and three ways to show it.

    Attributes
    ----------
    key : str
        In ``plan.json``.
    found : T
    as_json, page, sheets : callable
    """

    key: str
    found: T
    as_json: Callable[[T], Any]
    page: Callable[[T, PlanFacts], list[Section]]
    sheets: Callable[[T, Book, PlanFacts], None]

    def to_json(self) -> Any:
        """Return it JSON-ready."""
        return self.as_json(self.found)

    def sections(self, facts: PlanFacts) -> list[Section]:
        """Return its part of the page."""
        return self.page(self.found, facts)

    def write(self, book: Book, facts: PlanFacts) -> None:
        """Write its sheets."""
        self.sheets(self.found, book, facts)


@dataclass(frozen=True)
class NotFound:
    """A further result that could not be had: failure is data, and the plan stands without it.

    Attributes
    ----------
    key : str
    title : str
        Of its section.
    says : str
        Why not, and what to do.
    """

    key: str
    title: str
    says: str

    def to_json(self) -> Any:
        """Return the reason."""
        return {"says": self.says}

    def sections(self, facts: PlanFacts) -> list[Section]:  # noqa: ARG002  (every extra has this signature)
        """Return the reason as a section."""
        return [Section(self.title, [Prose([self.says])])]

    def write(self, book: Book, facts: PlanFacts) -> None:
        """Write no sheet."""
