from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Carries the commands that run the product itself: runall and serve."""

    name = "xmld_project"
