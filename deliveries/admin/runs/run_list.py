"""The list of runs, which an open page asks for anew."""

from django.http import HttpRequest
from unfold.views import ChangeList

from deliveries.admin.shell.masking import mask
from deliveries.models import RunStatus


class RunList(ChangeList):  # type: ignore[misc]  # Unfold ships no types
    """Shows the sentences of runs without the people that they name, where the reader may not see people."""

    def get_results(self, request: HttpRequest) -> None:
        """Mask the rows of one page."""
        super().get_results(request)
        for run in self.result_list:
            mask(request, run)

    @property
    def rows_shown(self) -> str:
        """Return what tells an open page whether it must read the list anew."""
        return ",".join(f"{run.pk}.{run.sub_status}.{run.rows_so_far}" for run in self.result_list)

    @property
    def every(self) -> int:
        """Return after how many seconds an open page asks again."""
        return 2 if any(run.status == RunStatus.LOADING for run in self.result_list) else 10
