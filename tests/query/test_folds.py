"""What can be folded: brackets, CASE, BEGIN … END, bodies in dollars and comments, when they take several lines."""

import pytest

from keeperdb.query.folds import folds


def lines(text: str, dialect: str = "postgres") -> list[tuple[int, int]]:
    """First and last line of each fold."""
    return [(text.count("\n", 0, fold.start), text.count("\n", 0, fold.end)) for fold in folds(text, dialect)]


def test_brackets_and_the_statement_fold():
    assert lines("select (\n1\n)\nfrom t") == [(0, 3), (0, 2)]


def test_what_is_on_one_line_does_not_fold():
    assert lines("select (1), case a when 1 then 2 end") == []


def test_case_folds_to_its_end():
    assert (1, 3) in lines("select\ncase\nwhen 1 then 2\nend\nfrom t")


def test_comments_fold_and_lines_of_comment_together():
    assert lines("-- one\n-- two\n-- three\nselect 1") == [(0, 2), (0, 1)]
    assert lines("/* one\ntwo */ select 1") == [(0, 1)]


@pytest.mark.parametrize("word", ["", " transaction", " work"])
def test_begin_of_a_transaction_folds_nothing(word):
    assert lines(f"begin{word};\nselect 1;\nend;") == [(0, 2)]


def test_bodies_in_dollars_fold_inside_too():
    text = "create function f() returns int as $$\nbegin\n  if a then\n  b;\n  end if;\nend\n$$ language plpgsql"
    found = lines(text)
    assert (0, 6) in found
    assert (1, 5) in found


def test_brackets_in_strings_and_comments_do_not_count():
    assert lines("select '(\n', -- (\n1)") == [(0, 2)]


def test_what_is_not_closed_folds_nothing():
    assert lines("select (\n1") == [(0, 1)]
