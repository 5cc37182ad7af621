"""URLs of notify under /api/v1/."""

from django.urls import path

from notify.api.deliveries import DeliveriesView, RetryView
from notify.api.notifications import NotificationsView, ReadView

urlpatterns = [
    path("notifications", NotificationsView.as_view(), name="notifications"),
    path("notifications/read", ReadView.as_view(), name="notifications-read"),
    path("deliveries", DeliveriesView.as_view(), name="deliveries"),
    path("deliveries/<int:delivery_id>/retry", RetryView.as_view(), name="delivery-retry"),
]
