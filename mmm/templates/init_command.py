"""What `mixwise init` does: commented settings and a data template, consistent with one another, in a new folder."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from mmm.exceptions import SpecError
from mmm.new_files import refuse_present, told_where_closed, write_new

TEMPLATES = Path(__file__).resolve().parent
#: File → what it is for, in the order in which a person needs them.
FILES = {
    "weekly.csv": "invented rows that show which columns to bring: put your own in their place",
    "model.yaml": "what the columns are, and what to learn",
    "brief.yaml": "what to plan",
    "scenarios.yaml": "what to compare with business as usual",
}


def run(folder: Path, *, quiet: bool) -> int:
    """Write the templates into a folder, which is made where it does not exist.

    Parameters
    ----------
    folder : Path
    quiet : bool
        Print nothing.

    Returns
    -------
    int
        Exit code 0.

    Raises
    ------
    SpecError
        The folder is a file, cannot be made, or holds one of the files already; then nothing is written.
    """
    if folder.exists() and not folder.is_dir():
        raise SpecError("this is a file, not a folder", where=str(folder), do="Name a folder.")
    refuse_present(folder, FILES)
    texts = {name: (TEMPLATES / name).read_text(encoding="utf-8") for name in FILES}
    with told_where_closed(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_new(folder, texts)
    if not quiet:
        _say(folder)
    return 0


def _say(folder: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Wrote {len(FILES)} files into {folder}:", markup=False)
    for name, purpose in FILES.items():
        console.print(f"  {name:<15} {purpose}", markup=False)
    console.print(
        "Put your data into weekly.csv, name its columns in model.yaml, then:\n"
        f"  mixwise check {folder / 'model.yaml'}\n"
        "To see how it works first, run that with the invented rows as they are.",
        markup=False,
    )
