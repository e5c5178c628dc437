"""Keying: what a database depends on."""

import pytest

from suite import modules


@pytest.fixture
def addons(tmp_path):
    def add(name, depends):
        folder = tmp_path / name
        (folder / "tests").mkdir(parents=True)
        (folder / "__manifest__.py").write_text(repr({"name": name, "depends": depends}))
        (folder / "models.py").write_text("x = 1\n")
        (folder / "tests" / "test_x.py").write_text("")

    add("sub_reports", ["sub_base", "web"])
    add("sub_base", ["sale"])
    return tmp_path


def test_modules_come_after_what_they_depend_on(addons):
    assert modules.all_modules(addons) == ["sub_base", "sub_reports"]
    assert modules.closure(["sub_reports"], addons) == ["sub_base", "sub_reports"]
    assert modules.closure(["sub_base"], addons) == ["sub_base"]


def test_foreign_dependencies_leave_our_own_out(addons):
    assert modules.foreign_dependencies("sub_reports", addons) == ["sale", "web"]


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("sub_base/models.py", True),
        ("sub_base/views.xml", True),
        ("sub_base/tests/test_x.py", False),
        ("sub_base/tests/common.py", False),
        ("sub_base/README.md", False),
        ("sub_base/__pycache__/models.cpython-311.pyc", False),
        ("sub_base/static/tests/tours/tour.js", False),
        ("sub_base/static/src/app.js", True),
    ],
)
def test_the_key_follows_what_a_database_holds(addons, path, changes):
    before = modules.content_key(["sub_base"], addons)
    (addons / path).parent.mkdir(parents=True, exist_ok=True)
    (addons / path).write_text("y = 2\n")
    assert (modules.content_key(["sub_base"], addons) != before) is changes


def test_another_modules_content_does_not_matter(addons):
    before = modules.content_key(["sub_base"], addons)
    (addons / "sub_reports" / "models.py").write_text("y = 2\n")
    assert modules.content_key(["sub_base"], addons) == before
