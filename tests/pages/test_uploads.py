"""Uploads: the lists that came, by bundle and by hand (reference 3.3)."""

from django.core.files.uploadedfile import SimpleUploadedFile

from deliveries.models import Delivery, ProcessingRun
from deliveries.sending.lifecycle import drafts

PAGE = "/admin/recipients/database/uploads/"


def test_lists_by_bundle_and_by_hand_stand_there_with_what_came_of_them(mine, theirs, signed_in):
    client = signed_in(mine.account)
    assert "No list came yet" in client.get(PAGE).content.decode()
    for house in (mine, theirs):
        runs = ProcessingRun.objects.filter(pk=house.run.pk)
        runs.update(rows_good=1200, rows_bad=3, delivery=house.delivery)
    draft = drafts.create_draft(mine.newsletter)
    file = SimpleUploadedFile("mine.csv", b"email,nome\na@x.example,A\n")
    client.post(
        f"/admin/deliveries/delivery/{draft.pk}/edit/recipients/",
        {"version": draft.version, "who": "upload", "file": file},
    )
    assert Delivery.objects.get(pk=draft.pk).filter is not None
    page = client.get(PAGE).content.decode()
    for words in ("Acme.xml", "1,200 rows were loaded, 3 were bad.", "mine.csv", "Added 1, updated 0, deleted 0."):
        assert words in page
    assert f'href="/admin/recipients/database/{mine.database.pk}/import/"' in page
    assert "Zenith" not in page


def test_a_reviewer_uploads_nothing(mine, signed_in):
    client = signed_in(mine.account, "reviewer")
    assert client.get(PAGE).status_code == 403
    assert PAGE not in client.get("/admin/").content.decode()
