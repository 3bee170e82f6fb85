"""docs/data-room.md: every YAML example is understood by the schema, and its lists are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mmm.config import parse, parse_yaml
from mmm.data.joining.spec import JoinSpec
from mmm.data.sources.presets import names, preset
from mmm.data.sources.spec import SourceSpec
from mmm.model.spec import ModelSpec

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-room.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
#: What an example of a part of a model file leaves out.
REST = {
    "data": "data: {outcome: revenue}",
    "sources": "sources: {shop: {file: shop.csv}}",
    "channels": "channels: {tv: {spend: tv_spend}}",
}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_understood(example):
    rest = [line for key, line in REST.items() if not re.search(rf"^{key}:", example, re.MULTILINE)]
    spec = parse(ModelSpec, parse_yaml("\n".join([example, *rest]), PAGE))
    assert {source.preset for source in spec.sources.values()} <= {None, *names()}


def test_there_are_examples_of_all_parts():
    assert len(EXAMPLES) == 5
    assert all(any(part in example for example in EXAMPLES) for part in ("sources:", "join:", "server:", "calendar:"))


def test_every_preset_is_listed_with_its_figures():
    rows = [line for line in TEXT.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert set(names()) <= listed
    for row in rows:
        for name in set(re.findall(r"`(\w+)`", row.split("|")[1])) & set(names()):
            figures = set(preset(name).metrics)
            if figures:
                assert {
                    one.strip().replace("key events", "key_events") for one in row.split("|")[4].split(",")
                } == figures


def test_keys_of_reading_that_the_page_lists_exist():
    table = TEXT[TEXT.index("| key | when |") : TEXT.index("What several sources share")]
    keys = {
        key for row in re.findall(r"^\| `.*$", table, re.MULTILINE) for key in re.findall(r"`(\w+)", row.split("|")[1])
    }
    assert len(keys) > 12
    assert keys <= set(SourceSpec.model_fields)
    block = EXAMPLES[3]
    assert set(re.findall(r"^  (\w+):", block[: block.index("channels:\n")], re.MULTILINE)) <= set(
        JoinSpec.model_fields
    )
