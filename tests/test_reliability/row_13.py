"""Attacks in a process of its own, whose every step is watched: ``python -m tests.test_reliability.row_13 FOLDER``.

Each folder in FOLDER holds a ``model.yaml`` and what it names. ``mixwise check`` runs on each; what is printed is one
line of JSON a folder: exit code, sentence, what was done that no reader of data does, and seconds of CPU.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

#: What no reader of data does, whatever stands in a file.
NEVER = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "subprocess.Popen", "pty.spawn",
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request",
    "pickle.find_class", "sqlite3.enable_load_extension", "sqlite3.load_extension", "webbrowser.open", "shutil.chown",
    "os.chmod", "os.symlink", "os.link", "ftplib.connect", "smtplib.connect",
)  # fmt: skip
MEMORY, CPU, FILE = 4 << 30, 300, 64 << 20


def main() -> int:
    """Run all attacks within limits of memory, CPU and size of files."""
    top = Path(sys.argv[1]).resolve()
    sys.dont_write_bytecode = True
    from mmm.data.sources import opening
    from tests.test_mmm.test_data.test_hostile.commands import command

    usual = opening.FROM_BYTES
    _warm(top)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE, FILE))
    seen: list[str] = []
    sys.addaudithook(lambda event, arguments: _watch(event, arguments, seen))
    for folder in sorted(path for path in top.iterdir() if (path / "model.yaml").exists()):
        seen.clear()
        started = time.process_time()
        os.chdir(folder)
        # Files that DuckDB sums while it reads them are large; a marker makes it do so with a small one.
        opening.FROM_BYTES = 0 if (folder / "bulk").exists() else usual
        said = command("check", folder / "model.yaml", "--out", top / "out" / folder.name)
        strangers = [name for name, module in list(sys.modules.items()) if _comes_from(module, top)]
        row = {"name": folder.name, "code": said.code, "out": said.out, "err": said.err, "seen": [*seen, *strangers]}
        sys.__stdout__.write(json.dumps({**row, "seconds": time.process_time() - started}) + "\n")  # type: ignore[union-attr]
    return 0


def _warm(top: Path) -> None:
    """Import what a check imports, so that nothing of it counts as an attack's doing."""
    from mmm.data import check_command  # noqa: F401
    from mmm.model import spec  # noqa: F401

    (top / "out").mkdir()


def _watch(event: str, arguments: tuple[Any, ...], seen: list[str]) -> None:
    if event in NEVER:
        seen.append(f"{event} {arguments!r}"[:200])


def _comes_from(module: Any, top: Path) -> bool:
    return str(getattr(module, "__file__", None) or "").startswith(f"{top}/")


if __name__ == "__main__":
    raise SystemExit(main())
