"""Blocks that can be put aside as bytes and come back as they were."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from keeperdb.engines.blocks import Block

Restore = Callable[[bytes], Block]


@runtime_checkable
class StorableBlock(Protocol):
    """A block whose rows can leave memory."""

    def stored(self) -> tuple[bytes, Restore]:
        """The rows as bytes, and what makes the same block of them, which holds no rows itself."""
        ...
