"""What a press, a choice or a filled-in field is on the wire."""

from typing import Any

Json = dict[str, Any]
CHOSEN_ONE = ("static_select", "radio_buttons", "overflow")
CHOSEN_MANY = ("checkboxes", "multi_static_select")
PICKED = {"users_select": "selected_user", "channels_select": "selected_channel", "conversations_select": "selected_conversation"}
TYPED = ("plain_text_input", "number_input")


class NotPossible(Exception):
    """The person cannot do that here; the text says why."""


def pressed(button: Json) -> Json:
    """The action of a pressed button."""
    return {"type": "button", **{name: button[name] for name in ("text", "value") if name in button}}


def chosen(element: Json, values: tuple[str, ...]) -> Json:
    """What a state or an action carries after choosing these options (by value or label), or typing this text."""
    kind = element["type"]
    if kind in TYPED:
        return {"type": kind, "value": values[0] if values and values[0] else None}
    if kind in PICKED:
        return {"type": kind, PICKED[kind]: values[0] if values else None}
    options = list(element.get("options") or []) + [each for group in element.get("option_groups") or [] for each in group["options"]]
    found = [each for each in options if each["value"] in values or each["text"]["text"] in values]
    if len(found) < len(set(values)):
        raise NotPossible(f"{values!r} is not among the options {[each['text']['text'] for each in options]!r}.")
    if kind in CHOSEN_MANY:
        return {"type": kind, "selected_options": found}
    return {"type": kind, "selected_option": found[0] if found else None}


def initial(element: Json) -> Json:
    """What an untouched element carries."""
    kind = element["type"]
    if kind in TYPED:
        return {"type": kind, "value": element.get("initial_value") or None}
    if kind in PICKED:
        return {"type": kind, PICKED[kind]: element.get("initial_" + PICKED[kind].removeprefix("selected_"))}
    if kind in CHOSEN_MANY:
        return {"type": kind, "selected_options": element.get("initial_options", [])}
    return {"type": kind, "selected_option": element.get("initial_option")}


def filled(blocks: list[Json], state: Json) -> Json:
    """The state of all inputs: what was filled in, and what stands there from the start."""
    whole = {block: dict(values) for block, values in state.items()}
    for block in blocks:
        if block["type"] == "input":
            whole.setdefault(block["block_id"], {}).setdefault(block["element"]["action_id"], initial(block["element"]))
    return whole


def unfilled(blocks: list[Json], state: Json) -> list[str]:
    """The block ids of required inputs that are still empty."""
    whole = filled(blocks, state)
    required = [block for block in blocks if block["type"] == "input" and not block.get("optional")]
    return [block["block_id"] for block in required if not _given(whole[block["block_id"]][block["element"]["action_id"]])]


def _given(value: Json) -> bool:
    return any(content for name, content in value.items() if name != "type")
