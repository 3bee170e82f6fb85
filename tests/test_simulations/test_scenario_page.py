"""docs/scenarios.md is what the code makes, and holds every kind of change with an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulations.patches import KINDS
from simulations.scenario_page import EXAMPLES, PAGE, THEMES, write_docs

ROOT = Path(__file__).parents[2]


def test_what_is_committed_is_what_the_code_makes(tmp_path: Path) -> None:
    write_docs(tmp_path, ROOT / EXAMPLES)
    made = (tmp_path / PAGE).read_text(encoding="utf-8")
    remedy = "run 'python -m simulations.scenario_page docs' and commit what it writes"
    assert (ROOT / "docs" / PAGE).read_text(encoding="utf-8") == made, remedy


def test_every_kind_has_its_section() -> None:
    assert sorted(key for keys in THEMES.values() for key in keys) == sorted(KINDS)
    page = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    sections = {part.split("\n")[0].strip(): part for part in page.split("\n### ")[1:]}
    for key in KINDS:
        assert "```yaml" in sections[key], key
        assert f"| `{key}` |" in sections[key], key
    shown = {f.stem for f in (ROOT / EXAMPLES).glob("*.yaml")}
    assert all((ROOT / EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8").strip() in page for name in shown)


@pytest.mark.parametrize("key", KINDS)
def test_every_key_says_what_it_is(key: str) -> None:
    own = {
        name: field for name, field in KINDS[key].model_fields.items() if name not in ("channel", "channels", "weeks")
    }
    for name, field in own.items():
        assert str(field.description).endswith("."), name
