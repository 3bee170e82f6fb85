"""Which usual export a table is: by headers that only that export has, by how many it has, by the file's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from mmm.data.proposing.questions import Question, asked
from mmm.data.proposing.words import Speaks, slug, speaks_of
from mmm.data.reading import name_key
from mmm.data.sources.presets import Preset, find, names, preset, resolve
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import SpecError

#: Presets of one tool's export, and words by which names of files speak of that tool.
PLATFORMS = {
    "google_ads": ("google", "adwords", "gads", "sem"),
    "meta": ("meta", "facebook", "instagram", "fb"),
    "tiktok": ("tiktok",),
    "linkedin": ("linkedin",),
}
_WIDE = ("robyn", "meridian")
_LAST = "generic_long"


@dataclass(frozen=True)
class Fit:
    """A preset that a table fits.

    Attributes
    ----------
    name : str
    source : SourceSpec
        With the columns that the preset finds.
    questions : tuple of Question
        Of columns that may both be meant.
    """

    name: str
    source: SourceSpec
    questions: tuple[Question, ...] = ()


@cache
def _only_here() -> dict[str, frozenset[str]]:
    """Return preset → headers that no other preset but the general one knows."""
    counts = Counter(key for name in names() if name != _LAST for key in set(map(name_key, preset(name).headers())))
    return {
        name: frozenset(key for key in map(name_key, preset(name).headers()) if counts[key] == 1) for name in names()
    }


def best_fit(header: Sequence[str], file: str, texts: frozenset[str]) -> Fit | None:
    """Return the export that a table most likely is; None for a table of the company's own.

    Parameters
    ----------
    header : sequence of str
    file : str
        Its path, which may speak of the tool.
    texts : frozenset of str
        Columns that hold text.
    """
    found: list[tuple[tuple[bool, int, bool, int], Fit]] = []
    for name in names():
        if name in _WIDE:
            continue
        fit = _fit(name, header, file)
        if fit is None or not _possible(preset(name), fit, header, texts):
            continue
        hinted = any(word in slug(file).split("_") for word in PLATFORMS.get(name, ()))
        known = _known(preset(name), header)
        own = len({name_key(column) for column in known} & _only_here()[name]) + _with_currency(preset(name), header)
        if name in PLATFORMS and not own and not hinted:
            continue
        found.append(((name != _LAST, own, hinted, len(known)), fit))
    return max(found, key=lambda item: item[0])[1] if found else None


def _fit(name: str, header: Sequence[str], file: str) -> Fit | None:
    source = SourceSpec(preset=name, file=file)
    questions: list[Question] = []
    for _ in range(4):
        try:
            return Fit(name, resolve(source, header, "source"), tuple(questions))
        except SpecError as error:
            key, _, metric = (error.where or "").removeprefix("source.").partition(".")
            columns = [column for column in header if f"'{column}'" in error.says]
            if "may both be" not in error.says or not columns:
                return None
            answers = tuple(f"{key}: {{{metric}: {column}}}" if metric else f"{key}: {column}" for column in columns)
            questions.append(asked(error, answers))
            chosen = {**source.metrics, metric: columns[0]} if metric else columns[0]
            source = source.model_copy(update={key: chosen})
    return None


def _known(known: Preset, header: Sequence[str]) -> list[str]:
    usual = {name_key(name) for name in known.headers()}
    return [column for column in header if name_key(column) in usual]


def _with_currency(known: Preset, header: Sequence[str]) -> int:
    """Count metrics whose header names a currency, as ``Amount spent (EUR)``."""
    found = (find(lines, header, "source") for lines in known.metrics.values())
    return sum(one is not None and one.currency is not None for one in found)


def _possible(known: Preset, fit: Fit, header: Sequence[str], texts: frozenset[str]) -> bool:
    """Refuse a fit whose channel is a column of numbers, or a till's that holds money spent on media as well."""
    if fit.source.channel is not None and fit.source.channel not in texts:
        return False
    if known.channel or known.channel_is is not None:
        return True
    return not any(speaks_of(name) is Speaks.SPEND for name in header)
