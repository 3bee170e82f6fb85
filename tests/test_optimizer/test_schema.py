"""The brief's JSON Schema and page: complete, true to what the reader accepts, and as the code makes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mmm.config import load_yaml
from optimizer.brief import Brief
from optimizer.schema import EXAMPLES, PAGE, SCHEMA, brief_schema, write_docs, written
from optimizer.statements import KINDS

ROOT = Path(__file__).parents[2]
REMEDY = "run 'python -m optimizer.schema docs' and commit what it writes"


@pytest.mark.parametrize("name", [SCHEMA, PAGE])
def test_what_is_committed_is_what_the_code_makes(name: str, tmp_path: Path) -> None:
    write_docs(tmp_path, ROOT / EXAMPLES)
    made = (tmp_path / name).read_text(encoding="utf-8")
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made, REMEDY


def test_every_key_says_what_it_is() -> None:
    schema = brief_schema()
    Draft202012Validator.check_schema(schema)
    silent = []
    for name, model in {"Brief": schema, **schema["$defs"]}.items():
        for key, value in model.get("properties", {}).items():
            held = schema["$defs"].get(value.get("$ref", "").rsplit("/", 1)[-1], {})
            says = value.get("description") or held.get("description", "")
            if not says.endswith("."):
                silent.append(f"{name}.{key}: {says!r}")
    assert silent == []
    assert "``" not in written(schema)
    assert "\n\n" not in str(schema.get("description"))


@pytest.mark.parametrize("path", sorted((ROOT / EXAMPLES).glob("*.yaml")), ids=lambda path: path.stem)
def test_the_schema_accepts_every_example(path: Path) -> None:
    data = load_yaml(path).data
    Draft202012Validator(brief_schema()).validate(data)
    Brief.model_validate(data)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"horizon": {"start": "2027-01-04", "weeks": 0}},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "colour": "red"},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "granularity": "day"},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "fiscal_year_start": 13},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "constraints": [{"channel": "tv", "maximum": 5}]},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "constraints": [{"channel": "tv", "max": -5}]},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "future": {"price_curve": {"tv": {"from": 5}}}},
        {"horizon": {"start": "2027-01-04", "weeks": 4}, "future": {"cost_per_exposure": {"tv": "dear"}}},
    ],
)
def test_schema_and_reader_refuse_the_same(data: dict) -> None:
    assert list(Draft202012Validator(brief_schema()).iter_errors(data))
    with pytest.raises(ValueError, match=r"validation error"):
        Brief.model_validate(data)


def test_the_page_has_a_section_and_an_example_for_every_key_and_kind() -> None:
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    sections = {part.split("\n")[0].strip(): part for part in page.split("\n### ")[1:]}
    keys = [key for key in Brief.model_fields if key != "constraints"]
    for title in (*keys, *(", ".join(kind.heads) for kind in KINDS)):
        assert "```yaml" in sections[title], title
    assert "python -m optimizer.schema docs" in page
    for line in page.split("\n"):
        assert not line.startswith("|") or line.count("|") - line.count("\\|") == 5
