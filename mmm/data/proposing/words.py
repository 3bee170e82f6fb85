"""What names of columns speak of, in the languages of usual files: money, volume, outcome, geo, people, controls."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

from mmm.config import load_yaml
from mmm.data.money_words import bare

_LONGEST = 80


class Speaks(StrEnum):
    """What a column's name speaks of, in the order in which it is asked."""

    VALUE = "value of an outcome"
    SERVICE = "cost of service"
    SPEND = "spend"
    ORGANIC = "organic"
    EXPOSURE = "exposure"
    POPULATION = "people"
    CONTROL = "control"
    OWNED = "owned"
    OUTCOME = "outcome"
    GEO = "geo"
    COUNTER = "counter"
    DATE = "date"
    NOTHING = "nothing"


@cache
def _patterns() -> dict[Speaks, re.Pattern[str]]:
    data = load_yaml(Path(__file__).with_name("words.yaml")).data
    endings = {ending: Speaks(kind) for ending, kind in data["endings"].items()}
    found = {}
    for kind in list(Speaks)[:-1]:
        words = [re.escape(str(word)).replace(r"\*", r"\w*") for word in data[kind]]
        ends = [rf"(?<= ){ending}$" for ending, meant in endings.items() if meant is kind]
        found[kind] = re.compile("|".join([rf"\b(?:{'|'.join(words)})\b", *ends]))
    return found


def spread_out(name: str) -> str:
    """Return a name as words: ``tvSpend``, ``tv_spend`` and ``TV-Spend`` are all ``tv spend``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFC", name))
    return " ".join(re.split(r"[\s_.\-/()\[\]]+", apart)).strip().casefold()


def speaks_of(name: str) -> Speaks:
    """Say what a column's name speaks of."""
    words = spread_out(name)
    return next((kind for kind, pattern in _patterns().items() if pattern.search(words)), Speaks.NOTHING)


def about(name: str) -> str:
    """Return a name's words without those of money and volume: ``tv_spend_eur`` and ``tv_clicks`` are about ``tv``."""
    left = spread_out(bare(name))
    for kind in (Speaks.SPEND, Speaks.EXPOSURE):
        left = _patterns()[kind].sub(" ", left)
    return " ".join(left.split())


def slug(text: str) -> str:
    """Return a name for a key of the model file: ``Paid Social`` becomes ``paid_social``; other scripts stay."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"_+", "_", re.sub(r"[^\w]+", "_", folded)).strip("_")[:_LONGEST]
