"""The JSON Schema of a brief, and the page that is made from it.

``python -m optimizer.schema docs`` writes ``brief.schema.json`` and ``brief.md`` into the folder ``docs``; the examples
on the page are the briefs that the tests run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optimizer.brief import Brief
from optimizer.schema_page import brief_page

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA, PAGE = "brief.schema.json", "brief.md"
#: Where the examples are, seen from the repository's root.
EXAMPLES = Path("tests/test_optimizer/briefs")


def brief_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``brief.yaml``, draft 2020-12.

    Every key has a description. What a schema cannot say (that an entry under ``constraints`` says one thing, that
    channels are the fit's) is checked when a brief is read.
    """
    schema = Brief.model_json_schema()
    for node in _nodes(schema):
        if isinstance(node.get("title"), str):
            node["title"] = _spaced(node["title"])
        if isinstance(node.get("description"), str):
            node["description"] = _first_paragraph(node["description"])
    for model in (schema, *schema["$defs"].values()):
        for key in model.get("properties", {}).values():
            # A key is its own title.
            key.pop("title", None)
    keys = schema["properties"]
    # The brief's own keys first, then those beyond one plan at one budget.
    schema["properties"] = {name: keys[name] for name in [*Brief.__annotations__, *keys] if name in keys}
    return {"$schema": DIALECT, **schema, "title": "Brief of mixwise plan"}


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema that is itself one; the names of keys are none."""
    if isinstance(schema, list):
        for child in schema:
            yield from _nodes(child)
    if isinstance(schema, dict):
        yield schema
        for key, child in schema.items():
            named = key in ("properties", "$defs")
            for part in child.values() if named else [child]:
                yield from _nodes(part)


def _spaced(name: str) -> str:
    """``PriceCurveKey`` → ``Price curve``."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("Key"))
    return words[:1].upper() + words[1:].lower()


def _first_paragraph(text: str) -> str:
    """Return a docstring's first paragraph, on one line and in Markdown."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).replace("``", "`")


def written(schema: dict[str, Any]) -> str:
    """Return the schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_docs(folder: Path, examples: Path = EXAMPLES) -> None:
    """Write schema and page.

    Parameters
    ----------
    folder : Path
        Where they go.
    examples : Path
        Folder of the briefs that the tests run.
    """
    schema = brief_schema()
    (folder / SCHEMA).write_text(written(schema), encoding="utf-8")
    (folder / PAGE).write_text(brief_page(schema, examples), encoding="utf-8")


if __name__ == "__main__":
    write_docs(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
