"""Which worker runs which test: a file stays together, and so do all that need the shipped review run for real."""

from pathlib import Path

import pytest

WORKFLOW = Path(__file__).parent / "workflow"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group by file; the pipeline's tests are one group that starts first, for it takes longest."""
    items.sort(key=lambda item: WORKFLOW not in item.path.parents)
    for item in items:
        group = "workflow" if WORKFLOW in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
