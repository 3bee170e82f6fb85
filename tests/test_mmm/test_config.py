"""Files that people write: what is refused, and that every sentence names file, line and key."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, model_validator

from mmm.config import MAX_YAML_BYTES, PlacedError, StrictModel, inside, load_yaml, parse, parse_yaml
from mmm.exceptions import DataError, MixwiseError, SpecError


class Colour(StrEnum):
    RED = "red"


class Part(StrictModel):
    weight: float = Field(gt=0)
    on: bool = True


class Square(StrictModel):
    kind: Literal["square"]
    of: int = 0


class Circle(StrictModel):
    kind: Literal["circle"]


class Thing(StrictModel):
    name: str
    count: int = 0
    parts: tuple[Part, ...] = ()
    named: dict[str, Part] = Field(default_factory=dict)
    colour: Colour = Colour.RED
    either: float | str | None = None
    pair: tuple[int, ...] = Field(default=(), max_length=2)
    shape: Annotated[Square | Circle, Field(discriminator="kind")] | None = None

    @model_validator(mode="after")
    def _known_part(self) -> Self:
        if isinstance(self.shape, Square) and self.shape.of > len(self.parts):
            raise PlacedError(f"there is no part {self.shape.of}", "shape", "of")
        return self


def read(text: str) -> Thing:
    return parse(Thing, parse_yaml(text, Path("thing.yaml")))


@pytest.mark.parametrize(
    ("text", "where", "says"),
    [
        ("name: !!python/object/apply:os.system [ls]", "thing.yaml, line 1", "the tag"),  # 60
        ("name: x\ncount: !!str 5", "thing.yaml, line 2", "the tag"),
        ("name: !secret x", "thing.yaml, line 1", "the tag '!secret'"),
        ("a: &a [x]\nb: [*a, *a]", "thing.yaml, line 1", "anchors"),  # 61
        ("name: *a", "thing.yaml, line 1", "aliases"),
        ("name: " + "[" * 9000, "thing.yaml, line 1", "nested"),
        ("name: x\nname: y", "thing.yaml, line 2", "given twice"),
        ("name: x\n? [a]\n: b", "thing.yaml, line 2", "a key must be a plain word"),
        ("name: [x", "thing.yaml", "not plain YAML"),
        ("name: \x07", "thing.yaml", "not YAML text"),
        ("--- {}\n--- {}", "thing.yaml, line 2", "another document"),
        ("name: x\ncount: 010", "thing.yaml, line 2, count", "'010' is not a number"),  # 62
        ("name: x\ncount: 12:30:00", "thing.yaml, line 2, count", "valid integer"),
        ("name: x\ncount: '5'", "thing.yaml, line 2, count", "'5' is not a number"),
        ("name: x\ncount: true", "thing.yaml, line 2, count", "True is not a number"),
        ("name: x\nparts:\n  - {weight: 1, on: NO}", "thing.yaml, line 3, parts.0.on", "'NO' is not true or false"),
        ("name: x\nnamed:\n  a: {weight: 1, on: 1}", "thing.yaml, line 3, named.a.on", "1 is not true or false"),
        ("name: x\nnamed:\n  a: {weight: -1}", "thing.yaml, line 3, named.a.weight", "greater than 0"),
        ("name: x\nnamed:\n  a: {weight: 1e999}", "thing.yaml, line 3, named.a.weight", "finite"),
        ("name: x\nnamed:\n  a: {weight: .inf}", "thing.yaml, line 3, named.a.weight", "valid number"),
        ("name: x\nnamed:\n  a: {wieght: 1}", "thing.yaml, line 3, named.a.wieght", "'wieght' is not known"),
        ("name: x\ncolour: blue", "thing.yaml, line 2, colour", "'red'"),
        ("name: x\neither: [1]", "thing.yaml, line 2, either", "valid"),
        ("name: true", "thing.yaml, line 1, name", "valid string"),
        ("count: 5", "thing.yaml, line 1, name", "the key 'name' is missing"),
        ("- name", "thing.yaml, line 1", "keys with values are expected"),
        ("name: x\nparts: {weight: 1}", "thing.yaml, line 2, parts", "a list is expected"),
        ("name: x\npair: [1, 2, 3]", "thing.yaml, line 2, pair", "no more than 2"),
        ("name: x\nshape: {kind: cube}", "thing.yaml, line 2, shape", "there is no kind 'cube'"),
        ("name: x\nshape: {side: 1}", "thing.yaml, line 2, shape", "the key 'kind' is missing"),
        ("name: x\nparts: [{weight: 1}]\nshape: {kind: square, of: 3}", "thing.yaml, line 3, shape.of", "no part 3"),
        ("", "thing.yaml, name", "the key 'name' is missing"),
    ],
)
def test_refused_with_file_line_and_key(text: str, where: str, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(text)
    assert says in caught.value.says
    assert caught.value.where is not None
    assert caught.value.where.startswith(where)
    assert caught.value.do
    assert caught.value.exit_code == 2


class Wanted(StrictModel):
    above: float = Field(default=1.0, gt=0)
    most: int = Field(default=1, le=9)
    kind: Literal["even", "late"] = "even"
    name: str = Field(default="a", pattern="^[a-z]+$")
    when: date = date(2027, 1, 4)
    on: bool = True
    two: tuple[int, ...] = Field(default=(1, 2), min_length=2)


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("above: 0", "Write a value above 0.0."),
        ("above: much", "Write a number, without a unit."),
        ("most: 10", "Write a value of at most 9."),
        ("most: 1.5", "Write a whole number, without a unit."),
        ("kind: early", "Write one of: even or late."),
        ("name: 3A", "Write text that matches ^[a-z]+$."),
        ("name: 3", "Write text; in quotes where it looks like a number or a date."),
        ("when: soon", "Write a date such as 2027-01-04."),
        ("on: 7", "Write true or false."),
        ("two: [1]", "List at least 2."),
    ],
)
def test_the_remedy_says_what_to_write(tmp_path: Path, text: str, do: str) -> None:
    path = tmp_path / "wanted.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        parse(Wanted, load_yaml(path))
    assert caught.value.do == do


def test_plain_values_keep_their_meaning() -> None:
    thing = read("name: NO\ncount: 4_000\nparts: [{weight: 1.5e3, on: false}]\neither: 12:30:00\ncolour: red")
    assert (thing.name, thing.count, thing.either) == ("NO", 4000, "12:30:00")
    assert thing.parts == (Part(weight=1500.0, on=False),)
    assert read("name: x\neither: 2").either == 2.0
    assert read("name: x\neither: 010").either == "010"


def test_a_long_value_is_not_printed_whole() -> None:
    with pytest.raises(SpecError) as caught:
        read(f"name: x\ncount: {'y' * 5000}")
    assert len(str(caught.value)) < 300


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    sentence = ""
    try:
        read(text)
    except MixwiseError as error:
        sentence = str(error)
    assert sentence == "" or sentence.startswith("thing.yaml")


def test_files_that_are_not_settings(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="does not exist"):
        load_yaml(tmp_path / "none.yaml")
    (tmp_path / "large.yaml").write_bytes(b"a" * (MAX_YAML_BYTES + 1))
    with pytest.raises(SpecError, match=r"large.yaml: the file has 1,000,001 bytes"):
        load_yaml(tmp_path / "large.yaml")
    (tmp_path / "wide.yaml").write_text("name: x", encoding="utf-16")
    with pytest.raises(SpecError, match="not UTF-8"):
        load_yaml(tmp_path / "wide.yaml")
    (tmp_path / "mark.yaml").write_text("name: x", encoding="utf-8-sig")
    assert parse(Thing, load_yaml(tmp_path / "mark.yaml")).name == "x"


def test_values_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read("name: x").name = "y"  # type: ignore[misc]


def test_inside_refuses_what_leads_out(tmp_path: Path) -> None:  # 59
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (home / "data.csv").write_text("x")
    (home / "link.csv").symlink_to(tmp_path / "secret.csv")
    assert inside(home, "data.csv", where="model.yaml") == home / "data.csv"
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "sub/../../secret.csv"):
        with pytest.raises(DataError, match="leads outside"):
            inside(home, name, where="model.yaml")
    with pytest.raises(DataError, match="does not exist"):
        inside(home, "none.csv", where="model.yaml")
    (home / "circle.csv").symlink_to(home / "circle.csv")
    for name in ("da\x00ta.csv", "x" * 5000, "circle.csv"):
        with pytest.raises(DataError, match="not the name of a file"):
            inside(home, name, where="model.yaml")
