"""What all tests share: the plugin that tests plugins, and an engine with fixed answers."""

import os

import fake_engine
import pytest

# what is tested is the engine as it is, not what it once said; tests of the cache give it a folder of their own
os.environ["DERIVCHECK_NO_CACHE"] = "1"

pytest_plugins = ["pytester"]


@pytest.fixture
def engine(monkeypatch):
    """Specs whose claims say themselves what will be found; see fake_engine."""
    fake_engine.install(monkeypatch)
