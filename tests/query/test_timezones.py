"""Moments written in another zone: exactly, or as they were sent."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.query.timezones import TimeZone, converter, find_zone, has_zone


def berlin(text: str) -> str:
    write = converter(TimeZone.SESSION, "Europe/Berlin")
    assert write is not None
    return write(text)


def utc(text: str) -> str:
    write = converter(TimeZone.UTC)
    assert write is not None
    return write(text)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-07-01 12:00:00+00", "2026-07-01 14:00:00+02"),
        ("2026-01-01 12:00:00.123456+00", "2026-01-01 13:00:00.123456+01"),
        ("2026-03-29 00:59:59.999999+00", "2026-03-29 01:59:59.999999+01"),
        ("2026-03-29 01:00:00+00", "2026-03-29 03:00:00+02"),
        ("2026-10-25 00:30:00+00", "2026-10-25 02:30:00+02"),
        ("2026-10-25 01:30:00+00", "2026-10-25 02:30:00+01"),
        ("1880-01-01 00:00:00+00", "1880-01-01 00:53:28+00:53:28"),
        ("2026-01-01 12:00:00.1234567 +05:30", "2026-01-01 07:30:00.1234567 +01:00"),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01"),
    ],
)
def test_a_moment_is_written_in_the_zone_of_the_session(sent, shown):
    assert berlin(sent) == shown


@pytest.mark.parametrize(
    "sent",
    [
        "infinity",
        "-infinity",
        "0044-03-15 12:00:00+00 BC",
        "20000-01-01 00:00:00+00",
        "2026-01-01 12:00:00",
        "0000-00-00 00:00:00",
        "Thu 01 Jan 12:00:00 2026 CET",
        "",
    ],
)
def test_what_cannot_be_written_exactly_stays_as_sent(sent):
    assert berlin(sent) == utc(sent) == sent


def test_a_moment_that_would_leave_the_calendar_stays_as_sent():
    assert berlin("9999-12-31 23:59:59+00") == "9999-12-31 23:59:59+00"
    assert utc("0001-01-01 00:00:00+01") == "0001-01-01 00:00:00+01"


@given(st.datetimes(timezones=st.integers(-720, 720).map(lambda m: timezone(timedelta(minutes=m)))))
def test_every_moment_of_the_calendar_stays_the_same_moment(moment):
    sent = moment.isoformat(sep=" ", timespec="microseconds")
    assert datetime.fromisoformat(berlin(sent)) == moment
    assert datetime.fromisoformat(utc(sent)) == moment


def test_as_sent_converts_nothing():
    assert converter(TimeZone.AS_SENT, "Europe/Berlin") is None


def test_a_session_zone_that_nobody_knows_leaves_everything_as_sent():
    assert converter(TimeZone.SESSION, "") is None
    assert converter(TimeZone.SESSION, "Mars/Olympus") is None
    assert converter(TimeZone.SESSION, "../../etc/passwd") is None


def test_a_zone_may_be_an_offset():
    zone = find_zone("-03:30")
    assert zone is not None
    assert zone.utcoffset(None) == timedelta(hours=-3, minutes=-30)


def test_the_zone_of_this_computer_is_taken_for_local(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        write = converter(TimeZone.LOCAL)
        assert write is not None
        assert write("2026-01-01 00:00:00+00") == "2026-01-01 05:30:00+05:30"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("type_name", "is_zoned"),
    [
        ("timestamp with time zone", True),
        ("TIMESTAMP(6) WITH LOCAL TIME ZONE", True),
        ("datetimeoffset", True),
        ("timestamp without time zone", False),
        ("datetime", False),
    ],
)
def test_only_columns_with_a_zone_are_converted(type_name, is_zoned):
    assert has_zone(Column("at", type_name, CellKind.TIMESTAMP)) is is_zoned
