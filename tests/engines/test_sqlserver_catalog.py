"""SQL Server's names and catalogue without a server: what is asked is parsed, what is answered is prepared."""

import re
from collections.abc import Iterator

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines import sqlserver_catalog, sqlserver_ddl
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import NotFoundError, UnsupportedError


@given(st.text(min_size=1))
def test_a_quoted_name_reads_back(name: str) -> None:
    quoted = get_engine("sqlserver").quote(name)
    assert quoted[0] == "["
    assert quoted[-1] == "]"
    assert re.fullmatch(r"(?:[^\]]|\]\])*", quoted[1:-1])
    assert quoted[1:-1].replace("]]", "]") == name


def test_a_table_is_named_with_its_database() -> None:
    assert get_engine("sqlserver").select_all(("a]b", "dbo", "t")) == "SELECT * FROM [a]]b].[dbo].[t]"


class Recorder:
    """Stands for the server: it keeps what was asked, and answers with rows that were prepared."""

    def __init__(self, *answers: list[tuple[object, ...]]) -> None:
        self.asked: list[tuple[str, tuple[object, ...]]] = []
        self._answers = iter(answers)

    def __call__(self, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        self.asked.append((statement, tuple(parameters)))
        return next(self._answers, [])


def every_question(recorder: Recorder) -> Iterator[Node]:
    path = ("my]db", "d'bo", "t'x")
    yield from sqlserver_catalog.children(recorder, None, "billing")
    sqlserver_catalog.children(recorder, Node(NodeKind.DATABASE, path[0], path[:1]), "billing")
    sqlserver_catalog.children(recorder, Node(NodeKind.GROUP, "Users and roles", path[:1]), "billing")
    for name in ("Tables", "Views", "Routines", "Sequences", "Types"):
        sqlserver_catalog.children(recorder, Node(NodeKind.GROUP, name, path[:2]), "billing")
    for name in ("Columns", "Keys", "Indexes", "Triggers"):
        sqlserver_catalog.children(recorder, Node(NodeKind.GROUP, name, path), "billing")


def every_making(recorder: Recorder) -> None:
    path = ("my]db", "d'bo", "t'x")
    for node in (
        Node(NodeKind.VIEW, path[-1], path),
        Node(NodeKind.TYPE, path[-1], path),
        Node(NodeKind.SEQUENCE, path[-1], path),
        Node(NodeKind.KEY, "k'", (*path, "k'")),
        Node(NodeKind.INDEX, "i'", (*path, "i'")),
        Node(NodeKind.TRIGGER, "g'", (*path, "g'")),
    ):
        with pytest.raises((NotFoundError, UnsupportedError)):
            sqlserver_ddl.ddl(recorder, node)
    columns = ("a", "int", True, None, None, None, None, None, None, None)
    answers = Recorder([columns])
    sqlserver_ddl.ddl(answers, Node(NodeKind.TABLE, path[-1], path))
    recorder.asked += answers.asked
    sqlserver_catalog.details(recorder, Node(NodeKind.GROUP, "Tables", path[:2]))
    answers = Recorder([(1, "2026", 3, 0, None)])
    assert sqlserver_catalog.stamp(answers, Node(NodeKind.GROUP, "Tables", path[:2])) == "1 2026 3 0 None"
    recorder.asked += answers.asked


def test_every_query_of_the_catalogue_parses_and_binds_its_names() -> None:
    recorder = Recorder()
    list(every_question(recorder))
    every_making(recorder)
    assert len(recorder.asked) == 31
    for statement, parameters in recorder.asked:
        (parsed,) = sqlglot.parse(statement, dialect="tsql")
        assert parsed is not None
        assert len(list(parsed.find_all(sqlglot.exp.Placeholder))) == len(parameters)
        assert "d'bo" not in statement
        assert "t'x" not in statement
        assert "my]db" not in statement
        tables = [table for table in parsed.find_all(sqlglot.exp.Table) if table.db == "sys"]
        assert tables
        assert {table.catalog for table in tables} <= {"", "my]db"}


def test_keys_with_several_columns_are_one_node() -> None:
    recorder = Recorder(
        [("pk", "primary key", "a"), ("pk", "primary key", "b"), ("uq", "unique", "c")],
        [("ck", "([a]>(0))")],
        [("fk", "a", "dbo", "other", "x"), ("fk", "b", "dbo", "other", "y")],
    )
    nodes = sqlserver_catalog.children(recorder, Node(NodeKind.GROUP, "Keys", ("d", "dbo", "t")), "d")
    assert [(node.name, node.detail) for node in nodes] == [
        ("pk", "primary key (a, b)"),
        ("uq", "unique (c)"),
        ("fk", "(a, b) → dbo.other (x, y)"),
        ("ck", "check ([a]>(0))"),
    ]


def test_a_table_is_assembled_with_all_that_belongs_to_it() -> None:
    path = ("d", "dbo", "or]ders")
    recorder = Recorder(
        [
            ("id", "int", False, None, None, None, "1", "5", None, None),
            ("na]me", "nvarchar(20)", False, "Latin1_General_CI_AS", "df", "(N'x')", None, None, None, None),
            ("twice", "int", True, None, None, None, None, None, "([id]*(2))", True),
        ],
        [("pk", "PRIMARY KEY CLUSTERED", "id", False), ("pk", "PRIMARY KEY CLUSTERED", "na]me", True)],
        [("ck", "([id]>(0))")],
        [("fk", "dbo", "other", "CASCADE", "NO ACTION", "id", "x")],
        [
            ("ix", True, "NONCLUSTERED", "([id]>(5))", "na]me", True, False),
            ("ix", True, "NONCLUSTERED", "([id]>(5))", "id", False, True),
            ("xml", False, "XML", None, "id", False, False),
        ],
        [(None, "It's a table"), ("id", "Its number")],
    )
    assert sqlserver_ddl.ddl(recorder, Node(NodeKind.TABLE, "or]ders", path)) == (
        "CREATE TABLE [dbo].[or]]ders] (\n"
        "    [id] int IDENTITY(1,5) NOT NULL,\n"
        "    [na]]me] nvarchar(20) COLLATE Latin1_General_CI_AS NOT NULL CONSTRAINT [df] DEFAULT (N'x'),\n"
        "    [twice] AS ([id]*(2)) PERSISTED,\n"
        "    CONSTRAINT [pk] PRIMARY KEY CLUSTERED ([id], [na]]me] DESC),\n"
        "    CONSTRAINT [ck] CHECK ([id]>(0)),\n"
        "    CONSTRAINT [fk] FOREIGN KEY ([id]) REFERENCES [dbo].[other] ([x]) ON DELETE CASCADE\n"
        ")\nGO\n"
        "CREATE UNIQUE NONCLUSTERED INDEX [ix] ON [dbo].[or]]ders] ([na]]me] DESC) INCLUDE ([id]) WHERE ([id]>(5))\n"
        "GO\n"
        "-- The index [xml] is xml: its statement is not known\nGO\n"
        "EXEC sp_addextendedproperty N'MS_Description', N'It''s a table', N'SCHEMA', N'dbo', N'TABLE', N'or]ders'\n"
        "GO\n"
        "EXEC sp_addextendedproperty N'MS_Description', N'Its number', N'SCHEMA', N'dbo', N'TABLE', N'or]ders',"
        " N'COLUMN', N'id'\nGO\n"
    )


def test_code_is_as_it_was_written_unless_it_is_hidden() -> None:
    node = Node(NodeKind.TRIGGER, "g", ("d", "dbo", "t", "g"))
    text = "CREATE TRIGGER g ON t AFTER INSERT AS SELECT 1"
    assert sqlserver_ddl.ddl(Recorder([(f"{text}\n",)]), node) == f"{text}\nGO\n"
    with pytest.raises(UnsupportedError, match="encrypted"):
        sqlserver_ddl.ddl(Recorder([(None,)]), node)
    with pytest.raises(NotFoundError):
        sqlserver_ddl.ddl(Recorder(), node)


def test_rows_and_sizes_come_after_the_names() -> None:
    node = Node(NodeKind.GROUP, "Tables", ("d", "dbo"))
    found = sqlserver_catalog.details(Recorder([("t", 7, 8192)], [("t", "", "words"), ("u", "", None)]), node)
    assert [(each.name, each.row_estimate, each.size_bytes, each.comment) for each in found] == [
        ("t", 7, 8192, "words"),
        ("u", None, None, ""),
    ]


def test_a_database_that_may_not_be_entered_cannot_be_opened() -> None:
    nodes = sqlserver_catalog.children(Recorder([("billing", 1), ("secret", 0), ("tempdb", 1)]), None, "billing")
    assert [(node.name, node.has_children, node.is_system) for node in nodes] == [
        ("billing", True, False),
        ("secret", False, False),
        ("tempdb", True, True),
    ]
