from odoo.tests import Form, HttpCase, freeze_time, tagged

from .common import shows
from .declaration_common import NOW, DeclarationCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLegalButtonsHealth(DeclarationCommon, HttpCase):
    """The pages are loaded as anybody would; while they fail, consumers may end at once."""

    def _check(self):
        self.env.flush_all()
        with self.allow_requests(all_requests=True):
            self.env["res.company"]._cron_check_legal_buttons()
        self.env.invalidate_all()
        return self.company.subscription_button_offline_since

    def _break_page(self):
        view = self.env.ref("subscription_base.legal_buttons_page").sudo()
        view.arch = view.arch.replace('name="date_wished"', 'name="other"')

    @shows("LAW-09")
    def test_pages_that_work_need_no_warning(self):
        with self.allow_requests(all_requests=True):
            status, body = self.env["res.company"]._load_anonymously("/vertrag/kuendigen")
        self.assertEqual(status, 200)
        self.assertIn("jetzt kündigen", body)
        self.assertFalse(self._check())
        self.assertFalse(self.company.partner_id.activity_ids)

    @shows("LAW-09")
    def test_a_page_that_fails_is_noted_and_told_until_it_works_again(self):
        self._break_page()
        self.assertEqual(str(self._check()), "2026-11-27")
        activities = self.company.partner_id.activity_ids
        self.assertIn(self.env.user, activities.user_id)
        self.assertIn("lacks inputs", activities[0].note)
        with freeze_time("2026-12-01"):
            self.assertEqual(str(self._check()), "2026-11-27")
        self.assertEqual(self.company.partner_id.activity_ids, activities)
        view = self.env.ref("subscription_base.legal_buttons_page").sudo()
        view.arch = view.arch.replace('name="other"', 'name="date_wished"')
        self.assertFalse(self._check())

    def test_a_day_that_was_set_by_hand_stays(self):
        self.company.subscription_button_offline_since = "2026-11-01"
        self.assertEqual(str(self._check()), "2026-11-01")

    def test_what_cannot_be_found_out_is_no_alarm(self):
        self.patch(type(self.env["res.company"]), "_load_anonymously", lambda self, path: None)
        self.assertFalse(self._check())

    @shows("LAW-09")
    def test_meanwhile_consumers_may_end_at_once(self):
        business = self._create_subscription(self.yearly, "2026-03-01")
        business.customer_kind = "business"
        self.company.subscription_button_offline_since = "2026-11-20"
        self.assertEqual(str(self.subscription.next_termination_date), "2026-11-27")
        self.assertEqual(str(business.next_termination_date), "2027-02-28")
        action = self.subscription.action_open_close_wizard()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertEqual(str(wizard.date_end), "2026-11-27")
        self.assertIn("Immediate, § 312k (6) BGB", wizard.offline_text)
        self.assertEqual(wizard.description, wizard.offline_text)
        wizard.date_notice = "2026-11-19"
        self.assertFalse(wizard.offline_text)
        declaration = self._receive()
        self.assertEqual(str(declaration.date_end), "2026-11-27")
