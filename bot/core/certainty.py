"""How sure a reading of a description is: by how the work is named, what else could be meant, and what is open."""

from typing import Literal

from bot.core.advice import Recommendation
from bot.core.clues import Described
from bot.core.profile import Profile

Confidence = Literal["firm", "likely", "provisional", "none"]

STRONG = 2.5
"""From this weight on a kind of work is more than a direction."""

_PLAIN, _UNDERSTOOD = 3.6, 0.45
"""From this weight of a model's kinds of work, or this share of the words understood, one name is enough to be sure."""

_ALONE, _UNCONTESTED, _AHEAD = 0.8, 0.65, 0.55
"""The share of all the weight from which on a reading has no rival where another one is named, and where others are only hinted at; and
below which it is anybody's guess."""


def confidence_in(described: Described, profile: Profile, outcome: Recommendation, unsettled: bool) -> Confidence:
    """How much to trust the model: `firm` where the work is plainly named, without a rival, and no open answer could turn it."""
    leading = profile.leading
    split = outcome.model not in {each.model for each in profile.activities}
    if leading is None or leading.weight < STRONG or profile.torn or outcome.ask or (profile.lead < _AHEAD and not split):
        return "provisional"
    rivals = profile.lead < (_ALONE if profile.contested else _UNCONTESTED) or profile.lead_inside < _AHEAD
    return "likely" if not leading.named or rivals or profile.doubted or unsettled or not _plain(described, profile) else "firm"


def _plain(described: Described, profile: Profile) -> bool:
    """Whether the work is named more than once, or once with other words that fit it or with little else in the text."""
    leading = profile.leading
    same = [each for each in profile.activities if leading and each.model == leading.model]
    names = [clue for each in same for clue in each.clues if clue.kind == "name" and clue.counts == 1.0]
    if len(names) > 1:
        return True
    return bool(names) and (sum(each.weight for each in same) >= _PLAIN or described.understood() >= _UNDERSTOOD)
