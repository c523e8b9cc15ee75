"""Parameters of statements: where they are, what they mean, and how the driver gets them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.errors import SettingsError
from keeperdb.query.parameters import ParameterKind, bind, parameter_names, parse_assignments, parse_value


@pytest.mark.parametrize(
    ("dialect", "statement", "names"),
    [
        ("postgres", "select :a, :b_2 + :a", ["a", "b_2"]),
        ("postgres", "select %(a)s, %(b)s", ["a", "b"]),
        ("postgres", "select x::int, :a::text", ["a"]),
        ("postgres", "select ':a', \":b\", $$ :c $$, $x$ %(d)s $x$ -- :e\n /* :f */", []),
        ("postgres", "select a[1:n], a[:m], b.c[ 2 : k ] from t", []),
        ("postgres", "select (array[1,2])[1:n] where x=:y", ["y"]),
        ("postgres", "do $$ begin :a end $$", []),
        ("postgres", "create function f() returns int as ':a' language sql", []),
        ("mysql", "select @x := 1, :a, '%(b)s', `:c`, \":d\" # :e", ["a"]),
        ("mysql", "select 5 %(a)", []),
        ("sqlite", "select :a, [:b], '12:30' where x in (:c,:d)", ["a", "c", "d"]),
        ("oracle", "create trigger t before insert on x begin :new.a := 1; end;", []),
        ("tsql", "select [a:b], :c", ["c"]),
        ("postgres", "select 'it''s :a' || :ü", ["ü"]),
        ("postgres", "select 12:34", []),
    ],
)
def test_parameters_are_found_in_code_only(dialect: str, statement: str, names: list[str]) -> None:
    assert parameter_names(statement, dialect) == names


@pytest.mark.parametrize(
    ("dialect", "text", "values"),
    [
        ("postgres", "select $1, $2, $1, '50%'", (1, "x")),
        ("redshift", "select $1, $2, $1, '50%'", (1, "x")),
        ("mysql", "select %s, %s, %s, '50%%'", (1, "x", 1)),
        ("sqlite", "select ?, ?, ?, '50%'", (1, "x", 1)),
        ("tsql", "select ?, ?, ?, '50%'", (1, "x", 1)),
        ("oracle", "select :1, :2, :1, '50%'", (1, "x")),
    ],
)
def test_markers_become_those_of_the_driver(dialect: str, text: str, values: tuple[object, ...]) -> None:
    bound = bind("select :a, %(b)s, :a, '50%'", dialect, {"a": 1, "b": "x"})
    assert (bound.text, bound.values) == (text, values)


def test_a_statement_without_parameters_stays_as_it_is() -> None:
    assert bind("select '50%'", "mysql", {"a": 1}).text == "select '50%'"
    assert bind("select '50%'", "mysql", {"a": 1}).values == ()


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(SettingsError, match=r"“customer” has no value.*“custmer”"):
        bind("select :customer", "postgres", {"custmer": 1})


def test_a_place_in_the_sent_text_is_found_in_the_own_one() -> None:
    own = "select :customer_number, nope, :b, 10 % 3 from t"
    for dialect in ("postgres", "mysql", "sqlite"):
        bound = bind(own, dialect, {"customer_number": 1, "b": 2})
        for word in ("nope", "from t"):
            assert own[bound.original(bound.text.index(word)) :].startswith(word)


@given(st.text(alphabet="abc:%()s'\"`$-/*[]\n ", max_size=40))
def test_nothing_but_markers_changes(text: str) -> None:
    for dialect in ("postgres", "sqlite", "tsql"):
        names = parameter_names(text, dialect)
        bound = bind(text, dialect, dict.fromkeys(names, 1))
        if not names:
            assert bound.text == text
        assert bound.text.count("'") == text.count("'")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ParameterKind.TEXT, " it's ", " it's "),
        (ParameterKind.TEXT, "", ""),
        (ParameterKind.NUMBER, " 9223372036854775808 ", 9223372036854775808),
        (ParameterKind.NUMBER, "-1.10", Decimal("-1.10")),
        (ParameterKind.DATE, "2024-02-29", date(2024, 2, 29)),
        (ParameterKind.DATE, "2024-02-29 13:45", datetime(2024, 2, 29, 13, 45)),  # noqa: DTZ001 - as typed
        (ParameterKind.BOOLEAN, "Yes", True),
        (ParameterKind.BOOLEAN, "0", False),
        (ParameterKind.NULL, "anything", None),
    ],
)
def test_a_text_becomes_a_value_of_its_kind(kind: ParameterKind, text: str, value: object) -> None:
    assert parse_value(kind, text) == value
    assert type(parse_value(kind, text)) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ParameterKind.NUMBER, "ten"),
        (ParameterKind.NUMBER, "NaN"),
        (ParameterKind.NUMBER, ""),
        (ParameterKind.DATE, "2023-02-29"),
        (ParameterKind.BOOLEAN, "maybe"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(kind: ParameterKind, text: str) -> None:
    with pytest.raises(SettingsError, match="“born”"):
        parse_value(kind, text, "born")


def test_assignments_of_the_command_line() -> None:
    values = parse_assignments(["a=1=2", "b:number=1", "c:null", "d:boolean=true", "e:date=2024-01-31", "f="])
    assert values == {"a": "1=2", "b": 1, "c": None, "d": True, "e": date(2024, 1, 31), "f": ""}


@pytest.mark.parametrize("text", ["a", "=1", "1a=2", "a:colour=red", "a b=1"])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_assignments([text])
