"""How the suite is shared out between two workers or more.

What fits models goes to the first worker, so that code is compiled once and fits are shared; all else to the others.
Each takes its longest modules first and meets the others at short ones: nobody waits for a last long one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
#: Folders whose tests fit.
FITTING = ("test_mmm/test_model", "test_reliability", "test_examples")
#: Modules of more than some ten seconds.
LONG = {
    "test_strict", "test_resume", "test_rows", "test_forms", "test_run_as_written", "test_notebooks",
    "test_market_notebook", "test_docs", "test_kernel", "test_health_media", "test_storage", "test_sampling",
    "test_fitted", "test_calibration", "test_validate_command", "test_centring", "test_media_priors", "test_geo_fit",
    "test_week_shocks", "test_fit_page_geos", "test_fit_command", "test_own_priors",
    "test_properties", "test_solve", "test_lagrangian", "test_integer", "test_clusters", "test_cli", "test_front_door",
    "test_sample", "test_protocol", "test_world_file", "test_scenario_examples", "test_optimum", "test_inverse",
    "test_examples_of_briefs", "test_conflicts", "test_scenario_file", "test_extrapolation", "test_report",
    "test_workbook", "test_truth",
}  # fmt: skip


def _rank(path: Path) -> tuple[bool, bool, str]:
    """Return a module's place: long ones that fit, short ones that fit, short others, long others."""
    name = path.relative_to(HERE).as_posix()
    others = not name.startswith(FITTING)
    return others, (path.stem in LONG) == others, name


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order modules for the scheduler below; within a module tests stay in their order."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _rank(item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share modules out from both ends of the order."""
    from xdist.scheduler import LoadScopeScheduling

    if config.getoption("dist") != "loadscope":
        return None

    class FromBothEnds(LoadScopeScheduling):
        """The first worker takes modules from the front of the order, the others from its end."""

        def _assign_work_unit(self, node):
            if node is not next(iter(self.assigned_work)):
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    config.option.loadscopereorder = False
    return FromBothEnds(config, log)
