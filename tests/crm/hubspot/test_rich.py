"""The bodies of tasks: plain lines to us, HTML to HubSpot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.crm.hubspot.rich import plain, rich
from connector.model.alike import alike
from connector.model.changes import Change, Settled, Wanted, WantedField
from tests.crm.hubspot.given import Portal, a_task

KEY = WantedField("tasks", "attain_alert_key", "Attain key", "text", unique=True)
TEXT = "R&D <Berlin> is 12 % behind:\n- Ana: 4 < 5\n\n- and 2 more"
HTML = "R&amp;D &lt;Berlin&gt; is 12 % behind:<br>- Ana: 4 &lt; 5<br><br>- and 2 more"


def _alert(text: str | None) -> Change:
    return a_task("ab", hs_task_subject="R&D <1>", hs_task_body=text, hs_timestamp="2026-11-26T09:00:00Z")


def _bodies(portal: Portal) -> list[tuple[str, str]]:
    found = portal.do("GET", "/crm/objects/2026-03/tasks?properties=hs_task_subject,hs_task_body")["results"]
    return [(each["properties"]["hs_task_subject"], each["properties"]["hs_task_body"]) for each in found]


def test_the_body_of_a_task_is_sent_as_html_and_its_subject_as_it_is() -> None:
    portal = Portal()
    with portal.connected() as crm:
        crm.install(Wanted(fields=(KEY,)), check=False)
        [receipt] = crm.write([_alert(TEXT)])
    assert receipt.settled is Settled.WRITTEN
    assert _bodies(portal) == [("R&D <1>", HTML)]


@pytest.mark.parametrize("kept", [HTML, f"<div><p>{HTML}</p></div>"])
def test_what_was_written_is_read_back_alike_however_it_is_wrapped(kept: str) -> None:
    portal, alert = Portal(), _alert(TEXT)
    with portal.connected() as crm:
        crm.install(Wanted(fields=(KEY,)), check=False)
        [receipt] = crm.write([alert])
        portal.change("tasks", receipt.remote_id or "", hs_task_body=kept)
        shown = crm.current([alert.row], ["hs_task_body", "hs_task_subject"])[alert.row]
    assert shown["hs_task_subject"] == "R&D <1>"
    assert alike(TEXT, shown["hs_task_body"])


def test_an_emptied_body_stays_empty() -> None:
    portal, alert = Portal(), _alert(None)
    with portal.connected() as crm:
        crm.install(Wanted(fields=(KEY,)), check=False)
        crm.write([_alert(TEXT)])
        crm.write([alert])
        assert crm.current([alert.row], ["hs_task_body"])[alert.row]["hs_task_body"] in ("", None)


@given(st.text(alphabet=st.sampled_from("ab p<>&;#/!\"'\n\t\u00a0\u4e2d")))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    html = rich(text)
    assert "\n" not in html
    assert plain(html) == text


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<p>a</p><p>b</p>", "a\nb"),
        ("<p>a</p>\n<p>b</p>\n", "a\nb"),
        ("<p>a</p><p><br></p><p>b</p>", "a\n\nb"),
        ('<div dir="auto"><p style="margin:0">a &amp; <b>b</b></p></div>', "a & b"),
        ("<ul>\n<li>a</li>\n<li>b</li></ul>", "a\nb"),
        ("a<br />\nb", "a\nb"),
        ("one\ntwo", "one\ntwo"),  # as bodies were once written
        ("", ""),
    ],
)
def test_paragraphs_and_items_are_lines_and_other_markup_says_nothing(html: str, said: str) -> None:
    assert plain(html) == said
