"""Pages of the campaign area that belong to no model: one's own second factor, the ways in."""

from django.contrib import admin
from django.urls import path

from recipients.admin.people import password_reset
from recipients.admin.people.joining import join
from recipients.admin.people.own_password import own_password
from recipients.admin.second_factor.pages import second_factor

urlpatterns = [
    path("password_change/", admin.site.admin_view(own_password), name="own_password"),
    path("second-factor/", second_factor, name="second_factor"),
    path("invitation/<str:token>/", join, name="invitation"),
    *password_reset.urls(),
]
