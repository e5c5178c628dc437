from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import shows
from .declaration_common import NOW, DeclarationCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDeclaration(DeclarationCommon):
    """A clear declaration ends the contract at once; everything else waits for a person."""

    @shows("LAW-05", "LAW-06")
    def test_without_a_day_it_ends_as_early_as_possible(self):
        declaration = self._receive()
        self.assertEqual((declaration.state, declaration.outcome), ("done", "ends"))
        self.assertEqual(str(declaration.date_end), "2027-02-28")
        self.assertEqual(str(self.subscription.date_end), "2027-02-28")
        self.assertEqual(self.subscription.termination_kind, "ordinary")
        self.assertEqual(str(self.subscription.date_notice), "2026-11-27")
        self.assertFalse(declaration.activity_ids)

    def test_a_later_day_is_kept(self):
        declaration = self._receive(date_wished="2027-04-15")
        self.assertEqual(declaration.outcome, "ends")
        self.assertEqual(str(self.subscription.date_end), "2027-04-15")

    @shows("LAW-06")
    def test_a_day_that_is_too_early_becomes_the_earliest_and_the_mail_says_so(self):
        declaration = self._receive(date_wished="2026-12-24")
        self.assertEqual(declaration.outcome, "ends_later")
        self.assertEqual(str(self.subscription.date_end), "2027-02-28")
        body = self._get_mails(declaration).body_html
        self.assertIn("You wished for an end on 12/24/2026", body)
        self.assertIn("ends on 02/28/2027 at the earliest", body)

    def test_notice_is_given_on_the_day_that_the_company_has(self):
        with freeze_time("2027-01-30 23:30:00"):
            self._receive()
        self.assertEqual(str(self.subscription.date_notice), "2027-01-31")

    def test_who_has_terminated_to_an_earlier_day_is_told_that_day(self):
        self._receive(date_wished="2027-02-28")
        declaration = self._receive("form 2", date_wished="2027-06-30")
        self.assertEqual(declaration.outcome, "ended_before")
        self.assertEqual(str(self.subscription.date_end), "2027-02-28")

    def test_an_earlier_termination_moves_a_later_one(self):
        self._receive(date_wished="2027-06-30")
        declaration = self._receive("form 2")
        self.assertEqual(declaration.outcome, "ends")
        self.assertEqual(str(self.subscription.date_end), "2027-02-28")

    def test_what_is_not_binding_yet_is_cancelled(self):
        self.subscription.sudo().affirmed_on = False
        declaration = self._receive()
        self.assertEqual((declaration.state, declaration.outcome), ("done", "voided"))
        self.assertEqual(self.subscription.state, "closed")
        self.assertEqual(self.subscription.termination_kind, "void")
        self.assertIn("you owe nothing", self._get_mails(declaration).body_html)

    @shows("LAW-05")
    def test_an_extraordinary_termination_is_decided_by_a_person(self):
        declaration = self._receive(
            termination_kind="extraordinary", grounds="Down for two weeks", date_wished="2026-11-30"
        )
        self.assertEqual((declaration.state, declaration.outcome), ("matched", False))
        self.assertFalse(self.subscription.date_end)
        self.assertTrue(declaration.activity_ids)
        self.assertIn("Down for two weeks", self._get_mails(declaration).body_html)
        action = declaration.action_decide()
        wizard = (
            self.env[action["res_model"]]
            .with_context(**action["context"])
            .create(
                {"close_reason_id": self.env.ref("subscription_base.close_reason_unsatisfied").id}
            )
        )
        wizard.action_close()
        self.assertEqual(str(self.subscription.date_end), "2026-11-30")
        self.assertEqual(self.subscription.termination_kind, "extraordinary")
        self.assertEqual(declaration.state, "done")
        self.assertIn("ends on 11/30/2026", self._get_mails(declaration)[-1].body_html)

    def test_it_is_in_the_history_of_the_subscription(self):
        declaration = self._receive()
        events = self.subscription.event_ids.filtered(
            lambda event: event.event_type == "declaration_received"
        )
        self.assertEqual(len(events), 1)
        self.assertIn(declaration.name, events.description)
        self.assertIn("14:03:05", events.description)
        self.assertEqual(self.subscription.declaration_count, 1)

    def test_a_contract_that_has_ended_waits_for_a_person(self):
        self.subscription._close("2026-11-26")
        self.subscription.sudo().state = "closed"
        declaration = self._receive()
        self.assertEqual(declaration.state, "matched")
        self.assertIn("has ended already", declaration.problem)

    @mute_logger("odoo.addons.subscription_base.models.subscription_declaration_receive")
    def test_an_error_loses_no_declaration(self):
        def fail(*args, **kwargs):
            raise ValueError("broken")

        self.patch(type(self.subscription), "_accept_termination", fail)
        declaration = self._receive()
        self.assertEqual(declaration.state, "matched")
        self.assertIn("because of an error", declaration.problem)
        self.assertTrue(self._get_mails(declaration))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDeclarationWorkList(DeclarationCommon):
    """What could not be matched is carried out by the hand of a person."""

    def setUp(self):
        super().setUp()
        self.declaration = self._receive(contract="my web space")

    @shows("LAW-06")
    def test_what_matches_nothing_is_stored_confirmed_and_handed_over(self):
        declaration = self.declaration
        self.assertEqual(declaration.state, "new")
        self.assertEqual(declaration.contract, "my web space")
        self.assertTrue(declaration.activity_ids.user_id)
        self.assertEqual(declaration.user_id, declaration.activity_ids.user_id)
        self.assertIn("14:03:05", self._get_mails(declaration).body_html)
        self.assertIn(self.subscription, declaration.candidate_ids)

    def test_the_company_says_who_handles_it(self):
        self.company.subscription_declaration_user_id = self.clerk
        declaration = self._receive("form 2", contract="something")
        self.assertEqual(declaration.activity_ids.user_id, self.clerk)

    def test_a_clerk_chooses_the_contract_and_carries_it_out(self):
        declaration = self.declaration.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "Choose the subscription"):
            declaration.action_carry_out()
        declaration.subscription_id = self.subscription
        self.assertEqual(declaration.state, "matched")
        with freeze_time("2026-12-10"):
            declaration.action_carry_out()
        self.assertEqual(str(self.subscription.date_notice), "2026-11-27")
        self.assertEqual(str(self.subscription.date_end), "2027-02-28")
        self.assertEqual(declaration.state, "done")
        self.assertFalse(declaration.activity_ids)
        self.assertIn("ends on 02/28/2027", self._get_mails(self.declaration)[-1].body_html)
        with self.assertRaisesRegex(UserError, "handled already"):
            declaration.action_carry_out()
        with self.assertRaisesRegex(UserError, "handled already"):
            declaration.subscription_id = False

    def test_an_answer_or_a_rejection_can_be_taken_back(self):
        for action, state in (("action_done", "done"), ("action_reject", "rejected")):
            getattr(self.declaration, action)()
            self.assertEqual(self.declaration.state, state)
            self.declaration.action_reopen()
            self.assertEqual((self.declaration.state, self.declaration.outcome), ("new", False))
        self.declaration.subscription_id = self.subscription
        self.declaration.action_carry_out()
        with self.assertRaisesRegex(UserError, "taken effect"):
            self.declaration.action_reopen()

    @shows("LAW-06")
    def test_the_content_is_evidence(self):
        for values in (
            {"declarant": "Otto"},
            {"received_at": "2027-01-01"},
            {"grounds": "x"},
            {"digest": "0"},
            {"name": "DEC1"},
        ):
            with self.subTest(values=values), self.assertRaisesRegex(UserError, "be changed"):
                self.declaration.sudo().write(values)
        with self.assertRaisesRegex(UserError, "it is evidence"):
            self.declaration.sudo().unlink()
        content = {name: self.declaration[name] for name in self.declaration._get_content_fields()}
        self.assertEqual(self.declaration.digest, self.declaration._get_content_digest(content))

    def test_nobody_sets_what_the_buttons_set_or_writes_a_declaration(self):
        own = self.declaration.with_user(self.clerk)
        for values in ({"state": "done"}, {"date_end": "2026-12-01"}, {"outcome": "ends"}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                own.write(values)
        with self.assertRaises(AccessError):
            own.create(self._values(submission="x"))
        with self.assertRaises(AccessError):
            own.unlink()

    def test_another_company_sees_nothing(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "stranger",
            "subscription_base.group_subscription_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        declarations = self.env["subscription.declaration"].with_user(stranger)
        self.assertFalse(declarations.search([]) & self.declaration)
        with self.assertRaises(AccessError):
            self.declaration.with_user(stranger).action_reject()
        portal = new_test_user(self.env, "portal_stranger", "base.group_portal")
        with self.assertRaises(AccessError):
            declarations.with_user(portal).search([])

    def test_a_declaration_belongs_to_the_company_of_its_contract(self):
        declaration = self._receive("form 2", company_id=self.public_company.id)
        self.assertEqual(declaration.company_id, self.company)

    def test_where_it_came_from_is_forgotten(self):
        with freeze_time("2026-11-30"):
            self.env["subscription.declaration"]._gc_sources()
        self.assertFalse(self.declaration.source)
