import pytest


@pytest.mark.xdist_group("alone")
def test_the_tests_of_a_group_run_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist sends what ends in the same name after an @ to the same worker."""
    grouping = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@alone") == grouping
