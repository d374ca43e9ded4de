"""Pages of the campaign area that belong to no model: one's own second factor, the ways in."""

from django.urls import path

from recipients.admin.people import password_reset
from recipients.admin.people.joining import join
from recipients.admin.second_factor.pages import second_factor

urlpatterns = [
    path("second-factor/", second_factor, name="second_factor"),
    path("invitation/<str:token>/", join, name="invitation"),
    *password_reset.urls(),
]
