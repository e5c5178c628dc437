"""Translation files: what is missing, and merging without losing anything."""

import polib
import pytest

from suite import po_files

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "sub.pot"
    path.write_text(HEADER + 'msgid "Plan"\nmsgstr ""\n\nmsgid "Charge"\nmsgstr ""\n')
    return path


def write(tmp_path, text):
    path = tmp_path / "de.po"
    path.write_text(HEADER + text)
    return path


def test_a_complete_translation_has_no_findings(tmp_path, template):
    text = 'msgid "Plan"\nmsgstr "Tarif"\n\nmsgid "Charge"\nmsgstr "Forderung"\n'
    assert list(po_files.check(template, write(tmp_path, text))) == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('msgid "Plan"\nmsgstr "Tarif"\n', "not there: Charge"),
        ('msgid "Plan"\nmsgstr "T"\n\nmsgid "Charge"\nmsgstr ""\n', "not translated: Charge"),
        (
            'msgid "Plan"\nmsgstr "T"\n\nmsgid "Charge"\nmsgstr "Gutschrift"\n',
            "says 'Gutschrift': Charge",
        ),
        ('msgid "Plan"\nmsgstr "T"\n\n#, fuzzy\nmsgid "Charge"\nmsgstr "F"\n', "fuzzy: Charge"),
    ],
)
def test_what_is_missing_is_found(tmp_path, template, text, finding):
    findings = list(po_files.check(template, write(tmp_path, text)))
    assert len(findings) == 1
    assert findings[0].endswith(finding)


def test_punctuation_at_the_beginning_is_kept(tmp_path):
    template = tmp_path / "sub.pot"
    template.write_text(HEADER + 'msgid ", net"\nmsgstr ""\n')
    for text, finding in ((", netto", None), ("netto", "does not begin with ','")):
        translation = write(tmp_path, f'msgid ", net"\nmsgstr "{text}"')
        findings = list(po_files.check(template, translation))
        assert len(findings) == bool(finding)
        assert not finding or finding in findings[0]


def test_no_translation_at_all(tmp_path, template):
    findings = list(po_files.check(template, tmp_path / "de.po"))
    assert [line.partition(": ")[2] for line in findings] == ["missing, 2 terms are not translated"]


def test_merging_keeps_translations_and_adds_terms(tmp_path, template):
    old = 'msgid "Plan"\nmsgstr "Tarif"\n\nmsgid "Gone"\nmsgstr "Weg"\n'
    path = write(tmp_path, old)
    assert po_files.merge(template, path) == (2, 1)
    merged = {entry.msgid: entry.msgstr for entry in polib.pofile(path)}
    assert merged == {"Plan": "Tarif", "Charge": ""}
