"""Finds the folder *KeeperDB Storage*, and the shared folders that it can be made in."""

from collections.abc import Iterator

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.contents import VaultContents, VaultFolder
from keeperdb.vault.storage_model import FOLDER_NAME, StorageTarget
from keeperdb.vault.writing import WritingClient

_NO_FOLDER = "No folder is shared with this application. Share one with it in the vault, with Can Edit."
_READ_ONLY = "The application may only view this folder. In the vault, set its permission to Can Edit."
_UNREADABLE = "The folder could not be decrypted. Share it with the application anew."
_UNKNOWN = "The folder is empty, so the vault does not say whether the application may change it."


def targets_in(contents: VaultContents, vault_id: str, vault_name: str) -> Iterator[StorageTarget]:
    """Every shared folder of a vault, whether it can hold the storage or not; one without uid if there is none."""
    roots = sorted((folder for folder in contents.folders.values() if not folder.parent), key=lambda each: each.name)
    if not roots:
        yield StorageTarget(vault_id, vault_name, reason=_NO_FOLDER)
    for root in roots:
        yield StorageTarget(
            vault_id,
            vault_name,
            root.uid,
            root.name or root.uid,
            bool(storage_folders(contents, root.uid)),
            _UNREADABLE if root.key is None else _READ_ONLY if root.is_editable is False else "",
            _UNKNOWN if root.is_editable is None else "",
        )


def storage_folders(contents: VaultContents, root_uid: str) -> list[VaultFolder]:
    """The folders of that name in a shared folder, the fullest first: two machines may each have made one."""
    named = [
        folder
        for folder in contents.folders.values()
        if folder.parent and folder.name == FOLDER_NAME and _root_uid(contents, folder) == root_uid
    ]
    counts = {folder.uid: 0 for folder in named}
    for record in contents.records.values():
        if record.inner_folder_uid in counts:
            counts[record.inner_folder_uid] += 1
    return sorted(named, key=lambda folder: (-counts[folder.uid], folder.uid))


def find_or_make(client: WritingClient, contents: VaultContents, root_uid: str, task: Task) -> VaultFolder:
    """The folder *KeeperDB Storage* in a shared folder. Raises `VaultError`."""
    root = contents.folders.get(root_uid)
    if root is None or root.parent:
        raise VaultError(
            VaultReason.NOT_FOUND, "The shared folder is no longer shared with this application.", "Choose another one."
        )
    check_writable(root)
    found = storage_folders(contents, root_uid)
    if found:
        return found[0]
    task.report(text=f"Making the folder {FOLDER_NAME}…")
    uid = client.make_folder(FOLDER_NAME, root, task)
    return VaultFolder(uid, FOLDER_NAME, root_uid)


def check_writable(root: VaultFolder) -> None:
    """Raises `VaultError` if the shared folder is known not to be changed or cannot be read."""
    name = f"“{root.name or root.uid}”"
    if root.key is None:
        raise VaultError(
            VaultReason.BAD_ANSWER,
            f"The shared folder {name} could not be decrypted.",
            "Share it with the application anew. Nothing was changed.",
        )
    if root.is_editable is False:
        raise VaultError(
            VaultReason.READ_ONLY,
            f"The application may only view the shared folder {name}.",
            "In the vault, set the application's permission for it to Can Edit.",
        )


def _root_uid(contents: VaultContents, folder: VaultFolder) -> str:
    root = contents.root(folder.uid)
    return root.uid if root is not None else ""
