"""The payloads that Slack sends, field by field."""

from typing import Any

from bot.playground.choices import filled
from bot.playground.workspace import CHANNEL_TYPES, Channel, Message, Person, View, Workspace

Json = dict[str, Any]
VERIFICATION = "stand-in-verification-token"


class Payloads:
    """Builds what an app receives, for one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._space = workspace

    def event(self, event: Json, channel: Channel | None) -> Json:
        """An event in its outer envelope, with an id of its own; its team is that of whoever acted, who may belong to another company."""
        space = self._space
        ident = space.new_id("Ev")
        return {
            "token": VERIFICATION,
            "team_id": self._team_of(event),
            "context_team_id": space.team,
            "context_enterprise_id": space.enterprise or None,
            "api_app_id": space.app,
            "event": event,
            "type": "event_callback",
            "event_id": ident,
            "event_time": int(space.clock()),
            "authorizations": [
                {
                    "enterprise_id": space.enterprise or None,
                    "team_id": None if space.everywhere else space.team,
                    "user_id": space.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": space.everywhere,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.shared),
            "event_context": f"4-{ident}",
            **({"enterprise_id": space.enterprise} if space.enterprise else {}),
        }

    def _team_of(self, event: Json) -> str:
        acted_on = event.get("message") or event.get("previous_message") or event
        return str(acted_on.get("team") or self._space.team)

    def message(self, message: Message, channel: Channel) -> Json:
        """A new message."""
        return {
            **self._space.wire(message),
            **self._where(channel),
            "event_ts": message.ts,
        }

    def mention(self, message: Message, channel: Channel) -> Json:
        """The same message once more, because it names the bot; here the team is always the one that the bot belongs to."""
        wire = {**self._space.wire(message), "team": self._space.team}
        return {**wire, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}

    def changed(self, message: Message, before: Json, channel: Channel) -> Json:
        """An edited message."""
        ts = self._space.now()
        return {
            "type": "message",
            "subtype": "message_changed",
            "message": self._space.wire(message),
            "previous_message": before,
            **self._where(channel),
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
        }

    def deleted(self, message: Message, before: Json, channel: Channel) -> Json:
        """A deleted message."""
        ts = self._space.now()
        return {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": before,
            **self._where(channel),
            "hidden": True,
            "deleted_ts": message.ts,
            "ts": ts,
            "event_ts": ts,
        }

    def joined(self, person: str, channel: Channel) -> Json:
        """Somebody became a member."""
        return {
            "type": "member_joined_channel",
            "user": person,
            "channel": channel.id,
            "channel_type": {"public": "C", "private": "G"}.get(channel.kind, "D"),
            "team": self._space.team,
            "event_ts": self._space.now(),
        }

    def reacted(self, message: Message, person: str, name: str) -> Json:
        """Somebody reacted to a message."""
        return {
            "type": "reaction_added",
            "user": person,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "event_ts": self._space.now(),
        }

    def home_opened(self, person: str, tab: str) -> Json:
        """Somebody opened the app's home or messages tab."""
        channel = self._space.direct(person).id
        event: Json = {"type": "app_home_opened", "user": person, "channel": channel, "event_ts": self._space.now(), "tab": tab}
        if tab == "home" and person in self._space.homes:
            event["view"] = self.view(self._space.homes[person])
        return event

    def revoked(self) -> Json:
        """The bot's token is good for nothing any more."""
        return {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self._space.bot.id]}, "event_ts": self._space.now()}

    def uninstalled(self) -> Json:
        """The app was taken out."""
        return {"type": "app_uninstalled", "event_ts": self._space.now()}

    def command(self, name: str, text: str, *, person: Person, channel: Channel, trigger: str, answer_url: str) -> Json:
        """A slash command."""
        return {
            "token": VERIFICATION,
            "team_id": self._space.team,
            "team_domain": self._space.domain,
            "channel_id": channel.id,
            "channel_name": {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name),
            "user_id": person.id,
            "user_name": person.name,
            "command": name,
            "text": text,
            "api_app_id": self._space.app,
            "is_enterprise_install": "true" if self._space.everywhere else "false",
            "response_url": answer_url,
            "trigger_id": trigger,
            **({"enterprise_id": self._space.enterprise, "enterprise_name": self._space.enterprise} if self._space.enterprise else {}),
        }

    def pressed(self, message: Message, action: Json, person: Person, trigger: str, answer_url: str) -> Json:
        """A button or choice in a message."""
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = {
            **self._interaction("block_actions", person, trigger),
            "container": container,
            "channel": self._channel(self._space.channels[message.channel]),
            "state": {"values": message.state.get(person.id, {})},
            "response_url": answer_url,
            "actions": [action],
        }
        if message.to is None:
            payload["message"] = self._space.wire(message)
        return payload

    def pressed_in_view(self, view: View, action: Json, person: Person, trigger: str) -> Json:
        """A button or choice in a window."""
        return {
            **self._interaction("block_actions", person, trigger),
            "container": {"type": "view", "view_id": view.id},
            "view": self.view(view),
            "actions": [action],
        }

    def pointed(self, message: Message, callback_id: str, person: Person, trigger: str, answer_url: str) -> Json:
        """A message shortcut."""
        return {
            **self._interaction("message_action", person, trigger),
            "action_ts": self._space.now(),
            "callback_id": callback_id,
            "channel": self._channel(self._space.channels[message.channel]),
            "message_ts": message.ts,
            "message": self._space.wire(message),
            "response_url": answer_url,
        }

    def shortcut(self, callback_id: str, person: Person, trigger: str) -> Json:
        """A global shortcut."""
        return {**self._interaction("shortcut", person, trigger), "action_ts": self._space.now(), "callback_id": callback_id}

    def submitted(self, view: View, person: Person, trigger: str) -> Json:
        """A window that was sent off; its team is that of the person."""
        payload = self._interaction("view_submission", person, trigger)
        payload["team"]["id"] = payload["user"]["team_id"]
        return {**payload, "view": self.view(view), "response_urls": []}

    def closed(self, view: View, person: Person, *, cleared: bool) -> Json:
        """A window that was closed without sending."""
        payload = self._interaction("view_closed", person, "")
        del payload["trigger_id"]
        return {**payload, "view": self.view(view), "is_cleared": cleared}

    def view(self, view: View) -> Json:
        """A window as Slack shows it to its app."""
        content = view.content
        wire: Json = {
            "id": view.id,
            "team_id": self._space.team,
            "type": content["type"],
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata", ""),
            "callback_id": content.get("callback_id", ""),
            "external_id": content.get("external_id", ""),
            "state": {"values": filled(content["blocks"], view.state)},
            "hash": view.hash,
            "root_view_id": view.root,
            "previous_view_id": view.previous,
            "app_id": self._space.app,
            "app_installed_team_id": self._space.enterprise if self._space.everywhere else self._space.team,
            "bot_id": self._space.bot_id,
        }
        if content["type"] == "modal":
            wire |= {name: content.get(name) for name in ("title", "submit", "close")}
            wire |= {name: content.get(name, False) for name in ("clear_on_close", "notify_on_close")}
        return wire

    def _interaction(self, kind: str, person: Person, trigger: str) -> Json:
        return {
            "type": kind,
            "token": VERIFICATION,
            "team": {"id": self._space.team, "domain": self._space.domain},
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team or self._space.team},
            "api_app_id": self._space.app,
            "enterprise": {"id": self._space.enterprise, "name": self._space.enterprise} if self._space.enterprise else None,
            "is_enterprise_install": self._space.everywhere,
            "trigger_id": trigger,
        }

    def _where(self, channel: Channel) -> Json:
        return {"channel": channel.id, "channel_type": CHANNEL_TYPES[channel.kind]}

    def _channel(self, channel: Channel) -> Json:
        return {"id": channel.id, "name": {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)}
