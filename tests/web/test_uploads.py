import pytest
from django.conf import settings
from django.test import Client

from recipients import conf
from recipients.models import User
from xmld_project.web import uploads
from xmld_project.web.admission import Refused

GB = 1024**3


@pytest.fixture
def cookie(db):
    client = Client()
    client.force_login(User.objects.create_user("anna", password="x", is_staff=True))
    return f"a=b; {settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def test_files_are_taken_after_log_in_and_by_the_pages_that_want_them(cookie):
    assert uploads.allowed(cookie, "/admin/recipients/database/1/import/").most > conf.MAX_CSV_BYTES
    assert 30 * 1024**2 < uploads.allowed(cookie, "/admin/deliveries/processingrun/check/").most < GB
    assert uploads.allowed(cookie, "/admin/recipients/database/add/").most == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert uploads.allowed(cookie, "/nowhere").most == 0


@pytest.mark.parametrize("given", ["", "sessionid=guessed", "a=b; =;", "sessionid"])
def test_whoever_is_not_logged_in_may_send_nothing_more(db, given):
    assert uploads.allowed(given, "/admin/recipients/database/1/import/") == uploads.Allowed(None, 0)


def test_one_upload_of_a_person_goes_on_at_a_time():
    under_way = uploads.Uploads()
    with under_way.counted(1, 100):
        with pytest.raises(Refused, match="is under way"), under_way.counted(1, 100):
            pass
        with under_way.counted(2, 100):
            pass
    with under_way.counted(1, 100):
        pass


def test_the_disk_keeps_its_last_gigabyte():
    with pytest.raises(Refused, match="no room"), uploads.Uploads().counted(1, 2**62):
        pass
