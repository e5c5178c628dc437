"""Creating and posting customer invoices in large numbers.

The invoices are equal, column for column, to those of ``create`` and ``_post(soft=False)``; where
that is not certain, plain Odoo does the work.
"""

import logging

from odoo import api, models

from .bulk.amounts import AmountBuilder
from .bulk.common import Defaults, NotBulkable
from .bulk.document import DocumentBuilder
from .bulk.guard import UNDERSTOOD, find_refusals
from .bulk.lines import LineBuilder
from .bulk.posting import Poster
from .bulk.writer import Writer

_logger = logging.getLogger(__name__)
_logged = set()


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.model
    def _create_bulk(self, vals_list, post=False):
        """Create invoices as ``create`` does with tracking switched off, several times faster.

        :param list vals_list: values as for ``create``
        :param bool post: also post them, as by :meth:`_post_bulk`
        :return: the moves, in the order of ``vals_list``
        :raises odoo.exceptions.UserError: as ``create`` and ``_post`` do
        """
        moves = self.with_context(tracking_disable=True)
        created = self.browse()
        for documents, part in moves._split_bulk(vals_list):
            if documents:
                created += self.browse(Writer(moves.env).insert(documents).ids)
            else:
                created += self.browse(moves.create(part).ids)
        return created._post_bulk() if post else created

    def _split_bulk(self, vals_list):
        """Yield ``(documents, values)`` for each run of invoices that go the same way.

        ``documents`` is empty if plain Odoo has to create them.
        """
        if not vals_list:
            return
        documents, part = [], []
        for document, vals in zip(self._prepare_bulk(vals_list), vals_list, strict=True):
            if part and bool(document) != bool(documents):
                yield documents, part
                documents, part = [], []
            part.append(vals)
            if document:
                documents.append(document)
        yield documents, part

    def _prepare_bulk(self, vals_list):
        """Return a complete document for each invoice, None where plain Odoo has to create it."""
        if not self._is_bulk_safe():
            return [None] * len(vals_list)
        lines = self.env["account.move.line"]
        self.check_access("create")
        lines.check_access("create")
        for name in {name for vals in vals_list for name in vals} & self._fields.keys():
            self._check_field_access(self._fields[name], "write")
        move_defaults, line_defaults = Defaults(self, UNDERSTOOD), Defaults(lines, UNDERSTOOD)
        document_builder = DocumentBuilder(self.env, vals_list)
        line_builder, amount_builder = LineBuilder(self.env), AmountBuilder(self.env)
        documents = []
        for vals in vals_list:
            try:
                document = document_builder.build(vals, move_defaults.get())
                products = [
                    line_builder.build(document, line, line_defaults.get())
                    for line in document.line_vals
                ]
                amount_builder.build(document, products, line_defaults)
            except NotBulkable as reason:
                _logger.debug("An invoice is created by plain Odoo: %s", reason)
                document = None
            documents.append(document)
        return documents

    def _post_bulk(self):
        """Post drafts as ``_post(soft=False)`` does with tracking off, several times faster.

        If one invoice of a journal needs plain Odoo, it posts all of that journal: they share the
        order of their numbers.

        :return: the moves
        :raises odoo.exceptions.UserError: as ``_post`` does
        """
        moves = self.with_context(tracking_disable=True, skip_is_manually_modified=True)
        poster = Poster(moves.env)
        fast = moves.browse()
        if moves._is_bulk_safe() and poster.is_allowed():
            moves.check_access("write")
            moves.line_ids.mapped("tax_ids")  # read at once; Odoo reads them move by move
            slow = moves.filtered(lambda move: not poster.is_bulkable(move))
            fast = moves.filtered(lambda move: move.journal_id not in slow.journal_id)
        plain = self.with_context(tracking_disable=True) - fast
        if plain:
            plain._post(soft=False)
        if fast:
            poster.post(fast)
        return self

    def _is_bulk_safe(self):
        """Return whether nothing unknown extends what the fast way leaves out; log it if not."""
        if any(key.startswith("default_") for key in self.env.context):
            return False
        refusals = find_refusals(self.env)
        if refusals and (key := (self.env.cr.dbname, *refusals)) not in _logged:
            _logged.add(key)
            _logger.info("Invoices are written by plain Odoo because of %s", ", ".join(refusals))
        return not refusals
