"""The catcher's addresses, below /admin/caught/."""

from django.urls import path, re_path

from xmld_project.caught import views
from xmld_project.caught.folder import NAME

app_name = "caught"
urlpatterns = [
    path("", views.platform_only(views.listed), name="list"),
    re_path(rf"^(?P<name>{NAME})/$", views.platform_only(views.one), name="mail"),
    re_path(rf"^(?P<name>{NAME})/html/$", views.platform_only(views.html), name="html"),
    re_path(rf"^(?P<name>{NAME})/source/$", views.platform_only(views.source), name="source"),
    re_path(
        rf"^(?P<name>{NAME})/part/(?P<number>[0-9]{{1,3}})/$", views.platform_only(views.attachment), name="part"
    ),
]
