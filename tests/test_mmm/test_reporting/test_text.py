"""Names that people wrote are shown and never act."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmm.reporting.text import chart_text, clean, csv_text, isolate, join_names, shorten


def test_terminal_codes_and_controls_are_dropped() -> None:
    assert clean("ooh \x1b[31mred\x1b[0m\x00\x07") == "ooh red"
    assert clean("title\x1b]0;owned\x07 end") == "title end"
    assert clean("two\nlines\tand tab") == "two lines and tab"
    assert clean("abc\u202edcb") == "abcdcb"
    assert clean("lone \ud800 half") == "lone  half"


@given(st.text(max_size=60))
def test_clean_text_is_plain_and_stays_so(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")
    assert not any(ord(char) < 32 or ord(char) == 127 for char in once)


def test_only_right_to_left_names_are_isolated() -> None:
    assert isolate("tv") == "tv"
    assert isolate("راديو") == "\u2068راديو\u2069"
    assert isolate("\u2069راديو") == "\u2068راديو\u2069"


def test_chart_text_is_escaped_and_short() -> None:
    assert chart_text("<b>tv</b> & co") == "&lt;b&gt;tv&lt;/b&gt; &amp; co"
    assert len(shorten("x" * 100, 32)) == 32
    assert shorten("x" * 32, 32) == "x" * 32


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@sum", "\t=1", "\r=1", "\x00=1"])
def test_csv_cells_never_start_a_formula(name: str) -> None:
    assert csv_text(name).startswith("'")


@given(st.text(max_size=40))
def test_csv_cells_survive_a_csv_reader(name: str) -> None:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([csv_text(name), "1"])
    cell = next(csv.reader(io.StringIO(buffer.getvalue())))[0]
    assert cell.removeprefix("'") == clean(name).removeprefix("'")
    assert not cell.startswith(("=", "+", "-", "@"))


def test_lists_of_names() -> None:
    assert join_names(()) == "none"
    assert join_names(("a",)) == "a"
    assert join_names(("a", "b", "c")) == "a, b and c"
    assert join_names(tuple("abcdefgh"), limit=4) == "a, b, c and 5 others"
