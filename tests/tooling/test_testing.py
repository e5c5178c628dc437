"""`make test`: which runner gets which path, and what the closing line says."""

import json

import pytest

from suite import testing
from suite.console import Problem


@pytest.fixture
def project(tmp_path):
    for folder in ("tests/core", "tests/tooling", "tests/install", "addons/sub_base/tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "addons/sub_base/__manifest__.py").write_text("{}")
    (tmp_path / "addons/sub_base/tests/test_x.py").write_text("")
    return tmp_path


def test_paths_and_options_are_told_apart(project):
    path = "addons/sub_base/tests/test_x.py::TestX::test_y"
    arguments = [path, "-k", "foo", "-x"]
    assert testing.split_arguments(arguments, project) == ([path], ["-k", "foo", "-x"])


def test_each_runner_gets_its_paths(project):
    assert testing.group_paths([], project) == {
        "pure": ["tests/core", "tests/tooling"],
        "odoo": ["addons/sub_base/tests"],
        "install": ["tests/install"],
    }
    one = ["addons/sub_base/tests/test_x.py::TestX"]
    assert testing.group_paths(one, project) == {"odoo": one}


@pytest.mark.parametrize("path", ["addons", "addons/", "addons/sub_base", "addons/sub_base/tests"])
def test_a_folder_of_modules_is_their_tests(project, path):
    [(runner, [chosen])] = testing.group_paths([path], project).items()
    assert runner == "odoo"
    assert testing.place_of(chosen, project).parts == ("addons", "sub_base", "tests")


def test_a_folder_of_tests_is_split_among_the_runners(project):
    assert testing.group_paths(["tests", "tests/core"], project) == {
        "pure": ["tests/core", "tests/tooling"],
        "install": ["tests/install"],
    }


def test_a_path_outside_is_refused(project):
    with pytest.raises(Problem, match="outside"):
        testing.group_paths(["../elsewhere"], project)


@pytest.mark.parametrize(
    ("paths", "workers"),
    [(["a/test_x.py"], "0"), (["a/test_x.py::T"], "0"), (["a"], "2"), (["a.py", "b.py"], "2")],
)
def test_one_file_runs_in_one_process(monkeypatch, paths, workers):
    monkeypatch.delenv("TEST_WORKERS", raising=False)
    assert testing.workers_for(paths) == workers


def counts(passed=0, failed=0, skips=()):
    return {"passed": passed, "failed": failed, "skipped": len(skips), "skips": list(skips)}


@pytest.mark.parametrize(
    ("results", "codes", "line", "code"),
    [
        ([counts(3), counts(4)], [0, 0], "7 passed, 0 failed", 0),
        ([counts(3), counts(4, 1)], [0, 1], "7 passed, 1 failed", 1),
        ([counts(3, 0, ["t"])], [0], "3 passed, 0 failed, 1 skipped", 1),
        ([counts()], [5], "0 passed, 0 failed", 1),
        ([counts(3), counts()], [0, 5], "3 passed, 0 failed", 0),
        ([counts(3)], [0, 3], "3 passed, 1 failed", 1),
        ([counts(3)], [-9], "3 passed, 1 failed", 1),
    ],
)
def test_the_closing_line(tmp_path, monkeypatch, capsys, results, codes, line, code):
    monkeypatch.setattr(testing, "RESULTS", tmp_path)
    for number, result in enumerate(results):
        (tmp_path / f"{number}.json").write_text(json.dumps(result))
    assert testing.summarise(codes) == code
    assert capsys.readouterr().out.splitlines()[-1] == line
