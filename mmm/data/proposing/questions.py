"""What a proposal is unsure of: a sentence, and the lines of the model file that would answer it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mmm.data.numbers import Kind, read_cell
from mmm.exceptions import MixwiseError

#: A cell, as messages quote it; an apostrophe in a word ends no quotation.
_QUOTED = re.compile(r"(?<!\w)'(.*?)'(?!\w)")


@dataclass(frozen=True)
class Question:
    """One thing that a person has to decide.

    Attributes
    ----------
    says : str
        A sentence: what was found, and what to declare.
    answers : tuple of str
        Lines ``key: value`` of which one is right; they are written switched off.
    """

    says: str
    answers: tuple[str, ...] = ()


def says_of(error: MixwiseError) -> str:
    """Return what a reader says of a row without the words of its cells, which may be a name; figures stay."""
    return _QUOTED.sub(_shown, error.says) if re.search(r"\brows? \d", str(error)) else error.says


def without_cells(error: MixwiseError) -> str:
    """Return what a reader refused, with place and remedy, without the words of a cell."""
    return str(MixwiseError(says_of(error), where=error.where, do=error.do))


def _shown(quoted: re.Match[str]) -> str:
    is_figure = read_cell(quoted[1]).kind is not Kind.TEXT or not any(char.isalpha() for char in quoted[1])
    return quoted[0] if is_figure else "'…'"


def asked(error: MixwiseError, answers: Iterable[str] = ()) -> Question:
    """Return what a reader refused as a question; ``data.`` before a key is dropped, for it is asked at its place."""
    says = re.sub(r"\bdata\.(?=[a-z_]+\b)", "", without_cells(error))
    return Question(says, tuple(answers))
