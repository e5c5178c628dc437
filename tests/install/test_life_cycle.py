"""Each module alone on an empty database: it installs, updates and uninstalls without a trace."""

import os

import pytest
from odoo_log import complaints

from suite import databases, modules, templates
from suite.odoo_cli import odoo

#: Everything that a module may add to the schema; the queries return one text column.
SCHEMA = """
    select 'column ' || table_name || '.' || column_name || ' ' || data_type
      from information_schema.columns where table_schema = 'public'
    union all select 'index ' || indexname from pg_indexes where schemaname = 'public'
    union all select 'constraint ' || conname || ' of ' || conrelid::regclass from pg_constraint
    union all select 'sequence ' || sequencename from pg_sequences where schemaname = 'public'
    union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
    union all select 'function ' || p.proname from pg_proc p
        join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'
"""
#: Records that Odoo has to remove with their module. It leaves external ids of other modules'
#: fields behind, for every model that inherits mail's mixins: those are not ours to remove.
RECORDS = """
    select 'model ' || model from ir_model
    union all select 'field ' || model || '.' || name from ir_model_fields
    union all select 'external id ' || module || '.' || name from ir_model_data
        where module like 'subscription%' or model not like 'ir.model.%'
    union all select 'menus ' || count(*) from ir_ui_menu
    union all select 'views ' || count(*) from ir_ui_view
    union all select 'rules ' || count(*) from ir_rule
    union all select 'rights ' || count(*) from ir_model_access
    union all select 'groups ' || count(*) from res_groups
    union all select 'jobs ' || count(*) from ir_cron
    union all select 'sequences ' || count(*) from ir_sequence
    union all select 'mail templates ' || count(*) from mail_template
"""


def snapshot(database, *queries):
    """What is in a database, as a set of lines."""
    return set("\n".join(databases.sql(query, database) for query in queries).splitlines())


def run(phase, database, module):
    """Let Odoo install (-i), update (-u) or uninstall a module; return its log."""
    if phase == "uninstall":
        arguments = ["module", "uninstall", "-c", os.environ["ODOO_RC"], "-d", database, module]
    else:
        option = {"install": "-i", "update": "-u"}[phase]
        arguments = ["-d", database, option, module, "--stop-after-init", "--no-http"]
    return odoo(f"{phase} {module}", *arguments, log=f"{phase}-{module}")


@pytest.fixture
def database(request):
    name = f"{databases.temporary('install')}_{request.param}"
    databases.clone(templates.bare(modules.foreign_dependencies(request.param)), name)
    yield name
    databases.drop(name)


def difference(before, after):
    """Readable, and empty when nothing changed."""
    lines = [f"- {line}" for line in sorted(before - after)]
    lines += [f"+ {line}" for line in sorted(after - before)]
    return "\n".join(lines)


@pytest.mark.parametrize("database", modules.all_modules(), indirect=True)
def test_module_alone(database, request):
    module = request.node.callspec.params["database"]
    before = snapshot(database, SCHEMA, RECORDS)

    assert complaints(run("install", database, module)) == []
    installed = snapshot(database, SCHEMA, RECORDS)
    assert f"external id base.module_{module}" in installed

    assert complaints(run("update", database, module)) == []
    assert difference(installed, snapshot(database, SCHEMA, RECORDS)) == ""

    for part in reversed(modules.closure([module])):
        assert complaints(run("uninstall", database, part)) == []
    assert difference(before, snapshot(database, SCHEMA, RECORDS)) == ""
