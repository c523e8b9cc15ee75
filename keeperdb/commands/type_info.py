"""`record-type-info`: types of records and fields, and how fields are written."""

from argparse import Namespace

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.field_types import FIELD_TYPES, RECORD_TYPES, TypedField
from keeperdb.commands.record_document import new_document, template_for
from keeperdb.commands.tables import report
from keeperdb.errors import CommandError, CommandKind

SYNTAX_HELP = r"""A field is written as [f.|c.][TYPE][.LABEL]=VALUE.
  TYPE    a field type, such as login, password, url, host, text; see `record-type-info --list-field`
  LABEL   tells fields of one type apart; a name that is no type is the label of a text field
  f. c.   a standard field of the record type, or a custom one; standard if there is such a field, unless given
  =       in a label is doubled; an empty VALUE removes the value

Values:
  host=db.example.com:5432            phone="Mobile: US (555)555-1234"       name="Doe, John"
  address="123 Main St, SmallTown, CA 12345, USA"                            date=2026-01-31
  paymentCard="4111111111111111 04/2026 123"                                 checkbox=yes
  bankAccount="Checking: ROUTING ACCOUNT"                                    securityQuestion="pet? Rex; city? Rome"
  $JSON:TEXT       the value as JSON           $BASE64:TEXT     text as base64
  $GEN             a password, one-time code or key pair that is made here:
                   password=$GEN:rand,20  $GEN:dice,5  $GEN:passphrase,5  keyPair=$GEN:ed25519

Example:
  record-add -t "Orders" -rt databaseCredentials text.type=postgresql host=db.example.com:5432
             login=ann password=$GEN c.text.Database=orders"""

_RECORD_COLUMNS = {"record_type": "Record Type", "fields": "Fields"}
_FIELD_COLUMNS = {"field_type": "Field Type", "description": "Value", "parts": "Parts"}


def show(context: Context, arguments: Namespace) -> Output:
    if arguments.syntax_help:
        return Output(said=SYNTAX_HELP)
    if arguments.list_field is not None:
        return _field_types(arguments)
    name = arguments.list_record or "*"
    if name in ("*", ""):
        types = {**RECORD_TYPES, **_others(context)}
        rows = [{"record_type": each} | _fields(types[each], arguments) for each in sorted(types)]
        return report(arguments, _RECORD_COLUMNS, rows)
    template = template_for(name, (each.content or {} for each in context.snapshot.records.values()))
    if template is None:
        raise CommandError(CommandKind.NOT_FOUND, f'Record type "{name}" cannot be found.')
    if arguments.example:
        return Output(new_document("", name, template))
    return report(arguments, _RECORD_COLUMNS, [{"record_type": name} | _fields(template, arguments)], shorten=False)


def _others(context: Context) -> dict[str, tuple[TypedField, ...]]:
    """The types of records in the vault that are not known here: those that an enterprise makes for itself."""
    found = {}
    for record in context.snapshot.records.values():
        if record.type and record.type not in RECORD_TYPES and record.type not in found:
            found[record.type] = template_for(record.type, [record.content or {}]) or ()
    return found


def _fields(template: tuple[TypedField, ...], arguments: Namespace) -> dict[str, object]:
    if arguments.exclude_fields:
        return {}
    return {"fields": [f"{each.type}.{each.label}" if each.label else each.type for each in template]}


def _field_types(arguments: Namespace) -> Output:
    wanted = arguments.list_field
    names = [wanted] if wanted in FIELD_TYPES else list(FIELD_TYPES) if wanted in ("*", "") else []
    if not names:
        raise CommandError(CommandKind.NOT_FOUND, f'Field type "{wanted}" cannot be found.')
    rows = [
        {"field_type": name, "description": FIELD_TYPES[name].description, "parts": list(FIELD_TYPES[name].parts)}
        for name in names
    ]
    return report(arguments, _FIELD_COLUMNS, rows, shorten=False)
