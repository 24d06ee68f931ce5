"""JSON, one object a line: rows come in from another program, results go out in the same order."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO, TextIO

from bot.settings import OperatorError

Row = dict[str, Any]


def rows(lines: Iterable[bytes], **wanted: type) -> Iterator[Row]:
    """The rows of a stream, each with an `id` and the wanted fields; raises OperatorError with the number of a bad line."""
    yield from (row for _, row in numbered(lines, **wanted))


def numbered(lines: Iterable[bytes], **wanted: type) -> Iterator[tuple[int, Row]]:
    """The same rows, each with the number of its line."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _row(line, number, {"id": object, **wanted})


def _row(line: bytes, number: int, wanted: dict[str, type]) -> Row:
    try:
        row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError:
        raise OperatorError(f"Line {number} of the input is not UTF-8: save it as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise OperatorError(f"Line {number} of the input is not JSON ({error}): give one object a line.") from None
    if not isinstance(row, dict):
        raise OperatorError(f"Line {number} of the input is not a JSON object: give one object a line.")
    for field, kind in wanted.items():
        if row.get(field) is None or not isinstance(row[field], kind):
            names = " and ".join(f'"{name}"' for name in wanted)
            raise OperatorError(f'Line {number} of the input has no proper "{field}": each row needs {names}.')
    return row


def answer(lines: BinaryIO, out: TextIO, result: Callable[[Row], Row], **wanted: type) -> None:
    """Write one result for each row, under the row's `id`; an OperatorError about a row names its line."""
    for number, row in enumerate(rows(lines, **wanted), 1):
        try:
            write(out, {"id": row["id"], **result(row)})
        except OperatorError as error:
            raise OperatorError(f"Row {number} of the input: {error}") from None


def write(out: TextIO, row: Row) -> None:
    """Write one object, in letters that every terminal and encoding can carry."""
    out.write(json.dumps(row) + "\n")
