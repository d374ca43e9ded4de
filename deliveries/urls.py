"""Addresses outside the admin (INTERFACE, public addresses)."""

from django.urls import URLPattern, path

from deliveries.composition import source_of
from deliveries.tracking.hits.clicks import click
from deliveries.tracking.hits.opens import open_pixel
from deliveries.tracking.unsubscribing.page import unsubscribe
from deliveries.tracking.web_version import web_version

urlpatterns: list[URLPattern] = [
    path("o/<path:token>", open_pixel, name="open"),
    path("c/<path:token>", click, name="click"),
    path("u/<path:token>", unsubscribe, name="unsubscribe"),
    # Stages are strangers to each other: how a delivery becomes a source is handed to the page from here.
    path("w/<path:token>", web_version, {"source_of": source_of}, name="web_version"),
]
