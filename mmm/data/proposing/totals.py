"""Columns and labels that are the sum of others: proposed as channels, their money would count twice."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.log import ReadingLog
from mmm.data.number_column import NumberRules, read_numbers
from mmm.data.privacy import safe
from mmm.data.proposing.guess import Guess
from mmm.data.proposing.words import Speaks, about
from mmm.data.total_words import Sure, total_word
from mmm.exceptions import DataError

_NEARLY = 1e-6


def total_columns(guess: Guess) -> dict[str, str]:
    """Return the columns of spend of a wide table that are the sum of its others, each with why it is not proposed."""
    spend = [column.name for column, speaks in guess.numbers() if speaks is Speaks.SPEND]
    if len(spend) < 3:
        return {}
    found = {name: "is called a total" for name in spend if total_word(about(name)) is Sure.YES}
    values = {name: read for name in spend if (read := _figures(guess, name)) is not None}
    for name in [name for name in values if name not in found]:
        others = [read for other, read in values.items() if other not in {name, *found}]
        added = np.sum(others, axis=0)
        if len(others) > 1 and np.any(added) and np.allclose(values[name], added, rtol=_NEARLY, atol=0.01):
            found[name] = "is the sum of the other columns of spend"
    return {
        name: f"the column {safe(name)} {why}; as a channel it would count their money twice."
        for name, why in found.items()
    }


def _figures(guess: Guess, name: str) -> FloatArray | None:
    table = guess.look.table
    try:
        read = read_numbers(table, table.header.index(name), safe(name), NumberRules(), ReadingLog())
    except DataError:
        return None
    return np.nan_to_num(read.values)


def total_labels(guess: Guess) -> list[str]:
    """Return the labels of a long table that are called a total, where others stand beside them."""
    found = [label for label in guess.labels if total_word(label) is Sure.YES]
    return found if len(found) < len(guess.labels) else []
