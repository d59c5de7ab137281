"""Write the golden pictures anew: `python -m tests.documents.write_golden`; then look at what has changed."""

from pathlib import Path

from tests.documents.stories import STORIES, Story
from tests.documents.voices import WORDS
from tillwright.documents import picture_text
from tillwright.documents.drawing import svg
from tillwright.documents.picture_svg import NARROW, WIDE, draw
from tillwright.documents.storyboard import picture_of

FOLDER = Path(__file__).parent / "golden"


def golden(story: Story) -> dict[str, str]:
    """File name's end → text: the picture in characters, for a screen and for a telephone."""
    picture = picture_of(story.operation, story.records, WORDS, story.policy)
    return {
        "txt": picture_text.render(picture, WORDS),
        "wide.svg": svg(draw(picture, WORDS, WIDE)).replace("><", ">\n<") + "\n",
        "narrow.svg": svg(draw(picture, WORDS, NARROW)).replace("><", ">\n<") + "\n",
    }


if __name__ == "__main__":
    for name, make in STORIES.items():
        for end, text in golden(make()).items():
            (FOLDER / f"{name}.{end}").write_text(text, encoding="utf-8")
