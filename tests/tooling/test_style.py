"""The project's own style checks."""

from suite import style


def test_long_files_are_found(tmp_path):
    (tmp_path / "addons").mkdir()
    (tmp_path / "addons" / "long.py").write_text("x = 1\n" * 401)
    (tmp_path / "addons" / "fits.py").write_text("x = 1\n" * 400)
    assert list(style.long_files(tmp_path)) == [
        "addons/long.py: 401 lines, at most 400 are allowed"
    ]


def test_the_core_may_not_import_odoo(tmp_path):
    (tmp_path / "pure.py").write_text("from decimal import Decimal\nfrom . import other\n")
    (tmp_path / "bad.py").write_text("import os\nfrom odoo.tools import float_round\n")
    (tmp_path / "worse.py").write_text("def f():\n    import odoo\n")
    (tmp_path / "outside.py").write_text("from ..models import plan\n")
    assert list(style.impure_imports(tmp_path)) == [
        "bad.py:2: the functional core imports odoo.tools",
        "outside.py:1: the functional core imports ..models",
        "worse.py:2: the functional core imports odoo",
    ]


def test_malformed_xml_is_found(tmp_path):
    (tmp_path / "good.xml").write_text("<odoo/>")
    (tmp_path / "bad.xml").write_text("<odoo>")
    assert [line.split(":")[0] for line in style.malformed_xml(tmp_path)] == [
        f"{tmp_path.name}/bad.xml"
    ]
