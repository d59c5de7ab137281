"""The picture of an operation: what each story shows, and that any story can be drawn."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.stories import FACTS, START_MS, STORIES, UID, Story, sale
from tests.documents.voices import WORDS, Long, Wide
from tests.documents.write_golden import FOLDER, golden
from tillwright.documents import picture_text
from tillwright.documents.drawing import Box, Drawing, Text, svg
from tillwright.documents.measure import cells
from tillwright.documents.picture import Arrow, Cut, End, Note, Person, Picture, Stroke, Tone
from tillwright.documents.picture_svg import NARROW, WIDE, draw
from tillwright.documents.replay import Record, event_of, record_of
from tillwright.documents.storyboard import picture_of
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.operations import events as happened
from tillwright.operations.events import Event
from tillwright.operations.model import Leg
from tillwright.operations.policy import Policy
from tillwright.operations.ports import REQUESTS, RequestTraits
from tillwright.operations.states import OperationState


def shown(story: Story) -> Picture:
    return picture_of(story.operation, story.records, WORDS, story.policy)


def arrows(picture: Picture) -> list[Arrow]:
    return [row for row in picture.rows if isinstance(row, Arrow)]


# ── the stories ──


@pytest.mark.parametrize("name", STORIES)
def test_every_story_is_drawn_as_it_was(name):
    for end, text in golden(STORIES[name]()).items():
        assert text == (FOLDER / f"{name}.{end}").read_text(encoding="utf-8"), f"{name}.{end}"


def test_a_plain_sale_is_two_solid_arrows_and_an_end():
    picture = shown(STORIES["plain-sale"]())
    assert [(one.source, one.target, one.stroke) for one in arrows(picture)] == [
        (0, 1, Stroke.SOLID),
        (1, 0, Stroke.SOLID),
    ]
    assert isinstance(picture.rows[-1], End)
    assert picture.rows[-1].final
    assert picture.bands == ()


def test_a_missing_answer_is_a_broken_red_arrow_and_its_stretch_is_marked_until_the_answer():
    picture = shown(STORIES["answer-lost-then-found"]())
    broken = next(one for one in arrows(picture) if one.stroke is Stroke.BROKEN)
    assert (broken.source, broken.target, broken.tone) == (1, 0, Tone.UNKNOWN)
    (band,) = picture.bands
    assert picture.rows[band.first] is broken
    assert picture.rows[band.last] is arrows(picture)[-1]


def test_only_what_is_unknown_is_red():
    for make in STORIES.values():
        for row in shown(make()).rows:
            if isinstance(row, Arrow) and row.tone is Tone.UNKNOWN:
                assert row.stroke is Stroke.BROKEN
            if isinstance(row, Arrow) and row.stroke is Stroke.STOPPED:
                assert row.tone is Tone.REFUSED


def test_an_hour_of_asking_is_one_line_with_a_count():
    picture = shown(STORIES["red-for-an-hour-then-green"]())
    assert len(picture.rows) < 10
    assert max(one.times for one in arrows(picture)) > 100


def test_a_crash_is_a_cut_and_the_stretch_begins_there():
    picture = shown(STORIES["killed-in-the-middle"]())
    cut = next(index for index, row in enumerate(picture.rows) if isinstance(row, Cut))
    assert picture.bands[0].first == cut


def test_a_late_answer_stands_where_it_came():
    picture = shown(STORIES["answered-late"]())
    assert arrows(picture)[-1].label.startswith("Answered late.")


def test_what_is_on_its_way_waits_and_the_end_is_not_final():
    picture = shown(STORIES["still-waiting"]())
    assert arrows(picture)[0].stroke is Stroke.WAITING
    last = picture.rows[-1]
    assert isinstance(last, End)
    assert not last.final


def test_while_it_is_red_the_last_line_says_when_it_asks_again():
    story = STORIES["still-red"]()
    last = shown(story).rows[-1]
    assert isinstance(last, End)
    assert "Asking again at" in last.text
    without = replace(story.operation, timers=())
    plain = picture_of(without, story.records, WORDS).rows[-1]
    assert isinstance(plain, End)
    assert plain.text == "Unknown"


def test_an_inquiry_on_its_way_says_so_only_while_nobody_knows():
    story = Story()
    story.started()
    story.lost()
    assert arrows(shown(story))[-1].label.endswith("asking …")
    story.accepted()
    assert not any(one.label.endswith("asking …") for one in arrows(shown(story)))


def test_pressing_continue_while_asking_does_not_ask_twice_in_the_picture():
    story = Story()
    story.started()
    story.lost()
    story.go_on()
    assert sum(one.asks for one in arrows(shown(story))) == 1


def test_a_record_speaks_without_being_asked():
    story = Story()
    story.started()
    story.lost()
    for facts in (FACTS, {}):
        evidence = Evidence(Source.WITNESS, story.now_ms, facts)
        event = happened.Inquired(story.now_ms, 1, True, evidence)
        record = record_of(story.operation.version + 1, event)
        picture = picture_of(story.operation, [*story.records, record], WORDS)
        assert any(one.label.startswith("Its records show it") for one in arrows(picture))


def test_an_absence_that_is_not_fenced_proves_nothing():
    story = Story()
    story.started()
    story.lost()
    story.add(happened.Inquired(story.after(10), 1, False, None, fenced=False))
    assert arrows(shown(story))[-1].tone is Tone.UNKNOWN


def test_a_silence_that_no_inquiry_of_ours_explains_is_drawn_all_the_same():
    story = Story()
    story.started()
    story.lost()
    story.silent()
    story.silent()
    picture = shown(story)
    assert arrows(picture)[-1].times == 2


def test_a_refusal_says_why_if_the_device_said_so():
    for fault, label in ((Fault("fiscal.refused"), "Refused: fiscal.refused"), (None, "Refused")):
        story = Story()
        story.started()
        at_ms = story.after(10)
        story.add(happened.Replied(at_ms, 1, False, Evidence(Source.REPLY, at_ms), fault))
        assert arrows(shown(story))[-1].label == label
        assert story.operation.state is OperationState.REFUSED


def test_an_answer_without_a_number_is_an_answer():
    story = Story()
    story.started()
    story.add(happened.Replied(story.after(10), 1, True, Evidence(Source.REPLY, story.now_ms)))
    assert arrows(shown(story))[-1].label == "Done"


def test_contradiction_and_ruling_show_both_sides():
    story = STORIES["plain-sale"]()
    evidence = Evidence(Source.WITNESS, story.after(60_000), {})
    story.add(happened.Contradicted(story.now_ms, 1, False, evidence))
    texts = [row.text for row in shown(story).rows if isinstance(row, Note)]
    assert "Unknown again: this speaks against what we knew" in texts
    for happened_so, words in ((True, "It happened"), (False, "It did not happen")):
        for person, facts in (("Anna", {"reference": "PKS 7041"}), (None, {})):
            ruling = Evidence(Source.RULING, story.now_ms, facts, person)
            event = happened.Ruled(story.now_ms, 1, happened_so, ruling, story.operation.version)
            record = record_of(story.operation.version + 1, event)
            picture = picture_of(story.operation, [*story.records, record], WORDS)
            person_row = next(row for row in picture.rows if isinstance(row, Person))
            assert words in person_row.text
            assert (person or "Somebody") in person_row.text


def test_a_record_that_says_it_happened_after_all():
    story = Story()
    story.started()
    story.add(happened.Replied(story.after(10), 1, False, Evidence(Source.REPLY, story.now_ms)))
    evidence = Evidence(Source.WITNESS, story.after(60_000), FACTS)
    story.add(happened.Contradicted(story.now_ms, 1, True, evidence))
    assert story.operation.state is OperationState.RED
    labels = [one.label for one in arrows(shown(story))]
    assert "Its records say: it happened, document 7041" in labels


def test_printing_delivery_and_approval_are_shown():
    story = STORIES["plain-sale"]()
    story.add(happened.Printed(story.after(100)))
    story.add(happened.Delivered(story.after(100), "operator"))
    picture = shown(story)
    assert [column.name for column in picture.columns] == ["till", "control", "operator"]
    assert any(isinstance(row, Note) and row.text == "Printed" for row in picture.rows)
    approved = record_of(1, happened.Approved(START_MS, "Anna"))
    (row, *_) = picture_of(sale(), [approved], WORDS).rows
    assert isinstance(row, Person)


def test_an_event_that_today_s_rules_have_no_place_for_is_still_told():
    story = STORIES["plain-sale"]()
    tendered = record_of(9, happened.Tendered(story.now_ms, "cash", 100))
    picture = picture_of(story.operation, [*story.records, tendered], WORDS)
    assert any(isinstance(row, Note) and "tender" in row.text for row in picture.rows)
    late = record_of(9, happened.NotSent(story.now_ms, 1, Fault("fiscal.sko-disconnected")))
    assert picture_of(story.operation, [*story.records, late], WORDS).rows


def test_a_timer_that_today_s_rules_do_not_set_still_falls_due():
    story = Story(policy=Policy(red_after_ms=60_000))
    story.started()
    story.lost()
    story.silent()
    story.due("red")
    assert any(isinstance(row, Note) and row.tone is Tone.UNKNOWN for row in shown(story).rows)
    quick = picture_of(story.operation, story.records, WORDS, Policy(red_after_ms=1))
    assert any(isinstance(row, Note) and row.tone is Tone.UNKNOWN for row in quick.rows)


def test_an_unknown_party_and_action_have_their_own_names():
    legs = (Leg(1, "lottery", "draw", leg_key(UID, 1), commit_point=True),)
    operation = replace(sale(), legs=legs)
    policy = Policy(requests={("lottery", "draw"): RequestTraits(True, True, True)})
    picture = picture_of(operation, [record_of(1, happened.Started(START_MS))], WORDS, policy)
    assert picture.columns[1].label == "lottery"
    assert arrows(picture)[0].label == "draw 5.68\N{NO-BREAK SPACE}EUR"


def test_plain_english_serves_when_nobody_says_otherwise():
    story = STORIES["still-red"]()
    picture = picture_of(story.operation, story.records)
    assert "Control device" in picture_text.render(picture)
    assert draw(picture).shapes


def test_a_record_gives_back_the_event():
    event = happened.NotSent(5, 1, Fault("fiscal.sko-disconnected", port=9100))
    assert event_of(record_of(3, event)) == event
    with pytest.raises(KeyError):
        event_of(Record(1, 5, "danced", None, b"{}"))


def test_marks_that_take_no_cell_stay_with_their_letter_and_nothing_leaves_the_line():
    story = Story(operation=replace(sale(), till="Vie\u0323\u0302t"))
    story.started()
    assert "Till Vie\u0323\u0302t" in picture_text.render(shown(story), WORDS)
    canvas = picture_text._Canvas()
    canvas.put(79, "ab")
    assert canvas.text().endswith(" a")


# ── a sale with a card, whose reversals the table already knows ──

BANK = {
    ("bank", "authorise"): RequestTraits(True, False, False, reversal="reverse"),
    ("bank", "reverse"): RequestTraits(True, True, True),
    **REQUESTS,
}


def card_sale() -> Story:
    legs = (
        Leg(1, "bank", "authorise", leg_key(UID, 1)),
        Leg(2, "control", "register", leg_key(UID, 2), commit_point=True),
    )
    return Story(operation=replace(sale(), legs=legs), policy=Policy(requests=BANK))


def test_a_reversal_is_an_arrow_of_its_own():
    story = card_sale()
    story.started()
    story.lost(1)
    assert story.operation.state is OperationState.UNDOING
    picture = shown(story)
    assert [column.name for column in picture.columns] == ["till", "bank", "control"]
    assert any(one.label.startswith("Take back") for one in arrows(picture))
    assert any(isinstance(row, Note) and "Taking back" in row.text for row in picture.rows)


# ── any story ──

EVENTS = st.sampled_from(
    [
        "replied", "refused", "not_sent", "no_answer", "restarted", "found", "absent", "silent", "timer",
        "continue", "give_up", "printed", "delivered", "cancelled", "approved", "contradicted",
        "contradicted_not",
    ]
)  # fmt: skip


def event(kind: str, story: Story, leg: int, at_ms: int) -> Event | None:
    evidence = Evidence(Source.INQUIRY, at_ms, FACTS)
    fault = Fault("fiscal.no-answer")
    if kind == "timer":
        timers = sorted(story.operation.timers, key=lambda one: (one.due_ms, one.name))
        return happened.Due(max(timers[0].due_ms, at_ms), timers[0].name) if timers else None
    made: dict[str, Event] = {
        "replied": happened.Replied(at_ms, leg, True, evidence),
        "refused": happened.Replied(at_ms, leg, False, evidence, fault),
        "not_sent": happened.NotSent(at_ms, leg, fault),
        "no_answer": happened.NoAnswer(at_ms, leg, fault),
        "restarted": happened.Restarted(at_ms),
        "found": happened.Inquired(at_ms, leg, True, evidence),
        "absent": happened.Inquired(at_ms, leg, False, evidence, fenced=True),
        "silent": happened.Inquired(at_ms, leg, None),
        "continue": happened.Continue(at_ms, "Minh"),
        "give_up": happened.GiveUp(at_ms),
        "printed": happened.Printed(at_ms),
        "delivered": happened.Delivered(at_ms, "operator"),
        "cancelled": happened.Cancelled(at_ms, "Minh"),
        "approved": happened.Approved(at_ms, "Anna"),
        "contradicted": happened.Contradicted(at_ms, leg, True, evidence),
        "contradicted_not": happened.Contradicted(at_ms, leg, False, evidence),
    }
    return made[kind]


STEPS = st.lists(st.tuples(EVENTS, st.integers(0, 3), st.integers(0, 90_000)), max_size=60)


@st.composite
def any_story(draw_from: st.DrawFn) -> Story:
    story = card_sale() if draw_from(st.booleans()) else Story()
    story.started()
    for kind, leg, delay_ms in draw_from(STEPS):
        legs = story.operation.legs
        made = event(kind, story, legs[leg % len(legs)].number, story.after(delay_ms))
        if made is not None:
            story.now_ms = max(story.now_ms, made.at_ms)
            story.add(made)
    return story


def overflows(drawing: Drawing) -> list[str]:
    """Texts that leave the paper or the room that they were given."""
    wrong = []
    for shape in drawing.shapes:
        if isinstance(shape, Text):
            start, end = shape.span()
            if start < 0 or end > drawing.width or end - start > shape.room or shape.y > drawing.height:
                wrong.append(f"{shape.text!r} {start}–{end} of {shape.room}")
        elif isinstance(shape, Box) and (shape.x < 0 or shape.x + shape.width > drawing.width):
            wrong.append(f"box at {shape.x}")
    return wrong


@settings(max_examples=60, deadline=None)
@given(story=any_story(), width=st.sampled_from((WIDE, NARROW)))
def test_any_story_is_drawn_and_nothing_overflows(story, width):
    for words in (WORDS, Wide(), Long()):
        picture = picture_of(story.operation, story.records, words, story.policy)
        assert overflows(draw(picture, words, width)) == []
        assert "<script" not in svg(draw(picture, words, width))
        assert all(cells(line) <= 80 for line in picture_text.render(picture, words).splitlines())


@settings(max_examples=60, deadline=None)
@given(story=any_story())
def test_playing_the_record_leads_where_the_operation_is(story):
    picture = shown(story)
    last = picture.rows[-1]
    if story.operation.ended:
        ends = [row for row in picture.rows if isinstance(row, End)]
        assert ends[-1].state == story.operation.state.value
    else:
        assert isinstance(last, End)
        assert last.state == story.operation.state.value
    assert len(picture.clocks) == len(picture.rows)
    for band in picture.bands:
        assert 0 <= band.first <= band.last < len(picture.rows)


def test_texts_from_outside_cannot_become_markup():
    story = Story(operation=replace(sale(), till="<script>alert(1)</script>"))
    story.started()
    text = svg(draw(shown(story), WORDS))
    assert "<script" not in text
    assert "&lt;script&gt;" in text
