"""What all tests share: the plugin that tests plugins, and an engine with fixed answers."""

import fake_engine
import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def engine(monkeypatch):
    """Specs whose claims say themselves what will be found; see fake_engine."""
    fake_engine.install(monkeypatch)
