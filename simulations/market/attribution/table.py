"""One table of what each method credits a channel with, beside what the channel truly did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mmm.arrays import FloatArray
from mmm.exceptions import SpecError

TABLE_FILE = "attribution.csv"
TEXT_FILE = "attribution.txt"


@dataclass(frozen=True, eq=False)
class Comparison:
    """C channels by K methods, in money of one window.

    Attributes
    ----------
    channels : tuple of str
    truth : (C,)
        Outcome lost without the channel's spend, in money.
    credits : dict of str to (C,)
        By method, an MMM's contributions among them where they were given.
    sold : float
        The whole outcome of the window, in money.
    currency : str
    """

    channels: tuple[str, ...]
    truth: FloatArray
    credits: dict[str, FloatArray]
    sold: float
    currency: str = "EUR"

    def by_channel(self) -> pd.DataFrame:
        """Return one row a method and channel.

        Returns
        -------
        DataFrame
            ``method``, ``channel``, ``credit``, ``truth`` and ``error`` (credit - truth) in money;
            ``credit_share`` and ``truth_share`` of everything sold; ``times_truth`` (NaN where the truth is nought).
        """
        known = np.where(self.truth != 0, self.truth, np.nan)
        tables = [
            pd.DataFrame(
                {
                    "method": method,
                    "channel": self.channels,
                    "credit": credit,
                    "truth": self.truth,
                    "error": credit - self.truth,
                    "credit_share": credit / self.sold,
                    "truth_share": self.truth / self.sold,
                    "times_truth": credit / known,
                }
            )
            for method, credit in self.credits.items()
        ]
        return pd.concat(tables, ignore_index=True)

    def by_method(self) -> pd.DataFrame:
        """Return one row a method, the least wrong first.

        Returns
        -------
        DataFrame
            ``method``; ``credited`` and ``truth`` in all (money); ``times_truth`` (the one over the other); ``error``
            (sum of the channels' absolute errors, money); ``error_of_truth`` (that over the absolute truth);
            ``misplaced`` (share of its credit that another channel should have, both set to the same total; NaN where a
            total is not above nought); ``right_order`` (share of pairs of channels that it ranks as the truth does,
            ties half); ``most_over``, ``most_under`` (channel, empty where there is none).
        """
        size = float(np.abs(self.truth).sum())
        rows = []
        for method, credit in self.credits.items():
            error = credit - self.truth
            over, under = int(np.argmax(error)), int(np.argmin(error))
            rows.append(
                {
                    "method": method,
                    "credited": float(credit.sum()),
                    "truth": float(self.truth.sum()),
                    "times_truth": float(credit.sum() / self.truth.sum()) if self.truth.sum() else np.nan,
                    # To the cent, so that methods equally wrong are told apart by what they misplace.
                    "error": round(float(np.abs(error).sum()), 2),
                    "error_of_truth": float(np.abs(error).sum()) / size if size > 0 else np.nan,
                    "misplaced": _misplaced(credit, self.truth),
                    "right_order": _right_order(credit, self.truth),
                    "most_over": self.channels[over] if error[over] > 0 else "",
                    "most_under": self.channels[under] if error[under] < 0 else "",
                }
            )
        return pd.DataFrame(rows).sort_values(["error", "misplaced"], kind="stable", ignore_index=True)

    def text(self) -> str:
        """Return the table for a terminal: credits by channel beside the truth, then a sentence a method."""
        wide = pd.DataFrame({"truth": self.truth, **self.credits}, index=list(self.channels)).T
        wide["all channels"] = wide.sum(axis=1)
        shown = wide.map(lambda money: f"{money:,.0f}")
        lines = [f"Credit by channel, {self.currency}; everything sold: {self.sold:,.0f}", "", shown.to_string(), ""]
        lines.extend(
            self._sentence({str(key): value for key, value in row.items()})
            for row in self.by_method().to_dict("records")
        )
        return "\n".join(lines) + "\n"

    def _sentence(self, row: Mapping[str, object]) -> str:
        credit = self.credits[str(row["method"])]
        parts = [f"{row['method']}: wrong by {row['error']:,.0f} {self.currency} in all"]
        if row["misplaced"] == row["misplaced"]:
            parts.append(f"{row['times_truth']:.2f} times what they truly made, {row['misplaced']:.0%} of it misplaced")
        for key, word in (("most_over", "too much"), ("most_under", "too little")):
            name = str(row[key])
            if name:
                place = self.channels.index(name)
                parts.append(f"{word} for {name} ({credit[place]:,.0f}, truly {self.truth[place]:,.0f})")
        return "; ".join(parts) + "."

    def write(self, folder: Path) -> Path:
        """Write ``attribution.csv`` and ``attribution.txt`` and return the CSV's path."""
        path = folder / TABLE_FILE
        self.by_channel().round(6).to_csv(path, index=False, lineterminator="\n")
        (folder / TEXT_FILE).write_text(self.text(), encoding="utf-8", newline="\n")
        return path


def compare_methods(
    truth: Mapping[str, float],
    credits_by_method: Mapping[str, Mapping[str, float]],
    *,
    sold: float,
    currency: str = "EUR",
) -> Comparison:
    """Put methods beside the truth.

    Parameters
    ----------
    truth : mapping of str to float
        Money lost without each channel's spend.
    credits_by_method : mapping of str to mapping
        Method → channel → money; a channel that a method does not know gets nothing.
    sold : float
        The whole outcome of the window, in money; above 0.
    currency : str

    Raises
    ------
    SpecError
        A method credits a channel that the truth does not have, no method is given, or nothing was sold.
    """
    if not credits_by_method:
        raise SpecError("no method is given", do="Give each method's credit by channel.")
    if sold <= 0:
        raise SpecError("nothing was sold, so there is nothing to share out", where="sold", do="Give the outcome.")
    channels = tuple(truth)
    for method, named in credits_by_method.items():
        unknown = sorted(set(named) - set(channels))
        if unknown:
            raise SpecError(
                f"the method '{method}' credits '{unknown[0]}', which the truth does not have",
                do=f"Name channels among {', '.join(channels)}.",
            )
    return Comparison(
        channels=channels,
        truth=np.array([truth[name] for name in channels], dtype=np.float64),
        credits={
            str(method): np.array([named.get(name, 0.0) for name in channels], dtype=np.float64)
            for method, named in credits_by_method.items()
        },
        sold=float(sold),
        currency=currency,
    )


def _misplaced(credit: FloatArray, truth: FloatArray) -> float:
    """Return half the sum of the absolute differences of the channels' shares; above 1 only with negative credit."""
    if credit.sum() <= 0 or truth.sum() <= 0:
        return np.nan
    return float(0.5 * np.abs(credit / credit.sum() - truth / truth.sum()).sum())


def _right_order(credit: FloatArray, truth: FloatArray) -> float:
    """Return the share of pairs with different truths that credit ranks alike; a tie in credit counts half."""
    above = np.triu(np.ones((len(truth), len(truth)), dtype=bool), 1)
    true_sign = np.sign(truth[:, None] - truth)[above]
    sign = np.sign(credit[:, None] - credit)[above]
    told = true_sign != 0
    return float(np.mean((1.0 + sign[told] * true_sign[told]) / 2.0)) if told.any() else np.nan
