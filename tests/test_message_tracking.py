"""Whose links and opens are measured (reference 2.5, 8)."""

from datetime import date

import pytest

from deliveries import tokens
from deliveries.message_tracking import NOTHING, Measuring, says_yes
from deliveries.tokens import Click, Purpose

BASE = "https://t.example"


def measured(mode="individual", field="", values=None, message=9):
    return Measuring(7, mode, field, BASE).of(message, values or {})


def read(measured, number=3, target=None):
    address = measured.click(number, target)
    assert address.startswith(f"{BASE}/c/")
    return tokens.read_click(address.rpartition("/")[2])


def test_an_individual_link_and_pixel_lead_back_to_one_message():
    made = measured()
    assert read(made) == Click(7, 9, 3, None)
    assert read(made, 0, "https://a.example/?p=1") == Click(7, 9, 0, "https://a.example/?p=1")
    assert tokens.read(Purpose.OPEN, made.pixel_url.removeprefix(f"{BASE}/o/")) == 9
    assert tokens.read_click(made.trap_url.rpartition("/")[2]) == Click(7, 9, tokens.HIDDEN_LINK, None)


def test_in_aggregate_everybody_has_the_same_addresses():
    made = measured("aggregate")
    assert read(made) == Click(7, None, 3, None)
    assert tokens.read(Purpose.OPEN_SHARED, made.pixel_url.removeprefix(f"{BASE}/o/")) == 7
    assert made.click(3, None) == measured("aggregate", message=10).click(3, None)
    assert read(made, 3, "https://a.example/?o=5") == Click(7, None, 3, "https://a.example/?o=5")
    assert made.trap_url == ""


def test_where_nothing_is_measured_there_is_nothing():
    assert measured("none") == NOTHING


@pytest.mark.sentence("2.5-66", "6-08")
def test_145_a_person_without_consent_gets_the_shared_pixel_and_plain_links():
    without = measured(field="consenso", values={"consenso": False})
    assert without.click is None
    assert tokens.read(Purpose.OPEN_SHARED, without.pixel_url.removeprefix(f"{BASE}/o/")) == 7
    assert read(measured(field="consenso", values={"consenso": True})) == Click(7, 9, 3, None)
    assert measured(field="consenso", values={}).click is None


@pytest.mark.parametrize("value", [True, 1, "1", " Yes ", "s\u00ec", "vero", date(2026, 1, 2)])
def test_yes_is_said_in_many_ways(value):
    assert says_yes(value)


@pytest.mark.parametrize("value", [None, False, 0, "", "0", "no", "false", "not yet"])
def test_anything_else_is_no(value):
    assert not says_yes(value)


def test_a_copy_acts_on_nobody_and_a_page_has_no_pixel():
    copy = Measuring(7, "individual", "", BASE).copy()
    assert read(copy) == Click(7, tokens.COPY_ID, 3, None)
    assert tokens.read(Purpose.OPEN, copy.pixel_url.rpartition("/")[2]) == tokens.COPY_ID
    assert Measuring(7, "none", "", BASE).copy() == NOTHING
    page = Measuring(7, "individual", "", BASE).page(9, {})
    assert (read(page), page.pixel_url, page.trap_url) == (Click(7, 9, 3, None), "", "")
