"""Fixtures shared by all Python tests."""

import pytest

import labeld


@pytest.fixture(scope="session")
def server():
    """One server with the demo data for every test that does not need its own."""
    s = labeld.Server().start()
    yield s
    s.close()


@pytest.fixture
def fresh():
    """A server of the test's own."""
    s = labeld.Server().start()
    yield s
    s.close()


@pytest.fixture(scope="session")
def roles(server):
    """An account for each role in the demo team, by name; and one of another team, "stranger"."""
    made = {name: server.user(f"the_{name}", getattr(labeld, name.upper()))
            for name in ("admin", "developer", "manager", "reviewer", "annotator", "viewer")}
    made["stranger"] = server.user("the_stranger", restricted=False)
    return made
