"""Looks whether there is a newer version, in a plain file on the web; never unless the person allowed it."""

import re

from keeperdb import __version__
from keeperdb.errors import SettingsError, UnsupportedError
from keeperdb.task import Task

_TIMEOUT = 10.0  # seconds
_MOST_BYTES = 1_000
_VERSION = re.compile(r"\s*(\d{1,5}(?:\.\d{1,5}){1,3})\s*")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?/")


def newer_version(address: str, task: Task, current: str = __version__) -> str:
    """The version that the file at `address` names if it is newer than `current`; else nothing.

    The file holds one line such as `1.2.3`. Nothing about the person or the machine is sent. Raises `SettingsError`
    for an address that is not https, `UnsupportedError` where the file cannot be read.
    """
    if not address.startswith("https://") and not _LOOPBACK.match(address):
        raise SettingsError("The address of the version file must begin with https://.", "Correct it in Settings.")
    task.check()
    offered = _read(address)
    return offered if _numbers(offered) > _numbers(current) else ""


def _read(address: str) -> str:
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False  # no .netrc: nothing that belongs to the person goes along
            headers = {"User-Agent": "KeeperDB", "Accept": "text/plain"}
            with session.get(address, timeout=_TIMEOUT, stream=True, headers=headers, allow_redirects=False) as answer:
                answer.raise_for_status()
                content = answer.raw.read(_MOST_BYTES, decode_content=True)
    except requests.RequestException as error:
        raise UnsupportedError(
            "The version file could not be read.", "Check the network, and the address in Settings."
        ) from error
    match = _VERSION.fullmatch(content.decode("ascii", errors="replace"))
    if match is None:
        raise UnsupportedError("The version file holds no version.", "Check its address in Settings.")
    return match[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
