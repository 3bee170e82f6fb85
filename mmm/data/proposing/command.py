"""``mixwise init DIR --from FILE…``: looks at files, proposes a model file, and asks in it what it is unsure of."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from rich.console import Console

from mmm.config import parse, parse_yaml
from mmm.data.log import counted
from mmm.data.panel import Panel
from mmm.data.privacy import safe
from mmm.data.proposing.addresses import address_in
from mmm.data.proposing.columns import personal
from mmm.data.proposing.guess import Guess, guess
from mmm.data.proposing.look import Look, look
from mmm.data.proposing.plans import BRIEF, SCENARIOS, plans_of
from mmm.data.proposing.proposal import Proposal, propose
from mmm.data.proposing.questions import without_cells
from mmm.data.proposing.write import text_of
from mmm.data.read import read_panel
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError, MixwiseError, SpecError
from mmm.new_files import refuse_present, told_where_closed, write_new

MODEL = "model.yaml"
DATA = "data"


@dataclass(frozen=True)
class Given:
    """One file or folder that a person named.

    Attributes
    ----------
    path : Path
        Resolved.
    name : str
        How ``model.yaml`` names it; a folder ends with ``/``.
    is_outside : bool
        Whether it lies outside the folder, and is copied into it.
    """

    path: Path
    name: str
    is_outside: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are meant, sorted by name."""
        if self.path.is_file():
            return (self.path,)
        found = (path for path in self.path.iterdir() if path.is_file() and not path.name.startswith((".", "~$")))
        return tuple(sorted(found))


def run(folder: Path, files: Sequence[Path], *, quiet: bool, today: date | None = None) -> int:
    """Propose a model file for some files.

    Parameters
    ----------
    folder : Path
        Made where it does not exist. Files that lie outside it are copied into its folder ``data``.
    files : sequence of Path
        Files, or folders of files of one kind.
    quiet : bool
        Print nothing.
    today : date, optional
        For the trial of the proposal; default: the day it is.

    Returns
    -------
    int
        Exit code 0.

    Raises
    ------
    SpecError, DataError
        No such file, a folder that holds a model file already, or nothing that is a table; then nothing is written.
    """
    today, target = today or date.today(), folder / MODEL
    refuse_present(folder, (MODEL, BRIEF, SCENARIOS))
    given = _together([_given(folder, path) for path in files])
    guesses, refused = _guesses(given)
    if not guesses:
        raise DataError("no file holds a table that can be used", where=str(folder), do=" ".join(refused))
    made = propose(guesses)
    made.left_out += refused
    if not made.uses:
        raise DataError("no file holds dates with figures", where=str(folder), do=" ".join(made.left_out))
    used = {made.rates, made.ledger, *(use.guess.file for use in made.uses)}
    with told_where_closed(folder):
        folder.mkdir(parents=True, exist_ok=True)
        copied = [_copied(folder, one) for one in given if one.is_outside and one.name in used]
        text = text_of(made)
        panel, said = _tried(text, folder, guesses, today)
        if said is not None:
            made.ask_what(said)
            text = text_of(made, refused=None if made.asks(said) else without_cells(said))
        write_new(folder, {MODEL: text, **plans_of(made, panel, today)})
    if not quiet:
        _say(target, made, copied, said)
    return 0


def _given(folder: Path, path: Path) -> Given:
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError) as error:
        raise DataError("there is no such file", where=safe(str(path), 200), do="Check its name.") from error
    root = folder.resolve()
    outside = not real.is_relative_to(root)
    name = f"{DATA}/{real.name}" if outside else real.relative_to(root).as_posix()
    return Given(real, f"{name}/" if real.is_dir() else name, outside)


def _together(given: Sequence[Given]) -> list[Given]:
    """Take all files of one folder, named one by one, as that folder, where their headers are the same."""
    by_folder: dict[Path, list[Given]] = {}
    for one in dict.fromkeys(given):
        by_folder.setdefault(one.path.parent if one.path.is_file() else one.path, []).append(one)
    result: list[Given] = []
    for parent, several in by_folder.items():
        whole = Given(parent, f"{several[0].name.rsplit('/', 1)[0]}/", several[0].is_outside)
        if len(several) > 2 and len(several) == len(whole.files) and _one_header(whole.files):
            name = f"{DATA}/{parent.name}/" if whole.is_outside else whole.name
            result.append(Given(parent, name, whole.is_outside))
        else:
            result += several
    return result


def _one_header(files: Sequence[Path]) -> bool:
    try:
        headers = {look(path, path.name)[0].table.header for path in (files[0], files[-1])}
    except MixwiseError:
        return False
    return len(headers) == 1


def _guesses(given: Sequence[Given]) -> tuple[list[Guess], list[str]]:
    """Look at every table; returns (guesses, sentences about what cannot be used)."""
    guesses: list[Guess] = []
    refused: list[str] = []
    for one in given:
        try:
            looks = _looks(one)
        except DataError as error:
            refused.append(without_cells(error))
            continue
        except OSError as error:
            refused.append(f"{one.name}: the file cannot be opened ({error.strerror}).")
            continue
        clean, told = _without_people(one, looks)
        refused += told
        guesses += [guess(found, one.name) for found in clean]
    return guesses, refused


def _without_people(one: Given, looks: Sequence[Look]) -> tuple[list[Look], list[str]]:
    """Return the tables that hold no personal data, and sentences about what does; a file is copied whole or not."""
    beside = [told for path in one.files[:-1] for told in _personal_in(path, one.name)]
    by_table = [personal(replace(found.table, file=found.where)) for found in looks]
    sentences = [*beside, *(told for several in by_table for told in several)]
    clean = [found for found, told in zip(looks, by_table, strict=True) if not told]
    if one.is_outside and sentences:
        sentences += [
            f"{found.where}: it stands in a file that holds personal data, and is not copied. Export "
            "this table by itself, and name that."
            for found in clean
        ]
    elif one.is_outside:
        sentences = _addresses(one)
    return ([] if beside or (one.is_outside and sentences) else clean), sentences


def _addresses(one: Given) -> list[str]:
    """Return a sentence for every file that holds an e-mail address beyond what was looked at, or cannot be opened."""
    told = []
    for path in one.files:
        name = f"{one.name}{path.name}" if one.path.is_dir() else one.name
        try:
            place = address_in(path, name)
        except DataError as error:
            told.append(without_cells(error))
        except OSError as error:
            told.append(f"{name}: the file cannot be opened ({error.strerror}).")
        else:
            if place is not None:
                told.append(
                    f"{place}: an e-mail address stands here, so nothing of it is copied. Mixwise needs no personal "
                    "data: remove the address at its source."
                )
    return told


def _personal_in(path: Path, folder: str) -> tuple[str, ...]:
    """Return sentences about personal data in another file of a folder; one that is no table is left to the check."""
    try:
        looks = look(path, f"{folder}{path.name}")
    except (DataError, OSError):
        return ()
    return tuple(told for found in looks for told in personal(found.table))


def _looks(one: Given) -> tuple[Look, ...]:
    files = one.files
    if not files:
        raise DataError("the folder holds no file", where=one.name, do="Name a folder with exports.")
    return look(files[-1], one.name if one.path.is_file() else f"{one.name}{files[-1].name}")


def _copied(folder: Path, one: Given) -> str:
    """Copy a file, or the files of a folder, into the folder; nothing is overwritten."""
    place = folder / one.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if one.path.is_dir():
        place.mkdir(exist_ok=True)
    for path in one.files:
        to = place / path.name if one.path.is_dir() else place
        if to.exists():
            raise SpecError(
                f"'{to.name}' is here already", where=str(to.parent), do="Move it away, or name a new folder."
            )
        shutil.copyfile(path, to)
    return one.name


def _tried(text: str, folder: Path, guesses: Sequence[Guess], today: date) -> tuple[Panel | None, MixwiseError | None]:
    """Read the panel as proposed; returns it, or what the strict reader refuses."""
    spec = parse(PanelSpec, parse_yaml(text, folder / MODEL))
    if any(not one.look.whole for one in guesses):
        return None, None
    try:
        return read_panel(spec, folder, today=today, name=MODEL), None
    except MixwiseError as error:
        return None, error


def _say(target: Path, made: Proposal, copied: Sequence[str], said: MixwiseError | None) -> None:
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(f"Wrote {target}: {counted(len(made.channels.found), 'channel')}, outcome {safe(made.outcome)}.")
    for name in copied:
        console.print(f"  copied    {safe(name, 200)}")
    for sentence in made.left_out:
        console.print(f"  not used  {sentence}")
    if said is not None:
        console.print(f"  the check says so far: {said}")
    if made.open_questions:
        console.print(f"{counted(made.open_questions, 'question')} in it: look for QUESTION, and answer what matters.")
    console.print(f"Beside it, for later: {BRIEF} (what to plan) and {SCENARIOS} (what to compare).")
    console.print(f"Next: mixwise check {target}")
