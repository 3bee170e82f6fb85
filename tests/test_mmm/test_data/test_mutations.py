"""Random damage to a good file: it is refused with a sentence, or read with every row and every coin accounted for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.exceptions import MixwiseError
from tests.test_mmm.test_data.book import COLUMNS, Book, read, spec, weekly

CLEAN = weekly(30)
CELLS = st.sampled_from(
    [
        "", "-", "n/a", "NaN", "inf", "1.234", "1,234", "1.234.567", "€5", "$5", "5%", "(5)", "9" * 24, "=1", "'", '"',
        "\x00", "\x1b[0m", "a@b.org", "+49 170 1234567", "2024-13-01", "01/02/2024", "45292", "2024-W05", "Total",
        "1e400", "-1e300", "٣", "½", "\ud7ff", "\u202e", "<b>", ";", ",", "\n", "\r", "NA", "true", "None", " ",
    ]
)  # fmt: skip
CELL = st.tuples(st.integers(0, 29), st.sampled_from(COLUMNS), CELLS | st.text(max_size=8))
LINES = st.sampled_from(["drop", "double", "swap", "blank", "cut", "extra"])
BYTES = st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=3)), max_size=3)


def damaged(cells: list[tuple[int, str, str]], lines: list[tuple[str, int]], raw: list[tuple[int, bytes]]) -> bytes:
    book = Book(list(CLEAN.header), [list(row) for row in CLEAN.rows])
    for at, name, text in cells:
        book.put(at, name, text)
    rows = book.text().split("\n")
    for kind, at in lines:
        i = at % max(1, len(rows))
        if kind == "drop":
            del rows[i]
        elif kind == "double":
            rows.insert(i, rows[i])
        elif kind == "swap":
            rows[i], rows[-1] = rows[-1], rows[i]
        elif kind == "blank":
            rows.insert(i, "")
        elif kind == "cut":
            rows[i] = rows[i][: len(rows[i]) // 2]
        else:
            rows[i] += ",1"
    content = bytearray("\n".join(rows).encode("utf-8", "surrogatepass"))
    for at, patch in raw:
        content[at : at + len(patch)] = patch
    return bytes(content)


@settings(max_examples=250, deadline=None)
@given(
    st.lists(CELL, max_size=3),
    st.lists(st.tuples(LINES, st.integers(0, 31)), max_size=2),
    BYTES,
    st.sampled_from(["refuse", "zero"]),
)
def test_damage_is_refused_or_accounted_for(
    cells: list[tuple[int, str, str]], lines: list[tuple[str, int]], raw: list[tuple[int, bytes]], missing: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            read(Path(folder), damaged(cells, lines, raw), spec(data={"missing": missing}))
        except MixwiseError as error:
            refused = error
        else:
            return  # ``read`` held the conservation law
    assert refused.exit_code == 2
    assert refused.where
    assert refused.do
    assert "a@b.org" not in str(refused)
    assert "\x1b" not in str(refused)
