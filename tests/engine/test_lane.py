from datetime import timedelta

from adlwatch.domain.alert import Alert, Change, RuleName, Transition
from adlwatch.domain.channel import Channel, Message, message
from adlwatch.engine.lane import AT_ONCE, Lane
from tests.engine.fakes import START


class Service:
    def ready(self) -> int:
        return 0

    def __call__(self, message: Message) -> None:
        """Take it."""


def transition(number: int, rule: RuleName = RuleName.HEDGED_LIGHT, subject: str = "") -> Transition:
    alert = Alert(
        key=f"|v|{subject or number}|{rule}", rule=rule, level=1, text=f"text {number}", opened_at=START, subject=subject
    )
    return Transition(id=f"{alert.id}#{number}", change=Change.RAISED, at=START + timedelta(seconds=number), alert=alert)


def lane(*waiting: Transition, room: int = 100_000) -> Lane:
    made = Lane(Channel(name="phone"), Service(), room)
    for each in waiting:
        made.give(each)
    return made


def test_an_incident_does_not_wait_behind_a_flood_of_lights() -> None:
    lights = [transition(number) for number in range(100)]
    incident, naked = transition(100, RuleName.INCIDENT), transition(101, RuleName.NAKED)
    waiting = lane(*lights, incident, naked)
    assert waiting.take(None) == (incident, naked, *lights[: AT_ONCE - 2])
    assert waiting.take(None) == tuple(lights[AT_ONCE - 2 : 2 * AT_ONCE - 2])


def test_what_is_told_of_one_alert_keeps_its_order() -> None:
    told = [transition(number, RuleName.NAKED, "btc") for number in range(3)]
    waiting = lane(transition(50), *told)
    assert waiting.take(None)[:3] == tuple(told)


def test_a_message_is_filled_up_to_what_the_service_takes() -> None:
    first = [transition(number) for number in range(10)]
    whole = message(first[:4], "MOCK")
    waiting = lane(*first, room=len(whole.title) + len(whole.body))
    assert waiting.take("MOCK") == tuple(first[:4])


def test_a_transition_longer_than_the_service_takes_is_sent_alone() -> None:
    assert lane(transition(1), transition(2), room=0).take(None) == (transition(1),)


def test_what_was_under_way_goes_first_and_as_the_same_message() -> None:
    waiting = lane(transition(1), transition(2), transition(3, RuleName.NAKED))
    waiting.under_way = (transition(2).id, transition(1).id)
    assert waiting.take(None) == (transition(2), transition(1))
    assert waiting.take(None) == (transition(3, RuleName.NAKED),)


def test_what_was_under_way_and_has_been_taken_since_is_not_sent_again() -> None:
    waiting = lane(transition(3))
    waiting.under_way = (transition(2).id,)
    assert waiting.take(None) == (transition(3),)
