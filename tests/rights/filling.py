"""Patterns become addresses: an id is that of their newest row of the page's model."""

from django.apps import apps
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import Resolver404, resolve

from tests.rights.walking import OUT, parameters, patterns
from tests.rights.world import FIRST, LATER

# What only who was sent it can know: there is no id of another's to try.
SECRETS = {"token", "uidb64"}
_IDS = {"object_id", "id", "pk"}


def filled(route):
    """Return the address of a route for their rows, None where a page has to lead to it."""
    values = {}
    for name in parameters(route):
        model = model_of(route, name)
        value = newest(model) if model else None
        if value is None:
            return None
        values[name] = value
    address = route
    for name, value in values.items():
        for written in (f"<{name}>", *(f"<{kind}:{name}>" for kind in ("path", "int", "str"))):
            address = address.replace(written, str(value))
    return address


def of_patterns():
    """Return the addresses of all patterns that ids fill."""
    found = {filled(route) for route in patterns() if "(?P" not in route}
    for model in registered().values():
        found |= {
            f"/admin/{model._meta.app_label}/",
            f"/admin/r/{ContentType.objects.get_for_model(model).pk}/{newest(model)}/",
        }
    return sorted(found - {None} | {"/admin/nothing-here", "/api/v1/nothing-here"})


def model_of(route, name):
    """Return the model whose id a route's parameter is: of its page, or called `<model>_id` in the API."""
    if name in _IDS and route.startswith("/admin/"):
        parts = route.split("/")
        return registered().get("/".join(parts[2:4]))
    models = {model._meta.model_name: model for model in of_ours()}
    models["run"] = models["processingrun"]
    return models.get(name.removesuffix("_id")) if route.startswith("/api/") else None


def registered():
    """Return the models that have pages, by the place of their pages."""
    return {f"{model._meta.app_label}/{model._meta.model_name}": model for model in admin.site._registry}


def actions(model):
    """Return the names of what the list of a model offers for several rows at once."""
    return [
        action if isinstance(action, str) else action.__name__
        for action in [*(admin.site.get_model_admin(model).actions or ()), "delete_selected"]
    ]


def of_ours():
    return [*apps.get_app_config("deliveries").get_models(), *apps.get_app_config("recipients").get_models()]


def newest(model):
    return (
        model._default_manager.filter(pk__gte=FIRST, pk__lt=LATER)
        .order_by("-pk").values_list("pk", flat=True).first()
    )  # fmt: skip


def autocompletes(words):
    """Return the addresses by which each field of each page could be asked for what it may refer to."""
    for model in [*registered().values(), *of_ours()]:
        for field in model._meta.get_fields():
            if field.concrete and field.remote_field:
                of = (
                    f"app_label={model._meta.app_label}&model_name={model._meta.model_name}&field_name={field.name}"
                )
                yield from (f"/admin/autocomplete/?{of}&term={word}" for word in words)


def unreached(addresses):
    """Return the routes that no address leads to: a page nobody would try."""
    reached = set()
    for address in addresses:
        try:
            reached.add("/" + resolve(address.partition("?")[0]).route)
        except Resolver404:
            continue
    plain = {route.replace("^", "").replace("$", "") for route in reached} | reached
    return [
        route
        for route in patterns()
        if route not in (*plain, *OUT)
        and route.replace("^", "") not in {one.replace("^", "") for one in reached}
        and not SECRETS & set(parameters(route))
    ]
