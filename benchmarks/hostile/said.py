"""Damage to what a table says: rows, columns, figures. It changes the truth knowingly, or says why not to read it."""

from __future__ import annotations

from random import Random

from benchmarks.hostile.sheet import FIGURES, MONEY, WEEK, Line, Sheet, plain


def any_line(sheet: Sheet, random: Random) -> Line:
    """Return one of the lines."""
    return sheet.lines[random.randrange(len(sheet.lines))]


# ---- rows and columns ----------------------------------------------------------------------------------------------


def drop_rows(sheet: Sheet, random: Random) -> str:
    """Take rows out; inside the history that is a gap, which must be refused or declared."""
    for _ in range(random.randint(1, 2)):
        del sheet.lines[random.randrange(len(sheet.lines))]
    if random.random() < 0.5:
        sheet.declare(gaps="no_spend")
        return "rows dropped, gaps declared"
    return "rows dropped"


def repeat_row(sheet: Sheet, random: Random) -> str:
    """Write a row twice, the same both times."""
    at = random.randrange(len(sheet.lines))
    sheet.lines.insert(random.randint(at, len(sheet.lines)), sheet.lines[at].copy())
    return "a row twice"


def contradict(sheet: Sheet, random: Random) -> str:
    """Write a row twice with different figures."""
    at = random.randrange(len(sheet.lines))
    other = sheet.lines[at].copy()
    other.figures[random.choice(FIGURES)] += 1.0
    sheet.lines.insert(at + 1, other)
    sheet.refuse.append("one date has two rows that differ")
    return "a date twice with other figures"


def shuffle_rows(sheet: Sheet, random: Random) -> str:
    random.shuffle(sheet.lines)
    return "rows shuffled"


def shuffle_columns(sheet: Sheet, random: Random) -> str:
    random.shuffle(sheet.order)
    return "columns shuffled"


def add_column(sheet: Sheet, random: Random) -> str:
    """Add a column that the model file does not name; its text may need another encoding."""
    word = random.choice(
        ["comment", "Größe", "Sprzedaż_ogółem", "المبيعات", "Реклама", "備考", "a,b;c", 'say "so"', "l\nl"]
    )
    if word not in sheet.order:
        sheet.order.insert(random.randint(0, len(sheet.order)), word)
    return f"column {word!r} added"


def drop_column(sheet: Sheet, random: Random) -> str:
    name = random.choice([WEEK, *FIGURES])
    if name in sheet.order:
        sheet.order.remove(name)
    sheet.refuse.append(f"the column {name} is not there")
    return f"column {name} dropped"


def repeat_column(sheet: Sheet, random: Random) -> str:
    """Give two columns one name, or names that differ in case and spaces."""
    name = random.choice([name for name in FIGURES if name in sheet.order])
    twin = f"{name} (2)"
    sheet.order.insert(random.randint(0, len(sheet.order)), twin)
    sheet.names[twin] = random.choice([sheet.names.get(name, name), name.upper(), f" {name} "])
    for line in sheet.lines:
        line.put[twin] = plain(float(random.randint(1, 99)))
    sheet.refuse.append(f"two columns are called {name}")
    sheet.twice.add(name)
    return f"two columns {name}"


def respell(sheet: Sheet, random: Random) -> str:
    name = random.choice([WEEK, *FIGURES])
    sheet.names[name] = random.choice([name.upper(), f"  {name}", f"{name} ", name.title(), f"\u00a0{name}"])
    return f"header {sheet.names[name]!r}"


# ---- figures -------------------------------------------------------------------------------------------------------


def negative(sheet: Sheet, random: Random) -> str:
    """Turn the sign of a figure, in some writing; of exposure and activity that must be refused."""
    line, name = any_line(sheet, random), random.choice(FIGURES)
    value = line.figures[name]
    if value <= 0 or name in line.put:
        return "no sign turned"
    text = sheet.cell(line, name)
    line.figures[name] = -value
    forms = [f"-{text}", f"({text})", f"{text}-", f"\u2212{text}", f"- {text}"]
    if text.endswith("-"):  # a dash for the cents: one more says nothing
        forms.remove(f"{text}-")
    line.put[name] = random.choice(forms)
    if name in ("clicks", "news"):
        sheet.put(line, name, line.put[name], f"{name} is negative")
    return f"sign of {name} turned: {line.put[name]}"


def zero(sheet: Sheet, random: Random) -> str:
    """Make a column zero, or a cell."""
    name = random.choice(FIGURES)
    for line in sheet.lines if random.random() < 0.3 else [any_line(sheet, random)]:
        line.figures[name] = 0.0
        line.put.pop(name, None)
    return f"zero in {name}"


_UNREADABLE = [
    "lots", "#REF!", "inf", "-inf", "1e999", "9" * 24, "=1+2", "=cmd|' /C calc'!A0", "12:30", "1.2.3", "1,2,3", "0x10",
    "--5", "½", "true", "2024-01-01", "\x1b[31m5", "5 5", "a@b.org", "5%", "$5.00", "¥500", "'", "5;5", "1 000 00",
    "1_000", "five", "١٢ ريال", "€", "5 kg",
]  # fmt: skip


def unreadable(sheet: Sheet, random: Random) -> str:
    """Write what is no number, or has two readings, into a cell."""
    line, name = any_line(sheet, random), random.choice(FIGURES)
    text = random.choice(_UNREADABLE)
    sheet.put(line, name, text, f"{text!r} stands in {name}")
    return f"{text!r} in {name}"


def placeholder(sheet: Sheet, random: Random) -> str:
    """Write a placeholder; declare what it means, or not."""
    line, name = any_line(sheet, random), random.choice(FIGURES)
    text = random.choice(["-", "n/a", "NULL", "–", "?", "(null)"])
    sheet.put(line, name, text, f"{text!r} in {name} needs a declaration", "placeholder")
    line.figures[name] = 0.0
    if random.random() < 0.7:
        sheet.declare(placeholder="zero")
    return f"{text!r} in {name}"


def empty(sheet: Sheet, random: Random) -> str:
    """Empty a cell; declare what that means, or not."""
    line, name = any_line(sheet, random), random.choice(("tv_spend", "revenue"))
    line.put[name] = random.choice(["", " ", "NaN", "\u200b"])
    if name == "revenue":  # the outcome may begin later, or end earlier; else it is refused
        edges = sorted(other.day for other in sheet.lines)
        if line.day in (*edges[:3], *edges[-3:]):
            sheet.unknown.add(line.day)
        else:
            sheet.refuse.append("the outcome of a week is missing")
        return "no outcome in a week"
    line.figures[name] = 0.0
    sheet.shown["missing"] = "missing spend needs a declaration"
    if random.random() < 0.7:
        sheet.declare(missing={"tv_spend": "zero"})
    return "empty spend"


def three_decimals(sheet: Sheet, random: Random) -> str:
    """Write 1.234 into a column of two decimals: with their mark it has two readings, with the other it is 1234."""
    line, name = any_line(sheet, random), random.choice((*MONEY, "price"))
    mark = random.choice(".,")
    line.put[name] = f"{random.randint(1, 999)}{mark}{random.randint(100, 999)}"
    line.figures[name] = float(line.put[name].replace(mark, ""))
    if mark == sheet.mark and "decimal" in sheet.model.get("data", {}):
        line.figures[name] = float(line.put[name].replace(mark, "."))
    elif mark == sheet.mark:
        sheet.put(line, name, line.put[name], f"{line.put[name]} can be read two ways")
    if name == "tv_spend" and "units" in sheet.model.get("data", {}):  # in millionths, like the rest of its column
        line.figures[name] *= 1e-6
    return f"{line.put[name]} in {name}"


def micros(sheet: Sheet, random: Random) -> str:
    """Write a column in millionths, and declare it."""
    sheet.write["tv_spend"] = lambda value: f"{round(value * 100)}0000"
    for line in sheet.lines:
        line.put.pop("tv_spend", None)
    if random.random() < 0.7:
        sheet.declare(units={"tv_spend": 1e-6})
    elif any(line.figures["tv_spend"] for line in sheet.lines):
        sheet.shown["units"] = "television is in micros and nothing says so"
    return "micros"


def currency_header(sheet: Sheet, random: Random) -> str:
    """Name the money's currency in the header; another one than the model's needs a rate."""
    name, code = "search_spend", random.choice(["EUR", "USD"])
    signed = any(mark in sheet.cell(line, name) for line in sheet.lines for mark in ("€", "EUR"))
    if name not in sheet.order or name in {*sheet.names, *sheet.twice} or signed:
        return "no currency in a header"
    there = random.choice([f"{name} ({code})", f"{name}_{code.lower()}", f"{name} {code}"])
    sheet.names[name] = there
    sheet.model["channels"] = {"tv": {"spend": "tv_spend"}, "search": {"spend": there, "exposure": "clicks"}}
    if code != "EUR":
        sheet.refuse.append(f"the header says {code}")
    return f"header {there!r}"


def currency_codes(sheet: Sheet, random: Random) -> str:
    """Add a column of codes; another currency than the model's needs a rate, whatever the column is called."""
    name, code = random.choice(["Waluta", "Mata uang", "Konto"]), random.choice(["EUR", "USD"])
    sheet.order.insert(random.randint(0, len(sheet.order)), name)
    for line in sheet.lines:
        line.put[name] = "EUR"
    any_line(sheet, random).put[name] = code
    if code != "EUR":
        sheet.refuse.append(f"a row's money is in {code}")
    return f"column {name} with {code}"
