"""``mixwise trace``: a figure, its files and rows, and one sentence for whatever is not there."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mmm.data import PanelSpec
from mmm.data.check_command import run as check
from mmm.data.room.source_rows import Found
from mmm.data.room.trace_command import Question, run, trace
from mmm.exceptions import DataError, SpecError
from mmm.runs import Manifest, staged_run
from tests.test_mmm.test_data.book import by_geo, weekly
from tests.test_mmm.test_data.test_check import MODEL, project
from tests.test_mmm.test_data.test_events.world import people_log

GEOS = MODEL.replace("outcome: revenue", "outcome: revenue, geo: region")
SOURCES = """
data: {outcome: revenue}
sources:
  till: {file: till.csv, date: day}
  ads:  {file: ads, date: day, channel: campaign, rates: {USD: 0.5}}
channels:
  tv:     {spend: tv_spend}
  search: {spend: search_spend}
currency: EUR
"""


def checked(folder: Path, **given: Any) -> Path:
    check(project(folder, **given), folder / "check", spec_class=PanelSpec, quiet=True, as_json=False)
    return folder / "check"


def scattered(folder: Path) -> Path:
    """Make a till, and an advertiser's folder of two exports in dollars with a sender's address in each row."""
    (folder / "ads").mkdir()
    weeks = [f"2024-{month:02}-{day:02}" for month, day in zip((1,) * 5, range(1, 30, 7), strict=True)]
    weeks += ["2024-02-05", "2024-02-12", "2024-02-19", "2024-02-26", "2024-03-04", "2024-03-11", "2024-03-18"]
    till = "\n".join(["day,revenue", *(f"{week},{1000 + 37 * (i % 5)}" for i, week in enumerate(weeks))])
    (folder / "till.csv").write_text(till + "\n", encoding="utf-8")
    for name, part in (("a.csv", weeks[:6]), ("b.csv", weeks[6:])):
        rows = [f"{week},{label},{20 + 3 * i},USD" for i, week in enumerate(part) for label in ("TV", "search")]
        (folder / "ads" / name).write_text("\n".join(["day,campaign,spend,currency", *rows]) + "\n", encoding="utf-8")
    (folder / "model.yaml").write_text(SOURCES, encoding="utf-8")
    check(folder / "model.yaml", None, spec_class=PanelSpec, quiet=True, as_json=False)
    return folder / "check"


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a check that no test changes."""
    return checked(tmp_path_factory.mktemp("one"))


def test_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = checked(tmp_path)
    asked = Question("2024-02-21", channel="TV")
    found, rows = trace(folder, asked)
    line = (tmp_path / "weekly.csv").read_text(encoding="utf-8").splitlines()[8].split(",")
    assert found.week == line[0] == "2024-02-19"
    assert found.figure == found.added == float(line[2])
    assert rows[0].rows == ((9, (line[0], line[2])),)
    assert run(folder, asked, as_json=False) == 0
    printed = capsys.readouterr().out
    assert f"tv_spend, week of 2024-02-19: {float(line[2]):,.2f} EUR" in printed
    assert "weekly.csv, row 9" in printed


def test_several_sources_in_another_currency(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = scattered(tmp_path)
    run(folder, Question("2024-02-13", channel="tv"), as_json=True)
    found = json.loads(capsys.readouterr().out)
    (part,) = found["parts"]
    assert (part["file"], part["row"], part["label"]) == ("ads/b.csv", 2, "TV")
    assert (part["original"], part["currency"], part["value"]) == (20.0, "USD", 10.0)
    assert part["how"] == "converted from USD"
    assert part["lines"] == [{"row": 2, "day": "2024-02-12", "campaign": "TV", "spend": "20", "currency": "USD"}]


def test_geos_are_added_up_or_asked_for(tmp_path: Path) -> None:
    folder = checked(tmp_path, book=by_geo(), model=GEOS)
    every, _ = trace(folder, Question("2024-03-04", outcome=True))
    apart = [trace(folder, Question("2024-03-04", outcome=True, geo=name))[0] for name in ("north", "south", "West")]
    assert every.geo == "all"
    assert every.figure == pytest.approx(sum(one.figure for one in apart))
    assert [one.geo for one in apart] == ["north", "south", "west"]
    with pytest.raises(DataError, match="'price' is not added up over geos"):
        trace(folder, Question("2024-03-04", series="price"))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Question("2031-01-06", channel="tv"), "no week of the panel holds 2031-01-06. The nearest is 2025-02-17"),
        (Question("2024-03-04", channel="serch"), "there is no channel 'serch' in this run. The nearest is 'search'"),
        (Question("2024-03-04", series="pricing"), "no series 'pricing' in this run. The nearest is 'price'"),
        (Question("2024-03-04", channel="tv", exposure=True), "the channel 'tv' has no exposure"),
        (Question("2024-03-04", channel="tv", geo="Bern"), "no geo 'Bern' in this run"),
        (Question("04.03.2024", channel="tv"), "'04.03.2024' is no day. Write it as 2024-03-04"),
        (Question("2024-03-04"), "say which figure. Give one of --channel, --series and --outcome"),
        (Question("2024-03-04", channel="tv", outcome=True), "say which figure"),
        (Question("2024-03-04", channel="a@b.example"), "hidden: it looks like personal data"),
    ],
)
def test_one_sentence_for_what_is_not_there(asked: Question, says: str, one_run: Path) -> None:
    with pytest.raises((DataError, SpecError)) as caught:
        trace(one_run, asked)
    assert says in str(caught.value)
    assert caught.value.exit_code == 2
    assert "b.example" not in str(caught.value)


def test_a_file_that_changed_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = checked(tmp_path)
    asked = Question("2024-02-19", channel="tv")
    with (tmp_path / "weekly.csv").open("a", encoding="utf-8") as handle:
        handle.write("\n")
    changed, rows = trace(folder, asked)
    assert rows[0].found is Found.CHANGED
    assert rows[0].rows == ()
    assert changed.parts[0].row == 9
    run(folder, asked, as_json=False)
    assert "has changed since" in capsys.readouterr().out
    (tmp_path / "weekly.csv").unlink()
    assert trace(folder, asked)[1][0].found is Found.GONE


def test_moved_sources_are_found_where_they_are_said_to_lie(tmp_path: Path) -> None:
    folder = checked(tmp_path)
    (tmp_path / "archive").mkdir()
    (tmp_path / "weekly.csv").rename(tmp_path / "archive" / "weekly.csv")
    asked = Question("2024-02-19", channel="tv", data=tmp_path / "archive")
    assert trace(folder, asked)[1][0].found is Found.SAME


def test_no_personal_value_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A campaign that is named after a person's address is traced, and the address stays away."""
    folder = scattered(tmp_path)
    for file in (tmp_path / "ads").iterdir():
        file.write_text(file.read_text().replace("TV", "tv").replace("search", "jo@mail.example"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        check(tmp_path / "model.yaml", folder, spec_class=PanelSpec, quiet=True, as_json=False)
    assert "mail.example" not in str(caught.value)
    assert "mail.example" not in capsys.readouterr().out


OWNED = """
data: {DATA}
channels: {tv: {spend: tv_spend}, chat: {volume: clicks, cost_of_service: COST}}
currency: EUR
"""
FILE_OF_OWNED = "file: weekly.csv, outcome: revenue"
SOURCE_OF_OWNED = "outcome: revenue}\nsources: {book: {file: weekly.csv, date: week}"


@pytest.mark.parametrize("data", [FILE_OF_OWNED, SOURCE_OF_OWNED], ids=["file", "source"])
@pytest.mark.parametrize(("step", "cost"), [(7, "3.5"), (1, "per_chat")])
def test_an_owned_channel_is_traced_by_volume_and_by_money(
    data: str, step: int, cost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = weekly(60 * 7 // step, step=step)
    costs = [2.0 + i % 3 for i in range(len(book.rows))]
    book.add("per_chat", [str(one) for one in costs])
    folder = checked(tmp_path, book=book, model=OWNED.replace("DATA", data).replace("COST", cost))
    own = [i for i, day in enumerate(book.cells("week")) if "2024-02-19" <= day <= "2024-02-25"]
    chats = [float(book.cells("clicks")[i]) for i in own]
    volume, _ = trace(folder, Question("2024-02-21", channel="chat", exposure=True))
    assert (volume.series, volume.figure, volume.unit) == ("clicks", sum(chats), "")
    assert sorted(part.value for part in volume.parts) == sorted(chats)
    assert trace(folder, Question("2024-02-21", series="clicks"))[0] == volume
    money, rows = trace(folder, Question("2024-02-21", channel="chat"))
    each = [3.5] * len(own) if cost == "3.5" else [costs[i] for i in own]
    assert (money.series, money.unit) == ("clicks × cost of service", "EUR")
    assert money.figure == pytest.approx(sum(x * y for x, y in zip(chats, each, strict=True)))
    assert money.added == pytest.approx(money.figure)
    assert [part.original for part in money.parts] == [part.value for part in volume.parts]
    assert {"clicks"} <= set(rows[0].header)
    assert ("per_chat" in rows[0].header) >= (cost == "per_chat")
    run(folder, Question("2024-02-21", channel="chat"), as_json=False)
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{chats[0]:,.0f} of clicks at {money.figure / sum(chats):,.6g} EUR each" in printed
    assert ("the week's mean" in printed) == (step == 1)
    if cost == "per_chat":
        with pytest.raises(DataError, match=r"what serving a unit of 'chat' costs. Ask for its money: --channel chat"):
            trace(folder, Question("2024-02-21", series="per_chat"))


def test_runs_that_cannot_be_traced(tmp_path: Path) -> None:
    asked = Question("2024-02-19", channel="tv")
    with pytest.raises(DataError, match="the folder does not exist"):
        trace(tmp_path / "nothing", asked)
    with staged_run(tmp_path / "old", Manifest("check")) as stage:
        (stage / "data_report.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match=r"before lineages were kept. Run 'mixwise check' again"):
        trace(tmp_path / "old", asked)
    with staged_run(tmp_path / "plan", Manifest("plan")):
        pass
    with pytest.raises(DataError, match="a run of 'mixwise plan'"):
        trace(tmp_path / "plan", asked)
    folder = checked(tmp_path)
    (folder / "lineage.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"'lineage.parquet' is missing or was changed"):
        trace(folder, asked)


LOG = """
data: {outcome: revenue}
sources:
  book: {file: book.csv, date: week}
  web:
    file: log.csv
    date: time
    channel: channel
    events:
      person: person
      kind: event
      metrics: {visits: {count: events, of: [touch]}}
      consent: {column: consent, granted: ["yes"]}
channels:
  search: {spend: search_spend, exposure: search_visits}
currency: EUR
"""


def test_rows_of_people_are_never_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = people_log(71, rows=9_000, weeks=12, channels={"search": 1.0})
    log.to_csv(tmp_path / "log.csv", index=False)
    weeks = [date.fromisocalendar(2025, 2 + t, 1) for t in range(12)]
    lines = [
        "week,revenue,search_spend",
        *(f"{week},{900 + 31 * (t % 5)},{50 + t % 7}" for t, week in enumerate(weeks)),
    ]
    (tmp_path / "book.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(LOG, encoding="utf-8")
    check(tmp_path / "model.yaml", None, spec_class=PanelSpec, quiet=False, as_json=False)
    asked = Question("2025-02-05", channel="search", exposure=True)
    found, rows = trace(tmp_path / "check", asked)
    assert found.figure > 0
    assert [one.found for one in rows] == [Found.PEOPLE] * len(rows)
    assert all(one.rows == () for one in rows)
    run(tmp_path / "check", asked, as_json=False)
    run(tmp_path / "check", asked, as_json=True)
    told = capsys.readouterr().out + "".join(
        path.read_text(encoding="utf-8") for path in (tmp_path / "check").iterdir() if path.suffix != ".parquet"
    )
    people = set(log["person"].astype(str))
    assert not {person for person in people if len(person) > 4 and person in told}
    kept = pq.read_table(tmp_path / "check" / "lineage.parquet").to_pylist()
    assert not people & {str(cell) for line in kept for name, cell in line.items() if name in ("label", "geo", "file")}
