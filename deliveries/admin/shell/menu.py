"""The side menu, in the order of the campaign area; each line shows to those who may open it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recipients.admin.access import OPERATORS, chosen_account, may, may_choose_from

_GROUPS = (
    (
        "",
        (
            (_("Home"), "home", "index", None),
            (_("Choose an account"), "switch_account", "recipients_account_choose", ""),
        ),
    ),
    (
        _("Communicate"),
        (
            (_("Deliveries"), "send", "deliveries_delivery_changelist", ""),
            (_("Create"), "add_circle", "deliveries_delivery_create", ""),
            (_("Archive"), "inventory_2", "deliveries_delivery_changelist", "?tab=finished"),
        ),
    ),
    (
        _("XML Delivery"),
        (
            (_("Runs"), "deployed_code_history", "deliveries_processingrun_changelist", ""),
            (_("Spaces"), "folder_shared", "deliveries_sftpspace_changelist", ""),
            (_("Check a bundle"), "rule", "deliveries_processingrun_check", ""),
        ),
    ),
    (
        _("Recipients"),
        (
            (_("Databases"), "database", "recipients_database_changelist", ""),
            (_("Filters"), "filter_alt", "recipients_filter_changelist", ""),
            (_("Uploads"), "upload_file", "recipients_database_uploads", ""),
            (_("Blacklist"), "block", "recipients_blacklistentry_changelist", ""),
        ),
    ),
    (
        _("Configure"),
        (
            (_("Newsletters"), "newsmode", "deliveries_newsletter_changelist", ""),
            (_("Sender domains"), "alternate_email", "recipients_senderdomain_changelist", ""),
            (_("Users and rights"), "group", "recipients_membership_changelist", ""),
            (_("Accounts"), "domain", "recipients_account_changelist", ""),
            (_("Logins"), "person", "recipients_user_changelist", ""),
            (_("Downloads"), "download", "deliveries_download_changelist", ""),
            (_("History"), "history", "deliveries_activity_changelist", ""),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu in Unfold's shape."""
    return [
        {"title": title, "separator": bool(title), "items": [_item(request, *line) for line in lines]}
        for title, lines in _GROUPS
    ]


def account_shown(request: HttpRequest) -> str:
    """Return the name of the account that is chosen, or of the only one; "" where several are shown together."""
    accounts, wanted = may_choose_from(request), chosen_account(request)
    names = accounts.filter(pk=wanted) if wanted else accounts
    found = list(names.values_list("name", flat=True)[:2])
    return found[0] if len(found) == 1 else ""


def _item(request: HttpRequest, title: Any, icon: str, name: str, query: str | None) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{name}") + (query or ""),
        "active": _is_open(request, reverse(f"admin:{name}"), query or ""),
        "permission": lambda _request: query is None or _may_open(request, name),
    }


def _is_open(request: HttpRequest, path: str, query: str) -> bool:
    """Return whether this line's page is open; the archive is one tab of the deliveries."""
    archive = request.GET.get("tab") == "finished"
    if query:
        return request.path == path and archive
    if path == reverse("admin:index"):
        return request.path == path
    if request.path.endswith(("/processingrun/check/", "/account/choose/", "/database/uploads/")):
        return path == request.path
    created = reverse("admin:deliveries_delivery_create")
    if created in {path, request.path}:
        return path == request.path
    return request.path.startswith(path) and not (archive and request.path == path)


def _may_open(request: HttpRequest, name: str) -> bool:
    """Ask the page itself."""
    if name == "recipients_account_choose":
        return may_choose_from(request)[1:2].exists()
    if name in {"deliveries_processingrun_check", "deliveries_delivery_create", "recipients_database_uploads"}:
        return may(request, None, OPERATORS)
    wanted = name.removesuffix("_changelist")
    for model, page in admin.site._registry.items():  # noqa: SLF001  the registry has no public reader by name
        if f"{model._meta.app_label}_{model._meta.model_name}" == wanted:  # noqa: SLF001  Django's documented _meta
            return bool(page.has_module_permission(request))
    return False
