import ast

from odoo.tests import tagged

from .test_messages import MessageCommon


@tagged("post_install", "-at_install")
class TestMessageList(MessageCommon):
    """The list of messages says why a customer was not reached; the menu shows all templates."""

    def test_whom_an_e_mail_did_not_reach_is_told(self):
        subscription = self._start()
        self._send()
        [message] = self._messages(subscription)
        message.mail_message_id.notification_ids.write({"notification_status": "bounce"})
        self.assertEqual(message.delivery_error, "The e-mail could not be delivered.")

    def test_who_was_gone_before_the_welcome_is_not_welcomed(self):
        subscription = self._start()
        welcome = self._messages(subscription, "welcome")
        self.assertFalse(welcome._get_obstacle(True))
        subscription.sudo().state = "closed"
        self.assertIn("was over before", welcome._get_obstacle(True))

    def test_the_menu_of_templates_shows_all_of_them(self):
        action = self.env.ref("subscription_base.mail_template_action_subscription")
        shown = self.env["mail.template"].search(ast.literal_eval(action.domain))
        data = self.env["ir.model.data"].search(
            [("module", "=", "subscription_base"), ("model", "=", "mail.template")]
        )
        self.assertLessEqual(set(data.mapped("res_id")), set(shown.ids))
