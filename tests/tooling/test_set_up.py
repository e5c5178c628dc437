"""Set-up: space, checksums, names; each problem is one line."""

import shutil
import socket
from types import SimpleNamespace

import pytest

from suite import databases, demo, odoo_source, python_env, settings, space
from suite.console import Problem
from suite.process import CommandFailed, die_with_parent, run, spawn, stop


def test_too_little_space_says_how_much_is_needed(monkeypatch, tmp_path):
    monkeypatch.setattr(space, "DEV", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=100 * 2**20))
    with pytest.raises(Problem, match=r"300 MB are needed in .*, 100 MB are free"):
        space.require_space(300)
    space.require_space(90)


@pytest.mark.parametrize(
    ("own", "missing"),
    [({}, 1520), ({"ODOO_PATH": "/odoo"}, 920), ({"ODOO_PATH": "/odoo", "PGHOST": "db"}, 420)],
)
def test_what_a_company_brings_needs_no_space(monkeypatch, tmp_path, own, missing):
    monkeypatch.setattr(space, "DEV", tmp_path)
    monkeypatch.setattr(space, "VENV", tmp_path / "venv")
    for name in ("ODOO_PATH", "PGHOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    assert space.missing_megabytes() == missing


def test_a_damaged_package_is_refused(monkeypatch, tmp_path):
    package = tmp_path / "odoo.deb"
    package.write_text("not Odoo")
    monkeypatch.setattr(odoo_source, "DOWNLOADS", tmp_path)
    monkeypatch.setenv("ODOO_DEB", str(package))
    with pytest.raises(Problem, match="wrong checksum"):
        odoo_source.fetch_package()
    monkeypatch.setenv("ODOO_DEB_SHA256", odoo_source.sha256(package))
    assert odoo_source.fetch_package() == package


@pytest.mark.parametrize(
    "output",
    [
        "error: Hash mismatch for `polib==1.2.0`",
        "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n    polib==1.2.0 from ...",
    ],
)
def test_a_wrong_package_checksum_is_never_worked_around(output):
    with pytest.raises(Problem, match=r"wrong checksum: polib==1\.2\.0"):
        python_env.refuse_wrong_checksum(CommandFailed(["uv"], 1, output))


def test_odoos_series_is_read_from_its_source(tmp_path):
    assert odoo_source.series(tmp_path) is None
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert odoo_source.series(tmp_path) == 19


@pytest.mark.parametrize("name", ["postgres", "company", "subscription_suite_x; drop", ""])
def test_databases_of_others_are_never_touched(name):
    with pytest.raises(Problem, match="refusing"):
        databases.drop(name)
    with pytest.raises(Problem, match="refusing"):
        databases.clone("subscription_suite_demo", name)


def test_a_full_disk_is_one_line():
    with pytest.raises(Problem, match="the disk is full"):
        run(["sh", "-c", "echo 'write: No space left on device'; exit 1"])


def test_children_are_ended():
    child = spawn(["sleep", "60"])
    stop(child)
    assert child.returncode is not None
    die_with_parent(0)  # has no effect


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_senseless_port_is_one_line(monkeypatch, port):
    monkeypatch.setenv("HTTP_PORT", port)
    with pytest.raises(Problem, match="no port number"):
        settings.http_port()


def test_a_taken_port_is_one_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=f"port {port} is taken: set HTTP_PORT"):
            demo.require_free(port)
    demo.require_free(port)
