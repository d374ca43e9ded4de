from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Settings, and the commands that run the product itself: runall and serve."""

    name = "xmld_project"
