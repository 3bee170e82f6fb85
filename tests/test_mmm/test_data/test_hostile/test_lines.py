"""Every line of the list: its outcome, the words a person reads, and that nothing is lost or misread."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from mmm.data import Panel
from mmm.exceptions import MixwiseError
from tests.test_mmm.test_data.book import Book, conserve, same
from tests.test_mmm.test_data.test_hostile.case import FILE, Case, Outcome, load, one_file, write_model
from tests.test_mmm.test_data.test_hostile.catalogue import CASES, ELSEWHERE, LISTED
from tests.test_mmm.test_data.test_hostile.commands import command

ACCEPTED = [case for case in CASES if not case.refused]
REFUSED = [case for case in CASES if case.refused]


def test_the_list_is_whole() -> None:
    found = {number: {case.outcome.value for case in CASES if case.number == number} for number in LISTED}
    lacking = {n: set(letters) - found[n] for n, (_, letters) in LISTED.items() if n not in ELSEWHERE}
    assert sorted(LISTED) == list(range(1, 75))
    assert not {n: letters for n, letters in lacking.items() if letters}


@functools.cache
def clean(truth: Callable[[], Book], model: str, today: date) -> Panel:
    """Return the panel of the clean file that a repaired one must equal; ``model``: changes of its model file, JSON."""
    with tempfile.TemporaryDirectory() as folder:
        one_file(lambda book: book, base=truth)(Path(folder))
        return load(write_model(Path(folder), json.loads(model)), today)


def right(panel: Panel, case: Case) -> None:
    """Fail where the panel is not what the case says, or a row or a coin is missing."""
    conserve(panel)
    for account in panel.report.sources:
        for name, money in account.money_in.items():
            there = account.money_used.get(name, 0.0) + account.money_excluded.get(name, 0.0)
            assert abs(money - there) <= 1e-6 * max(1.0, abs(money))
    if case.truth is not None:
        assert same(panel, clean(case.truth, json.dumps(case.truth_model), case.today))
    if case.judge is not None:
        assert case.judge(panel)


@pytest.mark.parametrize("case", ACCEPTED, ids=str)
def test_accepted_as_it_should_be_and_listed(case: Case, tmp_path: Path) -> None:
    panel = load(case.project(tmp_path), case.today)
    right(panel, case)
    if not case.finding:
        return
    found = [finding for finding in panel.report.findings if finding.name == case.finding]
    assert found, f"no finding '{case.finding}' among {sorted({f.name for f in panel.report.findings})}"
    finding = next((one for one in found if case.says in one.says), None)
    assert finding is not None, [one.says for one in found]
    assert finding.severity is case.severity
    assert finding.where.startswith(case.file)
    assert case.where in finding.where
    assert finding.do
    assert finding.means or case.outcome is Outcome.REPAIRED


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused_with_file_place_and_remedy(case: Case, tmp_path: Path) -> None:
    model = case.project(tmp_path)
    with pytest.raises(MixwiseError) as caught:
        load(model, date.today())
    error = caught.value
    assert error.exit_code == 2
    assert case.says in error.says
    assert error.where is not None
    assert error.where.startswith(case.file)
    assert case.where in error.where
    assert error.do
    assert case.do in error.do
    assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in str(error))
    assert len(str(error)) < 600
    said = command("check", model)
    assert (said.code, said.out, said.err) == (2, "", f"mixwise: {error}\n")
    assert not (model.parent / "check").exists()
    assert case.file != FILE or str(tmp_path) not in str(error)
    assert not (model.parent / "canary").exists()


@pytest.mark.parametrize("case", [case for case in REFUSED if case.option], ids=str)
def test_read_once_it_is_declared(case: Case, tmp_path: Path) -> None:
    right(load(case.project(tmp_path, case.option), case.today), case)


#: One file, and what may also be said of it where it is one of several sources; the order of its rows is then nobody's.
AS_A_SOURCE = [
    case
    for case in CASES
    if (case.file, case.settings) == (FILE, None) and not {"sources", "lift_tests"} & case.model.keys()
]


@pytest.mark.parametrize("case", AS_A_SOURCE, ids=str)
def test_a_source_gets_the_same(case: Case, tmp_path: Path) -> None:
    source = {"file": FILE, "date": "week", **{k: x for k, x in case.model.get("data", {}).items() if k == "geo"}}
    changes = {"sources": {"all": source}}
    if not case.refused:
        panel = load(case.project(tmp_path, changes), case.today)
        conserve(panel)
        assert case.truth is None or same(panel, clean(case.truth, json.dumps(case.truth_model), case.today))
        assert case.finding in {"", "unsorted", *(finding.name for finding in panel.report.findings)}
        return
    with pytest.raises(MixwiseError) as caught:
        load(case.project(tmp_path, changes), case.today)
    assert caught.value.exit_code == 2
    assert FILE in str(caught.value.where) or "the joined sources" in str(caught.value.where)
    assert caught.value.do
