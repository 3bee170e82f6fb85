"""What a hostile input is: how it is made, what it must get, and the words that a person must read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from mmm.config import load_yaml, parse
from mmm.data import Panel, read_panel
from mmm.findings import Severity
from mmm.model.spec import ModelSpec
from tests.test_mmm.test_data.book import TODAY, Book, document, weekly

FILE = "weekly.csv"
#: What a maker returns: a book, or the file's text or bytes.
Content = Book | str | bytes
Damage = Callable[[Book], Content]
Judge = Callable[[Panel], bool]


class Outcome(StrEnum):
    """What an input gets."""

    ERROR = "E"
    REPAIRED = "R"
    ASKED = "A"
    WARNED = "W"


@dataclass(frozen=True, eq=False)
class Case:
    """One input.

    Attributes
    ----------
    number : int
        Line of the list.
    outcome : Outcome
    what : str
        The variant, in a few words.
    write : callable
        Writes the files into a folder.
    says, where, do : str
        Parts of the error's sentence, or of the finding's.
    finding : str
        Name of the finding, where it is accepted.
    model : Mapping
        Changes of the model file.
    option : Mapping
        What an ambiguous input asks for: further changes, with which it must load.
    truth : callable or None
        Makes the clean book that the panel must equal; None where ``judge`` says what is right.
    truth_model : Mapping
        Changes of the model file of the clean book.
    judge : callable or None
        Says whether the panel (of an ambiguous input: once declared) is right.
    severity : Severity
    today : date
    file : str
        The file that the sentence names.
    settings : str or None
        The model file, where the case writes it.
    """

    number: int
    outcome: Outcome
    what: str
    write: Callable[[Path], None]
    says: str = ""
    where: str = ""
    do: str = ""
    finding: str = ""
    model: Mapping[str, Any] = field(default_factory=dict)
    option: Mapping[str, Any] = field(default_factory=dict)
    truth: Callable[[], Book] | None = weekly
    truth_model: Mapping[str, Any] = field(default_factory=dict)
    judge: Judge | None = None
    severity: Severity = Severity.NOTE
    today: date = TODAY
    file: str = FILE
    settings: str | None = None

    def __str__(self) -> str:
        return f"{self.number:02d}{self.outcome}-{self.what.replace(' ', '_')}"

    def project(self, folder: Path, changes: Mapping[str, Any] | None = None) -> Path:
        """Write the files and the model file into a folder of their own; return the model file."""
        inner = folder / "project"
        inner.mkdir(exist_ok=True)
        self.write(inner)
        return inner / self.settings if self.settings else write_model(inner, merged(self.model, changes or {}))

    @property
    def refused(self) -> bool:
        """Whether it is refused at first."""
        return self.outcome in (Outcome.ERROR, Outcome.ASKED)


def raw(content: Content) -> bytes:
    """Return the bytes of what a maker made."""
    text = content.text() if isinstance(content, Book) else content
    return text.encode() if isinstance(text, str) else text


def one_file(damage: Damage, name: str = FILE, base: Callable[[], Book] = weekly) -> Callable[[Path], None]:
    """Return a writer of one damaged file."""
    return lambda folder: (folder / name).write_bytes(raw(damage(base()))) and None


def merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two sets of changes, sections deep."""
    result = dict(one)
    for key, value in other.items():
        deep = isinstance(value, Mapping) and isinstance(result.get(key), Mapping)
        result[key] = merged(result[key], value) if deep else value
    return result


def write_model(folder: Path, changes: Mapping[str, Any]) -> Path:
    """Write ``model.yaml``: JSON is YAML, and quotes every name; ``sources`` replace the one file."""
    content = document(**changes)
    if "sources" in content:
        content["data"] = {key: x for key, x in content["data"].items() if key not in ("file", "date")}
    path = folder / "model.yaml"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def load(model: Path, today: date = TODAY) -> Panel:
    """Read the model file and the data as ``mixwise check`` does."""
    return read_panel(parse(ModelSpec, load_yaml(model)), model.parent, today=today, name=model.name)


def error(number: int, what: str, damage: Damage, says: str, where: str, do: str, **more: Any) -> Case:
    """One file that is refused."""
    return Case(number, Outcome.ERROR, what, one_file(damage), says, where, do, **more)


def asked(number: int, what: str, damage: Damage, says: str, where: str, do: str, **more: Any) -> Case:
    """One file that is refused until the model file declares how to read it."""
    return Case(number, Outcome.ASKED, what, one_file(damage), says, where, do, **more)


def repaired(number: int, what: str, damage: Damage, finding: str, says: str, where: str = "", **more: Any) -> Case:
    """One file whose repair is listed."""
    return Case(number, Outcome.REPAIRED, what, one_file(damage), says, where, finding=finding, **more)


def warned(number: int, what: str, damage: Damage, finding: str, says: str, where: str = "", **more: Any) -> Case:
    """One file that is accepted with a warning: its figures are kept as they stand."""
    more = {"truth": None, "severity": Severity.WARNING} | more
    return Case(number, Outcome.WARNED, what, one_file(damage), says, where, finding=finding, **more)
