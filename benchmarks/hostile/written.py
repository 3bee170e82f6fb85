"""Damage to how a table is written: figures, dates, lines, text and bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from benchmarks.hostile.said import any_line
from benchmarks.hostile.sheet import FIGURES, MONEY, WEEK, Sheet, money, plain

_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


# ---- how figures are written ---------------------------------------------------------------------------------------


def _grouped(value: float, decimals: int, group: str, mark: str) -> str:
    return f"{value:,.{decimals}f}".translate({ord(","): group, ord("."): mark})


def dialect(sheet: Sheet, random: Random) -> str:
    """Write all figures in another way, which their decimals show."""
    sheet.mark = mark = random.choice(".,")
    group = random.choice(["", " ", "\u00a0", "\u202f", "'", "." if mark == "," else ","])
    for name in (*MONEY, "price"):
        if sheet.write.get(name) is money:
            sheet.write[name] = lambda value: _grouped(value, 2, group, mark)
    if random.random() < 0.3:
        sheet.declare(decimal=mark)
    return f"decimal {mark!r}, thousands {group!r}"


def signs(sheet: Sheet, random: Random) -> str:
    """Write a currency with the money."""
    form = random.choice(["€{}", "€ {}", "{} €", "{} EUR", "EUR {}", "EUR{}"])
    name = random.choice(MONEY)
    write = sheet.write.get(name, plain)
    sheet.write[name] = lambda value: form.format(write(value))
    return f"money as {form}"


def digits(sheet: Sheet, random: Random) -> str:
    """Write a column's digits in another script."""
    table = random.choice([_ARABIC, _WIDE])
    name = random.choice((*FIGURES, WEEK))
    write = sheet.write.get(name, plain)
    sheet.write[name] = lambda value: write(value).translate(table)
    return f"{name} in digits {'٠'.translate(table)}"


def spaces(sheet: Sheet, random: Random) -> str:
    """Put what cannot be seen around the cells of a column."""
    mark = random.choice([" ", "\u00a0", "\u200e", "\u200f", "\ufeff", "  "])
    name = random.choice(FIGURES)
    write = sheet.write.get(name, plain)
    sheet.write[name] = lambda value: f"{mark}{write(value)}{mark}"
    return f"{mark!r} around {name}"


_CENTS = re.compile(r"([.,])(?:00|٠٠|００)(?=[^\d]*\Z)")


def no_cents(sheet: Sheet, random: Random) -> str:
    """Write a dash for the cents of whole amounts, as in 1.234,-; the figures become whole."""
    name, dash = random.choice(MONEY), random.choice(["-", "–", "--", "—"])
    write, share = sheet.write.get(name, plain), random.choice([1.0, 0.5])
    for line in sheet.lines:
        if name not in line.put and random.random() < share:
            line.figures[name] = float(round(line.figures[name]))
    sheet.write[name] = lambda value: _CENTS.sub(rf"\1{dash}", write(value))
    return f"whole {name} as 5{sheet.mark}{dash}"


def formats(sheet: Sheet, random: Random) -> str:
    """Format a workbook's numbers, which shows money or percent beside them, or hide rows, which changes nothing."""
    sheet.hidden |= set(random.sample(range(len(sheet.lines)), random.randint(0, min(3, len(sheet.lines)))))
    name = random.choice([name for name in (*MONEY, "price") if sheet.write.get(name, plain) in (plain, money)] or [""])
    typed = [line for line in sheet.lines if name and name in sheet.order and name not in line.put]
    if not typed:
        return f"rows {sorted(sheet.hidden)} hidden"
    own = ["#,##0.00 [$€-1]", '#,##0.00\\ "€"', "[$EUR] 0.00", "#,##0.00", '#,##0" szt"']
    form = random.choice([*own, "[$$-409]#,##0.00"] if name != "price" else ["0.00%", *own])
    sheet.formats[name] = form
    if "$$" in form:
        sheet.refuse.append(f"{name} is in dollars by its format")
    return f"{name} formatted as {form}"


# ---- dates ---------------------------------------------------------------------------------------------------------

_SERIAL = "serial"
#: Form → whether it needs a declaration.
_FORMS = {
    "%d.%m.%Y": False, "%d/%m/%Y": False, "%m/%d/%Y": False, "%d %b %Y": False, "%B %d, %Y": False, "%Y%m%d": False,
    "%Y/%m/%d": False, "%Y-%m-%dT00:00:00": False, "%Y-%m-%d 00:00:00+02:00": False, "%d.%m.%y": True, "%m/%d/%y": True,
    "%G-W%V": True, "%Y-%m": True, _SERIAL: False,
}  # fmt: skip


def date_form(sheet: Sheet, random: Random) -> str:
    """Write all dates in another way; some need a declaration."""
    form = random.choice(list(_FORMS))
    if form == "%G-W%V" and any(line.day.weekday() for line in sheet.lines):
        form = "%Y/%m/%d"  # a label names the week, and not a Sunday in it
    if form == _SERIAL:
        tail = random.choice(["", ".0"])
        sheet.write[WEEK] = lambda value: f"{(value - date(1899, 12, 30)).days}{tail}"
        return "Excel day numbers"
    sheet.write[WEEK] = lambda value: value.strftime(form)
    if form == "%Y-%m":
        sheet.refuse.append("months are no weeks")
    elif random.random() < 0.5:
        sheet.declare(date_format=form)
    elif _FORMS[form]:
        sheet.refuse.append(f"dates as {form} need a declaration")
    return f"dates as {form}"


def odd_date(sheet: Sheet, random: Random) -> str:
    """Write one date in another way, or no date at all."""
    line = any_line(sheet, random)
    day = line.day
    text = random.choice([day.strftime("%d %b %y"), "soon", "2024-02-31", "2024-13-01", "1024-01-01", "0", f"{day}?"])
    line.put[WEEK] = text
    sheet.refuse.append(f"the date {text!r} stands among others")
    return f"date {text!r}"


def swapped_date(sheet: Sheet, random: Random) -> str:
    """Write one date with day and month exchanged: the file then says another day."""
    line = any_line(sheet, random)
    if line.day.day > 12 or line.day.day == line.day.month:
        return "no date exchanged"
    line.day = date(line.day.year, line.day.day, line.day.month)
    return "day and month of one date exchanged"


def other_weekday(sheet: Sheet, random: Random) -> str:
    """Move all dates to another day of the week; declared, or not."""
    days = random.randint(1, 6)
    for line in sheet.lines:
        line.day += timedelta(days=days)
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    how = random.choice(["not at all", "as the first day", "as the last day"])
    if how == "as the first day":
        sheet.declare(week_start=names[days])
    elif how == "as the last day":
        sheet.declare(date_marks="last_day")
        sheet.shift -= 6
    else:
        sheet.refuse.append("weeks that do not start on Monday need a declaration")
    return f"weeks of {names[days]}s, declared {how}"


_MONTHS = (
    "sty lut mar kwi maj cze lip sie wrz paz lis gru",
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)


def month_words(sheet: Sheet, random: Random) -> str:
    """Write months in words of another language: nothing to declare."""
    if WEEK in sheet.write:
        return "no months in words"
    words = random.choice(_MONTHS).split()
    sheet.write[WEEK] = lambda day: f"{day.day} {words[day.month - 1]} {day.year}"
    return f"months as {words[0]}"


def midnights(sheet: Sheet, random: Random) -> str:
    """Write dates as midnights of UTC, and declare a zone far from it: they are days all the same."""
    if WEEK in sheet.write:
        return "no midnights"
    sheet.write[WEEK] = lambda day: f"{day}T00:00:00Z"
    zone = random.choice(["America/New_York", "Asia/Jakarta", "Europe/Warsaw"])
    sheet.declare(time_zone=zone)
    return f"midnights of UTC, declared {zone}"


def week_ending(sheet: Sheet, random: Random) -> str:
    """Call the dates the ends of weeks; declared as such, as the contrary, or not."""
    if WEEK in sheet.write or any(line.day.weekday() for line in sheet.lines):
        return "no week endings"
    sheet.dated = sheet.names[WEEK] = random.choice(["Week ending", "Woche bis", "koniec tygodnia", "akhir minggu"])
    how = random.choice(["not at all", "first_day", "last_day"])
    if how == "not at all":
        sheet.refuse.append("a column of week endings needs a declaration")
    else:
        sheet.declare(date_marks=how)
        sheet.shift -= 6 * (how == "last_day")
    return f"dates called {sheet.dated}, declared {how}"


# ---- lines, text, bytes --------------------------------------------------------------------------------------------


def delimiter(sheet: Sheet, random: Random) -> str:
    sheet.delimiter = random.choice(";\t|")
    return f"delimiter {sheet.delimiter!r}"


def preamble(sheet: Sheet, random: Random) -> str:
    sheet.above += random.choice(
        [["Media report"], ["sep=" + sheet.delimiter], ["Report", "", "Made 2025-01-01"], [""]]
    )
    return "lines above the header"


def total_row(sheet: Sheet, random: Random) -> str:
    """Write a total under the table, right or wrong."""
    factor = random.choice([1.0, 1.0, 0.5])
    cells = []
    for name in sheet.order:
        total = sum(line.figures.get(name, 0.0) for line in sheet.lines) * factor
        cells.append(
            random.choice(["Total", "Summe", "Razem"]) if name == WEEK else money(total) if name in FIGURES else ""
        )
    sheet.below.append(cells)
    return "a total row"


def footnote(sheet: Sheet, random: Random) -> str:
    sheet.below.append([random.choice(["Source: finance", "* preliminary", "Ende"])])
    return "a footnote"


def blank_lines(sheet: Sheet, random: Random) -> str:
    """Put blank lines between the rows."""
    at = random.randrange(len(sheet.lines))
    mark = sheet.newline

    def change(text: str) -> str:
        rows = text.split(mark)
        rows.insert(min(at + len(sheet.above) + 1, len(rows)), "")
        return mark.join(rows)

    if not any("\n" in name for name in sheet.order):
        sheet.texts.append(change)
    return "a blank line"


def newlines(sheet: Sheet, random: Random) -> str:
    if not any("\n" in name for name in sheet.order):
        sheet.newline = random.choice(["\r\n", "\r"])
    return f"lines end with {sheet.newline!r}"


def extra_field(sheet: Sheet, random: Random) -> str:
    """Add a field to one row: what stands right of it is no longer under its name."""
    if any("\n" in name for name in sheet.order):
        return "no field added"
    _rewrite(sheet, random, lambda row: row + sheet.delimiter + "7")
    sheet.refuse.append("a row has a field too many")
    return "a field too many"


def lost_field(sheet: Sheet, random: Random) -> str:
    """Take the last field of a row away."""
    if any("\n" in name for name in sheet.order) or sheet.texts:
        return "no field taken"
    _rewrite(sheet, random, lambda row: row.rsplit(sheet.delimiter, 1)[0])
    if sheet.order[-1] in (WEEK, *FIGURES):
        sheet.refuse.append("a row has a field too few")
    return "a field too few"


def _rewrite(sheet: Sheet, random: Random, change: Callable[[str], str]) -> None:
    at = random.randrange(len(sheet.lines))

    def whole(text: str) -> str:
        rows = text.split(sheet.newline)
        marks = [i for i, row in enumerate(rows) if row.count(sheet.delimiter) >= len(sheet.order) - 1]
        if marks:
            i = marks[min(at + 1, len(marks) - 1)]
            rows[i] = change(rows[i])
        return sheet.newline.join(rows)

    sheet.texts.append(whole)


def cut(sheet: Sheet, random: Random) -> str:
    """Cut the file somewhere: what is left of the last row cannot be known."""
    share = random.uniform(0.3, 0.999)
    sheet.bytes_.append(lambda content: content[: int(len(content) * share)])
    sheet.torn = max(sheet.torn, 99)
    return f"cut after {share:.0%}"


def open_quote(sheet: Sheet, random: Random) -> str:
    line, name = any_line(sheet, random), random.choice(FIGURES)
    mark = sheet.cell(line, name)
    sheet.texts.append(lambda text: text.replace(mark, '"' + mark, 1))
    sheet.unknown.add(line.day)
    sheet.torn += 2
    return "a quotation mark that is not closed"


def random_bytes(sheet: Sheet, random: Random) -> str:
    """Overwrite, insert or remove bytes anywhere."""
    at, patch = random.random(), bytes(random.randrange(256) for _ in range(random.randint(1, 3)))
    kind = random.choice(["overwritten", "inserted", "removed"])

    def change(content: bytes) -> bytes:
        i = int(at * len(content))
        stop = i if kind == "inserted" else i + len(patch)
        return content[:i] + (b"" if kind == "removed" else patch) + content[stop:]

    sheet.bytes_.append(change)
    sheet.torn += 2
    return f"bytes {kind}"


def nul(sheet: Sheet, random: Random) -> str:
    at = random.random()
    sheet.bytes_.append(lambda content: content[: int(at * len(content))] + b"\0" + content[int(at * len(content)) :])
    sheet.torn += 2
    return "a NUL byte"


def encoding(sheet: Sheet, random: Random) -> str:
    sheet.encoding = random.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1250"])
    return sheet.encoding
