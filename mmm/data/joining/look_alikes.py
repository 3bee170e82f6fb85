"""Letters of other scripts that look like Latin ones, and the form under which such names are the same.

The table is written by hand from the shapes of upright letters; it holds what appears when a keyboard layout is left
switched on, and the full-width forms that Unicode's own compatibility form undoes.
"""

from __future__ import annotations

import re
import unicodedata

_CYRILLIC = {
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "һ": "h", "і": "i", "ї": "i", "ј": "j", "к": "k",
    "ӏ": "l", "м": "m", "н": "h", "о": "o", "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "у": "y", "ү": "y", "ԝ": "w",
    "х": "x",
}  # fmt: skip
_GREEK = {
    "α": "a", "β": "b", "ε": "e", "ζ": "z", "η": "h", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p",
    "τ": "t", "υ": "y", "χ": "x",
}  # fmt: skip
_ARMENIAN = {"օ": "o", "ս": "u", "հ": "h", "ո": "n", "ք": "p"}
_TO_LATIN = str.maketrans(_CYRILLIC | _GREEK | _ARMENIAN | {"ı": "i", "ɑ": "a", "ɡ": "g"})
_PARTS = re.compile(r"[\s_\-‐‑‒–—―]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def plain_key(name: str) -> str:
    """Return the form under which names are the same but for case, spaces, underscores and hyphens."""
    return _PARTS.sub("", unicodedata.normalize("NFC", name).casefold())


def look_key(name: str) -> str:
    """Return the form under which names look the same.

    Compatibility form (full-width letters become plain), no unseen characters, look-alike letters of Cyrillic, Greek
    and Armenian as the Latin letter; then as :func:`plain_key`.
    """
    return _PARTS.sub("", look_letters(name))


def look_letters(name: str) -> str:
    """Return a name with each letter as the Latin one that it looks like; spaces and hyphens stay, as in a pattern."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return unicodedata.normalize("NFC", seen.translate(_TO_LATIN))
