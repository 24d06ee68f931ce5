"""The ground of every rule: strict, frozen, unknown keys refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=400)]


class Rule(BaseModel):
    """The parent of every rule: frozen, strict, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Statement(Rule):
    """One statement with its source: an S- or P-number of rules/sources.yml, or `own`."""

    say: Annotated[str, StringConstraints(min_length=1, max_length=400)]
    source: Source


Lines = Annotated[tuple[Statement, ...], Field(min_length=1)]
