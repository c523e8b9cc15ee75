"""`python -m benchmarks [--quick] [part …]`: every figure as one table. Takes some minutes."""

import argparse
from collections.abc import Callable, Iterable

from benchmarks import catalog, commands, completion, editor, grid, journal, package, results, service, storage, window
from benchmarks.figures import Figure, table

_PARTS: dict[str, Callable[[bool], Iterable[Figure]]] = {
    "commands": lambda is_quick: commands.measure(),
    "window": lambda is_quick: window.measure(),
    "package": lambda is_quick: package.measure(),
    "results": lambda is_quick: results.measure(is_quick=is_quick),
    "grid": lambda is_quick: grid.measure(is_quick=is_quick),
    "catalog": lambda is_quick: catalog.measure(),
    "completion": lambda is_quick: completion.measure(),
    "editor": lambda is_quick: editor.measure(),
    "journal": lambda is_quick: journal.measure(),
    "storage": lambda is_quick: storage.measure(),
    "service": lambda is_quick: service.measure(is_quick=is_quick),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *_PARTS], help="all of them unless named")
    parser.add_argument("--quick", action="store_true", help="measure once instead of five times, where that is long")
    arguments = parser.parse_args()
    print(table([figure for part in arguments.parts or _PARTS for figure in _PARTS[part](arguments.quick)]))


if __name__ == "__main__":
    main()
