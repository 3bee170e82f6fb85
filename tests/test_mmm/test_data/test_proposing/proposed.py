"""Files for the tests of proposals, and the way to propose and to answer."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from mmm.config import parse, parse_yaml
from mmm.data.proposing.command import run
from mmm.model.spec import ModelSpec

TODAY = date(2026, 11, 22)
ANSWER = re.compile(r"^( *)#(?=[a-z_]+: )")


def weeks(count: int = 60, first: date = date(2025, 1, 6)) -> list[date]:
    return [first + timedelta(days=7 * i) for i in range(count)]


def write(path: Path, rows: list[list[object]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(delimiter.join(map(str, row)) + "\n" for row in rows), encoding=encoding)
    return path


def wide(path: Path, form: str = "%Y-%m-%d", first: date = date(2025, 1, 6), sign: str = "€") -> Path:
    head = ["week", "revenue", "tv_spend", "search_spend", "search_clicks", "newsletter", "price"]
    rows: list[list[object]] = [head]
    for i, week in enumerate(weeks(first=first)):
        rows.append(
            [week.strftime(form), f"{sign}{90_000 + 997 * (i * 7 % 13)}.50", 4_000 * (i % 3), 900 + i, 1_900 + 3 * i]
        )
        rows[-1] += [5_000 * (i % 4), 9.9 + 0.1 * (i % 5)]
    return write(path, rows)


def platform(path: Path, header: str, money: int = 70, step: int = 1, count: int = 420) -> Path:
    days = [date(2025, 1, 6) + timedelta(days=step * i) for i in range(count)]
    return write(
        path,
        [
            header.split(","),
            *([day, "Brand; autumn", money + i % 9, 900 + i, 30 + i % 7] for i, day in enumerate(days)),
        ],
    )


def propose(folder: Path, *files: Path) -> str:
    """Propose a model file, check that its schema reads it, and return its text."""
    assert run(folder, files, quiet=True, today=TODAY) == 0
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    parse(ModelSpec, parse_yaml(text, folder / "model.yaml"))
    return text


def spec_of(text: str) -> ModelSpec:
    return parse(ModelSpec, parse_yaml(text, Path("model.yaml")))


def answered(text: str, *answers: str) -> str:
    """Switch lines on, as a person does: each stands in the text exactly once."""
    for answer in answers:
        assert text.count(f"#{answer}\n") == 1, answer
        text = text.replace(f"#{answer}\n", f"{answer}\n")
    return text
