"""What a proposal is unsure of: a sentence, and the lines of the model file that would answer it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mmm.exceptions import MixwiseError


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


def asked(error: MixwiseError, answers: Iterable[str] = ()) -> Question:
    """Return what a reader refused as a question; ``data.`` before a key is dropped, for it is asked at its place."""
    says = re.sub(r"\bdata\.(?=[a-z_]+\b)", "", str(error))
    return Question(says, tuple(answers))
