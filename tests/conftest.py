"""Fixtures for every test; the servers they start are private, on loopback and on free ports."""

from pathlib import Path

_FIXTURES = sorted(path.stem for path in (Path(__file__).parent / "fixtures").glob("*.py") if path.stem != "__init__")

pytest_plugins = [f"tests.fixtures.{name}" for name in _FIXTURES]
