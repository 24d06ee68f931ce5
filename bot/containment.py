"""Keeps a fault in the handling of one event or reply from stopping the others."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PACKAGE = Path(__file__).parent


class Failed(Exception):
    """A part of the program raised what it must not raise; the text says where, and nothing of the event."""


@contextmanager
def containing_faults(*expected: type[Exception]) -> Iterator[None]:
    """The one place that catches everything: a fault in the handling of one event or reply must not stop the others.

    Only the kind of the fault and the line of ours it came from are told, because its text could quote what a person wrote.
    """
    try:
        yield
    except expected:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)] or frames
        raise Failed(f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}") from None
