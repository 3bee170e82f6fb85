"""All that is done to a table: each damage keeps its truth, changes it knowingly, or says why it must be refused."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.hostile.said import (
    add_column,
    contradict,
    currency_codes,
    currency_header,
    drop_column,
    drop_rows,
    empty,
    micros,
    negative,
    placeholder,
    repeat_column,
    repeat_row,
    respell,
    shuffle_columns,
    shuffle_rows,
    three_decimals,
    unreadable,
    zero,
)
from benchmarks.hostile.sheet import Sheet
from benchmarks.hostile.written import (
    blank_lines,
    cut,
    date_form,
    delimiter,
    dialect,
    digits,
    encoding,
    extra_field,
    footnote,
    formats,
    lost_field,
    midnights,
    month_words,
    newlines,
    no_cents,
    nul,
    odd_date,
    open_quote,
    other_weekday,
    preamble,
    random_bytes,
    signs,
    spaces,
    swapped_date,
    total_row,
    week_ending,
)

Damage = Callable[[Sheet, Random], str]

#: First what the table says, then how it is written, then its lines, text and bytes.
ORDERED: tuple[Damage, ...] = (
    *(drop_rows, other_weekday, zero, repeat_row, contradict, shuffle_rows, swapped_date),
    *(add_column, drop_column, repeat_column, respell, shuffle_columns),
    *(dialect, date_form, micros, signs, digits, spaces, no_cents, currency_header, currency_codes),
    *(month_words, midnights, week_ending),
    *(negative, unreadable, placeholder, empty, three_decimals, odd_date, formats),
    *(delimiter, preamble, footnote, total_row, newlines, encoding),
    *(blank_lines, extra_field, lost_field, open_quote, cut, random_bytes, nul),
)
