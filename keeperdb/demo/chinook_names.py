"""Words that the sample's names are put together from."""

GENRES = (
    "Rock", "Jazz", "Metal", "Blues", "Folk", "Soul", "Funk", "Disco", "Techno", "House", "Ambient", "Classical",
    "Opera", "Reggae", "Ska", "Punk", "Country", "Bluegrass", "Latin", "Samba", "Hip Hop", "Pop", "Soundtrack",
    "Spoken word", "Children's music",
)  # fmt: skip
MEDIA_TYPES = ("MPEG audio file", "AAC audio file", "Protected AAC audio file", "FLAC audio file", "Video file")
PLAYLISTS = (
    "Morning coffee", "Long drive", "Rainy Sunday", "Kitchen dance", "Deep focus", "Night train", "Road works",
    "First snow", "Garden party", "Running, slow", "Running, fast", "Grandmother's radio", "Late shift", "Harbour",
    "Songs about bread", "Nothing over three minutes", "Empty playlist", "Everything else",
)  # fmt: skip
ADJECTIVES = (
    "Amber", "Broken", "Copper", "Distant", "Electric", "Fading", "Golden", "Hollow", "Idle", "Jagged", "Kind",
    "Little", "Midnight", "Northern", "Open", "Paper", "Quiet", "Restless", "Silver", "Tangled", "Upper", "Velvet",
    "Wandering", "Yellow", "Crooked", "Gentle", "Marble", "Second", "Winter", "Borrowed",
)  # fmt: skip
NOUNS = (
    "Anchor", "Bridge", "Canary", "Dynamo", "Ember", "Ferry", "Glacier", "Harvest", "Island", "Juniper", "Kettle",
    "Lantern", "Mirror", "Nomad", "Orchard", "Pendulum", "Quarry", "River", "Station", "Telegraph", "Umbrella",
    "Valley", "Windmill", "Yard", "Zeppelin", "Almanac", "Compass", "Ledger", "Meadow", "Sparrow",
)  # fmt: skip
VERBS = (
    "Carry", "Count", "Draw", "Follow", "Forget", "Hold", "Leave", "Lift", "Mend", "Name", "Paint", "Remember",
    "Return", "Sail", "Sing", "Turn", "Wait for", "Wake",
)  # fmt: skip
ENSEMBLES = ("Quartet", "Orchestra", "Brothers", "Sisters", "Collective", "Trio", "Society", "Band", "Choir", "Works")
FIRST_NAMES = (
    "Ada", "Bruno", "Chiara", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lena", "Mateo",
    "Noor", "Olga", "Pavel", "Quentin", "Rosa", "Søren", "Tomás", "Ursula", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoë",
    "Łucja", "Amélie", "Björn", "Ngozi",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Berg", "Castell", "Dvorak", "Eriksen", "Fontaine", "Grünwald", "Haddad", "Ivanova", "Jansen", "Kowalski",
    "Lindqvist", "Moreau", "Nakata", "O'Hara", "Peralta", "Quist", "Rossi", "Şahin", "Tanaka", "Ueda", "Varga",
    "Weiss", "Ximenes", "Yilmaz", "Zeman", "Núñez", "Østby", "Păun", "de Vries",
)  # fmt: skip
STREETS = (
    "Mill Lane", "Station Road", "Orchard Street", "Lindenweg", "Rue du Port", "Via Nuova", "Calle Mayor", "Havnegade",
    "Long Acre", "Quay Walk", "Bahnhofstrasse", "Rua das Flores",
)  # fmt: skip
CITIES = (  # city, state or None, country, country's domain
    ("Oslo", None, "Norway", "no"),
    ("Porto", None, "Portugal", "pt"),
    ("Zürich", "ZH", "Switzerland", "ch"),
    ("Lyon", None, "France", "fr"),
    ("Kraków", None, "Poland", "pl"),
    ("São Paulo", "SP", "Brazil", "br"),
    ("Toronto", "ON", "Canada", "ca"),
    ("Austin", "TX", "USA", "us"),
    ("Portland", "OR", "USA", "us"),
    ("Bengaluru", "KA", "India", "in"),
    ("Osaka", None, "Japan", "jp"),
    ("Galway", None, "Ireland", "ie"),
    ("İzmir", None, "Türkiye", "tr"),
    ("Valparaíso", None, "Chile", "cl"),
    ("Adelaide", "SA", "Australia", "au"),
)
COMPANIES = ("Tidewater Foods", "Kestrel Logistics", "Bluebell Press", "Corvus Optics", "Fjord Timber")
EMPLOYEE_TITLES = (  # title, index of the one they report to
    ("General manager", None),
    ("Sales manager", 0),
    ("Sales agent", 1),
    ("Sales agent", 1),
    ("Sales agent", 1),
    ("Technical manager", 0),
    ("Database administrator", 5),
    ("Support engineer", 5),
)
