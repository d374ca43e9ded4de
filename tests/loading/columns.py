"""The columns that lists of these tests are read for; without pytest, whose memory would be measured too."""

from zoneinfo import ZoneInfo

from recipients.models import FieldType
from recipients.tables import Column

FIELDS = (
    ("email", "email"),
    ("nome", "string"),
    ("pagina", "html"),
    ("ordine", "integer"),
    ("peso", "decimal"),
    ("nato", "date"),
    ("visto", "datetime"),
    ("socio", "boolean"),
    ("tel", "phone"),
    ("XML_DELIVERY_CODE", "string"),
)
COLUMNS = tuple(Column(name, FieldType(kind)) for name, kind in FIELDS)
ROME = ZoneInfo("Europe/Rome")
