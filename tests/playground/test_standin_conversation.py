"""The real Bolt talks to the stand-in, over Socket Mode and over signed HTTP, and cannot tell the difference."""

from bot.playground import StandIn


async def test_a_message_is_answered_in_its_thread(echoing: StandIn) -> None:
    message = await echoing.people.say("maya", "#talent", "say hello")

    (reply,) = await echoing.until(lambda: echoing.said("#talent", message.ts))

    assert reply["text"] == "hello"
    assert reply["thread_ts"] == message.ts
    assert reply["parent_user_id"] == message.user
    assert reply["bot_profile"]["name"] == "Echo"


async def test_a_reply_in_a_thread_stays_in_that_thread(echoing: StandIn) -> None:
    head = await echoing.people.say("maya", "#talent", "good morning")
    reply = await echoing.people.say("jonas", "#talent", "say it here", thread=head)

    await echoing.until(lambda: echoing.said("#talent", head.ts))

    assert reply.thread_ts == head.ts
    assert echoing.said("#talent") == []


async def test_a_direct_message_reaches_the_bot_and_is_answered_there(echoing: StandIn) -> None:
    message = await echoing.people.say("priya", "@", "say hi")

    await echoing.until(lambda: echoing.said(message.channel, message.ts))

    assert message.channel == "D0PRIYA"


async def test_a_pressed_button_changes_its_message_in_place(echoing: StandIn) -> None:
    message = await echoing.people.say("maya", "#talent", "buttons, please")
    (offer,) = await echoing.until(lambda: echoing.said("#talent", message.ts))
    shown = echoing.workspace.find(message.channel, offer["ts"])
    assert shown is not None

    answer = await echoing.people.press("jonas", shown, "Again")
    await echoing.until(lambda: shown.blocks is None)

    assert answer.ok
    assert shown.text == "jonas pressed one"
    assert echoing.said("#talent", message.ts)[0]["edited"]


async def test_a_slash_command_is_answered_to_that_person_alone(echoing: StandIn) -> None:
    answer = await echoing.people.command("maya", "#talent", "/echo R&D for @Jonas in #talent")
    (whisper,) = await echoing.until(lambda: echoing.workspace.whispers("U0MAYA"))

    assert answer.ok
    assert whisper.text == "R&amp;D for <@U0JONAS|jonas> in <#C0TALENT|talent>"
    assert echoing.said("#talent") == []
    assert echoing.workspace.whispers("U0JONAS") == []


async def test_a_shortcut_opens_a_window_that_can_be_refused_and_then_sent(echoing: StandIn) -> None:
    message = await echoing.people.say("maya", "#talent", "good morning")

    await echoing.people.shortcut("maya", message, "Repeat this")
    await echoing.until(lambda: echoing.people.window("maya"))
    assert await echoing.people.submit("maya") == {"words": "Please complete this required field."}

    await echoing.people.fill("maya", "text", "hush")
    assert await echoing.people.submit("maya") == {"words": "Louder, please"}
    assert echoing.people.window("maya")

    await echoing.people.fill("maya", "text", "Good morning")
    assert await echoing.people.submit("maya") == {}
    (said,) = await echoing.until(lambda: echoing.said("D0MAYA"))

    assert said["text"] == "Good morning (kept)"
    assert echoing.people.window("maya") is None


async def test_a_mention_comes_as_two_events_with_one_message_id(echoing: StandIn) -> None:
    message = await echoing.people.say("maya", "#talent", "@Echo are you there?")
    await echoing.until(lambda: echoing.said("#talent", message.ts))
    await echoing.settled()

    events = [each.attempt.payload for each in echoing.dispatcher.delivered]
    of_the_message = [event for event in events if event["event"].get("ts") == message.ts]

    assert {event["event"]["type"] for event in of_the_message} == {"message", "app_mention"}
    assert len({event["event_id"] for event in of_the_message}) == 2
    assert {event["event"]["text"] for event in of_the_message} == {"<@U0SPELLOUT> are you there?"}
