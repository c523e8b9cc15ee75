"""The options of each command, as Keeper Commander has them."""

from argparse import ArgumentParser


def none(parser: ArgumentParser) -> None:
    """A command without options."""


def _report(parser: ArgumentParser, *formats: str) -> None:
    parser.add_argument("--format", choices=formats or ("table", "csv", "json"), default="table", help="output format")
    parser.add_argument("--output", metavar="FILE", help="write the output to a file; not through the service")


def whoami(parser: ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="also count records and folders")
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="output format")


def ls(parser: ArgumentParser) -> None:
    parser.add_argument("-l", "--list", dest="detail", action="store_true", help="with uid, type and description")
    parser.add_argument("-f", "--folders", action="store_true", help="folders only")
    parser.add_argument("-r", "--records", action="store_true", help="records only")
    parser.add_argument("-s", "--short", action="store_true", help="names only")
    parser.add_argument("-v", "--verbose", action="store_true", help="do not shorten")
    parser.add_argument("-R", "--recursive", action="store_true", help="everything below, too")
    _report(parser)
    parser.add_argument("pattern", nargs="?", default="", help="folder, record, or pattern with * and ?")


def tree(parser: ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="with uids")
    parser.add_argument("-r", "--records", action="store_true", help="with records")
    parser.add_argument("-s", "--shares", action="store_true", help="with what the application may do")
    parser.add_argument("-ns", "--nsf-shares", action="store_true", help="accepted; there are no nested shares here")
    parser.add_argument("-hk", "--hide-shares-key", action="store_true", help="without the explanation of -s")
    parser.add_argument("-t", "--title", default="", help="a title above the tree")
    _report(parser, "table", "json")
    parser.add_argument("folder", nargs="?", default="", help="path or UID; the working folder unless given")


def cd(parser: ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default="/", help="path or UID")


def get(parser: ArgumentParser) -> None:
    parser.add_argument("--unmask", action="store_true", help="show secrets")
    parser.add_argument("--legacy", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--include-dag", action="store_true", help="with the record's links in the vault's graph")
    parser.add_argument("--show-inherited", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--show-denied", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--format", choices=("detail", "json", "password", "fields"), default="detail")
    parser.add_argument("uid", help="UID, path or title of a record or folder")


def search(parser: ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="do not shorten")
    parser.add_argument(
        "-c", "--categories", action="append", choices=("r", "s", "t", "d"), help="r records, s folders; repeatable"
    )
    parser.add_argument("--regex", action="store_true", help="the words are one regular expression")
    parser.add_argument("--device", action="store_true", help="accepted; there are no devices here")
    _report(parser, "table", "json")
    parser.add_argument("pattern", nargs="*", help="words that must all occur, or *; after `record` or `folder`")


def list_records(parser: ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="do not shorten")
    parser.add_argument("-t", "--type", dest="types", action="append", default=[], help="record type; repeatable")
    parser.add_argument("--field", dest="fields", action="append", default=[], help="only with that field; repeatable")
    _report(parser)
    parser.add_argument("pattern", nargs="?", default="", help="regular expression, in any case")


def list_sf(parser: ArgumentParser) -> None:
    parser.add_argument("--roe-eligible", action="store_true", help="accepted; changes nothing")
    _report(parser)
    parser.add_argument("pattern", nargs="?", default="", help="regular expression, in any case")


def mkdir(parser: ArgumentParser) -> None:
    parser.add_argument("-sf", "--shared-folder", action="store_true", help="a shared folder")
    parser.add_argument("-uf", "--user-folder", action="store_true", help="a folder in a shared folder")
    for short, long in (
        ("-a", "--all"),
        ("-u", "--manage-users"),
        ("-r", "--manage-records"),
        ("-s", "--can-share"),
        ("-e", "--can-edit"),
    ):
        parser.add_argument(short, long, action="store_true", help="accepted; the shared folder's permissions apply")
    _color(parser)
    parser.add_argument(
        "folder", nargs="?", default="", help="path of the new folder; in the root it goes into the only shared one"
    )


def rmdir(parser: ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="do not ask")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing")
    parser.add_argument("pattern", nargs="+", help="path, UID, or pattern with * and ?")


def rndir(parser: ArgumentParser) -> None:
    parser.add_argument("-n", "--name", default="", help="the new name")
    _color(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing")
    parser.add_argument("folder", help="path or UID")


def record_add(parser: ArgumentParser) -> None:
    parser.add_argument("--syntax-help", action="store_true", help="explain the fields")
    parser.add_argument("-t", "--title", default="", help="title of the record")
    parser.add_argument("-rt", "--record-type", default="", help="type of the record, such as login")
    parser.add_argument("-n", "--notes", default=None, help="notes; \\n is a line break")
    parser.add_argument("--folder", default="", help="path or UID; the working folder, or the only shared one")
    parser.add_argument("-f", "--force", action="store_true", help="leave out fields of an unknown type")
    parser.add_argument("--labels", choices=("on", "off"), default="on", help="accepted; changes nothing")
    _only_with_sharing(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format")
    parser.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="see --syntax-help")


def _only_with_sharing(parser: ArgumentParser) -> None:
    for option in ("--self-destruct", "--pam-config", "--send-email", "--email-config", "--email-message"):
        parser.add_argument(option, default="", help="not available through Secrets Manager")


def record_update(parser: ArgumentParser) -> None:
    parser.add_argument("--syntax-help", action="store_true", help="explain the fields")
    parser.add_argument("-r", "--record", default="", help="UID, path or title of the record")
    parser.add_argument("-t", "--title", default=None, help="new title")
    parser.add_argument("-rt", "--record-type", default="", help="new type")
    parser.add_argument("-n", "--notes", default=None, help="new notes; +TEXT appends")
    parser.add_argument("-f", "--force", action="store_true", help="leave out fields of an unknown type")
    parser.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="FIELD= removes the value")


def append_notes(parser: ArgumentParser) -> None:
    parser.add_argument("--notes", default="", help="the text to append")
    parser.add_argument("record", nargs="?", default="", help="UID, path or title")


def rm(parser: ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="do not ask")
    parser.add_argument("--purge", action="store_true", help="accepted; what is deleted here is in the owner's trash")
    parser.add_argument("records", nargs="+", help="UID, path or title")


def mv(parser: ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="do not ask")
    parser.add_argument("-s", "--can-reshare", action="store_true", help="accepted; changes nothing")
    parser.add_argument("-e", "--can-edit", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--shared-folder", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--user-folder", action="store_true", help="accepted; changes nothing")
    parser.add_argument("src", help="record")
    parser.add_argument("dst", help="folder")


def totp(parser: ArgumentParser) -> None:
    parser.add_argument("--legacy", action="store_true", help="accepted; changes nothing")
    parser.add_argument("--details", action="store_true", help="show the secret's parameters, too")
    parser.add_argument("--range", type=int, default=0, metavar="N", help="also the N codes before and after")
    parser.add_argument("--format", choices=("table", "json"), default="table", help="output format")
    parser.add_argument("record", nargs="?", default="", help="UID, path or title; all records with codes unless given")


def generate(parser: ArgumentParser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="passwords only")
    parser.add_argument("-p", "--password-list", action="store_true", help="passwords only, one in a line")
    parser.add_argument(
        "-cc", "--clipboard", action="store_true", help="copy to the clipboard; not through the service"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file; not through the service")
    parser.add_argument("-f", "--format", choices=("table", "json"), default="table", help="output format")
    parser.add_argument("-i", "--json-indent", type=int, default=2, metavar="N", help="indentation of JSON")
    parser.add_argument("-nb", "--no-breachwatch", action="store_true", help="accepted; nothing is sent anywhere")
    parser.add_argument("-n", "--number", type=int, default=1, metavar="N", help="how many")
    parser.add_argument("-c", "--count", dest="length", type=int, default=20, metavar="N", help="length of each")
    parser.add_argument("-r", "--rules", metavar="U,L,D,S", help="at least so many upper, lower, digits, symbols")
    for short, long, kind in (
        ("-s", "--symbols", "symbols"),
        ("-d", "--digits", "digits"),
        ("-u", "--uppercase", "upper-case letters"),
        ("-l", "--lowercase", "lower-case letters"),
    ):
        parser.add_argument(short, long, type=int, default=None, metavar="N", help=f"at least so many {kind}")
    _generated_words(parser)


def _generated_words(parser: ArgumentParser) -> None:
    parser.add_argument("--passphrase", action="store_true", help="words instead of characters")
    parser.add_argument("-pps", "--pp-separator", default="-", metavar="C", help="between the words")
    parser.add_argument("-ppc", "--pp-count", type=int, default=5, metavar="N", help="how many words")
    parser.add_argument("--pp-no-capitalize", action="store_true", help="words in lower case")
    parser.add_argument("-ppn", "--pp-no-number", action="store_true", help="without a digit")
    parser.add_argument("--recoveryphrase", action="store_true", help="24 words of BIP-39 with their check sum")
    parser.add_argument("-dr", "--dice-rolls", type=int, default=0, metavar="N", help="N words of the list")
    parser.add_argument("-dl", "--delimiter", default=" ", metavar="C", help="between the words of --dice-rolls")
    parser.add_argument("--word-list", metavar="FILE", help="another list of words; not through the service")
    parser.add_argument("--crypto", action="store_true", help="characters that need no quoting")
    parser.add_argument("--aes-key", action="store_true", help="32 random bytes as base64")


def download_attachment(parser: ArgumentParser) -> None:
    parser.add_argument("-r", "--recursive", action="store_true", help="of all records below a folder")
    parser.add_argument("--out-dir", metavar="FOLDER", help="write the files here; not through the service")
    parser.add_argument("--preserve-dir", action="store_true", help="in folders named after the vault's")
    parser.add_argument("--record-title", action="store_true", help="in folders named after the records")
    parser.add_argument("--name", dest="names", action="append", default=[], help="only that file; repeatable")
    parser.add_argument("records", nargs="+", help="UID, path or title")


def upload_attachment(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--file",
        dest="files",
        action="append",
        default=[],
        help="a file of this machine, or FILEDATA for what came with the request; repeatable",
    )
    parser.add_argument("record", help="UID, path or title")


def delete_attachment(parser: ArgumentParser) -> None:
    parser.add_argument("--name", dest="names", action="append", default=[], help="name, title or UID; repeatable")
    parser.add_argument("record", help="UID, path or title")


def file_report(parser: ArgumentParser) -> None:
    parser.add_argument("-d", "--try-download", action="store_true", help="try whether each can be downloaded")
    _report(parser)


def clipboard_copy(parser: ArgumentParser) -> None:
    parser.add_argument("--username", default="", help="only a record with this login")
    parser.add_argument(
        "--output", choices=("clipboard", "stdout", "stdouthidden", "variable"), default=None, help="where it goes"
    )
    parser.add_argument("--name", default="", help="accepted with --output variable, which the service lacks")
    parser.add_argument("-cu", "--copy-uid", action="store_true", help="the UID")
    parser.add_argument("-l", "--login", action="store_true", help="the login")
    parser.add_argument("-t", "--totp", action="store_true", help="the one-time code")
    parser.add_argument("--field", default="", help="a field by type or label, notes, or host:hostName")
    parser.add_argument("-r", "--revision", default="", help="not available through Secrets Manager")
    parser.add_argument("record", nargs="?", default="", help="UID, path or title")


def record_type_info(parser: ArgumentParser) -> None:
    parser.add_argument("--syntax-help", action="store_true", help="explain the fields")
    parser.add_argument("-lr", "--list-record", nargs="?", const="*", default=None, metavar="NAME", help="record types")
    parser.add_argument("-lf", "--list-field", nargs="?", const="*", default=None, metavar="NAME", help="field types")
    parser.add_argument("-e", "--example", action="store_true", help="a record of that type to fill in")
    parser.add_argument("-ef", "--exclude-fields", action="store_true", help="without the fields")
    _report(parser)


def sync_down(parser: ArgumentParser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="accepted; everything is read each time")


def server(parser: ArgumentParser) -> None:
    parser.add_argument("region", nargs="?", default="", help="cannot be changed for an attached vault")


def version(parser: ArgumentParser) -> None:
    parser.add_argument("-v", "--verbose", action="store_true", help="with versions of Python and the SDK")
    parser.add_argument("-p", "--packages", action="store_true", help="with the installed packages")


def this_device(parser: ArgumentParser) -> None:
    parser.add_argument("ops", nargs="*", help="persistent-login, register and others: explained, not changed")


def help_(parser: ArgumentParser) -> None:
    parser.add_argument("--legacy", action="store_true", help="accepted; changes nothing")
    parser.add_argument("command", nargs="*", help="the command to explain")


def connections(parser: ArgumentParser) -> None:
    _report(parser)


def query(parser: ArgumentParser) -> None:
    parser.add_argument("connection", help="name of a connection; vault/name or local/name where names collide")
    parser.add_argument("sql", help="one statement that reads")
    parser.add_argument("--limit", type=int, default=1000, metavar="N", help="at most N rows, up to 10000")
    parser.add_argument(
        "--param", dest="parameters", action="append", default=[], metavar="NAME[:TYPE]=VALUE", help="value of :NAME"
    )
    _report(parser)


def schema(parser: ArgumentParser) -> None:
    parser.add_argument("connection", nargs="?", default="", help="name of a connection")
    parser.add_argument("path", nargs="?", default="", help="names of schema and table, split by /")
    _report(parser)


def storage(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("status",), help="status")
    _report(parser, "table", "json")


def _color(parser: ArgumentParser) -> None:
    colors = ("none", "red", "green", "blue", "orange", "yellow", "gray")
    parser.add_argument("--color", choices=colors, help="not available through Secrets Manager")
