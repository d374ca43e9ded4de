"""From a list of people (a CSV, a zip, elements of the XML) to rows of their database (reference 3.2, 3.3)."""

from recipients.loading.dialect import Dialect as Dialect
from recipients.loading.inline import InlineRecipient as InlineRecipient
from recipients.loading.load import check_csv as check_csv
from recipients.loading.load import check_inline as check_inline
from recipients.loading.load import load_csv as load_csv
from recipients.loading.load import load_inline as load_inline
from recipients.loading.results import BadRowsError as BadRowsError
from recipients.loading.results import LoadResult as LoadResult
from recipients.loading.results import fault_lines as fault_lines
