"""Files that people write: a strict frozen base, safe YAML, and errors that name the key and its line.

The reader accepts plain YAML only: no tags, no anchors or aliases, no duplicate keys. ``NO``, ``on``, ``010`` and
``12:30:00`` stay text (YAML 1.1 would turn them into False, True, 8 and 45000), so a schema that wants a number or a
truth value refuses them and one that wants a name keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mmm.exceptions import DataError, SpecError

MAX_YAML_BYTES = 1_000_000
MAX_YAML_DEPTH = 30
#: A longer run of digits stays text: it is no quantity.
MAX_DIGITS = 40
KeyPath = tuple[str | int, ...]
_LOGIN = re.compile(r"://\S*@")
#: Keys below which a person may have typed a secret: what was found there is not shown.
_SECRETIVE = frozenset({"server", "identifiers_key_from"})


class PlacedError(ValueError):
    """What a validator of several keys refuses, with the place of the one to mend.

    Parameters
    ----------
    says : str
        What was found, as a clause without a final stop.
    *at : str or int
        Key path below the value that is validated.
    """

    def __init__(self, says: str, *at: str | int) -> None:
        self.at = at
        super().__init__(says)


def without_login(text: str) -> str:
    """Return text of a message without what stands before the ``@`` of an address such as ``postgres://…@host``."""
    return _LOGIN.sub("://…@", text)


class StrictModel(BaseModel):
    """Base of every value a person writes: frozen, unknown keys refused, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


@dataclass(frozen=True)
class YamlDocument:
    """Plain data from a YAML file, with the line of every key.

    Attributes
    ----------
    path : Path
    data : Any
        Dicts, lists, strings, numbers, booleans and None only.
    lines : Mapping
        Key path → line number, counted from 1.
    """

    path: Path
    data: Any
    lines: Mapping[KeyPath, int]

    def where(self, location: KeyPath) -> str:
        """Name a place in the file: file, line and dotted key path (the nearest known parent's line)."""
        dotted = ".".join(str(part) for part in location)
        for end in range(len(location), -1, -1):
            if location[:end] in self.lines:
                return f"{self.path.name}, line {self.lines[location[:end]]}" + (f", {dotted}" if dotted else "")
        return f"{self.path.name}, {dotted}" if dotted else self.path.name


_INT = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9_]*)?(\.[0-9_]+)?(\.(?=[eE]|\Z))?([eE][-+]?[0-9]+)?\Z")


def _scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    text = str(node.value)
    if node.style is not None:
        return str(text)
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if len(text) <= MAX_DIGITS and _INT.match(text):
        return int(text.replace("_", ""))
    if len(text) <= MAX_DIGITS and any(char.isdigit() for char in text) and _FLOAT.match(text):
        return float(text.replace("_", ""))
    return str(text)


class _Reader:
    """Builds plain data from composed YAML nodes and remembers lines; refuses tags and duplicate keys."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}

    def _refuse(self, node: yaml.Node, says: str, do: str) -> SpecError:
        return SpecError(says, where=f"{self.path.name}, line {node.start_mark.line + 1}", do=do)

    def read(self, node: yaml.Node, at: KeyPath = ()) -> Any:
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, at)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*at, index)) for index, child in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        raise self._refuse(node, "this YAML construct is not understood", "Write plain keys, lists and values.")

    def _mapping(self, node: yaml.MappingNode, at: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refuse(key_node, "a key must be a plain word", "Write 'key: value'.")
            key = str(key_node.value)
            if key in result:
                raise self._refuse(key_node, f"the key '{key}' is given twice", "Keep one of the two.")
            result[key] = self.read(value_node, (*at, key))
            self.lines[(*at, key)] = key_node.start_mark.line + 1
        return result


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader that refuses aliases before they can expand, anchors, tags, and nesting no person writes."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        problem = None
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases (*name) are not allowed"
        elif getattr(event, "anchor", None) is not None:
            problem = "anchors (&name) are not allowed"
        elif getattr(event, "tag", None) is not None:
            problem = f"the tag '{event.tag}' is not allowed"
        elif self.depth >= MAX_YAML_DEPTH:
            problem = f"values are nested more than {MAX_YAML_DEPTH} deep"
        if problem is not None:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def load_yaml(path: str | Path) -> YamlDocument:
    """Read a YAML file as plain data.

    Raises
    ------
    SpecError
        Missing, too large, not UTF-8, not YAML, a tag, an alias, or a key given twice.
    """
    path = Path(path)
    try:
        exists = path.is_file()
    except OSError as error:  # a name longer than any
        raise SpecError("this is not the name of a file", where=str(path)[:80], do="Check the path.") from error
    if not exists:
        raise SpecError("the file does not exist", where=str(path), do="Check the path, or run 'mixwise init DIR'.")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError(
            f"the file cannot be opened ({error.strerror})", where=path.name, do="Correct its rights."
        ) from error
    if len(raw) > MAX_YAML_BYTES:
        raise SpecError(f"the file has {len(raw):,} bytes", where=path.name, do="Settings fit in 1 MB: check the path.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError("the file is not UTF-8 text", where=path.name, do="Save it as UTF-8.") from error
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> YamlDocument:
    """Read YAML text as plain data; ``path`` is only named in errors. See :func:`load_yaml`."""
    try:
        loader = _PlainLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(
            f"this is not plain YAML ({error.problem})", where=f"{path.name}, line {line}", do="Mend that line."
        ) from error
    except yaml.YAMLError as error:
        raise SpecError("this is not YAML text", where=path.name, do="Save it as plain UTF-8 YAML.") from error
    reader = _Reader(path)
    data = reader.read(node) if node is not None else None
    return YamlDocument(path=path, data=data, lines=reader.lines)


def _sentence(error: Mapping[str, Any]) -> tuple[str, str]:
    """Say one pydantic error as (what was found, remedy)."""
    kind, key = error["type"], str(error["loc"][-1]) if error["loc"] else "the file"
    if kind == "extra_forbidden":
        return f"the key '{key}' is not known", "Remove it, or check its spelling."
    if kind == "missing":
        return f"the key '{key}' is missing", "Add it."
    plain = _plainly(kind, error.get("ctx", {}))
    if plain is not None:
        return plain
    message = str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    found = repr(error["input"])
    found = without_login(found)
    hidden = isinstance(error["input"], (dict, list)) or not _SECRETIVE.isdisjoint(map(str, error["loc"]))
    shown = "" if hidden else f" (found {found[:60]}{'…' * (len(found) > 60)})"
    return f"{message[:1].lower()}{message[1:]}{shown}", _remedy(kind, error.get("ctx", {}))


#: What a value has to be, by the first word of pydantic's kind of error.
_WANTED = {
    "int": "Write a whole number, without a unit.",
    "float": "Write a number, without a unit.",
    "finite": "Write a finite number.",
    "bool": "Write true or false.",
    "string": "Write text; in quotes where it looks like a number or a date.",
    "date": "Write a date such as 2027-01-04.",
}
#: The same where a number leaves its range.
_RANGE = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}


def _remedy(kind: str, about: Mapping[str, Any]) -> str:
    """Say what to write instead; of a rule of our own, whose sentence has said it, only that."""
    if kind in _RANGE:
        bound, words = _RANGE[kind]
        return f"Write a value {words} {about[bound]}."
    if kind in ("literal_error", "enum"):
        return f"Write one of: {about['expected'].replace(chr(39), '')}."
    if kind == "string_pattern_mismatch":
        return f"Write text that matches {about['pattern']}."
    if kind == "string_too_short":
        return "Write something."
    return _WANTED.get(kind.partition("_")[0], "Correct the value.")


def _plainly(kind: str, about: Mapping[str, Any]) -> tuple[str, str] | None:
    """Say what pydantic says in words of programs, as (what was found, remedy); None for all else."""
    if kind == "union_tag_invalid":
        return (
            f"there is no {about['discriminator'].strip(chr(39))} '{about['tag']}'",
            f"Known: {about['expected_tags']}.",
        )
    if kind == "union_tag_not_found":
        return f"the key {about['discriminator']} is missing", "Add it."
    if kind in ("model_type", "dict_type"):
        return "keys with values are expected here", "Write lines such as 'key: value'."
    if kind in ("tuple_type", "list_type"):
        return "a list is expected here", "Write it as a list: '- item' on lines of their own, or [item, item]."
    if kind in ("too_long", "too_short"):
        bound = f"no more than {about['max_length']}" if kind == "too_long" else f"at least {about['min_length']}"
        return f"{bound} is expected here, and {about['actual_length']} found", f"List {bound}."
    return None


def _location(error: ErrorDetails, document: YamlDocument) -> KeyPath:
    """Return where an error is, without the parts that name a branch of the schema and no key of the file."""
    raised = error.get("ctx", {}).get("error")
    location: KeyPath = (*error["loc"], *(raised.at if isinstance(raised, PlacedError) else ()))
    missing = error["type"] == "missing"
    known: KeyPath = ()
    for part in location[:-1] if missing else location:
        if (*known, part) in document.lines:
            known = (*known, part)
    return (*known, location[-1]) if missing else known


def _coerced(data: Any, value: Any, at: KeyPath) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Yield what pydantic changed in silence: text such as ``010`` or ``yes`` taken as a number or a truth value.

    Converters that a field declares itself (``10%``, dates) are not meant: only text that pydantic takes for a number.
    """
    if isinstance(data, dict):
        fields = type(value).model_fields if isinstance(value, BaseModel) else {}
        names = {field.alias: name for name, field in fields.items()}
        for key, child in data.items():
            inner = value.get(key) if isinstance(value, Mapping) else getattr(value, names.get(key) or key, None)
            yield from _coerced(child, inner, (*at, key))
    elif isinstance(data, list) and isinstance(value, (list, tuple)) and len(data) == len(value):
        for index, (child, inner) in enumerate(zip(data, value, strict=True)):
            yield from _coerced(child, inner, (*at, index))
    elif isinstance(value, bool) != isinstance(data, bool) and isinstance(value, (bool, int, float)):
        if data is not None and not isinstance(data, (dict, list)):
            yield at, data, value
    elif isinstance(data, str) and isinstance(value, (int, float)) and "%" not in data:
        yield at, data, value


def parse[ModelT: StrictModel](model: type[ModelT], document: YamlDocument) -> ModelT:
    """Validate a document against a strict model.

    Raises
    ------
    SpecError
        Names file, line and key path of the first error, and how many more there are.
    """
    try:
        result = model.model_validate(document.data if document.data is not None else {})
    except ValidationError as failure:
        errors = failure.errors()
        known = [e for e in errors if e["type"] == "extra_forbidden"] or errors
        first = known[0]
        says, do = _sentence(first)
        more = f" ({len(errors) - 1} more after this one.)" if len(errors) > 1 else ""
        raise SpecError(says, where=document.where(_location(first, document)), do=do + more) from failure
    for location, found, value in _coerced(document.data, result, ()):
        kind = "true or false" if isinstance(value, bool) else "a number"
        raise SpecError(
            f"{found!r} is not {kind}",
            where=document.where(location),
            do=f"Write {kind} plainly, without quotation marks.",
        )
    return result


def inside(folder: Path, name: str, *, where: str) -> Path:
    """Resolve ``name`` within ``folder``; refuse any path or link that leads out of it.

    Raises
    ------
    DataError
        The resolved path is outside the folder, or does not exist.
    """
    root = folder.resolve()
    try:
        target = (root / name).resolve()
        exists = target.exists()
    except (OSError, ValueError, RuntimeError) as error:  # too long, a NUL character, or links in a circle
        raise DataError("this is not the name of a file", where=where, do="Correct the name.") from error
    if not target.is_relative_to(root):
        raise DataError(
            f"'{without_login(name)}' leads outside the project folder",
            where=where,
            do=f"Put the file inside {root} and name it there.",
        )
    if not exists:
        says = f"the file '{without_login(name)}' does not exist in {root}"
        raise DataError(says, where=where, do="Check its name.")
    return target
