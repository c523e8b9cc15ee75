"""Command lines as words."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.commands.line import split_line
from keeperdb.errors import CommandError, CommandKind

_TEXT = st.text(st.sampled_from(" \t'\"\\abäß$=;|&*#-") | st.characters(exclude_characters="\r\n\0"), max_size=40)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ls", ["ls"]),
        ("  ls \t -l ", ["ls", "-l"]),
        (r'-t "a\"b"', ["-t", 'a"b']),
        ("-t 'a\"b'", ["-t", 'a"b']),
        ('-t "it\'s"', ["-t", "it's"]),
        (r"login=DOM\user", ["login=DOMuser"]),
        (r"'login=DOM\user'", [r"login=DOM\user"]),
        (r'"login=DOM\\user"', [r"login=DOM\user"]),
        (r'"login=DOM\user"', [r"login=DOM\user"]),
        ("password==eq", ["password==eq"]),
        ("'$5.00' 'a&b<c>' # x", ["$5.00", "a&b<c>", "#", "x"]),
        ("a'b'\"c\" ''", ["abc", ""]),
        ("x\u00a0y", ["x\u00a0y"]),
        ("", []),
    ],
)
def test_words_are_those_of_a_shell(line, words) -> None:
    assert split_line(line) == words


@pytest.mark.parametrize("line", ["'", '"', "\\", 'a "b', "a\nb", "a\rb", "a\0b", "'a\nb'"])
def test_what_is_no_line_is_refused(line) -> None:
    with pytest.raises(CommandError) as caught:
        split_line(line)
    assert caught.value.kind is CommandKind.BAD_ARGUMENTS


@given(_TEXT)
def test_words_are_those_that_the_standard_library_finds(line) -> None:
    try:
        wanted = shlex.split(line)
    except ValueError:
        with pytest.raises(CommandError):
            split_line(line)
    else:
        assert split_line(line) == wanted


@given(st.lists(st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))))
def test_quoted_words_come_back(words) -> None:
    assert split_line(shlex.join(words)) == words


def test_a_line_of_megabytes_is_split_in_one_pass() -> None:
    words = split_line("ls " + 'a"b" ' * 300_000 + "\\x" * 300_000)
    assert len(words) == 300_002
