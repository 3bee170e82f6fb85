"""The currency of each figure of money: by its row's code, its own sign, what is declared, or the model's."""

from __future__ import annotations

from collections.abc import Sequence

from mmm.data.currencies import SIGNS
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

    def of_cells(self, numbers: NumberColumn, table: TextTable, column: str, by_row: Sequence[str]) -> list[str]:
        """Return the currency of every cell of a money column: its own sign's, else its row's; N names."""
        found = list(by_row)
        known: dict[str, str] = {}
        for i, sign in enumerate(numbers.signs):
            if sign is not None:
                if sign not in known:
                    known[sign] = self.code(sign, table.place(i, safe(column)))
                found[i] = known[sign]
        return found
