"""Addresses outside the admin (INTERFACE, public addresses)."""

from django.urls import URLPattern, path

from deliveries.composition import source_of
from deliveries.tracking.unsubscribe import unsubscribe
from deliveries.tracking.web_version import web_version

urlpatterns: list[URLPattern] = [
    path("u/<str:token>", unsubscribe, name="unsubscribe"),
    # Stages are strangers to each other: how a delivery becomes a source is handed to the page from here.
    path("w/<str:token>", web_version, {"source_of": source_of}, name="web_version"),
]
