"""pytest plugin: freezing the clock is quick.

To freeze it, freezegun looks into every loaded module, and tells by a hash of all its names whether
it knows the module already. Odoo loads thousands of modules, and most tests freeze the clock more
than once. How many names a module has tells as much, and at once.
"""

from freezegun import api


def pytest_configure(config):
    api._get_module_attributes_hash = count_names


def count_names(module):
    """What changes when a module gets a name."""
    return f"{id(module)}-{len(getattr(module, '__dict__', ()))}"
