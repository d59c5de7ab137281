"""The queries that the search is tuned on name entries that exist, and every entry in every language."""

from pathlib import Path

import pytest
import yaml

from tillwright.catalogue.languages import LANGUAGES
from tillwright.machine.resources import shipped_catalogue

PRACTICE = Path(__file__).parent / "practice"


@pytest.mark.parametrize("language", LANGUAGES)
def test_practice_names_every_code_of_the_catalogue_and_no_other(language: str) -> None:
    queries = yaml.safe_load((PRACTICE / f"{language}.yaml").read_text(encoding="utf-8"))
    named = {code for query in queries for code in query["is"]}
    assert named == set(shipped_catalogue().entries)
    assert any(not query["is"] for query in queries)
    assert all(str(query["says"]).strip() for query in queries)
