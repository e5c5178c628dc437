"""The pictures of the documents: each is in docs/images, and made by the list."""

import re

import pytest
from photo.pictures import PICTURES

from suite.settings import ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 12_000_000
SHOWN = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
MADE = {f"{picture.name}.png" for picture in PICTURES}
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_picture_has_a_name_of_its_own():
    assert len(MADE) == len(PICTURES)


def test_every_picture_that_is_there_is_made_by_the_list():
    assert {path.name for path in IMAGES.iterdir()} <= MADE


def test_every_picture_of_the_list_has_been_made():
    assert {path.name for path in IMAGES.iterdir()} >= MADE


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_documents_show_pictures_that_the_list_makes(document):
    for address in SHOWN.findall(document.read_text(encoding="utf-8")):
        path = (document.parent / address).resolve()
        assert path.is_file(), address
        assert path.parent == IMAGES
        assert path.name in MADE


def test_the_pictures_stay_small():
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < MOST_BYTES
