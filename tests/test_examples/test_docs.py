"""The code in docs/analysts.md runs as written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_analysts_page_runs_as_written(tmp_path) -> None:
    page = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 3
    shutil.copytree(ROOT / "examples" / "company", tmp_path / "company")
    (tmp_path / "page.py").write_text("\n".join(blocks), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "general A custom term is part of the mean" in done.stdout
    assert "Your priors say that paid media make" in done.stdout
    assert (tmp_path / "model.dot").read_text(encoding="utf-8").startswith("digraph")
    assert (tmp_path / "own_fit" / "report.html").is_file()
    # Nothing happened in those weeks: the posterior says so.
    strike = float(re.search(r"^(0\.\d+)$", done.stdout, re.MULTILINE).group(1))
    assert strike < 0.05
