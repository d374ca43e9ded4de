"""A form is read as UTF-8 whatever charset its sender declares: no codec is a stranger's choice."""

import io
import itertools
from dataclasses import dataclass, field

import pytest
from django.core.handlers.wsgi import WSGIRequest

from xmld_project.web.environ import environ
from xmld_project.web.proxies import Visitor

FIELD = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@dataclass
class Asked:
    headers: dict[str, str]
    proto: str = "http"
    http_version: str = "1.1"
    server: str = "127.0.0.1:8000"
    client: str = "127.0.0.1:1"
    method: str = "POST"
    path: str = "/u/x"
    query_string: str = field(default="")


def posted(kind, body):
    scope = Asked({"content-type": kind, "content-length": str(len(body))})
    return WSGIRequest(environ(scope, Visitor("127.0.0.1", "http"), io.BytesIO(body))).POST


@pytest.mark.parametrize(
    "charset", ["zlib", "idna", "rot13", "punycode", "utf-7", "ISO-8859-1", "nonsense", '"zlib"']
)
@pytest.mark.parametrize("named", ["charset", "Charset", "charset*"])
def test_a_form_of_parts_has_no_charset(charset, named):
    for parameters in itertools.permutations(["boundary=b", f"{named}={charset}"]):
        said = posted(f"Multipart/Form-Data; {'; '.join(parameters)}", FIELD)
        assert said["List-Unsubscribe"] == "One-Click"


@pytest.mark.parametrize("charset", ["ISO-8859-1", "us-ascii", "windows-1252", "UTF-8", '"iso-8859-1"'])
def test_a_providers_one_click_counts_in_the_charset_that_its_library_declares(charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert posted(kind, b"List-Unsubscribe=One-Click&name=Nicol%C3%B2") == {
        "List-Unsubscribe": ["One-Click"],
        "name": ["Nicolò"],
    }
