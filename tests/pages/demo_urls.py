"""The product's addresses as they are with XMLD_DEMO=1."""

from django.urls import include, path

from xmld_project import urls

urlpatterns = [path("admin/caught/", include("xmld_project.caught.urls")), *urls.urlpatterns]
