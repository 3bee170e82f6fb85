"""The currency of each figure of money: by its row's code, its own sign, what is declared, or the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from mmm.data.currencies import NO_DECIMALS, SIGNS
from mmm.data.currency_of_rows import refuse_unread_currencies, some_of, told_by
from mmm.data.log import ReadingLog
from mmm.data.number_column import NumberColumn
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.sources.layout import Layout
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError


def meant(codes: frozenset[str], home: str, rates: frozenset[str]) -> str | None:
    """Return the one currency that a sign means here; None where it may be several.

    Parameters
    ----------
    codes : frozenset of str
        ISO codes that the sign may stand for.
    home : str
        Currency of the source.
    rates : frozenset of str
        Currencies with a declared rate.
    """
    if home in codes:
        return home
    for some in (codes, codes & rates):
        if len(some) == 1:
            return next(iter(some))
    return None


class Currencies:
    """Names the currency of the money in one file.

    Parameters
    ----------
    layout : Layout
    spec : PanelSpec
    """

    def __init__(self, layout: Layout, spec: PanelSpec) -> None:
        self.layout = layout
        self.home = layout.source.currency or spec.currency
        self.rates = frozenset({*layout.source.rates, *spec.data.rates})
        self.panel, self.rates_file = spec.currency, spec.join.rates_file is not None

    def code(self, text: str, place: str) -> str:
        """Return the ISO code of a sign, an abbreviation or a code; an empty cell is the source's currency.

        Raises
        ------
        DataError
            It may be several currencies, is none that is known, or contradicts the declared one.
        """
        written = text.strip()
        if not written:
            return self.home
        known = SIGNS.get(written.casefold())
        if known is None and len(written) == 3 and written.isascii() and written.isalpha():
            known = frozenset({written.upper()})
        if known is None:
            raise DataError(
                f"'{safe(written)}' is not a currency", where=place, do="Write ISO codes such as EUR in this column."
            )
        code = meant(known, self.home, self.rates)
        if code is None:
            likely = sorted(known, key=lambda one: (one != "USD", one))
            raise DataError(
                f"'{safe(written)}' may be {' or '.join(likely[:3])}, and the model's money is {self.home}",
                where=place,
                do=f"Declare data.currency: {likely[0]} if that is what the source is in, or data.rates: "
                f"{{{likely[0]}: …}} with its worth.",
            )
        return code

    def of_rows(self, table: TextTable, index: int | None) -> list[str]:
        """Return the currency of every row of a table, from its column of codes; N names."""
        if index is None:
            return [self.home] * len(table)
        name = table.header[index]
        known: dict[str, str] = {}
        for i, cell in enumerate(table.column(index)):
            if cell not in known:
                known[cell] = self.code(cell, table.place(i, safe(name)))
                self._agree(name, known[cell], table.place(i, safe(name)))
        return [known[cell] for cell in table.column(index)]

    def _agree(self, column: str, code: str, place: str) -> None:
        """Refuse a code against the declared currency, where the column of codes was not declared."""
        source = self.layout.source
        declared = source.currency_column is not None and name_key(source.currency_column) == name_key(column)
        if source.currency is not None and not declared and code != source.currency:
            raise DataError(
                f"the row is in {code} and the source is declared to be in {source.currency}",
                where=place,
                do=f"Declare data.currency_column: {safe(column)}, or correct data.currency.",
            )

    def told(self, names: Sequence[str], file: str) -> frozenset[str] | None:
        """Return the currencies that the name of a money column may mean, where none is declared; else None.

        Parameters
        ----------
        names : sequence of str
            The column's name; and that of the metric, where rows name it.
        file : str

        Raises
        ------
        DataError
            They speak of two currencies.
        """
        if self.layout.declared.currency is not None or self.layout.declared.currency_column is not None:
            return None
        found = {name: codes for name in names if (codes := told_by(name, file)) is not None}
        if found and not frozenset.intersection(*found.values()):
            raise DataError(
                f"{' and '.join(repr(safe(name)) for name in found)} speak of two currencies",
                where=file,
                do="Declare data.currency, which is then that of every figure of the source.",
            )
        return frozenset.intersection(*found.values()) if found else None

    def of_column(
        self, names: Sequence[str], rows: Sequence[str], file: str, place: Callable[[int], str], log: ReadingLog
    ) -> list[str]:
        """Return the currency of every row of a money column: its row's, or the one that the column's name says.

        Parameters
        ----------
        names : sequence of str
            The column's name; and that of the metric, where rows name it.
        rows : sequence of str
            N currencies, as :meth:`of_rows` finds them.
        file : str
        place : callable
            Names a row.
        log : ReadingLog

        Raises
        ------
        DataError
            A row says another currency than the name; or the name's may be several, or has no rate.
        """
        told = self.told(names, file)
        if told is None:
            return list(rows)
        if self.layout.currency is not None:
            self._agree_with_name(rows, told, place)
            return list(rows)
        if self.home in told:
            return list(rows)
        name = next(name for name in names if told_by(name, file) is not None)
        where = f"{file}, column {safe(name)}"
        code = meant(told, self.home, self.rates)
        if code is None or not (code == self.panel or code in self.rates or self.rates_file):
            likely = code or ("USD" if "USD" in told else min(told))
            raise DataError(
                f"the column's name speaks of {some_of(told)}, and the model's money is {self.home}",
                where=where,
                do=f"Give data.rates: {{{likely}: …}} (worth of 1 {likely} in {self.panel}), or declare data.currency: "
                f"{self.home} if that is what the source is in.",
            )
        log.repaired("header_currency", f"Its money was taken to be in {code}, as the name says.", where=where)
        return [code] * len(rows)

    def _agree_with_name(self, rows: Sequence[str], told: frozenset[str], place: Callable[[int], str]) -> None:
        """Refuse a row's currency against the one in the name of its column of money."""
        other = next((i for i, row in enumerate(rows) if row not in told), None)
        if other is not None:
            column = safe(self.layout.currency or "")
            raise DataError(
                f"the row is in {rows[other]}, and the name of the column of money says {some_of(told)}",
                where=place(other),
                do=f"Declare data.currency_column: {column} if each row's money is in it, or take that column out.",
            )

    def without_decimals(self, rows: Iterable[str]) -> str | None:
        """Return a currency of these rows, if all of them are written without decimals."""
        codes = sorted(set(rows))
        return next((code for code in (self.home, *codes) if code in codes), None) if {*codes} <= NO_DECIMALS else None

    @property
    def may_be_unread(self) -> bool:
        """Whether there is money of which nothing says the currency."""
        layout = self.layout
        money = layout.metric is not None or any(one.is_money for one in layout.metrics)
        return money and layout.currency is None and layout.source.currency is None

    def refuse_unread(self, table: TextTable, used: Sequence[int]) -> None:
        """Refuse an unread column of codes where nothing says what the money is in."""
        if self.may_be_unread:
            do = "Declare data.currency_column: {column} if each row's money is in it, or data.currency: {code} if all"
            refuse_unread_currencies(table, used, self.home, f"{do} money is.")

    def of_cells(self, numbers: NumberColumn, table: TextTable, column: str, by_row: Sequence[str]) -> list[str]:
        """Return the currency of every cell of a money column: its own sign's, else its row's; N names."""
        found = list(by_row)
        known: dict[str, str] = {}
        for i, sign in enumerate(numbers.signs):
            if sign is not None:
                if by_row[i] in SIGNS[sign]:  # '$' in a row of CAD is CAD
                    continue
                if sign not in known:
                    known[sign] = self.code(sign, table.place(i, safe(column)))
                found[i] = known[sign]
        return found
