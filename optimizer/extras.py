"""What a plan may carry besides itself (a frontier, departments, steps): JSON, a part of the page, sheets."""

from __future__ import annotations

from typing import Any, Protocol

from mmm.reporting.page import Section
from mmm.reporting.workbook import Book
from optimizer.report_facts import PlanFacts


class Extra(Protocol):
    """One further result of a brief."""

    @property
    def key(self) -> str:
        """Its key in ``plan.json``."""

    def to_json(self) -> Any:
        """Return it JSON-ready: finite numbers, or None."""

    def sections(self, facts: PlanFacts) -> list[Section]:
        """Return its part of the page."""

    def write(self, book: Book, facts: PlanFacts) -> None:
        """Write its sheets into the workbook."""
