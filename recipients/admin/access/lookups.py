"""What a list may be asked in its address: what its own filters offer, nothing else."""

from typing import Any, Final

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest

_ASKED: Final = ("", "__exact", "__id__exact", "__isnull", "__isempty", "__gte", "__lt")


class ListedLookups:
    """A page whose list answers no other question: Django lets any field of the row be asked, letter by letter.

    A hash or a secret that no page shows could be read so. What is refused leads to the list without filters.
    """

    def lookup_allowed(self, lookup: str, _value: str, request: HttpRequest) -> bool:
        """Return whether a filter of the list asks so."""
        for offered in self.get_list_filter(request):  # type: ignore[attr-defined]  # a ModelAdmin
            if isinstance(offered, type) and issubclass(offered, SimpleListFilter):
                if lookup == offered.parameter_name:
                    return True
                continue
            path = offered[0] if isinstance(offered, tuple) else offered
            if lookup.removeprefix(path) in _ASKED and lookup.startswith(path):
                return True
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Answer a question that is not offered, or that no text can hold, as Django answers a wrong value."""
        if any("\0" in text for texts in request.GET.lists() for text in texts[1]):
            raise IncorrectLookupParameters
        try:
            return super().get_changelist_instance(request)  # type: ignore[misc]  # the same
        except DisallowedModelAdminLookup as error:
            raise IncorrectLookupParameters from error
