"""Splitting of scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines.sql_text import TokenKind, tokens
from keeperdb.query.statements import Statement, split, statement_at

DIALECTS = ("postgres", "mysql", "sqlite")

_PIECES = st.lists(
    st.sampled_from(
        [
            *("SELECT 1", "a", "'x;y'", "'it''s'", '"q;"', "`b;`", "[c;]", ";", ";", "\n", " ", "-- c;\n", "# c;\n"),
            *(
                "/* c; */",
                "/* /* n; */ */",
                "$$ d; $$",
                "$t$ e; $t$",
                "E'\\';'",
                "'\\",
                "'",
                "$",
                "/*",
                "*/",
                "--",
                "BEGIN",
            ),
            *(
                "END",
                "CREATE TRIGGER",
                "CREATE FUNCTION f()",
                "CASE",
                "DELIMITER //\n",
                "//",
                "é",
                "😀",
                "\0",
                "-- name: n\n",
            ),
        ]
    ),
    max_size=12,
).map(" ".join)


def texts(script: str, dialect: str) -> list[str]:
    return [statement.text for statement in split(script, dialect)]


@given(script=_PIECES, dialect=st.sampled_from(DIALECTS))
def test_tokens_cover_the_text_without_a_gap(script: str, dialect: str) -> None:
    assert "".join(script[token.start : token.end] for token in tokens(script, dialect)) == script


@given(script=_PIECES, dialect=st.sampled_from(DIALECTS))
def test_statements_are_slices_in_order(script: str, dialect: str) -> None:
    end = 0
    for statement in split(script, dialect):
        assert script[statement.start : statement.end] == statement.text
        assert statement.start >= end
        end = statement.end


@given(script=_PIECES)
def test_everything_but_separators_space_and_comments_is_in_a_statement(script: str) -> None:
    covered = {n for statement in split(script, "postgres") for n in range(statement.start, statement.end)}
    for token in tokens(script, "postgres"):
        if token.kind not in (TokenKind.SPACE, TokenKind.COMMENT, TokenKind.SEMICOLON):
            assert covered.issuperset(range(token.start, token.end))


@given(script=_PIECES, dialect=st.sampled_from(("postgres", "sqlite")))
def test_a_statement_by_itself_is_not_split_further(script: str, dialect: str) -> None:
    for statement in split(script, dialect):
        assert texts(statement.text, dialect) == [statement.text]


@given(script=_PIECES, dialect=st.sampled_from(DIALECTS))
def test_every_position_has_a_statement_if_there_is_any(script: str, dialect: str) -> None:
    statements = split(script, dialect)
    for position in range(len(script) + 1):
        found = statement_at(script, position, dialect)
        assert (found in statements) if statements else found is None
        for statement in statements:
            if statement.start < position < statement.end:
                assert found == statement


@pytest.mark.parametrize(
    ("dialect", "script", "expected"),
    [
        ("postgres", "SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("postgres", ";; SELECT 1;;", ["SELECT 1"]),
        ("postgres", "-- only a comment;\n/* and; */", []),
        (
            "postgres",
            "SELECT ';', \";\", $$;$$, $a$ ; $$ ; $a$;SELECT 2",
            ["SELECT ';', \";\", $$;$$, $a$ ; $$ ; $a$", "SELECT 2"],
        ),
        ("postgres", "SELECT E'\\';'; SELECT '\\'; SELECT 3", ["SELECT E'\\';'", "SELECT '\\'", "SELECT 3"]),
        ("postgres", "SELECT a$b$; SELECT $b$;$b$", ["SELECT a$b$", "SELECT $b$;$b$"]),
        ("postgres", "SELECT 1 /* a /* b; */ c; */; SELECT 2", ["SELECT 1", "SELECT 2"]),
        ("postgres", "SELECT $1; SELECT $2", ["SELECT $1", "SELECT $2"]),
        ("postgres", "SELECT 'open; SELECT 2", ["SELECT 'open; SELECT 2"]),
        (
            "postgres",
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
            [
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
                "SELECT 3",
            ],
        ),
        ("postgres", "BEGIN; SELECT 1; END; SELECT 2", ["BEGIN", "SELECT 1", "END", "SELECT 2"]),
        (
            "postgres",
            "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
            ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
        ),
        ("sqlite", "SELECT [a;b], `c;d`; SELECT 2", ["SELECT [a;b], `c;d`", "SELECT 2"]),
        (
            "sqlite",
            "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM y; END; SELECT 1",
            [
                "CREATE TEMP TRIGGER t AFTER INSERT ON x BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM y; END",
                "SELECT 1",
            ],
        ),
        ("sqlite", "BEGIN; INSERT INTO t VALUES (1); END;", ["BEGIN", "INSERT INTO t VALUES (1)", "END"]),
        ("mysql", "SELECT 'a\\';b', \"c\\\";d\", `e;f`; SELECT 2", ["SELECT 'a\\';b', \"c\\\";d\", `e;f`", "SELECT 2"]),
        ("mysql", "SELECT 1 # one;\n; SELECT 5--1; SELECT 2 -- two;", ["SELECT 1", "SELECT 5--1", "SELECT 2"]),
        ("mysql", "/*!40101 SET x = 1; */; SELECT 1", ["/*!40101 SET x = 1; */", "SELECT 1"]),
        (
            "mysql",
            "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\ndelimiter ;\nSELECT 2; SELECT 3",
            ["CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2", "SELECT 3"],
        ),
        ("mysql", "DELIMITER $$\nSELECT 1; SELECT 2 $$\nSELECT 3$$", ["SELECT 1; SELECT 2", "SELECT 3"]),
        (
            "mysql",
            "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; CASE b WHEN 1 THEN SELECT 2; END CASE; END; SELECT",
            [
                "CREATE PROCEDURE p() BEGIN IF a THEN SELECT 1; END IF; CASE b WHEN 1 THEN SELECT 2; END CASE; END",
                "SELECT",
            ],
        ),
        (
            "mysql",
            "BEGIN NOT ATOMIC SELECT 1; SELECT 2; END; SELECT 3",
            ["BEGIN NOT ATOMIC SELECT 1; SELECT 2; END", "SELECT 3"],
        ),
        ("mysql", "BEGIN; SELECT 1; COMMIT", ["BEGIN", "SELECT 1", "COMMIT"]),
    ],
)
def test_scripts_are_split_as_the_dialect_does(dialect: str, script: str, expected: list[str]) -> None:
    assert texts(script, dialect) == expected


def test_a_comment_above_gives_the_title() -> None:
    script = "-- name: All artists \n-- more\nSELECT 1; -- name: not this one\nSELECT 2"
    assert [statement.title for statement in split(script, "sqlite")] == ["All artists", ""]


def test_a_comment_above_belongs_to_the_statement() -> None:
    script = "SELECT 1; -- on its line\n/* above */ SELECT 2"
    assert texts(script, "postgres") == ["SELECT 1", "/* above */ SELECT 2"]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("|SELECT 1; SELECT 2", "SELECT 1"),
        ("SELECT 1|; SELECT 2", "SELECT 1"),
        ("SELECT 1;| SELECT 2", "SELECT 1"),
        ("SELECT 1; S|ELECT 2", "SELECT 2"),
        ("SELECT 1;\n|\nSELECT 2", "SELECT 2"),
        ("SELECT 1;\nSELECT 2;\n\n|", "SELECT 2"),
        ("SELECT 1\n|;", "SELECT 1"),
    ],
)
def test_the_statement_at_the_caret(marked: str, expected: str) -> None:
    position = marked.index("|")
    found = statement_at(marked.replace("|", ""), position, "postgres")
    assert found is not None
    assert found.text == expected


def test_an_empty_script_has_no_statement() -> None:
    assert statement_at(" \n", 1, "postgres") is None


def test_positions_count_characters() -> None:
    assert split("SELECT '😀'; SELECT 2", "mysql")[1] == Statement("SELECT 2", 12, 20)


@pytest.mark.parametrize("end", ["END", "RETURN x", "SET @x = 1", "'x'"])
def test_a_delimiter_of_dollars_may_follow_a_word_at_once(end: str) -> None:
    script = f"DELIMITER $$\nCREATE PROCEDURE p() {end}$$\nDELIMITER ;\nSELECT 1"
    assert [each.text for each in split(script, "mysql")] == [f"CREATE PROCEDURE p() {end}", "SELECT 1"]
