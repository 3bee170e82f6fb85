"""The page ``docs/brief.md``: a section a key, a section a constraint, each with a brief that the tests run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from optimizer import statements_integer
from optimizer.statements import COMMON, KINDS
from optimizer.statements_base import Kind

HEAD = """# The brief, key by key

<!-- Made by `python -m optimizer.schema docs`: change the keys' descriptions, not this page. -->

What `mixwise plan` reads. Money is in the fit's currency; weeks are named by their first day, as `2027-01-04`; a share
is `0.3` for 30 %. A key that is not known is refused with its line. For editors, the same as a JSON Schema:
[brief.schema.json](brief.schema.json). Every example below is run by a test.
"""
CONSTRAINTS = """## Constraints

`constraints` is a list. Each entry names its channels and says **one thing**; the sections below are what it can say.
It binds over the horizon unless `per` names another period. The plan states each constraint in a sentence, whether it
binds, and its shadow price: what one unit of loosening it brings.
"""
WORDS = {"number": "number", "integer": "whole number", "string": "text", "boolean": "true or false", "null": "nothing"}
#: What keys are that hold money, dates and the like; by format.
FORMATS = {"date": "date"}


def brief_page(schema: dict[str, Any], examples: Path) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    schema : dict
        Of the brief, as :func:`optimizer.schema.brief_schema` returns it.
    examples : Path
        Folder of briefs: ``key.yaml`` and ``key_*.yaml`` belong to a key.
    """
    parts = [HEAD, "## Keys\n", _table(schema, schema["properties"])]
    for name, key in schema["properties"].items():
        if name != "constraints":
            parts += [f"### {name}\n", f"{_says(schema, key)}\n"]
            parts += _tables(schema, key)
            parts += _examples(examples, name)
    entry = schema["$defs"]["Statement"]["properties"]
    parts += [CONSTRAINTS, *_examples(examples, "constraints")]
    whom = (*(key for key in COMMON if key != "name"), "group", "per", "unit", "name")
    parts += ["### Whom and when\n", _table(schema, {key: entry[key] for key in whom})]
    for kind in KINDS:
        parts += _kind(schema, kind, entry, examples)
    return "\n".join(parts).rstrip() + "\n"


def _kind(schema: dict[str, Any], kind: Kind[Any], entry: dict[str, Any], examples: Path) -> list[str]:
    """Return the section of one thing that an entry can say."""
    general = [key for key in kind.uses if key in ("group", "per", "unit")]
    own = {key: entry[key] for key in (*kind.heads, *(use for use in kind.uses if use not in general))}
    parts = [f"### {', '.join(kind.heads)}\n", f"{kind.says}\n", _table(schema, own)]
    parts += _inside(schema, own)
    if general:
        named = [f"`{key}`" for key in general]
        parts.append(f"Takes {' and '.join([', '.join(named[:-1]), named[-1]] if len(named) > 1 else named)}.\n")
    price = f"Shadow price: what {kind.price} brings." if kind.price else ""
    if kind in statements_integer.KINDS and not kind.price:
        price = "It has no shadow price: a plan with another number tells what that brings."
    parts += [f"{price}\n"] if price else []
    return parts + _examples(examples, kind.slug)


def _tables(schema: dict[str, Any], key: dict[str, Any]) -> list[str]:
    """Return the tables of the keys inside a key, and of those inside them."""
    inner = _inner(schema, key)
    return [] if inner is None else [_table(schema, inner), *_inside(schema, inner)]


def _inside(schema: dict[str, Any], keys: dict[str, Any]) -> list[str]:
    """Return the tables of what each of some keys holds, under its name."""
    found: list[str] = []
    for name, key in keys.items():
        if tables := _tables(schema, key):
            found += [f"In `{name}`:\n", *tables]
    return found


def _table(schema: dict[str, Any], keys: dict[str, Any]) -> str:
    rows = [(f"`{name}`", _form(schema, key), _default(key), _says(schema, key)) for name, key in keys.items()]
    return _markdown(("key", "written as", "default", "what it says"), rows)


def _says(schema: dict[str, Any], key: dict[str, Any]) -> str:
    """Return a key's own description, or that of what it holds."""
    inside = (_resolved(schema, branch).get("description", "") for branch in _branches(key))
    return str(key.get("description") or next((text for text in inside if text), ""))


def _markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '\\|') for cell in line)} |" for line in lines) + "\n"


def _default(key: dict[str, Any]) -> str:
    value = key.get("default")
    if "default" not in key or value is None or value in ("", [], {}):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _resolved(schema: dict[str, Any], key: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference stands for."""
    target = key.get("$ref")
    return key if target is None else schema["$defs"][target.rsplit("/", 1)[-1]]


def _branches(key: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ways in which a key can be written, but for leaving it out."""
    return [branch for branch in key.get("anyOf", [key]) if branch.get("type") != "null"]


def _inner(schema: dict[str, Any], key: dict[str, Any]) -> dict[str, Any] | None:
    """Return the keys inside a key, those of every way of writing it together; None where there are none."""
    found: dict[str, Any] = {}
    for branch in _branches(key):
        part = _resolved(schema, branch)
        if isinstance(part.get("additionalProperties"), dict):
            found |= _inner(schema, part["additionalProperties"]) or {}
        found |= part.get("properties", {})
    return found or None


def _form(schema: dict[str, Any], key: dict[str, Any]) -> str:
    """Say how a value is written: ``number``, ``list of text``, ``{min, max}``."""
    forms = []
    for branch in _branches(key):
        part = _resolved(schema, branch)
        if "enum" in part or "const" in part:
            forms += [f"`{value}`" for value in part.get("enum", [part.get("const")])]
        elif part.get("properties"):
            forms.append("`{" + ", ".join(part["properties"]) + "}`")
        elif isinstance(part.get("additionalProperties"), dict):
            dated = part.get("propertyNames", {}).get("format") == "date"
            forms.append(f"by {'date' if dated else 'name'}: {_form(schema, part['additionalProperties'])}")
        elif part.get("type") == "array":
            inner = part.get("items") or (part.get("prefixItems") or [{}])[0]
            forms.append("entries" if "Statement" in str(inner.get("$ref")) else f"list of {_form(schema, inner)}")
        elif part.get("type"):
            forms.append(FORMATS.get(part.get("format", ""), WORDS.get(part["type"], part["type"])))
    return (
        ", ".join(dict.fromkeys(forms[:-1])) + (" or " if len(forms) > 1 else "") + forms[-1] if forms else "anything"
    )


def _examples(folder: Path, name: str) -> list[str]:
    """Return the briefs that belong to a name, as they stand in their files."""
    files = [folder / f"{name}.yaml", *sorted(folder.glob(f"{name}_with_*.yaml"))]
    return [f"```yaml\n{file.read_text(encoding='utf-8').strip()}\n```\n" for file in files if file.is_file()]
