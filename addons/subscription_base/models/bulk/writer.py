"""Rows of account.move and account.move.line: the ORM's own insertion, without recomputation."""

from .columns import LINE_COMPUTED, MOVE_COMPUTED, get_computed_fields


class Writer:
    """Inserts :class:`~.document.Document` s.

    :param env: environment of the caller
    """

    def __init__(self, env):
        self.env = env(
            context={**env.context, "skip_invoice_sync": True, "skip_is_manually_modified": True}
        )
        self.moves = self.env["account.move"]
        self.lines = self.env["account.move.line"]
        self.move_fields = get_computed_fields(self.moves, MOVE_COMPUTED)
        self.line_fields = get_computed_fields(self.lines, LINE_COMPUTED)

    def insert(self, documents):
        """Insert documents in their order and return the moves.

        Stored computed fields that are not ours are marked for the ORM to compute.

        :param list documents: complete documents
        """
        moves = self.moves._create(
            [self._get_data(self.moves, document.vals, self.move_fields) for document in documents]
        )
        with self.env.protecting(self.move_fields, moves):
            lines = self.lines._create(
                [
                    self._get_data(self.lines, {**line, "move_id": move.id}, self.line_fields)
                    for move, document in zip(moves, documents, strict=True)
                    for line in document.lines
                ]
            )
        self._check_company(moves)
        self._check_company(lines)
        return moves

    @staticmethod
    def _check_company(records):
        """Do what ``_check_company`` does, for all records of a company at once."""
        names = [
            name
            for name, field in records._fields.items()
            if field.relational and field.check_company and name != "move_id"
        ]
        for company, group in records.grouped("company_id").items():
            for name in names:
                linked = group.sudo().mapped(name)
                domain = linked and linked._check_company_domain(company)
                active = linked.with_context(active_test=False)
                if domain and linked != active.filtered_domain(domain):
                    group._check_company()

    def _get_data(self, model, vals, protected):
        env = self.env
        stored = {name: value for name, value in vals.items() if model._fields[name].store}
        stored.update(
            create_uid=env.uid, create_date=env.cr.now(), write_uid=env.uid, write_date=env.cr.now()
        )
        given = [
            field for name in vals if (field := model._fields[name]).compute and not field.readonly
        ]
        return {
            "stored": stored,
            "inversed": {},
            "inherited": {},
            "protected": {*protected, *given},
        }
