"""The names of keys in messages: a reader speaks of ``data.date_format``, which is another key in ``join``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mmm.exceptions import DataError, SpecError


@contextmanager
def called(names: Mapping[str, str]) -> Iterator[None]:
    """Let errors of the readers name the keys that count here.

    Parameters
    ----------
    names : Mapping
        Key under ``data`` → what it is called here, as ``date_format`` → ``join.rates_date_format``.
    """
    key = re.compile(rf"\bdata\.({'|'.join(names)})\b")

    def here(text: str) -> str:
        return key.sub(lambda match: names[match[1]], text)

    try:
        yield
    except (DataError, SpecError) as error:
        where, do = (None if text is None else here(text) for text in (error.where, error.do))
        raise type(error)(here(error.says), where=where, do=do) from error
