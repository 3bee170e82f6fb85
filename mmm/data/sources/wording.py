"""The keys of one source in messages: readers speak of ``data.decimal``, which is ``sources.<name>.decimal`` here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from mmm.data.log import ReadingLog, counted
from mmm.data.report import Excluded
from mmm.data.sources.spec import SourceSpec
from mmm.exceptions import DataError, SpecError
from mmm.findings import Finding

_KEY = re.compile(rf"\bdata\.({'|'.join(SourceSpec.model_fields)})\b")


def of_source(text: str, key: str) -> str:
    """Write ``data.<key>`` as the key of a source; ``key`` as in ``sources.google``."""
    return _KEY.sub(rf"{key}.\1", text)


@contextmanager
def spoken_of(key: str) -> Iterator[None]:
    """Let errors of the readers name the keys of a source."""
    try:
        yield
    except (DataError, SpecError) as error:
        if not _KEY.search(str(error)):
            raise
        where, do = (None if text is None else of_source(text, key) for text in (error.where, error.do))
        raise type(error)(of_source(error.says, key), where=where, do=do) from error


@dataclass
class Gathered:
    """What was found in the files of one source: the same finding of many files is told once.

    Attributes
    ----------
    key : str
        As in ``sources.google``.
    """

    key: str
    findings: dict[tuple[str, str, str, str], list[Finding]] = field(default_factory=dict)
    excluded: list[Excluded] = field(default_factory=list)

    def take(self, log: ReadingLog) -> None:
        """Take what one file's log holds."""
        self.excluded += log.excluded
        for one in log.findings:
            self.findings.setdefault((one.name, one.severity, one.says, one.do), []).append(one)

    def tell(self, log: ReadingLog) -> None:
        """Write everything to the log of the panel."""
        log.excluded += self.excluded
        for same in self.findings.values():
            first = same[0]
            where = first.where
            if len(same) > 1:
                where += f" and {counted(len(same) - 1, 'other place')} of {self.key}"
            log.findings.append(
                replace(first, says=of_source(first.says, self.key), do=of_source(first.do, self.key), where=where)
            )


def money_told(money: Mapping[tuple[str, str], float], currency: str) -> dict[str, float]:
    """Return (metric, currency) → money by metric; a currency that is not the model's stands in the name."""
    return {metric if code == currency else f"{metric} ({code})": value for (metric, code), value in money.items()}
