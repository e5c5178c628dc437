"""What the classes of this package share."""

SALE_MOVE_TYPES = ("out_invoice", "out_refund")


class NotBulkable(Exception):
    """This invoice needs plain Odoo; the message says why (for the log, not for users)."""


class Memo:
    """Results by key, for the length of one call.

    Nothing is kept longer: a price, a tax or a rate that changes between two calls must be seen.
    """

    def __init__(self):
        self._values = {}

    def once(self, key, function, *args):
        """Return ``function(*args)``, called at most once for ``key``.

        :param tuple key: everything that the result depends on, hashable
        """
        try:
            return self._values[key]
        except KeyError:
            value = self._values[key] = function(*args)
            return value


class Defaults:
    """Default values of a model's stored fields, asked once a call.

    A default that is computed by a function of another module may differ from record to record
    (a token, say), so it is asked for every record.

    :param model: empty recordset
    :param frozenset modules: modules whose defaults do not differ
    """

    def __init__(self, model, modules):
        self._model = model
        values = self._ask()
        self._changing = [
            name
            for name in values
            if callable(model._fields[name].default)
            and not modules.issuperset(model._fields[name]._modules)
        ]
        self._values = values

    def _ask(self):
        fields = self._model._fields
        values = self._model._add_missing_default_values({})
        return {name: value for name, value in values.items() if fields[name].store}

    def get(self):
        """Return the default values of one record."""
        if not self._changing:
            return self._values
        fresh = self._ask()
        return {**self._values, **{name: fresh[name] for name in self._changing}}
