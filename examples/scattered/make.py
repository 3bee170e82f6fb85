"""Make the six sources and the truth of this example again from world.yaml: the same figures every time.

$ python examples/scattered/make.py [FOLDER]

Without FOLDER the files beside this script are rewritten. The simulated market is weekly and clean; this script divides
each week's figures into days, campaigns and stores that add up to it to the last grosz, and writes them as six teams
would: each in its own format, with its own names, currency and weeks, and with the slips that such files have.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from simulations import World, simulate_market
from simulations.market.files import write_data

HERE = Path(__file__).resolve().parent
SEED = 6
DAY = timedelta(days=1)
#: The exports were made on New Year's Eve: three days of a week that is not in the truth.
LATE_DAYS = 3
STORES = {"Kraków": 0.42, "Łódź": 0.33, "sklep internetowy": 0.25}
CAMPAIGNS = {"search": {"Brand | Search": 0.3, "Herbata | Search": 0.7}, "video": {"YouTube | zasięg": 1.0}}
ADS = {"Social": 0.65, "Remarketing": 0.35}
#: The same two as a colleague typed them: the first has a Cyrillic о.
TYPED = ("S\u043ecial", "remarketing")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
CREATED = datetime(2025, 12, 31, 18)


def divided(total: int, shares: Sequence[float], rng: np.random.Generator) -> list[int]:
    """Divide a whole number by random shares around the given ones; the parts add up to it."""
    weights = np.asarray(shares) * rng.lognormal(0.0, 0.15, len(shares))
    ends = np.round(np.cumsum(weights / weights.sum()) * total).astype(int)
    return np.diff(ends, prepend=0).tolist()


def cents(money: float) -> int:
    return round(100 * money)


def written(path: Path, rows: Iterable[Sequence[object]], **how: str) -> None:
    """Write rows as delimited text."""
    text = io.StringIO()
    csv.writer(text, delimiter=how.get("delimiter", ","), lineterminator="\r\n").writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(how.get("encoding", "utf-8")))


def days_of(truth: pd.DataFrame) -> list[tuple[date, pd.Series, float]]:
    """List (first day, figures, share of the week that was over) of every week, and of the one that had begun."""
    weeks = [(row["week"].date(), row, 1.0) for _, row in truth.iterrows()]
    last = truth.iloc[-1]
    return [*weeks, (weeks[-1][0] + 7 * DAY, last, LATE_DAYS / 7)]


def google_rows(truth: pd.DataFrame, rng: np.random.Generator) -> list[list[object]]:
    """Day, campaign, micros, impressions, clicks; days on which a campaign did not run have no row."""
    rows: list[list[object]] = []
    for first, week, share in days_of(truth):
        count = round(7 * share)
        for channel, campaigns in CAMPAIGNS.items():
            parts = [weight for weight in campaigns.values() for _ in range(count)]
            money = divided(round(cents(week[f"{channel}_spend"]) * share), parts, rng)
            seen = week["search_clicks"] if channel == "search" else week["video_impressions"]
            volume = divided(round(seen * share), parts, rng)
            for i, (spent, got) in enumerate(zip(money, volume, strict=True)):
                if spent or got:
                    views, clicks = (got * 9, got) if channel == "search" else (got, got // 180)
                    day, name = first + (i % count) * DAY, list(campaigns)[i // count]
                    rows.append([str(day), name, spent * 10_000, views, clicks])
    return sorted(rows, key=lambda row: (str(row[0]), str(row[1])))


def write_google(truth: pd.DataFrame, folder: Path, rng: np.random.Generator) -> list[list[object]]:
    """A folder of monthly exports from the API: money in micros. One month twice; one month exported too early."""
    header = ["segments.date", "campaign.name", "metrics.cost_micros", "metrics.impressions", "metrics.clicks"]
    rows = google_rows(truth, rng)
    months = sorted({str(row[0])[:7] for row in rows})
    for month in months:
        own = [row for row in rows if str(row[0]).startswith(month)]
        if month == "2025-06":  # exported before the last two days were final
            own = [
                [*row[:2], int(row[2]) * 8 // 10, row[3], row[4]] if str(row[0]) > "2025-06-28" else row for row in own
            ]
        if month == "2025-07":  # the next export repeats them with their final figures
            own = [row for row in rows if "2025-06-28" < str(row[0]) < "2025-07"] + own
        written(folder / "google-ads" / f"{month}.csv", [header, *own])
        if month == "2025-03":
            written(folder / "google-ads" / f"{month} (1).csv", [header, *own])
    return rows


def rates_of(truth: pd.DataFrame, rng: np.random.Generator) -> list[float]:
    """Zloty for a dollar, from each Monday on."""
    return np.round(3.95 + np.cumsum(rng.normal(0, 0.015, len(truth))), 4).tolist()


def write_meta(truth: pd.DataFrame, folder: Path, rates: list[float], rng: np.random.Generator) -> None:
    """A workbook of weekly campaign rows in dollars, with a sheet of notes and a row of totals."""
    book = xlsxwriter.Workbook(str(folder / "meta-ads.xlsx"))
    book.set_properties({"created": CREATED})
    notes, sheet = book.add_worksheet("Notes"), book.add_worksheet("Campaigns")
    notes.write_column(0, 0, ["Exported by the agency.", "Account currency: USD. One row a week and campaign."])
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["Reporting starts", "Reporting ends", "Campaign name", "Amount spent (USD)", "Impressions"])
    line, total = 1, 0
    for (_, week), rate in zip(truth.iterrows(), rates, strict=True):
        dollars = divided(round(100 * week["social_spend"] / rate), list(ADS.values()), rng)
        views = divided(int(week["social_impressions"]), list(ADS.values()), rng)
        for name, spent, seen in zip(TYPED if line % 90 == 1 else ADS, dollars, views, strict=True):
            sheet.write_datetime(line, 0, week["week"].to_pydatetime(), day)
            sheet.write_datetime(line, 1, week["week"].to_pydatetime() + 6 * DAY, day)
            sheet.write_row(line, 2, [name, spent / 100, seen])
            line, total = line + 1, total + spent
    sheet.write_row(line, 2, ["Total", total / 100])
    book.close()


def write_rates(truth: pd.DataFrame, folder: Path, rates: list[float]) -> None:
    rows = [[week.date(), "USD", f"{rate:.4f}"] for week, rate in zip(truth["week"], rates, strict=True)]
    written(folder / "rates.csv", [["date", "currency", "rate"], *rows])


def polish(money: float) -> str:
    """1234.5 as the agency writes it: ``1 234,50``."""
    return f"{money:,.2f}".replace(",", " ").replace(".", ",")


def write_agency(truth: pd.DataFrame, folder: Path) -> None:
    """The TV and radio agency's table: weeks on air only, cp1250, decimal comma, a preamble, a total."""
    rows: list[list[object]] = []
    names = {"tv": ["Telewizja", "telewizja ", "TELEWIZJA"], "radio": ["Radio", "RADIO"]}
    total = 0.0
    for number, (_, week) in enumerate(truth.iterrows()):
        for channel, spellings in names.items():
            money = week[f"{channel}_spend"]
            if money > 0:
                spelling = spellings[number % len(spellings)] if number % 7 == 0 else spellings[0]
                grp = f"{money / 900:.1f}".replace(".", ",")
                rows.append([week["week"].strftime("%d.%m.%Y"), spelling, polish(money), grp])
                total += money
    head = [["Dom Mediowy Wiśniewska"], ["Raport emisji i kosztów, ceny netto"], []]
    columns = ["Tydzień", "Kanał", "Koszt netto (PLN)", "GRP"]
    table = [*head, columns, *rows, ["Razem", "", polish(total), ""]]
    written(folder / "agencja-tv-radio.csv", table, delimiter=";", encoding="cp1250")


def write_till(truth: pd.DataFrame, folder: Path, rng: np.random.Generator) -> None:
    """The till's database: a row a day and store, and the training till that rings up nothing real."""
    rows = []
    for first, week, share in days_of(truth):
        count = round(7 * share)
        parts = [weight for weight in STORES.values() for _ in range(count)]
        for i, sold in enumerate(divided(round(cents(week["revenue"]) * share), parts, rng)):
            day, store = first + (i % count) * DAY, list(STORES)[i // count]
            rows.append((str(day), store, sold / 100, max(1, sold // 6400), week["shelf_price"]))
        rows.append((str(first), "KASA SZKOLENIOWA", 9_999.99, 1, week["shelf_price"]))
    path = folder / "till.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as till:
        till.execute("CREATE TABLE daily (day TEXT, store TEXT, net_sales REAL, receipts INTEGER, shelf_price REAL)")
        till.executemany("INSERT INTO daily VALUES (?, ?, ?, ?, ?)", sorted(rows))
    till.close()


def write_mailings(truth: pd.DataFrame, folder: Path, rng: np.random.Generator) -> None:
    """The Cairo office's e-mail tool: Arabic headers and digits, UTC times; late on Sunday is Monday in Poland."""
    rows: list[list[str]] = [["تاريخ الإرسال", "الحملة", "المرسل", "مرات الفتح"]]
    for first, week, share in days_of(truth):
        if week["newsletter_sends"] == 0:
            continue
        parts = divided(int(week["newsletter_sends"]), [0.6, 0.4], rng)
        for hour, sent in zip((-0.5, 79.0), parts, strict=True):  # Sunday 23:30 UTC and Thursday 07:00 UTC
            if hour < 0 or share == 1.0:
                time = datetime.combine(first, datetime.min.time()) + timedelta(hours=hour)
                cells = [time.strftime("%Y-%m-%dT%H:%M:%SZ"), "النشرة", str(sent), str(sent * 3 // 10)]
                rows.append([cell.translate(ARABIC) for cell in cells])
    written(folder / "mailings.csv", rows, encoding="utf-8-sig")


def write_calls(truth: pd.DataFrame, folder: Path, rng: np.random.Generator) -> None:
    """The call centre's spreadsheet: a title, ISO week labels, newest week first."""
    book = xlsxwriter.Workbook(str(folder / "call-centre.xlsx"))
    book.set_properties({"created": CREATED})
    sheet = book.add_worksheet("Calls")
    sheet.write(0, 0, "Call centre, all lines")
    sheet.write_row(2, 0, ["Week", "Calls offered", "Calls answered"])
    for line, (_, week) in enumerate(truth.iloc[::-1].iterrows(), start=3):
        answered = int(week["answered_calls"])
        sheet.write_row(line, 0, [week["week"].strftime("%G-W%V"), answered + int(rng.integers(5, 60)), answered])
    book.close()


def write_ledger(truth: pd.DataFrame, google: list[list[object]], folder: Path) -> None:
    """The accountants' spend by month; they booked one radio invoice of November 2024 twice."""
    money: dict[tuple[str, str], float] = {}
    for day, campaign, micros, *_ in google:
        channel = next(name for name, campaigns in CAMPAIGNS.items() if campaign in campaigns)
        key = (str(day)[:7], channel)
        money[key] = money.get(key, 0.0) + int(str(micros)) / 1e6
    for _, week in truth.iterrows():
        for channel in ("social", "tv", "radio"):
            for offset in range(7):
                key = (str((week["week"] + offset * DAY).date())[:7], channel)
                money[key] = money.get(key, 0.0) + week[f"{channel}_spend"] / 7
    money["2024-11", "radio"] += 8_500
    rows = [[month, channel, f"{spent:.2f}"] for (month, channel), spent in sorted(money.items())]
    written(folder / "ledger.csv", [["month", "channel", "spend"], *rows])


def main(folder: Path) -> None:
    market = simulate_market(World.from_yaml(HERE / "world.yaml"))
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    write_data(market, folder / "truth")
    truth = pd.read_csv(folder / "truth" / "weekly.csv", parse_dates=["week"])
    rng = np.random.default_rng(SEED)
    google = write_google(truth, folder, rng)
    rates = rates_of(truth, rng)
    write_rates(truth, folder, rates)
    write_meta(truth, folder, rates, rng)
    write_agency(truth, folder)
    write_till(truth, folder, rng)
    write_mailings(truth, folder, rng)
    write_calls(truth, folder, rng)
    write_ledger(truth, google, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
