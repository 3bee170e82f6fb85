"""Names that people wrote, made safe to show: control characters, terminal codes, text direction, formulas."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\ufeff")
_ISOLATES = frozenset("\u2066\u2067\u2068\u2069")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """Drop terminal codes, control characters, lone surrogates and direction overrides; keep line breaks as spaces."""
    plain = _ANSI.sub("", text)
    kept = (" " if char in "\t\r\n" else char for char in plain)
    return "".join(char for char in kept if char not in _OVERRIDES and unicodedata.category(char) not in ("Cc", "Cs"))


def isolate(name: str) -> str:
    """Return a cleaned name for use inside a sentence: right-to-left names do not turn the words around them."""
    kept = "".join(char for char in clean(name) if char not in _ISOLATES)
    if any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in kept):
        return f"\u2068{kept}\u2069"
    return kept


def shorten(text: str, limit: int = 32) -> str:
    """Cut a long name with an ellipsis, so that it fits an axis or a legend."""
    plain = clean(text)
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + "…"


def chart_text(text: str, limit: int = 32) -> str:
    """Return a name for plotly, which reads a little HTML: cleaned, shortened and escaped."""
    return html.escape(shorten(text, limit), quote=False)


def csv_text(text: str) -> str:
    """Return a cell for a CSV that a spreadsheet may open: text that looks like a formula gets a leading apostrophe."""
    plain = clean(text)
    return f"'{plain}" if text.startswith(_FORMULA_STARTS) or plain.startswith(_FORMULA_STARTS) else plain


def join_parts(parts: Sequence[str], limit: int = 6) -> str:
    """Say parts that are safe already in words: ``a, b and c``; beyond ``limit``, ``a, b and 5 others``."""
    shown = list(parts)
    if len(shown) > limit:
        shown = [*shown[: limit - 1], f"{len(shown) - limit + 1} others"]
    if len(shown) < 2:
        return shown[0] if shown else "none"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def join_names(names: Sequence[str], limit: int = 6) -> str:
    """Say a list of names in words; see :func:`join_parts`."""
    return join_parts([isolate(name) for name in names], limit)
