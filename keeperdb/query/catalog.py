"""The nodes of the schema tree, from the server or from the disk where they are known to be the same."""

from pathlib import Path

from keeperdb.engines.base import Node, NodeKind
from keeperdb.query.catalog_cache import CachedList, CatalogCache
from keeperdb.query.session import Session
from keeperdb.task import Task

_WORTH_KEEPING = 50  # nodes; a shorter list is asked for as fast as its stamp


class Catalog:
    """Lists what is in a database through a session that is passed in; called on that session's thread.

    Long lists are kept in `folder` and read from there as long as the server's change stamp is the same. Parts of a
    table are one small query, and always asked for. `folder` None keeps nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._unkept: tuple[Node, CachedList] | None = None

    def children(self, session: Session, node: Node | None, task: Task, *, anew: bool = False) -> list[Node]:
        """The nodes below `node`, or below the root for None; `anew` asks the server whatever is kept."""
        cache = self._cache(session)
        if cache is None or node is None or node.kind is not NodeKind.GROUP:
            return session.children(node, task)
        stamp = session.stamp(node, task)  # before the list: a change in between makes it differ the next time
        kept = None if anew or stamp is None else cache.read(node)
        if kept is not None and kept.stamp == stamp:
            return kept.nodes
        found = session.children(node, task)
        if stamp is not None and len(found) >= _WORTH_KEEPING:
            self._unkept = (node, CachedList(stamp, found))
        else:
            cache.forget(node)
        return found

    def details(self, session: Session, node: Node, task: Task, *, anew: bool = False) -> list[Node]:
        """The nodes below `node` with what takes the server long to tell; empty if they have it already.

        Called after `children`, when the names are on the screen: what came from the server is written to the disk now.
        """
        cache = self._cache(session)
        kept = self._take_unkept(node)
        if kept is None and cache is not None and not anew:
            kept = cache.read(node)
            if kept is not None and kept.has_details:
                return []
        found = session.details(node, task)
        if cache is not None and kept is not None and (found or not kept.has_details):
            cache.write(node, CachedList(kept.stamp, found or kept.nodes, has_details=True), task)
        return found

    def _take_unkept(self, node: Node) -> CachedList | None:
        """What `children` returned last, if it was for this node."""
        unkept, self._unkept = self._unkept, None
        return unkept[1] if unkept is not None and unkept[0] == node else None

    def _cache(self, session: Session) -> CatalogCache | None:
        if self._folder is None:
            return None
        profile = session.profile
        address = (profile.engine, profile.host.lower(), str(profile.port or ""), profile.path)
        return CatalogCache(self._folder, (*address, session.database, session.user))
