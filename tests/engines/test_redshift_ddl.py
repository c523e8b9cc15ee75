"""What Redshift is asked for the statements of its objects; never run against a real cluster."""

import pytest

from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.redshift_ddl import ddl
from keeperdb.errors import NotFoundError, UnsupportedError


def test_a_table_is_shown_by_its_quoted_name():
    asked = []

    def query(statement):
        asked.append(statement)
        return [("CREATE TABLE x (a int);",)]

    node = Node(NodeKind.TABLE, 'a"b.c', ("dev", "public", 'a"b.c'))
    assert ddl(query, node) == "CREATE TABLE x (a int);\n"
    assert asked == ['SHOW TABLE "dev"."public"."a""b.c"']


def test_what_is_gone_is_not_found_and_what_redshift_does_not_show_is_refused():
    with pytest.raises(NotFoundError):
        ddl(lambda _: [], Node(NodeKind.VIEW, "v", ("dev", "public", "v")))
    with pytest.raises(UnsupportedError):
        ddl(lambda _: [], Node(NodeKind.ROUTINE, "f", ("dev", "public", "f")))
