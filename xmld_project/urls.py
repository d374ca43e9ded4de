from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    *([path("admin/caught/", include("xmld_project.caught.urls"))] if settings.DEMO else []),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("deliveries.health.urls")),
    path("", include("deliveries.urls")),
]
