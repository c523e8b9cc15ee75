"""What a tab with a table's rows is, as JSON that the journal can keep: where it stands, and what is staged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keeperdb.data.paging import ColumnOrder
from keeperdb.data.row_filters import Condition, Operator, RowFilter
from keeperdb.data.staged import StagedChanges
from keeperdb.errors import StoreError

_LARGEST_PAGE = 1_000_000


@dataclass(frozen=True)
class TableState:
    """`staged` is None where nothing is. Holds values of rows that were changed; no others."""

    path: tuple[str, ...]
    size: int
    order: tuple[ColumnOrder, ...] = ()
    filter: RowFilter = field(default_factory=RowFilter)
    staged: StagedChanges | None = None

    def to_json(self) -> dict[str, Any]:
        """Exact: what is read back is equal."""
        return {
            "path": list(self.path),
            "size": self.size,
            "order": [[each.column, each.descending] for each in self.order],
            "conditions": [[each.column, each.operator.value, each.value] for each in self.filter.conditions],
            "any": self.filter.is_any,
            "where": self.filter.where,
            "staged": self.staged.to_json() if self.staged is not None and len(self.staged) else None,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "TableState":
        """Raises `StoreError` for what `to_json` does not write."""
        try:
            path = tuple(_text(name) for name in content["path"])
            order = tuple(ColumnOrder(_text(name), _truth(is_down)) for name, is_down in content["order"])
            conditions = tuple(
                Condition(_text(name), Operator(operator), _text(value))
                for name, operator, value in content["conditions"]
            )
            chosen = RowFilter(conditions, _truth(content["any"]), _text(content["where"]))
            size, kept = content["size"], content["staged"]
            if not path or type(size) is not int or not 0 < size <= _LARGEST_PAGE:
                raise ValueError(size)
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError("The table that was open cannot be read from what was kept.") from error
        staged = StagedChanges.from_json(kept) if kept is not None else None
        if staged is not None and staged.path != path:
            raise StoreError("The staged changes that were kept belong to another table.")
        return cls(path, size, order, chosen, staged)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value
