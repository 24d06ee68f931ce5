"""What people can set: how much is said in a channel, its own meanings, and what each person does not want to hear. And why it was said."""

from collections.abc import Mapping
from typing import get_args

from bot.core.glossary import Glossary
from bot.core.hearing import Hearing
from bot.core.memory import Mode, Verdict
from bot.core.messages import Choice, Field, Items, Note, Part, Reply, Submitted, Text, Who
from bot.core.restraint import forget_remark
from bot.core.term_cards import TermCards
from bot.core.turn import Turn
from bot.core.wording import Wording

WINDOW = "settings"
MODES: tuple[Mode, ...] = get_args(Mode)


class SettingsTalk:
    """The settings window, and the answers to "why"."""

    def __init__(self, wording: Wording, cards: TermCards, glossary: Glossary, hearing: Hearing) -> None:
        self._w, self._cards, self._glossary, self._hearing = wording, cards, glossary, hearing

    # ------------------------------------------------------------------ the window

    def open(self, turn: Turn) -> None:
        """Show what is set, to the one who asks."""
        if turn.outsider:
            turn.say(self._cards.not_for_outsiders(turn.person), "other company")
            return
        parts = [*([] if turn.place.direct else self._channel_parts(turn)), *self._person_parts(turn)]
        if not parts:
            turn.say(self._whisper(turn, "settings.nothing"), "settings")
            return
        title = self._w.text("settings.title_person" if turn.place.direct else "settings.title")
        save = self._w.text("settings.save")
        window = Reply(tuple(parts), title, surface="window", to=turn.person, title=title, window=WINDOW, submit=save)
        turn.say(window, "settings")

    def _channel_parts(self, turn: Turn) -> list[Part]:
        channel, w = turn.channel, self._w
        modes = tuple(Choice(mode, w.text(f"settings.mode_{mode}"), w.text(f"settings.mode_{mode}_hint")) for mode in MODES)
        more = tuple(Choice(name, w.text(f"settings.{name}"), w.text(f"settings.{name}_hint")) for name in ("shadow", "with_others"))
        parts: list[Part] = [Text(w.line("settings.quiet"))] if channel.quiet else []
        parts.append(Field("mode", w.text("settings.mode"), modes, (channel.mode,)))
        chosen = (("shadow",) if channel.shadow else ()) + (("with_others",) if channel.with_others else ())
        parts.append(Field("more", w.text("settings.more"), more, chosen, many=True))
        if channel.would:
            parts.append(Text(w.line("settings.would")))
            counts = sorted(channel.would.items(), key=lambda entry: -entry[1])[:10]
            parts.append(Items(tuple(w.line("settings.would_item", remark=remark, count=str(count)) for remark, count in counts)))
        house = self._house(turn)
        if house:
            parts.append(Field("house", w.text("settings.house"), tuple(house), tuple(choice.id for choice in house), many=True))
        if channel.set_by:
            parts.append(Note(w.line("settings.set_by", by=(Who(channel.set_by),))))
        return parts

    def _house(self, turn: Turn) -> list[Choice]:
        found = ((term, self._glossary.sense(term, house.sense)) for term, house in sorted(turn.channel.house.items()))
        hint = self._w.text("settings.house_hint")
        return [Choice(term, self._w.text("settings.house_item", term=term, name=sense.name)[:75], hint) for term, sense in found if sense][
            :10
        ]

    def _person_parts(self, turn: Turn) -> list[Part]:
        hint = self._w.text("settings.dismissed_hint")
        choices = tuple(Choice(term, term, hint) for term in sorted(turn.who.dismissed))[:10]
        label = self._w.text("settings.dismissed")
        return [Field("dismissed", label, choices, tuple(choice.id for choice in choices), many=True)] if choices else []

    # ------------------------------------------------------------------ what comes back

    def submitted(self, turn: Turn, sent: Submitted) -> None:
        """Take over what was chosen; what the window did not show, or what does not exist, changes nothing."""
        if turn.outsider:
            turn.say(self._cards.not_for_outsiders(turn.person), "other company")
            return
        unticked = {name: set(offered) - set(sent.values.get(name, ())) for name, offered in sent.offered.items()}
        left_out = unticked.get("dismissed", set())
        turn.note_person(dismissed={term: at for term, at in turn.who.dismissed.items() if term not in left_out})
        if turn.place.direct:
            turn.say(self._whisper(turn, "settings.saved_person"), "settings saved")
            return
        self._save_channel(turn, sent.values, unticked)

    def _save_channel(self, turn: Turn, values: Mapping[str, tuple[str, ...]], unticked: Mapping[str, set[str]]) -> None:
        channel = turn.channel
        mode = next((mode for mode in MODES if mode in values.get("mode", ())), channel.mode)
        ticked, off = values.get("more", ()), unticked.get("more", set())
        shadow = "shadow" in ticked or (channel.shadow and "shadow" not in off)
        taken_back = unticked.get("house", set())
        turn.note_channel(
            mode=mode,
            shadow=shadow,
            with_others="with_others" in ticked or (channel.with_others and "with_others" not in off),
            would=channel.would if shadow else {},
            house={term: entry for term, entry in channel.house.items() if term not in taken_back},
            quiet=False,
            dismissed=(),
            set_by=turn.person,
        )
        turn.say(self._whisper(turn, "settings.saved", mode=self._w.text(f"settings.mode_{mode}")), "settings saved")

    def _whisper(self, turn: Turn, key: str, **values: str) -> Reply:
        parts = (Text(self._w.line(key, **values)),)
        return Reply(parts, self._cards.fallback(parts), surface="whisper", to=turn.person)

    # ------------------------------------------------------------------ why

    def why_lately(self, turn: Turn) -> None:
        """Why we spoke or stayed silent on the last term that somebody wrote in this channel."""
        self._explain(turn, turn.channel.lately[-1:], "why.nothing_yet")

    def why_about(self, turn: Turn, text: str, outside: bool, message: str) -> None:
        """Why we speak or stay silent on this text, as a first message of its thread. What its message made us say then does not count
        against it now; where it was addressed to us, that is why."""
        caused = turn.thread.caused.get(message)
        alone = Turn(turn.place, turn.person, turn.now, type(turn.thread)(), turn.channel, turn.who)
        if caused:
            forget_remark(alone, caused)
        if turn.place.direct or message in turn.thread.answered:
            self._explain(turn, tuple(self._hearing.answered(alone, self._glossary.readings(alone, text))), "why.no_term_addressed")
            return
        verdicts = self._hearing.verdicts(alone, text, outside or turn.channel.others)
        self._explain(turn, tuple(verdicts), "why.no_term")

    def _explain(self, turn: Turn, verdicts: tuple[Verdict, ...], nothing: str) -> None:
        lines = [self._told(verdict, turn.place.direct) for verdict in verdicts] or [Text(self._w.line(nothing))]
        mode = self._w.text(f"settings.mode_{turn.channel.mode}")
        setting = () if turn.place.direct else (Note(self._w.line("why.setting", mode=mode)),)
        parts: tuple[Part, ...] = (*lines, *setting)
        turn.say(Reply(parts, self._cards.fallback(parts), surface="whisper", to=turn.person), "why")

    def _told(self, verdict: Verdict, direct: bool) -> Text:
        sense = self._glossary.sense(verdict.term, verdict.sense)
        prompted = verdict.reason.startswith("addressed")
        reason = self._w.text(f"why.{verdict.reason.replace(' ', '_')}{'_direct' if prompted and direct else ''}")
        confidence = f"{verdict.confidence:.0%}"
        if verdict.action == "ask":
            return Text(self._w.line("why.asked_back" if prompted else "why.asked", term=verdict.term, reason=reason))
        if verdict.action == "explain" and sense is None:
            return Text(self._w.line("why.explained", term=verdict.term, reason=reason))
        if sense is None:
            return Text(self._w.line("why.silent_unread", term=verdict.term, reason=reason))
        if verdict.action == "silent":
            return Text(self._w.line("why.silent", term=verdict.term, name=sense.name, confidence=confidence, reason=reason))
        words = self._w.text("why.words", words=self._cards.quoted(verdict.words)) if verdict.words else ""
        return Text(self._w.line("why.spoke", term=verdict.term, name=sense.name, confidence=confidence, words=words, reason=reason))
