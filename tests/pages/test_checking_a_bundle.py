"""Check a bundle: the page gives the answer of check_bundle and stores nothing."""

from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.models import ProcessingRun

PAGE = "/admin/deliveries/processingrun/check/"


def test_a_mistake_is_answered_with_its_sentence_and_nothing_is_stored(mine, signed_in):
    client = signed_in(mine.account)
    before = ProcessingRun.objects.count()
    response = client.post(PAGE, {"space": mine.space.pk, "xml": SimpleUploadedFile("a.xml", b"<xmldelivery>")})
    assert response.status_code == 200
    assert not response.context["answer"].accepted
    assert b"a.xml" in response.content
    assert ProcessingRun.objects.count() == before


def test_another_accounts_space_cannot_be_chosen(mine, theirs, signed_in):
    client = signed_in(mine.account)
    response = client.post(PAGE, {"space": theirs.space.pk, "xml": SimpleUploadedFile("a.xml", b"<a/>")})
    assert response.context["answer"] is None
    assert b"Zenith" not in response.content


def test_a_reviewer_checks_nothing(mine, signed_in):
    assert signed_in(mine.account, "reviewer").get(PAGE).status_code == 403
