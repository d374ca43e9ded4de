from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "xmld_project.web.error_pages.bad_request"
handler403 = "xmld_project.web.error_pages.permission_denied"
handler404 = "xmld_project.web.error_pages.not_found"
handler500 = "xmld_project.web.error_pages.server_error"

admin.autodiscover()  # here, with the first address that is needed (web/area_config.py)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    *([path("admin/caught/", include("xmld_project.caught.urls"))] if settings.DEMO else []),
    path("admin/", include("recipients.admin.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("deliveries.health.urls")),
    path("", include("deliveries.urls")),
]
