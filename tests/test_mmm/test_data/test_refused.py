"""What refusals never show: a person's value, control characters, a folder; and the close name that they offer.

The refusals themselves stand in ``test_hostile``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import read, weekly


def test_a_person_in_a_number_cell_is_not_echoed(tmp_path: Path) -> None:
    rows = weekly().put(8, "tv_spend", "call jane@example.org")
    with pytest.raises(DataError) as caught:
        read(tmp_path, rows)
    assert "jane" not in str(caught.value)


def test_control_characters_of_a_cell_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, weekly().put(8, "tv_spend", "\x1b[31mred"))
    assert "\x1b" not in str(caught.value)


def test_a_missing_column_offers_a_close_name(tmp_path: Path) -> None:
    book = weekly()
    book.header[2] = "tv_spent"
    with pytest.raises(DataError, match="Did you mean 'tv_spent'"):
        read(tmp_path, book)
