"""Types of records and fields, as the vault and Commander know them without asking a server."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldType:
    """`parts` are the members of a value that is an object; none for text."""

    description: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TypedField:
    """A standard field of a record type."""

    type: str
    label: str = ""


def _text(description: str) -> FieldType:
    return FieldType(description)


FIELD_TYPES: Mapping[str, FieldType] = {
    "login": _text("user name"),
    "password": _text("password; $GEN makes one"),
    "url": _text("web address"),
    "text": _text("text"),
    "multiline": _text("text of several lines"),
    "note": _text("text of several lines, masked"),
    "secret": _text("text, masked"),
    "pinCode": _text("number, masked"),
    "email": _text("mail address"),
    "company": _text("name of a company"),
    "licenseNumber": _text("license number"),
    "accountNumber": _text("account number"),
    "bankAccount": FieldType("Checking: ROUTING ACCOUNT", ("accountType", "routingNumber", "accountNumber")),
    "oneTimeCode": _text("otpauth:// address; $GEN makes one"),
    "otp": _text("otpauth:// address"),
    "keyPair": FieldType("keys; $GEN:rsa, $GEN:ec or $GEN:ed25519 makes them", ("publicKey", "privateKey")),
    "privateKey": _text("private key"),
    "host": FieldType("HOST:PORT", ("hostName", "port")),
    "pamHostname": FieldType("HOST:PORT", ("hostName", "port")),
    "phone": FieldType("Mobile: US (555)555-1234", ("region", "number", "ext", "type")),
    "name": FieldType("Doe, John or Jane Doe", ("first", "middle", "last")),
    "address": FieldType(
        "123 Main St, SmallTown, CA 12345, USA", ("street1", "street2", "city", "state", "zip", "country")
    ),
    "addressRef": _text("UID of a record of type address"),
    "cardRef": _text("UID of a record of type bankCard"),
    "paymentCard": FieldType("4111111111111111 04/2026 123", ("cardNumber", "cardExpirationDate", "cardSecurityCode")),
    "securityQuestion": FieldType("question? answer; another? answer", ("question", "answer")),
    "birthDate": _text("date, YYYY-MM-DD"),
    "expirationDate": _text("date, YYYY-MM-DD"),
    "date": _text("date, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ"),
    "checkbox": _text("yes or no"),
    "dropdown": _text("one of several words"),
    "databaseType": _text("type of a database"),
    "directoryType": _text("type of a directory"),
    "schedule": FieldType("when something is rotated", ("type", "cron", "time", "tz")),
    "script": FieldType("a script of rotation", ("fileRef", "command", "recordRef")),
    "passkey": FieldType("a passkey", ("privateKey", "credentialId", "relyingParty", "userId", "username")),
    "fileRef": _text("UIDs of attached files; see upload-attachment"),
    "recordRef": _text("UIDs of other records"),
    "appFiller": FieldType(
        "how a desktop application is filled in", ("applicationTitle", "contentFilter", "macroSequence")
    ),
    "json": _text("JSON"),
    "pamResources": FieldType("resources of the Gateway", ("controllerUid", "folderUid", "resourceRef")),
    "pamSettings": FieldType("settings of the Gateway", ("connection", "portForward")),
    "pamRemoteBrowserSettings": FieldType("settings of a remote browser", ("connection",)),
    "rbiUrl": _text("web address of a remote browser"),
}

DATE_TYPES = ("birthDate", "expirationDate", "date")
FILE_TYPE = "fileRef"

_RECORDS = {
    "login": "login password url fileRef oneTimeCode",
    "address": "address fileRef",
    "bankAccount": "bankAccount name login password url cardRef fileRef oneTimeCode",
    "bankCard": "paymentCard text.cardholderName pinCode addressRef fileRef",
    "birthCertificate": "name birthDate fileRef",
    "contact": "name text.company email phone addressRef fileRef",
    "databaseCredentials": "text.type host login password fileRef",
    "driverLicense": "accountNumber.dlNumber name birthDate addressRef expirationDate fileRef",
    "encryptedNotes": "note date fileRef",
    "file": "fileRef",
    "general": "login password url fileRef oneTimeCode",
    "healthInsurance": "accountNumber name.insuredsName login password url fileRef",
    "membership": "accountNumber name password fileRef",
    "pamDatabase": "pamHostname checkbox.useSSL text.databaseId databaseType text.providerGroup text.providerRegion "
    "pamSettings fileRef oneTimeCode",
    "pamMachine": "pamHostname checkbox.sslVerification text.operatingSystem text.instanceName text.instanceId "
    "text.providerGroup text.providerRegion pamSettings fileRef oneTimeCode",
    "pamUser": "login password secret.privatePEMKey text.distinguishedName text.connectDatabase checkbox.managed "
    "script fileRef oneTimeCode",
    "passport": "accountNumber.passportNumber name birthDate addressRef expirationDate date.dateIssued password "
    "fileRef",
    "photo": "fileRef",
    "serverCredentials": "host login password fileRef",
    "softwareLicense": "licenseNumber expirationDate date.dateActive fileRef",
    "sshKeys": "login keyPair password.passphrase host fileRef",
    "ssnCard": "accountNumber.identityNumber name fileRef",
    "wifiCredentials": "text.SSID password fileRef",
}


def _fields(words: str) -> tuple[TypedField, ...]:
    return tuple(TypedField(kind, label) for kind, _, label in (word.partition(".") for word in words.split()))


RECORD_TYPES: Mapping[str, tuple[TypedField, ...]] = {name: _fields(words) for name, words in _RECORDS.items()}
