"""Addresses outside the admin (reference, Public addresses)."""

from django.urls import URLPattern, URLResolver, include, path

from deliveries.tracking.hits.clicks import click
from deliveries.tracking.hits.opens import open_pixel
from deliveries.tracking.unsubscribing.page import unsubscribe
from deliveries.tracking.web_version import web_version

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("deliveries.api.urls")),
    path("o/<path:token>", open_pixel, name="open"),
    path("c/<path:token>", click, name="click"),
    path("u/<path:token>", unsubscribe, name="unsubscribe"),
    path("w/<path:token>", web_version, name="web_version"),
]
