"""A release is of one log: its figures stand for no other, and what is told of a log anywhere adds up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mmm.data import PanelSpec
from mmm.exceptions import DataError, SpecError
from tests.test_mmm.test_data.test_events.world import people_log, read

pytest.importorskip("opendp", reason="OpenDP is the extra 'privacy'")
PRIVACY = {"release": "told.json", "largest": {"revenue": 100}, "epsilon": 2.0}
ONE = {"channel": None, "geo": None, "channel_is": "search", "geo_is": "PL"}


@pytest.mark.parametrize(
    ("changed", "says", "do"),
    [
        ({"file": "second.csv"}, "file", "the same log under another name, write the new name under 'settings'"),
        ({"source": ONE | {"channel_is": "social"}}, "channel_is", "Restore the settings: to tell these weeks once"),
        ({"source": ONE | {"geo_is": "DE"}}, "geo_is", "Restore the settings: to tell these weeks once more"),
    ],
    ids=["file", "channel", "geo"],
)
def test_a_release_stands_for_no_other_log(tmp_path: Path, changed: dict[str, Any], says: str, do: str) -> None:
    people_log(81).to_csv(tmp_path / "second.csv", index=False)
    read(tmp_path, people_log(82), source=ONE, privacy=PRIVACY)
    with pytest.raises(DataError, match=rf"told\.json: the weeks in it were told with other settings \({says}\)") as no:
        read(tmp_path, **{"source": ONE, "privacy": PRIVACY} | changed)
    assert do in no.value.do
    assert "another release" not in no.value.do


def test_two_sources_with_one_release_are_refused_when_the_model_is_loaded() -> None:
    events = {"person": "person", "privacy": {"release": "told.json"}}
    web = {"file": "a.csv", "date": "time", "events": events}
    shop = web | {"file": "b.csv", "events": events | {"privacy": {"release": "./told.json"}}}
    body = {"data": {"outcome": "revenue"}, "channels": {"search": {"spend": "cost"}}}
    with pytest.raises(ValueError, match="'web' and 'shop' need a release of their own each"):
        PanelSpec.model_validate(body | {"sources": {"web": web, "shop": shop}})


def test_what_other_releases_told_of_a_log_counts_towards_the_limit(tmp_path: Path) -> None:
    read(tmp_path, people_log(83), privacy=PRIVACY)
    (tmp_path / "told.json").rename(tmp_path / "earlier.json")
    with pytest.raises(SpecError, match=r"other release files beside it have told of this log, would cost .* 12\.0"):
        read(tmp_path, privacy=PRIVACY | {"limit": 8.0})
    done = read(tmp_path, privacy=PRIVACY)
    assert "cost together (with what other release files beside it have told of this log) epsilon 12" in done.finding(
        "privacy_budget"
    )


def test_a_copy_of_a_release_has_told_nothing_more(tmp_path: Path) -> None:
    read(tmp_path, people_log(84), privacy=PRIVACY)
    shutil.copy(tmp_path / "told.json", tmp_path / "backup.json")
    (tmp_path / "other.json").write_text(json.dumps({"settings": {}, "sums": [1, 2]}))
    done = read(tmp_path, privacy=PRIVACY | {"limit": 6.0})
    assert "cost together epsilon 6," in done.finding("privacy_budget")
