"""The rules of reading as they were in another git revision, among today's other rules."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.core.rulebook import Rulebook
from bot.rulefiles import RuleError, load
from bot.settings import OperatorError

_A_HOOKS_OWN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
"""What git tells its hooks of the repository at hand, which need not be that of the rules."""

_LARGEST_NAME = 200
"""Characters; no name of a revision is longer."""


def load_revision(folder: Path, revision: str) -> tuple[str, Rulebook]:
    """The commit that a revision names, and today's rules with the terms and the rules of reading of then; raises OperatorError.

    What else stands in the folder has no say in how a message is read, so it may have changed its form since.
    """
    commit = _commit(folder, revision)
    names = _git(folder, "ls-tree", "-r", "-z", "--name-only", commit).decode("utf-8", "surrogateescape").split("\0")
    wanted = [name for name in names if _of_reading(name)]
    if not wanted:
        raise OperatorError(f"“{revision}” has no rules in {folder}: name a revision that has them.")
    with tempfile.TemporaryDirectory(prefix="spellout-") as place:
        rules = Path(place) / "rules"
        shutil.copytree(folder, rules, ignore=lambda _, found: [name for name in found if name in ("terms", "reading.yml")])
        (rules / "terms").mkdir()
        for name in wanted:
            (rules / name).write_bytes(_git(folder, "show", f"{commit}:./{name}"))
        try:
            return commit, load(rules)
        except RuleError as error:
            first = str(error.mistakes[0]).replace(f"{place}/", "")
            raise OperatorError(
                f"The rules of “{revision}” do not load with this version of Spellout (first mistake: {first}): compare with a later one."
            ) from None


def _of_reading(name: str) -> bool:
    """Whether a file of the rules has a say in how a message is read."""
    folder, _, file = name.rpartition("/")
    return name == "reading.yml" or (folder == "terms" and file.endswith(".yml"))


def _commit(folder: Path, revision: str) -> str:
    """The full name of the commit that a revision names."""
    try:
        _git(folder, "rev-parse", "--is-inside-work-tree")
    except FileNotFoundError:
        raise OperatorError("--against needs git, which is not installed here: install it, or leave --against out.") from None
    except _GitError as error:
        raise OperatorError(f"git knows no history of {folder} ({error}): --against needs rules that are kept in git.") from None
    unknown = OperatorError(f"git knows no revision “{revision[:_LARGEST_NAME]}” here: name a commit, a branch or a tag, such as HEAD~1.")
    if not revision or revision.startswith("-") or "\0" in revision or len(revision) > _LARGEST_NAME:
        raise unknown
    try:
        return _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except _GitError:
        raise unknown from None


class _GitError(Exception):
    """git refused; its own first line says why."""


def _git(folder: Path, *words: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if name not in _A_HOOKS_OWN}
    command = ["git", "-C", str(folder), *words]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _GitError(said[0].removeprefix("fatal: ") if said else f"git ended with {done.returncode}")
    return done.stdout
