"""SQLite as the judge of marks: in a statement that it takes, whatever its names are, none may be marked."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.query.live_marks import live_marks
from tests.fixtures.completion_fixtures import TABLES, known_names, valid_statements

NAMES = [
    *TABLES,
    *sorted({column for columns in TABLES.values() for column in columns}),
    "a",
    "b",
    "nowhere",
    "nothing",
]
_NAME = re.compile(r"\b(?:" + "|".join(NAMES) + r")\b")


def is_taken(database: sqlite3.Connection, statement: str) -> bool:
    try:
        database.execute(f"EXPLAIN {statement}")
    except sqlite3.ProgrammingError:
        return True  # only the values of its parameters are missing
    except sqlite3.Error:
        return False
    return True


@pytest.fixture(scope="module")
def database():
    database = sqlite3.connect(":memory:")
    for table, columns in TABLES.items():
        database.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
    yield database
    database.close()


STATEMENTS = valid_statements("sqlite")
KNOWN = known_names("sqlite")


@st.composite
def renamed(draw):
    """A statement with some of its names exchanged for others."""
    statement = draw(st.sampled_from(STATEMENTS))
    changes = draw(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(NAMES)), max_size=3))
    for number, name in changes:
        places = list(_NAME.finditer(statement))
        if places:
            place = places[number % len(places)]
            statement = statement[: place.start()] + name + statement[place.end() :]
    return statement


@given(renamed())
def test_what_sqlite_takes_is_never_marked(database, statement):
    marks = live_marks(statement, "sqlite", KNOWN)
    assert not (marks and is_taken(database, statement)), (statement, marks)


def test_most_of_the_statements_are_such_that_sqlite_takes_them(database):
    refused = [each for each in STATEMENTS if not is_taken(database, each)]
    assert len(refused) < len(STATEMENTS) / 6
