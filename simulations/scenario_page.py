"""The page ``docs/scenarios.md``: a section a kind of change, each with scenarios that the tests run.

``python -m simulations.scenario_page docs`` writes it into the folder ``docs``.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable
from pathlib import Path

from pydantic.fields import FieldInfo

from mmm.config import StrictModel
from simulations.patch_base import InWeeks, OnChannels
from simulations.patches import KINDS
from simulations.patches_optimise import Leeway, OptimisePlan

PAGE = "scenarios.md"
#: Where the examples are, seen from the repository's root.
EXAMPLES = Path("tests/test_simulations/scenario_files")

HEAD = """# Scenarios, change by change

<!-- Made by `python -m simulations.scenario_page docs`: change the keys' descriptions, not this page. -->

What `mixwise simulate` reads. A scenario is a name and a list of changes to business as usual; each change says one
thing, and they are made in the order written, so that `[{channel: tv, change: +50%}, {rollout: {1: 25%, 5: 100%}}]`
spreads the rise, and `[{demand: -10%}, {optimise: {change: 30%}}]` plans for the weak market. A share is `0.3` or
`30%`; money is in the fit's currency; weeks are numbers from 1 or dates. A key that is not known is refused with its
line. Every example below is run by a test. The keys beside `scenarios` are in [files.md](files.md).

Differences from business as usual are of the same draws: what chance does to one scenario it does to all. Changes of
costs, demand, prices, controls and supply end with the horizon; carryover of the horizon's media after it is counted.

What media and controls do is learned from the data. What you state (`elasticity`, `loss`, `promotion`, how a launched
channel works) is not, and has no interval of its own unless you give it one: the report says so beside the figures, and
a `sweep` shows how much hangs on it.
"""
WHOM = """## Whom and when

| key | what it says |
| --- | --- |
| `channel` | One channel: of the fit, or launched earlier in the same list. |
| `channels` | Instead: `all`, or a list of names. |
| `weeks` | The first and the last week that the change is about, `[3, 6]` or two dates; without it, all weeks. |

Where a change takes `channel` or `channels`, one of the two is needed. `weeks` is optional, but for a promotion.
"""
#: Title of a part of the page → the keys of its kinds.
THEMES: dict[str, tuple[str, ...]] = {
    "How much is spent": ("change", "total", "dark", "shift"),
    "When it is spent": ("flighting", "shift_weeks"),
    "What is new": ("launch", "rollout"),
    "What the world does": ("cost_per_exposure", "demand", "season_shift", "supply_cap", "competitor"),
    "Controls, prices, promotions": ("control", "price", "promotion"),
    "Whole plans": ("plan", "merge", "optimise"),
}
MANY = """## Many at once

A `grid` runs every combination: its axes are lists of changes by name, or one change with `values`. A `sweep` draws
ranges of values together, evenly and at random (Sobol' points), and says which of them matters most: its tornado shows
each one alone at both ends. Any change above may stand in either.
"""


def scenario_page(examples: Path) -> str:
    """Return the page in Markdown.

    Parameters
    ----------
    examples : Path
        Folder of scenario files: ``key.yaml`` and ``key_with_*.yaml`` belong to a kind.
    """
    parts = [HEAD, WHOM]
    for title, keys in THEMES.items():
        parts.append(f"## {title}\n")
        for key in keys:
            kind = KINDS[key]
            inside = [f"In `optimise`, without a brief:\n\n{_table(Leeway)}"] if kind is OptimisePlan else []
            parts += [f"### {key}\n", *_says(kind), _table(kind), *_whom(kind), *inside, *_examples(examples, key)]
    parts += [MANY, *_examples(examples, "grid"), *_examples(examples, "sweep")]
    return "\n".join(parts).rstrip() + "\n"


def _says(kind: type[StrictModel]) -> Iterable[str]:
    """Yield the paragraphs of a kind's docstring, in Markdown."""
    for paragraph in inspect.cleandoc(kind.__doc__ or "").split("\n\n"):
        yield " ".join(paragraph.split()).replace("``", "`") + "\n"


def _table(kind: type[StrictModel]) -> str:
    """Return the table of a kind's own keys; whom and when it is about has a section of its own."""
    common = set(OnChannels.model_fields) if issubclass(kind, InWeeks) else set()
    own = {field.alias or name: field for name, field in kind.model_fields.items() if name not in common}
    rows = [(f"`{name}`", _default(field), str(field.description)) for name, field in own.items()]
    lines = [("key", "default", "what it says"), ("---",) * 3, *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '\\|') for cell in line)} |" for line in lines) + "\n"


def _whom(kind: type[StrictModel]) -> Iterable[str]:
    """Say which of the common keys a kind takes."""
    if issubclass(kind, OnChannels):
        yield "Takes `channel` or `channels`, and `weeks`.\n"
    elif issubclass(kind, InWeeks):
        yield "Takes `weeks`.\n"


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default is None:
        return ""
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else f'{field.default:g}'}`"


def _examples(folder: Path, key: str) -> Iterable[str]:
    """Yield the scenario files that belong to a key, as they stand."""
    for file in (folder / f"{key}.yaml", *sorted(folder.glob(f"{key}_with_*.yaml"))):
        yield f"```yaml\n{file.read_text(encoding='utf-8').strip()}\n```\n"


def write_docs(folder: Path, examples: Path = EXAMPLES) -> None:
    """Write the page into a folder."""
    (folder / PAGE).write_text(scenario_page(examples), encoding="utf-8")


if __name__ == "__main__":
    write_docs(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
