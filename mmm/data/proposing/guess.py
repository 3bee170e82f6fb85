"""One table → what it probably is: a usual export, a table with a row per channel, or a wide table of the company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mmm.data.currencies import COLUMN_NAMES, SIGNS
from mmm.data.footers import find_footers
from mmm.data.log import listed
from mmm.data.money_words import currency_of
from mmm.data.numbers import Kind, read_cell
from mmm.data.privacy import safe
from mmm.data.proposing.columns import Column, Dates, Holds, doubts, find_dates, look_at
from mmm.data.proposing.fitting import PLATFORMS, Fit, best_fit
from mmm.data.proposing.look import Look
from mmm.data.proposing.questions import Question
from mmm.data.proposing.words import Speaks, slug, speaks_of
from mmm.data.reading import name_key

#: A name of a platform's campaigns is shown; of more only the first.
_SHOWN = 8
#: Signs of several currencies, and the one that is proposed.
USUAL = {"$": "USD", "£": "GBP", "¥": "JPY"}
_MICROS = 100_000
#: Rows by which columns of text are told from columns of numbers.
_HEAD = 300


@dataclass(frozen=True, eq=False)
class Guess:
    """What a table probably is.

    Attributes
    ----------
    look : Look
    file : str
        How ``model.yaml`` names it: a file, or the folder that it stands for.
    fit : Fit, optional
        A usual export.
    dates : Dates, optional
    geo : str, optional
        Column with more than one place.
    columns : tuple of Column
    labels : mapping of text to metrics
        Of a long table: channel or campaign → metrics that it has figures of.
    currencies : tuple of str
        ISO codes that the table speaks of; the most usual first.
    questions : tuple of Question
    notes : tuple of str
        What was decided, and how to decide otherwise.
    """

    look: Look
    file: str
    fit: Fit | None
    dates: Dates | None
    geo: str | None
    columns: tuple[Column, ...]
    labels: dict[str, frozenset[str]] = field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_platform(self) -> bool:
        """Whether the rows are campaigns of one advertising platform."""
        return self.fit is not None and self.fit.name in PLATFORMS

    @property
    def is_long(self) -> bool:
        """Whether each row names its channel."""
        return self.fit is not None and self.fit.source.is_long

    @property
    def is_rates(self) -> bool:
        """Whether it is a table of exchange rates."""
        return {"date", "currency", "rate"} <= {name_key(name) for name in self.look.table.header}

    @property
    def is_ledger(self) -> bool:
        """Whether it is the company's account of spend by month."""
        return {"month", "channel", "spend"} <= {name_key(name) for name in self.look.table.header}

    @property
    def doubtful_signs(self) -> tuple[str, ...]:
        """Currency signs in its cells that several currencies share."""
        signs = {sign for column in self.columns for sign in column.signs if len(SIGNS[sign]) > 1}
        return tuple(sorted(signs))

    def numbers(self) -> Iterator[tuple[Column, Speaks]]:
        """Yield the columns of numbers, with what each speaks of."""
        for column in self.columns:
            if column.holds is Holds.NUMBERS and (self.dates is None or column.name != self.dates.name):
                speaks = speaks_of(column.name)
                if column.flag and speaks in (Speaks.OWNED, Speaks.DATE, Speaks.NOTHING):
                    speaks = Speaks.CONTROL
                yield column, speaks


def guess(look: Look, file: str) -> Guess:
    """Say what a table probably is.

    Parameters
    ----------
    look : Look
    file : str
        How ``model.yaml`` will name it.
    """
    head = look.table.take(range(min(_HEAD, len(look.table))))
    plain = tuple(look_at(head, i) for i in range(len(head.header)))
    texts = frozenset(column.name for column in plain if column.holds is Holds.TEXT)
    fit = best_fit(look.table.header, file, texts)
    dates = find_dates(look.table, first=None if fit is None else fit.source.date)
    if dates is None:
        return Guess(look, file, fit, None, None, plain)
    body = _body(look, dates.name)
    columns = tuple(look_at(body.table, i) for i in range(len(body.table.header)))
    geo = _geo(columns, fit)
    found = Guess(body, file, fit, dates, geo, columns)
    asked_of = [*dates.questions, *(fit.questions if fit is not None else ())]
    labels = _labels(found)
    return replace(
        found,
        labels=labels,
        currencies=_currencies(found),
        questions=(*asked_of, *_doubts(found)),
        notes=(*_silent_money(found), *((_rolled_up(labels),) if found.is_platform and labels else ())),
    )


def _body(look: Look, date: str) -> Look:
    """Leave out total rows and footnotes: they are not what the columns hold."""
    footers = find_footers(look.table, look.table.header.index(date)).rows
    return replace(look, table=look.table.take(i for i in range(len(look.table)) if i not in footers))


def _geo(columns: tuple[Column, ...], fit: Fit | None) -> str | None:
    known = None if fit is None else fit.source.geo
    for column in columns:
        speaks = column.name == known or speaks_of(column.name) is Speaks.GEO
        if speaks and column.holds is Holds.TEXT and len(column.texts) > 1:
            return column.name
    return None


def _labels(found: Guess) -> dict[str, frozenset[str]]:
    """Return each label of a long table with the metrics that are not all zero or empty for it."""
    if found.fit is None or found.fit.source.channel is None:
        return {}
    table, source = found.look.table, found.fit.source
    at = table.header.index(str(source.channel))
    places = {metric: table.header.index(column) for metric, column in source.metrics.items()}
    labels: dict[str, set[str]] = {}
    for cells in table.cells:
        if cells[at].strip():
            told = labels.setdefault(" ".join(cells[at].split()), set())
            told.update(metric for metric, i in places.items() if metric not in told and _is_something(cells[i]))
    return {label: frozenset(metrics) for label, metrics in labels.items()}


def _is_something(text: str) -> bool:
    cell = read_cell(text)
    return cell.kind is Kind.NUMBER and bool(cell.digits.strip("0.,"))


def _currencies(found: Guess) -> tuple[str, ...]:
    """Return the currencies that the header, a column of codes, or signs in cells name."""
    codes: list[str] = []
    if found.fit is not None and found.fit.source.currency is not None:
        codes.append(found.fit.source.currency)
    wanted = None if found.fit is None else found.fit.source.currency_column
    for column in found.columns:
        if column.name == wanted or name_key(column.name) in COLUMN_NAMES:
            codes += [text.strip().upper() for text in column.texts]
        for sign in sorted(column.signs):
            codes += SIGNS[sign] if len(SIGNS[sign]) == 1 else [USUAL[sign]] if sign in USUAL else []
        told = currency_of(column.name) if column.holds is Holds.NUMBERS and _is_money(column.name) else None
        if told:
            codes += told if len(told) == 1 else [code for code in USUAL.values() if code in told][:1]
    return tuple(dict.fromkeys(code for code in codes if code.casefold() in SIGNS))


def _is_money(name: str) -> bool:
    return speaks_of(name) in (Speaks.SPEND, Speaks.OUTCOME, Speaks.VALUE, Speaks.SERVICE)


def _silent_money(found: Guess) -> Iterator[str]:
    """Tell of money whose name says no currency, beside money whose name does."""
    money = [c for c in found.columns if c.holds is Holds.NUMBERS and not c.signs and _is_money(c.name)]
    told = [column for column in money if currency_of(column.name)]
    silent = [column for column in money if currency_of(column.name) is None]
    by_row = any(name_key(column.name) in COLUMN_NAMES for column in found.columns)
    if found.fit is None and told and silent and not by_row:
        names = listed((repr(safe(column.name)) for column in silent), 3)
        yield (
            f"{names} {'names' if len(silent) == 1 else 'name'} no currency, and is taken to be in the model's, beside "
            f"'{safe(told[0].name)}': correct 'currency' below if it is in another one."
        )


def _doubts(found: Guess) -> Iterator[Question]:
    """Ask about columns that are used, and about money that looks like micros."""
    source = None if found.fit is None else found.fit.source
    used = set(source.metrics.values()) if source is not None else {c.name for c, s in found.numbers() if _matters(s)}
    table = found.look.table
    for column in found.columns:
        if column.name in used and column.holds is Holds.NUMBERS:
            yield from doubts(table, table.header.index(column.name))
    spend = None if source is None else source.metrics.get("spend")
    # A header that names the currency ('Amount spent (IDR)') is of whole money; rupiah run to millions.
    if source is None or spend is None or source.currency is not None or source.unit_of(spend) is not None:
        return
    if _may_be_micros(found, spend):
        yield Question(
            f"Every figure of '{safe(spend)}' is a whole number above {_MICROS:,}, as of money in micros.",
            (f"units: {{{safe(spend)}: 0.000001}}", f"units: {{{safe(spend)}: 1}}"),
        )


def _rolled_up(labels: dict[str, frozenset[str]]) -> str:
    told = listed((repr(safe(label)) for label in labels), _SHOWN)
    return (
        f"All its campaigns are one channel: {told}. To divide them, take channel_is away, and write their names or "
        "patterns under join.campaigns, as in {'Brand *': brand_search, '*': search}."
    )


def _matters(speaks: Speaks) -> bool:
    return speaks not in (Speaks.NOTHING, Speaks.COUNTER, Speaks.DATE)


def _may_be_micros(found: Guess, column: str) -> bool:
    cells = found.look.table.column(found.look.table.header.index(column))
    figures = [read_cell(cell).digits for cell in cells if _is_something(cell)]
    return len(figures) >= 10 and all(text.isdigit() and int(text) > _MICROS for text in figures)


def source_name(file: str) -> str:
    """Return a name for a source from its file's: without the date of the export."""
    stem = file.rstrip("/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    words = [word for word in slug(stem).split("_") if not word.isdecimal()]
    return "_".join(words) or "source"
