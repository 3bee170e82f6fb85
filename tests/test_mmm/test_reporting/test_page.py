"""The page is one whole file: balanced, escaped, and it loads nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mmm.reporting import charts
from mmm.reporting.page import Align, Chart, Column, Page, Prose, Section, Table, render, write_page

VOID = {"meta", "link", "br", "img", "input", "hr"}
LOADING = {"src", "href", "srcset", "data", "poster", "action", "formaction", "background"}


class Reader(HTMLParser):
    """Collects structure; fails on unbalanced tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.loads: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.text: list[str] = []
        self.labels: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.loads += [value or "" for name, value in attrs if name in LOADING]
        self.handlers += [name for name in found if name.startswith("on")]
        if found.get("role") == "img":
            self.labels.append(found.get("aria-label") or "")
        if tag == "script":
            self.scripts.append((found, ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
        elif self.open and self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(render(page))
    reader.close()
    return reader


def test_tags_are_balanced(read: Reader) -> None:
    assert read.open == []


def test_nothing_is_loaded(read: Reader, page: Page) -> None:
    assert all(load.startswith(("#", "data:")) for load in read.loads)
    document = render(page)
    styles = re.search(r"<style>(.*?)</style>", document, re.DOTALL)
    assert styles is not None
    assert "url(" not in styles.group(1)
    assert "@import" not in styles.group(1)
    assert not read.handlers


def test_plotly_is_inlined_once_and_only_for_charts(read: Reader) -> None:
    libraries = [text for attributes, text in read.scripts if len(text) > 1_000_000 and not attributes]
    assert len(libraries) == 1
    without = render(Page("Words only", "None.", [Section("One", [Prose(["A."])])]))
    assert len(without) < 40_000


def test_names_are_text(read: Reader, page: Page) -> None:
    words = "".join(read.text)
    assert "<script>alert(1)</script>" in words
    assert "ooh red" in words
    assert "\x1b" not in render(page)
    assert not any("alert(1)" in text for attributes, text in read.scripts if not attributes)


def test_figures_are_json_that_no_name_can_leave(read: Reader) -> None:
    figures = [text for attributes, text in read.scripts if attributes.get("type") == "application/json"]
    assert len(figures) == 9
    for figure in figures:
        assert "<" not in figure
        content = json.loads(figure)
        assert set(content) == {"data", "layout"}
        assert content["layout"]["showlegend"] is False


def test_every_chart_has_words(read: Reader) -> None:
    assert len(read.labels) == 9
    assert all(read.labels)


def test_language_and_title(page: Page) -> None:
    document = render(page)
    assert document.lstrip().startswith("<!doctype html>")
    assert 'lang="en-GB"' in document
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</title>" in document


def test_a_chart_without_names_has_no_legend() -> None:
    figure = charts.line_chart([1, 2], {"one": [1.0, 2.0]}, unit="EUR")
    assert 'class="legend"' not in render(Page("T", "L", [Section("S", [Chart(figure, "c", "a")])]))


def test_a_table_row_must_fit_its_columns() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table([Column("a"), Column("b", Align.RIGHT), Column("c")], [("1", "2")])


def test_rendering_is_repeatable(page: Page, tmp_path: Path) -> None:
    assert write_page(page, tmp_path / "a.html").read_bytes() == write_page(page, tmp_path / "b.html").read_bytes()
