"""The examples of the rule files, file by file: all of them are tried, and every one that fails is told with its place."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from bot import rulefiles, ruleyaml
from bot.core.examples import TriedExample

FOLDER = rulefiles.default_folder()


def files(folder: str) -> list[str]:
    """The files of a folder of rules, named as within it."""
    return sorted(f"{folder}/{path.name}" for path in (FOLDER / folder).glob("*.yml"))


def each_of(folder: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test for each file of a folder of rules."""
    return pytest.mark.parametrize("file", files(folder))


def hold(tried: Iterable[TriedExample]) -> None:
    """Fail with a line for each example that gives something else than it should; also where there is none to try."""
    examples = list(tried)
    assert examples, "no example was tried"
    failed = [example for example in examples if example.got != example.expected]
    if failed:
        told = "\n".join(map(_told, failed))
        pytest.fail(f"{len(failed)} of {len(examples)} examples do not give what they should:\n{told}", pytrace=False)


def _told(example: TriedExample) -> str:
    text = (FOLDER / example.file).read_text("utf-8")
    ((line, _),) = ruleyaml.places(text, [example.path])
    return f"{rulefiles.shown(FOLDER / example.file)}:{line}: “{example.says}”: expected {example.expected}, got {example.got}"


def written(file: str) -> int:
    """How many examples stand in a rule file, counted in the file itself."""
    return sum(_examples_in(ruleyaml.read((FOLDER / file).read_text("utf-8"))[0]))


def _examples_in(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from map(len, _lists(inner)) if key == "examples" else _examples_in(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _examples_in(inner)


def _lists(value: object) -> Iterator[tuple[object, ...]]:
    """The list of examples, or the lists of examples by what they are about."""
    if isinstance(value, tuple):
        yield value
    elif isinstance(value, dict):
        yield from (inner for inner in value.values() if isinstance(inner, tuple))
