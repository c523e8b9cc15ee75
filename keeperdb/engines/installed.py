"""Drivers that are imported when an engine is first opened, and what to do where one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from keeperdb.errors import ConnectError, ConnectReason


@contextmanager
def driver(package: str, install: str) -> Iterator[None]:
    """Around the import of what needs `package`. Raises `ConnectError` with reason DRIVER and the line `install`."""
    try:
        yield
    except ImportError as error:
        if (error.name or package).partition(".")[0] != package:
            raise  # not the driver: a mistake of ours
        raise ConnectError(
            ConnectReason.DRIVER,
            f"The Python package {package} cannot be loaded: {error}.",
            f"Install it: {install}",
        ) from error
