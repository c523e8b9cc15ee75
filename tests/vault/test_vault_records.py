"""From records to connections: what is understood, and that nothing in a record breaks or enters anything."""

import json
from dataclasses import astuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source, TlsMode
from keeperdb.engines.registry import ENGINES
from keeperdb.vault.contents import VaultFolder
from keeperdb.vault.fields import linked_credential
from keeperdb.vault.records import credential_from_record, profile_from_record, profiles_from
from tests.vault.record_samples import PASSWORD, contents, database, field, link, pam_database, pam_user, record


def profile_of(content, *others, links=(), **rest) -> ConnectionProfile:
    found = record(content, links=tuple(links), **rest)
    profile = profile_from_record(found, contents(found, *others), "vault-id", "My vault")
    assert profile is not None
    return profile


def test_a_database_record_becomes_a_connection():
    profile = profile_of(database(port="5433", custom=[field("text", "orders", "Database")]))
    assert (profile.name, profile.engine, profile.host, profile.port) == ("Orders", "postgresql", "db.example", 5433)
    assert (profile.database, profile.source, profile.problem) == ("orders", Source.VAULT, "")
    assert profile.full_name == "My vault/Orders"


def test_the_id_is_made_of_vault_and_record():
    assert profile_of(database(), uid="abc").id == "vault:vault-id:abc"


@pytest.mark.parametrize("label", ["Database", "database", "DATABASE", "DataBase"])
def test_the_database_field_matches_in_any_case(label):
    assert profile_of(database(custom=[field("text", "orders", label)])).database == "orders"


@pytest.mark.parametrize(
    ("word", "engine"),
    [
        ("postgresql", "postgresql"),
        ("Postgres 14", "postgresql"),
        ("postgresql-flexible", "postgresql"),
        (" PostgreSQL ", "postgresql"),
        ("MySQL", "mysql"),
        ("mysql-flexible", "mysql"),
        ("mariadb", "mariadb"),
        ("sqlite3", "sqlite"),
    ],
)
def test_the_type_is_matched_loosely(word, engine):
    custom = [field("text", "/data/x.db", "Path")]
    assert profile_of(database(kind=word, custom=custom)).engine == engine
    assert profile_of(pam_database(database_type=word, extra=custom)).engine == engine


@pytest.mark.parametrize("label", ["type", "Type", "TYPE"])
def test_the_type_is_found_by_its_label(label):
    content = database(kind="")
    content["fields"][0] = field("text", "mariadb", label)
    assert profile_of(content).engine == "mariadb"


def test_the_protocol_of_pam_settings_comes_before_the_database_type():
    assert profile_of(pam_database(database_type="mysql", connection={"protocol": "postgresql"})).engine == "postgresql"


@pytest.mark.parametrize(
    ("word", "engine"),
    [("mssql", "sqlserver"), ("Microsoft SQL Server", "sqlserver"), ("Oracle 19c", "oracle"), ("redshift", "redshift")],
)
def test_the_words_of_commercial_products_are_known(word, engine):
    assert profile_of(database(kind=word)).engine == engine
    assert profile_of(pam_database(connection={"protocol": word})).engine == engine


@pytest.mark.parametrize(
    ("port", "engine"),
    [("3306", "mysql"), ("5432", "postgresql"), ("1433", "sqlserver"), ("1521", "oracle"), ("5439", "redshift")],
)
def test_the_port_tells_the_type_where_no_word_does(port, engine):
    assert profile_of(database(kind="", port=port)).engine == engine
    assert profile_of(pam_database(database_type="", port=port)).engine == engine


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (database(host=""), "no host"),
        (database(host=None), "no host"),
        (database(host={"x": 1}), "no host"),
        (database(kind="foxpro"), "“foxpro” is not a type of database"),
        (database(kind="foxpro", port="5432"), "“foxpro” is not a type of database"),
        (database(kind=""), "does not say what type"),
        (database(kind="Sybase"), "SAP ASE is not supported by this version"),
        (database(kind="Db2 for z/OS"), "Db2 is not supported by this version"),
        (database(kind="", port="27017"), "MongoDB is not supported by this version"),
        (pam_database(database_type="mongodb"), "MongoDB is not supported by this version"),
        (database(port="abc"), "port in the record is not a number from 1 to 65535"),
        (database(port="0"), "port in the record is not a number from 1 to 65535"),
        (database(port="65536"), "port in the record is not a number from 1 to 65535"),
        (database(port="-1"), "port in the record is not a number from 1 to 65535"),
        (pam_database(port="3306", connection={"port": "no"}), "port in the record is not a number from 1 to 65535"),
        (database(host="a/b"), "contains “/”"),
        (database(host="a?b"), "contains “?”"),
        (database(host="a#b"), "contains “#”"),
        (database(host="user@host"), "contains “@”"),
        (database(host="a b"), "not a host name or an address"),
        (database(host="a\nb"), "not a host name or an address"),
        (database(host="a\0b"), "not a host name or an address"),
        (database(host="a,b"), "contains “,”"),
        (database(host="-oProxy"), "not a host name or an address"),
        (database(host="/var/run/postgresql"), "contains “/”"),
        (database(host="::1%/?x"), "contains “/”"),
        (database(kind="sqlite"), "names no database file"),
        (database(kind="sqlite", custom=[field("text", "chinook.db", "Path")]), "not the full path"),
        (database(kind="sqlite", custom=[field("text", "file:/x?mode=ro", "Path")]), "not the full path"),
        (database(kind="sqlite", custom=[field("text", "~/x.db", "Path")]), "not the full path"),
        (database(kind="sqlite", custom=[field("text", "//server/share/x.db", "Path")]), "not the full path"),
        (database(kind="sqlite", custom=[field("text", "\\\\server\\share\\x.db", "Path")]), "not the full path"),
        (database(kind="sqlite", custom=[field("text", "/x\0y", "File")]), "not the full path"),
    ],
)
def test_what_cannot_be_used_is_listed_with_the_reason(content, words):
    profile = profile_of(content)
    assert words in profile.problem
    assert profile.problem_hint
    assert profile.name


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("db.example", ("db.example", None)),
        (" db.example ", ("db.example", None)),
        ("db_1.example.", ("db_1.example.", None)),
        ("db.example:5433", ("db.example", 5433)),
        ("[::1]:5433", ("::1", 5433)),
        ("::1", ("::1", None)),
        ("fe80::1%eth0", ("fe80::1%eth0", None)),
        ("datenbank-köln.example", ("datenbank-köln.example", None)),
    ],
)
def test_a_host_may_be_written_in_the_usual_ways(host, expected):
    profile = profile_of(database(host=host))
    assert (profile.host, profile.port) == expected
    assert profile.is_usable


@pytest.mark.parametrize("port", ["3307", 3307, " 3307 "])
def test_a_port_is_text_or_a_number(port):
    assert profile_of(database(port=port)).port == 3307


def test_the_port_of_pam_settings_overrides_the_hosts():
    assert profile_of(pam_database(port="3306", connection={"port": "3307"})).port == 3307


@pytest.mark.parametrize("in_custom", [True, False])
def test_pam_settings_are_found_in_standard_and_custom_fields(in_custom):
    profile = profile_of(pam_database(connection={"port": "3307", "database": "billing"}, in_custom=in_custom))
    assert (profile.port, profile.database) == (3307, "billing")


def test_the_custom_field_comes_before_the_database_of_pam_settings():
    content = pam_database(connection={"database": "b"}, extra=[field("text", "a", "Database")])
    assert profile_of(content).database == "a"


@pytest.mark.parametrize("label", ["connectDatabase", "Connect Database"])
def test_connect_database_is_the_next_choice(label):
    assert profile_of(pam_database(extra=[field("text", "c", label)])).database == "c"


def test_connect_database_of_the_linked_user_counts_too():
    user = record(pam_user(connect_database="d"), "user-uid")
    assert profile_of(pam_database(connection={"userRecords": ["user-uid"]}), user).database == "d"


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ([field("text", "billing", "databaseId")], "billing"),
        ([field("text", "billing", "Database Id")], "billing"),
        ([field("text", "arn:aws:rds:eu-1:db", "databaseId")], ""),
        ([field("text", "rds-instance-1", "databaseId")], ""),
        ([field("text", "billing", "databaseId"), field("text", "eu-1", "providerRegion")], ""),
        ([field("text", "billing", "databaseId"), field("text", "group", "Provider Group")], ""),
    ],
)
def test_database_id_counts_only_where_it_is_no_cloud_resource(extra, expected):
    assert profile_of(pam_database(extra=extra)).database == expected


@pytest.mark.parametrize(
    ("value", "host", "expected"),
    [
        ([True], "db.example", TlsMode.VERIFY_FULL),
        ([True], "127.0.0.1", TlsMode.REQUIRE),
        ([True], "localhost", TlsMode.REQUIRE),
        (["true"], "db.example", TlsMode.VERIFY_FULL),
        ([False], "db.example", TlsMode.PREFER),
        ([], "db.example", TlsMode.DEFAULT),
        (None, "db.example", TlsMode.DEFAULT),
        (["perhaps"], "db.example", TlsMode.DEFAULT),
    ],
)
@pytest.mark.parametrize("label", ["useSSL", "Use SSL", "USE SSL"])
def test_the_tls_flag_never_weakens_the_default(value, host, expected, label):
    flag = {"type": "checkbox", "label": label, "value": value}
    assert profile_of(pam_database(host=host, extra=[flag])).tls is expected


def test_without_a_tls_flag_the_default_stays():
    assert profile_of(database()).tls is TlsMode.DEFAULT


@pytest.mark.parametrize("label", ["Path", "File", "path", "FILE"])
def test_an_sqlite_record_has_a_path(label, tmp_path):
    path = str(tmp_path / "chinook.db")
    profile = profile_of(database(kind="sqlite", host="", custom=[field("text", path, label)]))
    assert (profile.path, profile.host, profile.problem) == (path, "", "")
    assert profile.password_mode is PasswordMode.NONE


def test_the_folders_are_kept_from_the_shared_one_down():
    folders = (VaultFolder("r", "Databases"), VaultFolder("s", "Europe", "r"), VaultFolder("t", "Paris", "s"))
    found = record(database(), folder_uid="r", inner_folder_uid="t")
    profile = profile_from_record(found, contents(found, folders=folders), "v", "V")
    assert profile is not None
    assert profile.folder == ("Databases", "Europe", "Paris")


def test_folders_in_a_circle_end():
    folders = (VaultFolder("a", "A", "b"), VaultFolder("b", "B", "a"))
    found = record(database(), folder_uid="r", inner_folder_uid="a")
    profile = profile_from_record(found, contents(found, folders=folders), "v", "V")
    assert profile is not None
    assert profile.folder == ("r", "B", "A")


@pytest.mark.parametrize("label", ["keeperdb_local_id", "KEEPERDB_LOCAL_ID"])
@pytest.mark.parametrize("place", ["fields", "custom"])
@pytest.mark.parametrize("value", [["abc"], [], None])
def test_records_of_the_storage_sync_are_left_out(label, place, value):
    content = database()
    content[place].append({"type": "text", "label": label, "value": value})
    found = record(content)
    assert profile_from_record(found, contents(found), "v", "V") is None


@pytest.mark.parametrize("kind", ["login", "pamUser", "pamMachine", "", "serverCredentials"])
def test_other_types_of_records_are_left_out(kind):
    found = record(database() | {"type": kind})
    assert profile_from_record(found, contents(found), "v", "V") is None


@pytest.mark.parametrize("kind", ["DatabaseCredentials", "PAMDATABASE"])
def test_the_type_of_a_record_matches_in_any_case(kind):
    assert profile_of(database() | {"type": kind}).engine == "postgresql"


def test_an_undecryptable_record_is_listed_with_its_uid():
    profile = profile_of(None, uid="abc")
    assert (profile.name, profile.engine) == ("abc", "")
    assert "Record abc could not be decrypted" in profile.problem


def test_neither_login_nor_password_nor_notes_are_taken_over():
    profile = profile_of(database())
    assert PASSWORD not in repr(profile)
    assert "hunter2" not in repr(profile)
    assert profile.user == ""


@pytest.mark.parametrize("host", ["ann:secret@db.example", "postgresql://ann:secret@db/x", "db:secret"])
def test_a_password_in_the_host_is_not_repeated(host):
    profile = profile_of(database(host=host))
    assert not profile.is_usable
    assert "secret" not in repr(profile)


def test_a_long_title_is_cut_visibly():
    profile = profile_of(database(title="x" * 10_000))
    assert len(profile.name) == 200
    assert profile.name.endswith("…")


def test_a_title_is_one_line_of_printable_characters():
    assert profile_of(database(title="a\nb\0c\u202ed  e")).name == "a b c d e"


@pytest.mark.parametrize("title", ["", "\n", None, 5, {"a": 1}])
def test_a_record_without_a_title_is_named_by_its_uid(title):
    assert profile_of(database() | {"title": title}, uid="abc").name == "abc"


class TestCredential:
    def test_comes_from_the_record_itself(self):
        credential = credential_from_record(record(database()))
        assert credential.user == "ann"
        assert credential.password is not None
        assert credential.password.reveal() == PASSWORD

    def test_keeps_white_space(self):
        credential = credential_from_record(record(pam_user(login=" a ", password="  p\t")))
        assert credential.user == " a "
        assert credential.password is not None
        assert credential.password.reveal() == "  p\t"

    @pytest.mark.parametrize("value", [None, [], [""], [None], [5], [{"a": 1}], {}])
    def test_may_be_missing(self, value):
        content = {"type": "databaseCredentials", "fields": [{"type": "password", "value": value}]}
        assert credential_from_record(record(content)).password is None

    def test_of_the_launch_link_comes_first(self):
        links = (link("admin", is_admin=True), link("launch", is_launch_credential=True))
        content = pam_database(connection={"userRecords": ["first", "second"]})
        assert linked_credential(record(content, links=links)) == "launch"

    def test_of_the_first_user_record_comes_before_the_admin_link(self):
        content = pam_database(connection={"userRecords": ["first", "second"]})
        assert linked_credential(record(content, links=(link("admin", is_admin=True),))) == "first"

    def test_of_the_admin_link_comes_last(self):
        links = (link("plain"), link("other", is_iam_user=True), link("admin", is_admin=True))
        assert linked_credential(record(pam_database(connection={}), links=links)) == "admin"

    @pytest.mark.parametrize(
        "entry",
        [
            {"recordUid": "x", "path": "meta", "data": link("x", is_launch_credential=True)["data"]},
            {"recordUid": "record-uid", "path": None, "data": link("x", is_launch_credential=True)["data"]},
            {"recordUid": "x", "path": None, "data": "%%%"},
            {"recordUid": "x", "path": None, "data": "W10="},
            {"recordUid": "x", "path": None, "data": 5},
            {"recordUid": 5, "path": None, "data": link("x", is_launch_credential=True)["data"]},
            {"recordUid": "a/b", "path": None, "data": link("x", is_launch_credential=True)["data"]},
            link("x", is_launch_credential="true"),
        ],
    )
    def test_is_not_taken_from_other_links(self, entry):
        assert linked_credential(record(pam_database(), links=(entry,))) == ""

    def test_that_is_shared_makes_the_connection_usable(self):
        user = record(pam_user(), "user-uid")
        profile = profile_of(pam_database(), user, links=[link("user-uid", is_launch_credential=True)])
        assert profile.is_usable
        assert profile.password_mode is PasswordMode.KEYCHAIN
        assert profile.vault is not None
        assert profile.vault.credential_uid == "user-uid"

    def test_that_is_not_shared_is_a_problem(self):
        profile = profile_of(pam_database(connection={"userRecords": ["user-uid"]}))
        assert profile.problem == "The linked credential is not shared with this application."
        assert "share the PAM User record" in profile.problem_hint

    def test_that_cannot_be_decrypted_is_a_problem(self):
        profile = profile_of(pam_database(connection={"userRecords": ["user-uid"]}), record(None, "user-uid"))
        assert "linked credential could not be decrypted" in profile.problem

    def test_without_a_password_is_asked_for(self):
        assert profile_of(pam_database()).password_mode is PasswordMode.ASK


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
words = st.sampled_from(
    ["type", "Database", "databaseType", "host", "pamHostname", "pamSettings", "useSSL", "Path", "login", "password"]
)
hostile_text = st.text() | st.sampled_from(
    ["a/b", "a?b=c", "x#y", "u@h", "a\nb", "\0", "::1%\n", "[", "127.0.0.1", "h:1"]
)
host_values = st.fixed_dictionaries(
    {}, optional={"hostName": hostile_text | json_values, "port": hostile_text | json_values}
)
settings_values = st.fixed_dictionaries(
    {},
    optional={
        "connection": st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("protocol", "port", "database", "userRecords", "databaseType"), hostile_text | json_values
            ),
        )
        | json_values
    },
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "type": words | st.text() | json_values,
        "label": words | st.text() | json_values,
        "value": st.lists(host_values | settings_values | hostile_text | json_values, max_size=2) | json_values,
    },
)
documents = st.fixed_dictionaries(
    {"type": st.sampled_from(["databaseCredentials", "pamDatabase"])},
    optional={
        "title": st.text() | json_values,
        "fields": st.lists(fields | json_values, max_size=6) | json_values,
        "custom": st.lists(fields | json_values, max_size=4) | json_values,
        "notes": json_values,
    },
)
links = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("recordUid", "path", "data"), hostile_text | json_values)),
    max_size=3,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents, links)
def test_no_record_breaks_the_list_or_gets_anything_past_it(document, found_links):
    found = record(document, links=tuple(found_links))
    (profile,) = list(profiles_from(contents(found), "v", "V")) or [None]
    if profile is None:
        return
    assert all(character not in profile.host for character in "/?#@\\,= \t\r\n\0'\"")
    assert profile.host.isprintable()
    assert profile.database.isprintable()
    assert profile.path.isprintable()
    assert profile.port is None or 0 < profile.port < 65536
    assert profile.engine in ("", *ENGINES)
    assert 0 < len(profile.name) <= 200
    assert profile.name.isprintable()
    assert profile.problem.isprintable()
    assert not profile.is_usable or (profile.engine and (profile.host or profile.path))
    assert dict(profile.options) == {}
    json.dumps([str(each) for each in astuple(profile.with_(options=()))]).encode()
    assert credential_from_record(found) is not None


@given(st.dictionaries(st.text(), json_values))
def test_any_object_is_a_record_of_some_kind(document):
    found = record(document)
    assert isinstance(list(profiles_from(contents(found), "v", "V")), list)
