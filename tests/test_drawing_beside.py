"""Pictures beside each other: as wide as can be read, in a notebook and in a handout of it."""

from __future__ import annotations

import re

import pytest

from autograd_core import Trace, beside, handout, picture
from autograd_core.drawing import render
from autograd_core.drawing.curves import curves

from . import traces


def shown(**pictures) -> str:
    return beside(**pictures)._repr_mimebundle_()["text/html"]


def test_each_picture_gets_the_room_in_which_its_words_can_be_read():
    html = shown(here=picture(traces.e1()), there=picture(traces.e4()))
    widths = [int(width) for width in re.findall(r"<svg[^>]* width='(\d+)'", html)]
    rooms = [int(room) for room in re.findall(r"flex:1 1 (\d+)px", html)]
    assert rooms == [round(0.75 * width) for width in widths]
    assert rooms[0] < rooms[1]


def test_a_name_is_escaped():
    assert "<strong>&lt;b&gt;</strong>" in shown(**{"<b>": picture(traces.e1())})


def test_pictures_that_say_the_same_are_said_once_in_words():
    one, other = picture(traces.e1()), picture(traces.e4())
    assert str(beside(a=one, b=picture(traces.e1()))) == f"a and b:\n{one}"
    assert str(beside(a=one, b=other)) == f"a:\n{one}\n\nb:\n{other}"


def test_where_nothing_can_be_drawn_the_words_stand_beside_each_other(monkeypatch):
    assert "Nothing was recorded." in shown(empty=picture(Trace()))
    monkeypatch.setattr(render, "renderers", lambda: iter([]))
    html = shown(here=picture(traces.e1()))
    assert "No picture: Graphviz cannot run here" in html
    assert "AccumulateGrad adds to `a.grad`" in html


@pytest.mark.parametrize("given", [{}, {"trace": traces.e1()}, {"curve": curves({"a": [1.0]})}])
def test_what_is_no_picture_gets_one_sentence(given):
    with pytest.raises(TypeError, match=r"beside\(\) (needs pictures with names|takes pictures)"):
        beside(**given)


def test_a_handout_has_the_pictures_themselves_and_their_style_once():
    page = handout.page("two", shown(a=picture(traces.e1()), b=picture(traces.e4())))
    assert "data:image" not in page
    assert page.count("<svg") == 2
    assert page.count(".agc .fill-card {") == 1
    assert page.count("<script>") == 1
    assert "<script>" in page.partition("</main>")[2]  # when all pictures are there


def test_a_handout_leaves_a_picture_of_another_kind_its_own_style():
    page = handout.page("losses", curves({"loss": [1.0, 0.5]})._repr_mimebundle_()["text/html"])
    assert "data:image" not in page
    assert re.search(r"<svg[^>]*class='agc-curves'.*<style>[^<]*\.agc-curves text", page)


def test_what_a_picture_says_is_escaped_in_its_address_and_in_a_handout():
    nasty = "</script><img src=x onerror=hit()>\"'&#%"
    html = curves({nasty: [1.0, 0.5]})._repr_mimebundle_()["text/html"]
    assert html.count("<img ") == 1 and html.count("</script>") == 1
    page = handout.page("nasty", html)
    assert "<img" not in page and page.count("</script>") == 1
