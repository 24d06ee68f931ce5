"""views.*: windows of one person, opened with a trigger and kept as a stack."""

import secrets

from bot.playground import blockcheck
from bot.playground.blocknames import named
from bot.playground.methods import Calls, Json, Method, SlackError, refuse_blocks
from bot.playground.payloads import Payloads
from bot.playground.tickets import Tickets, Trigger
from bot.playground.workspace import Change, View, Workspace

DEEPEST = 3


class Windows:
    """Opens, replaces and closes windows; also used when an acknowledgement asks for it."""

    def __init__(self, workspace: Workspace, payloads: Payloads, tickets: Tickets) -> None:
        self._space = workspace
        self._payloads = payloads
        self._tickets = tickets

    def check(self, view: object, kind: str = "modal") -> Json:
        """The view if Slack would take it."""
        if isinstance(view, str):
            raise SlackError(
                "invalid_arguments", response_metadata={"messages": ["[ERROR] must be a valid JSON object [json-pointer:/view]"]}
            )
        refuse_blocks(blockcheck.view_complaints(view), "invalid_arguments")
        assert isinstance(view, dict)
        if view["type"] != kind:
            refuse_blocks([f"unsupported type: {view['type']} [json-pointer:/view/type]"], "invalid_arguments")
        return {**view, "blocks": named(view["blocks"])}

    def open(self, person: str, view: object) -> View:
        """Open a window over nothing: whatever was open is gone."""
        content = self.check(view)
        self._space.windows[person] = []
        return self._put(person, content)

    def push(self, person: str, view: object) -> View:
        """Put a window over the open one."""
        content = self.check(view)
        stack = self._space.windows.get(person) or []
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        return self._put(person, content)

    def replace(self, window: View, view: object) -> View:
        """Put new content in a window; what was filled in stays where the names do."""
        window.content = self.check(view)
        kept = {block.get("block_id") for block in window.content["blocks"]}
        window.state = {block: values for block, values in window.state.items() if block in kept}
        window.hash = self._hash()
        self._told(window.person)
        return window

    def pop(self, person: str) -> None:
        """Close the top window."""
        if self._space.windows.get(person):
            self._space.windows[person].pop()
        self._told(person)

    def clear(self, person: str) -> None:
        """Close all windows of a person."""
        self._space.windows[person] = []
        self._told(person)

    def find(self, ident: str, external: str) -> View:
        """A window by its id or by the app's own name for it."""
        for stack in self._space.windows.values():
            for window in stack:
                if (ident and window.id == ident) or (external and window.content.get("external_id") == external):
                    return window
        raise SlackError("not_found")

    def publish(self, person: str, view: object) -> View:
        """Set somebody's home tab."""
        ident = self._space.new_id("V")
        home = self._space.homes[person] = View(ident, person, self.check(view, "home"), self._hash(), ident)
        self._space.tell(Change("home", person=person))
        return home

    def trigger(self, arguments: Json) -> Trigger:
        """The trigger of the arguments, used up."""
        ident = arguments.get("trigger_id")
        if not ident:
            raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: trigger_id"]})
        trigger = self._tickets.use_trigger(str(ident))
        if isinstance(trigger, str):
            raise SlackError(trigger)
        return trigger

    def shown(self, window: View) -> Json:
        """The answer of the views methods."""
        return {"view": self._payloads.view(window)}

    def _put(self, person: str, content: Json) -> View:
        stack = self._space.windows.setdefault(person, [])
        ident = self._space.new_id("V")
        top = stack[-1] if stack else None
        window = View(ident, person, content, self._hash(), top.root if top else ident, top.id if top else None)
        stack.append(window)
        self._told(person)
        return window

    def _told(self, person: str) -> None:
        self._space.tell(Change("window", person=person))

    @staticmethod
    def _hash() -> str:
        return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


def view_methods(windows: Windows) -> dict[str, Method]:
    """views.open, push, update and publish."""

    def open_view(calls: Calls, arguments: Json) -> Json:
        windows.check(arguments.get("view"))
        return windows.shown(windows.open(windows.trigger(arguments).person, arguments["view"]))

    def push_view(calls: Calls, arguments: Json) -> Json:
        windows.check(arguments.get("view"))
        return windows.shown(windows.push(windows.trigger(arguments).person, arguments["view"]))

    def update_view(calls: Calls, arguments: Json) -> Json:
        window = windows.find(str(arguments.get("view_id") or ""), str(arguments.get("external_id") or ""))
        if arguments.get("hash") and arguments["hash"] != window.hash:
            raise SlackError("hash_conflict")
        return windows.shown(windows.replace(window, arguments.get("view")))

    def publish_view(calls: Calls, arguments: Json) -> Json:
        person = str(arguments.get("user_id", ""))
        if person not in calls.space.people:
            raise SlackError("user_not_found")
        return windows.shown(windows.publish(person, arguments.get("view")))

    return {
        "views.open": Method(open_view),
        "views.push": Method(push_view),
        "views.update": Method(update_view),
        "views.publish": Method(publish_view),
    }
