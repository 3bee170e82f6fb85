"""The reporting kit: numbers in words, charts, one offline HTML page, workbooks. Every ``report.py`` builds on it."""

from mmm.lazy import lazy_exports

_EXPORTS = dict.fromkeys(
    (
        "Align",
        "Card",
        "Cards",
        "Chart",
        "Check",
        "CheckGroup",
        "Checklist",
        "Column",
        "FindingsList",
        "Gallery",
        "Page",
        "Prose",
        "Section",
        "Table",
        "Tone",
        "render",
        "write_page",
    ),
    "mmm.reporting.page",
)

__getattr__, __dir__ = lazy_exports(__name__, _EXPORTS)
__all__ = list(_EXPORTS)
