"""`python -m benchmarks`: every figure as one table. Takes a minute or two."""

from benchmarks import commands, window
from benchmarks.figures import table


def main() -> None:
    figures = [*commands.measure(), *window.measure()]
    print(table(figures))


if __name__ == "__main__":
    main()
