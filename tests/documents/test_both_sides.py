"""Rulings, enquiries, second persons and contradictions in the picture: both sides, each by name."""

from dataclasses import replace

from tests.documents.stories import FACTS, START_MS, UID, Story, sale
from tests.documents.voices import WORDS
from tillwright.documents.both_sides import against_it, asides_of, reference_of, told_by
from tillwright.documents.picture import Arrow, Note, Person, Picture, Stroke, Tone
from tillwright.documents.storyboard import picture_of
from tillwright.kernel.evidence import Evidence, Source
from tillwright.kernel.fault import Fault
from tillwright.kernel.keys import leg_key
from tillwright.operations import events as happened
from tillwright.operations.model import Content, Operation
from tillwright.operations.rulings import Enquiry, ListedDocument
from tillwright.operations.states import LegState, OperationState

KEY = leg_key(UID, 1)
RULED_MS = START_MS + 60_000
RULING = Evidence(Source.RULING, RULED_MS, {"document_number": 7041, "registered_ms": 5}, "Anna")


def listed(key: str = KEY) -> ListedDocument:
    return ListedDocument("SKO-000017", 7041, "A1B2C3D4", key, "sale", 568, "EUR", START_MS)


def enquiry(*records: ListedDocument, answered_ms: int | None = START_MS + 40_000, **changes) -> Enquiry:
    made = Enquiry(
        9,
        UID,
        "operator",
        START_MS + 39_000,
        answered_ms,
        records,
        serial="SKO-000017",
        last_number=7050,
    )
    return replace(made, **changes)


def red() -> Story:
    story = Story()
    story.started()
    story.lost()
    story.silent()
    story.due("red")
    assert story.operation.state is OperationState.RED
    return story


def drawn(story: Story, *enquiries: Enquiry) -> Picture:
    return picture_of(story.operation, story.records, WORDS, story.policy, enquiries)


def texts(picture: Picture) -> list[str]:
    return [row.label if isinstance(row, Arrow) else row.text for row in picture.rows]


def ruled(story: Story, happened_: bool = True, **changes) -> None:
    story.now_ms = max(story.now_ms, RULED_MS)
    event = happened.Ruled(story.now_ms, 1, happened_, RULING, story.operation.version)
    assert story.add(replace(event, **changes))


# ── enquiries ──


def test_the_operator_is_a_column_and_what_it_lists_stands_where_it_was_told():
    picture = drawn(red(), enquiry(listed()))
    operator = [column.name for column in picture.columns].index("operator")
    ask, answer = (
        row for row in picture.rows if isinstance(row, Arrow) and operator in (row.source, row.target)
    )
    assert (ask.target, ask.stroke, ask.asks) == (operator, Stroke.DASHED, True)
    assert (answer.source, answer.tone, answer.label) == (
        operator, Tone.GOOD, "Its list shows it: document 7041",
    )  # fmt: skip
    times = [row.at_ms for row in picture.rows[:-1]]
    assert times == sorted(times)


def test_what_is_not_listed_says_how_far_the_list_goes_and_decides_nothing():
    told, tone = told_by(enquiry(listed("another-key")), {KEY}, WORDS)
    assert (told, tone) == ("Not in its list. Last document there: 7050", Tone.NEUTRAL)
    longer = told_by(enquiry(more=True), {KEY}, WORDS)[0]
    assert longer == "Not in what it has shown; its list is longer"
    assert told_by(enquiry(last_number=None), {KEY}, WORDS)[0] == "Not in its list"


def test_a_question_without_an_answer_yet_is_only_a_question():
    (aside,) = asides_of([enquiry(answered_ms=None)])
    assert not aside.answer


def test_asides_stand_in_the_order_of_their_times():
    later = enquiry(listed(), id=10, asked_ms=START_MS + 39_500, answered_ms=START_MS + 39_600)
    order = [(aside.enquiry.id, aside.answer) for aside in asides_of([enquiry(listed()), later])]
    assert order == [(9, False), (10, False), (10, True), (9, True)]


# ── rulings ──


def test_a_ruling_names_its_person_its_number_the_second_person_and_the_enquiry():
    story = red()
    ruled(story, second="Lan", enquiry=9)
    found = texts(drawn(story, enquiry(listed())))
    assert "Anna: It happened (7041)" in found
    assert "Lan: I confirm it" in found
    assert "Based on enquiry 9 at the operator" in found


def test_what_follows_a_ruling_is_said():
    story = red()
    ruled(story, False, then="returned")
    rows = drawn(story).rows
    assert any(isinstance(row, Note) and row.text == "Goods and money are back" for row in rows)
    assert any(isinstance(row, Person) and row.tone is Tone.REFUSED for row in rows)


def test_a_ruling_without_anything_to_refer_to_has_a_dash():
    assert reference_of(Evidence(Source.RULING, 1, {"registered_ms": 5})) == "—"


# ── both sides ──


def test_a_record_against_a_ruling_shows_the_record_and_the_word_it_stands_against():
    story = red()
    ruled(story, False, then="returned")
    facts = {**FACTS, "receiver": "operator"}
    at_ms = story.after(3_600_000)
    story.add(happened.Contradicted(at_ms, 1, True, Evidence(Source.WITNESS, at_ms, facts)))
    assert story.operation.state is OperationState.RED
    picture = drawn(story)
    found = texts(picture)
    assert "Its records say: it happened, document 7041" in found
    assert any(text.startswith("Against it stands the word of Anna at") for text in found)
    record = next(row for row in picture.rows if isinstance(row, Arrow) and "7041" in row.label)
    assert picture.columns[record.source].name == "operator"


def test_a_record_against_the_partys_own_answer_says_when_that_was():
    leg = replace(sale().legs[0], state=LegState.DONE, evidence=Evidence(Source.REPLY, START_MS))
    assert against_it(leg, False, WORDS) == "Against it stands what was known at 12:41:00: it happened"


def test_nothing_stands_against_what_was_not_known_or_says_the_same():
    leg = replace(sale().legs[0], evidence=Evidence(Source.REPLY, START_MS))
    assert against_it(replace(leg, state=LegState.UNKNOWN), True, WORDS) == ""
    assert against_it(replace(leg, state=LegState.DONE), True, WORDS) == ""
    assert against_it(replace(leg, state=LegState.REFUSED, evidence=None), True, WORDS) == ""


def test_a_ruling_of_nobody_by_name_is_somebodys():
    nameless = Evidence(Source.RULING, START_MS)
    leg = replace(sale().legs[0], state=LegState.REFUSED, evidence=nameless, fault=Fault("fiscal.no-answer"))
    assert "Somebody" in against_it(leg, True, WORDS)


# ── before it began ──


def test_a_refund_begins_with_what_it_takes_back_and_who_approved_it():
    story = Story(replace(sale(), origin="A1B2", approved_by=("Lan",)))
    story.started()
    found = texts(drawn(story))
    assert found[:2] == ["Takes back document A1B2", "Lan: Approved"]


def test_a_correction_is_one_persons_word_and_has_no_arrow():
    content = Content("EUR", -150, (), (), reason="float-missing")
    story = Story(Operation(UID, "2", 9, "correction", "Anna", 4, content, "h", START_MS, START_MS, ()))
    story.started()
    picture = drawn(story)
    assert texts(picture)[0].startswith("Anna: Correct the drawer by -1.50")
    assert not any(isinstance(row, Arrow) for row in picture.rows)
