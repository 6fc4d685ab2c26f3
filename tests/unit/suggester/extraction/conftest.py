from __future__ import annotations

import pytest

from suggester.artifacts import DEFAULT, Artifacts
from suggester.extraction import Extractor
from suggester.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary.load(Artifacts.open(DEFAULT))


@pytest.fixture(scope="session")
def extractor(vocabulary: Vocabulary) -> Extractor:
    return Extractor(vocabulary)
