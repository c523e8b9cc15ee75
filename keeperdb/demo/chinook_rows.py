"""The rows of the sample database: always the same ones, made up by a seeded generator."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from keeperdb.demo import chinook_names as names

Value = int | str | Decimal | date | None
Row = tuple[Value, ...]

_SEED = 1842
_ARTISTS, _ALBUMS, _TRACKS, _CUSTOMERS, _INVOICES = 275, 350, 3500, 60, 412
_PLAYLIST_ENTRIES = 8700
_EMPTY_PLAYLIST = names.PLAYLISTS.index("Empty playlist")
_SONG_PRICE, _VIDEO_PRICE = Decimal("0.99"), Decimal("1.99")
_FIRST_DAY = datetime(2021, 1, 1, 9)  # noqa: DTZ001 - the column has no time zone
_DAYS = 5 * 365


def chinook_rows() -> dict[str, list[Row]]:
    """Rows by table, in the order of the columns of `chinook_schema.TABLES`. Some 15,600 in all."""
    rng = random.Random(_SEED)  # noqa: S311 - it need not be unpredictable, on the contrary
    tables: dict[str, list[Row]] = {
        "genre": _named(names.GENRES),
        "media_type": _named(names.MEDIA_TYPES),
        "artist": _named(_artist_names(rng)),
        "album": list(_albums(rng)),
        "playlist": _named(names.PLAYLISTS),
        "employee": list(_employees(rng)),
        "customer": list(_customers(rng)),
    }
    tables["track"] = list(_tracks(rng))
    tables["playlist_track"] = _playlist_entries(rng)
    tables["invoice"], tables["invoice_line"] = _sales(rng, tables["customer"], tables["track"])
    return tables


def _named(words: tuple[str, ...] | list[str]) -> list[Row]:
    return [(number, word) for number, word in enumerate(words, 1)]


def _artist_names(rng: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < _ARTISTS:
        found[_artist_name(rng)] = None
    return list(found)


def _artist_name(rng: random.Random) -> str:
    adjective, noun = rng.choice(names.ADJECTIVES), rng.choice(names.NOUNS)
    person = f"{rng.choice(names.FIRST_NAMES)} {rng.choice(names.LAST_NAMES)}"
    forms = (
        f"The {adjective} {noun}s",
        person,
        f"{person} {rng.choice(names.ENSEMBLES)}",
        f"{noun} {rng.choice(names.ENSEMBLES)}",
    )
    return rng.choice(forms)


def _albums(rng: random.Random) -> Iterator[Row]:
    for number in range(1, _ALBUMS + 1):
        artist = number if number <= _ARTISTS else rng.randint(1, _ARTISTS)
        released = date(1961, 1, 1) + timedelta(days=rng.randrange(60 * 365))
        yield number, _title(rng), artist, None if rng.random() < 0.05 else released


def _title(rng: random.Random) -> str:
    adjective, noun, other = rng.choice(names.ADJECTIVES), rng.choice(names.NOUNS), rng.choice(names.NOUNS)
    verb = rng.choice(names.VERBS)
    forms = (
        f"{adjective} {noun}",
        f"{verb} the {noun}",
        f"{noun} and {other}",
        f"{verb} me, {adjective} {noun}",
        f"{adjective} {noun}, {adjective.lower()} {other.lower()}",
        f"No {noun} without {other}",
    )
    return rng.choice(forms)


def _tracks(rng: random.Random) -> Iterator[Row]:
    for number in range(1, _TRACKS + 1):
        album = (number - 1) % _ALBUMS + 1
        media = rng.choices(range(1, 6), (60, 20, 10, 8, 2))[0]
        genre = None if rng.random() < 0.02 else (album * 7) % len(names.GENRES) + 1
        composer = None if rng.random() < 0.28 else _composer(rng)
        length = rng.randint(61_000, 420_000) if media < 5 else rng.randint(1_200_000, 3_000_000)
        size = None if rng.random() < 0.01 else length * rng.randint(16, 40)
        price = _VIDEO_PRICE if media == 5 else _SONG_PRICE
        yield number, _title(rng), album, media, genre, composer, length, size, price


def _composer(rng: random.Random) -> str:
    people = [f"{rng.choice(names.FIRST_NAMES)} {rng.choice(names.LAST_NAMES)}" for _ in range(rng.randint(1, 3))]
    return ", ".join(people)


def _playlist_entries(rng: random.Random) -> list[Row]:
    playlists = [number for number in range(1, len(names.PLAYLISTS) + 1) if number != _EMPTY_PLAYLIST + 1]
    found: set[tuple[int, int]] = set()
    while len(found) < _PLAYLIST_ENTRIES:
        found.add((rng.choice(playlists), rng.randint(1, _TRACKS)))
    return [*sorted(found)]


def _employees(rng: random.Random) -> Iterator[Row]:
    for number, (title, superior) in enumerate(names.EMPLOYEE_TITLES, 1):
        first, last = names.FIRST_NAMES[number * 3 - 1], names.LAST_NAMES[number * 3 - 2]
        born = date(1960, 1, 1) + timedelta(days=rng.randrange(35 * 365))
        hired = date(2018, 1, 1) + timedelta(days=rng.randrange(4 * 365))
        boss = None if superior is None else superior + 1
        yield number, first, last, title, boss, born, hired, _email(first, last, "chinook.example"), _phone(rng)


def _customers(rng: random.Random) -> Iterator[Row]:
    for number in range(1, _CUSTOMERS + 1):
        first, last = rng.choice(names.FIRST_NAMES), rng.choice(names.LAST_NAMES)
        city, state, country, domain = rng.choice(names.CITIES)
        company = rng.choice(names.COMPANIES) if rng.random() < 0.2 else None
        address = f"{rng.randint(1, 240)} {rng.choice(names.STREETS)}"
        postal = None if rng.random() < 0.1 else f"{rng.randrange(100_000):05d}"
        phone = None if rng.random() < 0.15 else _phone(rng)
        email = _email(first, f"{last}{number}", f"mail.example.{domain}")
        yield number, first, last, company, address, city, state, country, postal, phone, email, rng.randint(3, 5)


def _email(first: str, last: str, domain: str) -> str:
    local = f"{first}.{last}".lower().replace(" ", "").replace("'", "")
    return f"{local}@{domain}"


def _phone(rng: random.Random) -> str:
    return f"+{rng.randint(1, 99)} {rng.randrange(1000):03d} 555 {rng.randrange(10_000):04d}"


def _sales(rng: random.Random, customers: list[Row], tracks: list[Row]) -> tuple[list[Row], list[Row]]:
    invoices: list[Row] = []
    lines: list[Row] = []
    for number in range(1, _INVOICES + 1):
        customer = customers[rng.randrange(len(customers))]
        moment = _FIRST_DAY + timedelta(days=number * _DAYS // _INVOICES, minutes=rng.randrange(600))
        bought = [(rng.choice(tracks), rng.choice((1, 1, 1, 2))) for _ in range(rng.randint(1, 10))]
        total = Decimal(0)
        for track, quantity in bought:
            price = track[-1]
            if isinstance(price, Decimal):
                total += price * quantity
            lines.append((len(lines) + 1, number, track[0], price, quantity))
        address = customer[4:8]
        invoices.append((number, customer[0], moment, *address, total))
    return invoices, lines
