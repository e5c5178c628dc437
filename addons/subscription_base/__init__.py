from . import controllers, models, wizard
from .models.subscription_event_guard import drop_guard as uninstall_hook
