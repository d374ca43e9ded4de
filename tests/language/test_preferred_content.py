"""Reference 2.5: preferred_content against the parts given here and those of the newsletter."""

from itertools import product

import pytest

from deliveries.composition import content_of
from deliveries.errors import BundleError
from deliveries.models import Newsletter

BOTH = ("html", "text")
PICKED = {"rich_text": {"html"}, "simple_text": {"text"}, "both": {"html", "text"}}


def body_of(preferred, *, rich="", simple=""):
    parts = f"<html><content><embed>{rich}</embed></content></html>" if rich else ""
    parts += f"<text><content><embed>{simple}</embed></content></text>" if simple else ""
    return f"<preferred_content>{preferred}</preferred_content><body>{parts}</body>"


@pytest.mark.sentence("2.5-36", "2.5-37", "2.5-38", "2.5-39")
@pytest.mark.parametrize(
    ("preferred", "here", "defaults", "expected"),
    [
        ("both", {"rich": "R", "simple": "S"}, {}, ("R", "S")),
        ("both", {"rich": "R"}, {"text": "D"}, ("R", "D")),
        ("both", {"rich": "R"}, {}, "CONTENT_MISSING"),
        ("rich_text", {"rich": "R"}, {"text": "D"}, ("R", "")),
        ("rich_text", {"rich": "R", "simple": "S"}, {}, "CONTENT_EXCLUDED"),
        ("rich_text", {"simple": "S"}, {"html": "D"}, "CONTENT_EXCLUDED"),
        ("simple_text", {}, {"html": "D"}, "CONTENT_MISSING"),
        ("simple_text", {}, {"html": "D", "text": "T"}, ("", "T")),
        ("", {"rich": "R"}, {"text": "D"}, ("R", "")),
        ("", {}, {"html": "D", "text": "T"}, ("D", "T")),
        ("", {}, {"html": "D", "text": "T", "preferred_content": "simple_text"}, ("", "T")),
        ("", {}, {}, "CONTENT_NONE"),
    ],
)
def test_preferred_content_agrees_with_the_parts(planned, refusal, demo, preferred, here, defaults, expected):
    """Codes CONTENT_MISSING, CONTENT_EXCLUDED and CONTENT_NONE."""
    Newsletter.objects.filter(pk=demo.offers.pk).update(**defaults)
    body = body_of(preferred, **here)
    if isinstance(expected, str):
        assert refusal(body=body).code == expected
    else:
        content = content_of(planned(body=body).source)
        assert (content["html"], content["text"]) == expected


def subsets(mark):
    return [{name: f"{mark}{name}" for name in BOTH if name in kept} for kept in ({}, {"html"}, {"text"}, {*BOTH})]


def expected_of(preferred, here, defaults, own):
    """Return the parts that reference 2.5 promises, or the code of its refusal."""
    if not preferred:
        dropped = {"rich_text": "text", "simple_text": "html"}.get(own)
        kept = here or {name: text for name, text in defaults.items() if name != dropped} or defaults
        return kept or {"CONTENT_NONE"}
    wanted = PICKED[preferred]
    codes = {"CONTENT_MISSING" for name in wanted if name not in here and name not in defaults}
    codes |= {"CONTENT_EXCLUDED" for name in here if name not in wanted}
    return codes or {name: here.get(name) or defaults[name] for name in wanted}


@pytest.mark.sentence("2.5-36", "2.5-37", "2.5-38", "2.5-39", "2.5-42")
@pytest.mark.parametrize("preferred", ["rich_text", "simple_text", "both", ""])
@pytest.mark.parametrize("own", ["rich_text", "simple_text", "both", ""])
def test_the_whole_table_of_formats(planned, demo, preferred, own):
    for here, defaults in product(subsets("here "), subsets("default ")):
        Newsletter.objects.filter(pk=demo.offers.pk).update(
            preferred_content=own, html=defaults.get("html", ""), text=defaults.get("text", "")
        )
        body = body_of(preferred, rich=here.get("html", ""), simple=here.get("text", ""))
        try:
            content = content_of(planned(body=body).source)
            found = {name: content[name] for name in BOTH if content[name]}
        except BundleError as error:
            found = {problem.code for problem in error.problems}
        assert found == expected_of(preferred, here, defaults, own), (here, defaults)


@pytest.mark.sentence("2.5-42")
@pytest.mark.parametrize(
    "body",
    [
        "",
        "<preferred_content/>",
        "<preferred_content/><body/>",
        "<preferred_content/><body><html/><text><content/></text></body>",
    ],
)
def test_a_message_without_a_body_of_its_own_has_the_newsletters(planned, demo, body):
    Newsletter.objects.filter(pk=demo.offers.pk).update(html="H", text="T", preferred_content="rich_text")
    content = content_of(planned(body=body).source)
    assert (content["html"], content["text"]) == ("H", "")


def test_preferred_content_without_body_picks_among_the_newsletters_parts(planned, demo):
    Newsletter.objects.filter(pk=demo.offers.pk).update(html="H", text="T", preferred_content="rich_text")
    content = content_of(planned(body="<preferred_content>both</preferred_content>").source)
    assert (content["html"], content["text"]) == ("H", "T")
