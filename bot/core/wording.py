"""rules/wording.yml: every sentence Spellout says, and how a sentence with `{placeholders}` becomes a line that no service can misread."""

import re
from collections.abc import Iterator, Mapping

from pydantic import ConfigDict, RootModel

from bot.core.manners import COMMANDS
from bot.core.messages import Line, Span, Style, Who
from bot.core.models import FIELDS
from bot.core.problems import KEY, Path, unknown
from bot.core.work_wording import WORK

_PIECE = re.compile(r"\*\*|__|\{[a-z_]+\}")

REASONS = (
    "decided",
    "undecided",
    "spelled_out",
    "other_trade",
    "other_language",
    "hushed",
    "only_when_asked",
    "settled_in_this_thread",
    "house_meaning",
    "mode",
    "other_company",
    "dismissed",
    "explained_before",
    "said_lately",
    "budget",
    "shadow",
    "one_at_a_time",
    "addressed",
    "addressed_direct",
    "addressed_settled",
    "addressed_settled_direct",
)
"""Why something was said or not: the reasons of `senses.action`, of the thread, and of `restraint.held_back`."""

CATALOGUE: Mapping[str, frozenset[str]] = {
    key: frozenset(names.split())
    for key, names in {
        # shared words
        "shared.somebody": "",
        "shared.and": "",
        "shared.or": "",
        "shared.then": "",
        "shared.quoted": "word",
        "shared.gone": "",
        "shared.close": "",
        "shared.confidence_firm": "",
        "shared.confidence_likely": "",
        "shared.confidence_provisional": "",
        # an undecided term
        "clarify.text": "term",
        "clarify.meaning": "name means",
        "clarify.question": "",
        "clarify.others": "term",
        "clarify.misread": "term",
        "clarify.reopened": "term",
        "clarify.reopened_other": "term name by",
        "clarify.something_else": "",
        "clarify.none_of_these": "",
        "clarify.help_me_choose": "",
        "clarify.because": "term names words",
        "clarify.because_without_words": "term names",
        # a settled term
        **{f"settled.ours{where}": "term name by" for where in ("", "_direct")},
        **{f"settled.foreign{where}": "term name by" for where in ("", "_direct")},
        **{f"settled.unknown{where}": "term by" for where in ("", "_direct")},
        "settled.choosing": "term by",
        "settled.choose": "",
        "settled.change": "",
        "settled.taken": "by",
        "settled.always": "",
        "settled.house": "term name",
        # a noted reading
        "noted.text": "term name words",
        "noted.text_without_words": "term name",
        "noted.wrong": "",
        "noted.why_said": "",
        "noted.hush": "",
        "noted.hushed": "term",
        "noted.went_quiet": "",
        "noted.because": "term name words",
        "noted.because_usual": "term name",
        "noted.because_defined": "term name",
        # the first time in a channel
        "explained.first": "term name means",
        "explained.family": "family",
        # asked for
        "explain.one": "term name means",
        "explain.several": "term",
        "explain.foreign": "",
        "explain.rarely": "names",
        "explain.unknown": "count",
        "explain.unknown_close": "terms count",
        "explain.nothing": "count",
        "explain.known": "count",
        "explain.field": "field terms",
        "explain.more": "terms",
        "explain.reading": "term name words",
        "explain.reading_without_words": "term name",
        "explain.undecided": "term names",
        "explain.runner_up": "name",
        "explain.spelled_out": "term name",
        "explain.defined_otherwise": "term words",
        # why it spoke or stayed silent
        "why.spoke": "term name confidence words reason",
        "why.asked": "term reason",
        "why.asked_back": "term reason",
        "why.explained": "term reason",
        "why.silent": "term name confidence reason",
        "why.silent_unread": "term reason",
        "why.words": "words",
        "why.setting": "mode",
        "why.no_term": "",
        "why.no_term_addressed": "",
        "why.nothing_yet": "",
        **{f"why.{reason}": "" for reason in REASONS},
        # settings
        "settings.title": "",
        "settings.title_person": "",
        "settings.save": "",
        "settings.mode": "",
        **{f"settings.mode_{mode}": "" for mode in ("helpful", "unclear", "asked", "off")},
        **{f"settings.mode_{mode}_hint": "" for mode in ("helpful", "unclear", "asked", "off")},
        "settings.more": "",
        "settings.shadow": "",
        "settings.shadow_hint": "",
        "settings.with_others": "",
        "settings.with_others_hint": "",
        "settings.quiet": "",
        "settings.set_by": "by",
        "settings.would": "",
        "settings.would_item": "remark count",
        "settings.house": "",
        "settings.house_item": "term name",
        "settings.house_hint": "",
        "settings.dismissed": "",
        "settings.dismissed_hint": "",
        "settings.saved": "mode",
        "settings.saved_person": "",
        "settings.nothing": "",
        # help
        "help.text": "",
        "help.term": "",
        **{f"help.say_{name}": "" for name in ("term", "choose", "classify")},
        "help.settings_direct": "",
        "help.item": "command does",
        "help.words": "",
        "help.menu": "",
        # the entries of a message's menu, and what each does
        **{f"menu.{name}{does}": "" for name in ("explain", "choose", "classify", "why") for does in ("", "_does")},
        # what each command does, where a service lists them
        **{f"command.{name}": "" for name in (*COMMANDS, "classify")},
        "help.settings": "",
        "help.not_understood": "",
        # the dialogue
        "dialogue.opening": "by",
        "dialogue.progress": "number total text",
        "dialogue.follow_up": "text",
        "dialogue.domain_undecided": "term names",
        "dialogue.option": "label anchor",
        "dialogue.option_plain": "label",
        "dialogue.type_hint": "number",
        "dialogue.type_hint_first": "",
        "dialogue.answered": "number name answer by",
        "dialogue.answered_follow_up": "name answer by",
        "dialogue.postponed": "number name",
        "dialogue.change": "",
        "dialogue.back": "",
        "dialogue.why_ask": "",
        "dialogue.stop": "",
        "dialogue.help": "",
        "dialogue.why": "why",
        "dialogue.already": "by",
        "dialogue.already_direct": "",
        "dialogue.nothing_running": "",
        "dialogue.nothing_to_change": "",
        "dialogue.nothing_before": "",
        "dialogue.stopped": "by",
        "dialogue.resume": "",
        "dialogue.replaced": "",
        "dialogue.how": "number",
        "dialogue.how_first": "",
        "dialogue.stale_answered": "by",
        "dialogue.stale": "",
        # the result
        "result.heading": "model confidence",
        "result.heading_none": "",
        "result.none_text": "",
        "result.find_out": "",
        "result.because": "",
        "result.because_said": "name answer words",
        "result.because_usual": "answer",
        "result.because_unsure": "names",
        "result.unsure_taken": "name answer",
        "result.although": "answers",
        **{f"result.{name}": "" for name in FIELDS},
        "result.warning": "text",
        "result.flip": "model condition",
        "result.flip_gate": "model kind",
        "result.no_flip": "",
        "result.brief": "",
        "result.brief_title": "",
        "result.sourced": "say source",
        "result.own": "",
        "result.sources": "",
        "result.source": "refs title url",
        "result.start_over": "",
        "result.superseded": "model by",
        "result.superseded_none": "by",
        # a draft
        "draft.unspelled": "term name",
        "draft.later": "term name where",
        "draft.undecided": "term names",
        "draft.second": "term name other where",
        "draft.second_spelled": "term name other where",
        "draft.line": "line",
        "draft.paragraph": "line",
        "draft.cell": "table row cell",
        "draft.in_cell": "where message",
        "draft.nothing": "",
        # described work, and decision records
        **WORK,
        # faults
        "fault.not_in_channel": "",
        "fault.not_opened": "",
        "fault.not_saved": "",
        "fault.outsider": "",
        # what a service shows in answer to a press or a menu, where that answer stands elsewhere
        **dict.fromkeys([f"task.{each}" for each in ("private", "below", "elsewhere", "done", "coming", "unchanged", "failed")], ""),
        # what stands above a private card in the chat of one person, about the conversation that it belongs to
        "task.about": "where",
        "task.within": "channel team",
        **dict.fromkeys(["task.channel", "task.chat"], ""),
    }.items()
}


FORGOTTEN = Who("")
"""What stands where the name of a person was deleted on request."""


def _tokens(template: str) -> Iterator[tuple[str, bool]]:
    """The template's pieces in order: (text, whether it is markup or a placeholder)."""
    end = 0
    for match in _PIECE.finditer(template):
        if match.start() > end:
            yield template[end : match.start()], False
        yield match.group(), True
        end = match.end()
    if end < len(template):
        yield template[end:], False


def compose(template: str, values: Mapping[str, str | Line]) -> Line:
    """The template's line: `**bold**`, `__italic__`, and every `{placeholder}` filled. What fills a placeholder is never parsed."""
    style: Style = "plain"
    line: list[Span | Who] = []
    for piece, special in _tokens(template):
        if not special:
            line.append(Span(piece, style))
        elif piece == "**":
            style = "plain" if style == "bold" else "bold"
        elif piece == "__":
            style = "plain" if style == "italic" else "italic"
        else:
            value = values.get(piece[1:-1], "")
            line.extend((Span(value, style),) if isinstance(value, str) else value)
    return tuple(part for part in line if not isinstance(part, Span) or part.text)


def plain(line: Line, somebody: str) -> str:
    """The line as bare text; a person becomes `somebody`."""
    return "".join(part.text if isinstance(part, Span) else somebody for part in line)


class Wording(RootModel[dict[str, dict[str, str]]]):
    """All sentences: group -> name -> template."""

    model_config = ConfigDict(frozen=True, strict=True)

    def line(self, key: str, **values: str | Line) -> Line:
        """The sentence `group.name`, filled. A person whose name was forgotten is somebody."""
        group, name = key.split(".")
        line = compose(self.root[group][name], values)
        return tuple(Span(self.root["shared"]["somebody"]) if part == FORGOTTEN else part for part in line)

    def text(self, key: str, **values: str | Line) -> str:
        """The sentence as bare text: for buttons and fallbacks."""
        return plain(self.line(key, **values), self.root["shared"]["somebody"])

    def problems(self) -> list[tuple[Path, str]]:
        """What is wrong with the file: (path in the document, message). Sentences missing, unknown, or with an unknown placeholder."""
        found: list[tuple[Path, str]] = []
        for key, allowed in CATALOGUE.items():
            group, name = key.split(".")
            template = self.root.get(group, {}).get(name)
            if template is None:
                found.append(((group,) if group in self.root else (), f"`{name}` is missing in `{group}`, expected a sentence"))
                continue
            if re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", template)):
                found.append(((group, name), "a brace stands alone, expected `{` and `}` around the name of a placeholder"))
            for piece in re.findall(r"\{([^{}]*)\}", template):
                if piece not in allowed:
                    known = ", ".join(f"`{{{name}}}`" for name in sorted(allowed))
                    found.append(((group, name), f"unknown placeholder `{{{piece}}}`, expected {known or 'none here'}"))
            found.extend(((group, name), f"`{mark}` is opened and not closed") for mark in ("**", "__") if template.count(mark) % 2)
        for group, sentences in self.root.items():
            known_here = [key.split(".")[1] for key in CATALOGUE if key.startswith(f"{group}.")]
            if not known_here:
                groups = dict.fromkeys(key.split(".")[0] for key in CATALOGUE)
                found.append(((group, KEY), unknown("group of sentences", group, groups)))
            else:
                found.extend(((group, name, KEY), unknown("sentence", name, known_here)) for name in sentences if name not in known_here)
        return found
