"""Oracle's names and catalogue without a server: what is asked is parsed, what is answered is prepared."""

from typing import Any

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines import oracle_catalog, oracle_ddl, oracle_side
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import NotFoundError


@given(st.text(st.characters(exclude_characters='"\0'), min_size=1))
def test_a_quoted_name_reads_back(name: str) -> None:
    quoted = get_engine("oracle").quote(name)
    assert (quoted[0], quoted[1:-1], quoted[-1]) == ('"', name, '"')


@pytest.mark.parametrize("name", ['a"b', "a\0b"])
def test_a_name_that_oracle_cannot_have_is_not_quoted(name: str) -> None:
    with pytest.raises(ValueError, match="cannot contain"):
        get_engine("oracle").quote(name)


class Recorder:
    """Stands for the server: it keeps what was asked, and answers with rows that were prepared."""

    def __init__(self, *answers: list[tuple[Any, ...]]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._answers = iter(answers)

    def __call__(self, statement: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        self.asked.append((statement, parameters or {}))
        return next(self._answers, [])


def test_every_query_of_the_catalogue_parses_and_binds_its_names() -> None:
    recorder = Recorder()
    path = ("SC'OTT", "T'X")
    oracle_catalog.children(recorder, None)
    oracle_catalog.children(recorder, Node(NodeKind.GROUP, "Users", ()))
    for name in ("Tables", "Views", "Materialized views", "Routines", "Sequences", "Types"):
        oracle_catalog.children(recorder, Node(NodeKind.GROUP, name, path[:1]))
    for name in ("Columns", "Keys", "Indexes", "Triggers"):
        oracle_catalog.children(recorder, Node(NodeKind.GROUP, name, path))
    for node in (
        *(Node(kind, path[-1], path) for kind in (NodeKind.ROUTINE, NodeKind.KEY)),
        *(Node(kind, "P'X", (*path, "P'X")) for kind in (NodeKind.INDEX, NodeKind.TRIGGER)),
    ):
        with pytest.raises(NotFoundError):
            oracle_ddl.ddl(recorder, node)
    answers = Recorder([], [("CREATE TABLE",)], [("SC'OTT", "I'X")], [("CREATE INDEX",)], [("COMMENT",)])
    assert oracle_ddl.ddl(answers, Node(NodeKind.TABLE, path[-1], path)) == "CREATE TABLE\n\nCREATE INDEX\n\nCOMMENT\n"
    stamped = Recorder([("1 2 3 4",)])
    assert oracle_catalog.stamp(stamped, Node(NodeKind.GROUP, "Tables", path[:1])) == "1 2 3 4"
    assert oracle_side.table_rows(recorder, ['"SC\'OTT".t', "u"]) is None
    recorder.asked += answers.asked + stamped.asked
    recorder.asked = [each for each in recorder.asked if not each[0].startswith("BEGIN")]
    assert len(recorder.asked) == 23
    for statement, parameters in recorder.asked:
        (parsed,) = sqlglot.parse(statement, dialect="oracle")
        assert parsed is not None
        assert {each.name for each in parsed.find_all(sqlglot.exp.Placeholder)} == set(parameters)
        assert "SC'OTT" not in statement
        assert all(
            table.name.lower().startswith(("all_", "user_tablespaces", "dual"))
            for table in parsed.find_all(sqlglot.exp.Table)
        )


def test_keys_are_told_with_their_columns_and_targets() -> None:
    recorder = Recorder(
        [("PK", "P", None, None, "A"), ("PK", "P", None, None, "B"), ("FK", "R", "HR", "PK2", "C")],
        [("OTHER", "X")],
        [("CK", '"A" > 0')],
    )
    nodes = oracle_catalog.children(recorder, Node(NodeKind.GROUP, "Keys", ("HR", "T")))
    assert [(node.name, node.detail) for node in nodes] == [
        ("PK", "primary key (A, B)"),
        ("FK", "(C) → HR.OTHER (X)"),
        ("CK", 'check "A" > 0'),
    ]


def test_schemas_that_oracle_maintains_are_marked_though_numbers_come_as_text() -> None:
    *nodes, users = oracle_catalog.children(Recorder([("HR", "0", "0"), ("SYS", "1", "1")]), None)
    assert users.name == "Users"
    assert [(node.name, node.is_system) for node in nodes] == [("HR", False), ("SYS", True)]


def test_a_column_s_type_is_as_in_its_create_table() -> None:
    assert oracle_catalog.column_type("VARCHAR2", "20", None, None, "80", "Y") == "VARCHAR2(20)"
    assert oracle_catalog.column_type("NUMBER", None, "10", "2", "22", "N") == "NUMBER(10,2) not null"
    assert oracle_catalog.column_type("NUMBER", None, None, None, "22", "Y") == "NUMBER"
    assert oracle_catalog.column_type("TIMESTAMP(6)", None, None, "6", "11", "Y") == "TIMESTAMP(6)"
