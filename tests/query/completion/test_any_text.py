"""Nothing that reads half a statement ever raises, and a proposal changes only what was typed of it."""

from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines.registry import get_engine
from keeperdb.query.completion.made import made_by
from keeperdb.query.completion.propose import Language, complete
from keeperdb.query.definition import definition_at
from keeperdb.query.live_marks import live_marks, wanted_tables
from keeperdb.query.outline import outline
from keeperdb.query.snippets import BUILT_IN, expand
from keeperdb.query.statements import split
from tests.fixtures.completion_fixtures import DIALECTS, known_names, valid_statements

ENGINES = dict(zip(DIALECTS, ("postgresql", "mysql", "sqlite", "sqlserver", "oracle", "redshift"), strict=True))
NAMES = {dialect: known_names(dialect, more=("undescribed",)) for dialect in DIALECTS}
SNIPPETS = [(each.abbreviation, each.text, each.description) for each in BUILT_IN]
_KEYWORDS = (
    "select from where join on group by order with as insert into values update set delete merge using union lateral"
)
_SIGNS = "( ) , . * ; ' \" ` [ ] -- /* */ $$ $1 :a = < # @ % a b 1 🎵 שלום"
_NAMES = "artist album name title artist_id"
WORDS = [*f"{_KEYWORDS} {_SIGNS} {_NAMES}".split(), "\n"]
pieces = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=25).map("".join),
    st.text(max_size=60),
    st.sampled_from([text for dialect in DIALECTS for text in valid_statements(dialect)]),
)
dialects = st.sampled_from(DIALECTS)


@st.composite
def places(draw):
    """A text, cut somewhere, and a place in it."""
    text = draw(pieces)
    text = text[draw(st.integers(0, 3)) : len(text) - draw(st.integers(0, 10))]
    return text, draw(st.integers(0, len(text)))


@given(places(), dialects)
def test_completion_takes_any_text_and_keeps_the_rest_of_it(place, dialect):
    text, caret = place
    language = Language(dialect, get_engine(ENGINES[dialect]).quote, SNIPPETS)
    found = complete(text, caret, NAMES[dialect], language)
    assert 0 <= found.start <= found.end == caret
    for proposal in found.proposals:
        assert proposal.text
        assert proposal.label
        assert proposal.back <= len(proposal.text)
    assert len(set(found.proposals)) == len(found.proposals)
    for path in found.wanted:
        assert path in {table.path for table in NAMES[dialect].tables}


@given(places(), dialects, st.booleans())
def test_marks_lie_within_any_text(place, dialect, is_read_only):
    text, _ = place
    for mark in live_marks(text, dialect, NAMES[dialect], is_read_only=is_read_only):
        assert 0 <= mark.start < mark.end <= max(len(text), 1)
        assert mark.message.endswith(".")
    wanted_tables(text, dialect, NAMES[dialect])
    made_by([text], dialect)


@given(places(), dialects)
def test_definitions_lie_within_any_text(place, dialect):
    text, position = place
    found = definition_at(text, position, dialect, NAMES[dialect])
    assert found is None or found.table or 0 <= found.start <= found.end <= len(text)


@given(pieces, dialects)
def test_an_outline_has_an_entry_for_every_statement(text, dialect):
    statements = split(text, dialect)
    entries = list(outline(statements, dialect))
    assert [(each.start, each.end) for each in entries] == [(each.start, each.end) for each in statements]
    assert all(each.label for each in entries)


@given(st.text(alphabet="a1${}:0\n🎵", max_size=40))
def test_any_text_is_a_snippet(text):
    expansion = expand(text)
    for stop in expansion.stops:
        assert len({expansion.text[start:end] for start, end in stop}) >= 1
        assert all(0 <= start <= end <= len(expansion.text) for start, end in stop)
