"""A prediction is checked by the trace of its own block, so the check follows the code."""

from __future__ import annotations

import re

import pytest

import autograd_core as torch
from autograd_core import Trace, predict
from autograd_core.drawing.narrate import narrate
from autograd_core.observe import slot
from autograd_core.recording import events as e
from autograd_core.widgets import predict as module
from autograd_core.widgets.frontend import PACKED, unpack
from autograd_core.widgets.predict import Grad, RequiresGrad, Riddle

from . import lessons, traces


@pytest.fixture(autouse=True)
def shown(monkeypatch) -> list[Riddle]:
    """What the blocks would show in a notebook."""
    riddles: list[Riddle] = []
    monkeypatch.setattr(module, "_show", riddles.append)
    return riddles


def data(riddle: Riddle) -> dict:
    """What the front end reads."""
    return unpack(re.findall(rf'type="{PACKED}">([^<]*)</script>', riddle.html())[-1])


def leaf():
    return torch.tensor([1.2, 3.4, 5.6], requires_grad=True)


@pytest.mark.parametrize("writes, choices", [(0, "0 1 2"), (1, "0 1 2"), (4, "0 1 2 3 4 5")])
def test_the_version_is_that_at_the_end_and_the_last_write_shows_why(shown, writes, choices):
    with predict.version("out") as trace:
        out = leaf().sigmoid()
        for _ in range(writes):
            out.detach().zero_()
        leaf()
    (riddle,) = shown
    answer = riddle.answer
    assert (answer.text, list(answer.choices)) == (str(writes), choices.split())
    events = trace.steps[answer.step].events
    wanted = e.VersionBumped if writes else e.OpRan
    assert isinstance(events[0], wanted)


def test_a_write_that_the_counter_does_not_count_shows_why_the_version_is_no_higher(shown):
    with predict.version("out"):
        out = leaf().sigmoid()
        out.detach().zero_()
        out.data.zero_()
    (riddle,) = shown
    assert riddle.answer.text == "1" == str(out._version)
    assert "the one of `out` stays at 1" in riddle.solution


@pytest.mark.parametrize("detached", [False, True])
def test_requires_grad_is_checked_against_what_the_code_does(shown, detached):
    with predict.requires_grad("c") as trace:
        c = leaf().sigmoid()
        if detached:
            c.detach_()
    assert shown[0].answer.text == str(not detached) == str(c.requires_grad)
    assert shown[0].answer.choices == ("True", "False")
    assert shown[0].answer.step == len(trace.steps) - 1


def test_a_gradient_is_typed_and_shown_where_it_arrives(shown):
    with predict.grad("a") as trace:
        a = leaf()
        (a * 2).sum().backward()
        torch.zeros(1)
    answer = shown[0].answer
    assert (answer.choices, answer.numbers) == ((), ["2.0", "2.0", "2.0"])
    assert trace.steps[answer.step].find(e.GradAccumulated)


def test_no_gradient_is_an_answer_too(shown):
    with predict.grad("a"):
        a = leaf()
        a.sigmoid()
    assert (shown[0].answer.text, shown[0].answer.numbers) == ("None", None)


def test_what_a_tensor_holds_is_asked_in_order_also_where_json_has_no_word_for_it(shown):
    with predict.holds("x"):
        x = torch.tensor([[float("nan"), 1.0], [float("inf"), 1.5]])
    assert shown[0].answer.numbers == ["nan", "1.0", "inf", "1.5"]
    assert data(shown[0])["numbers"] == ["nan", "1.0", "inf", "1.5"]
    del x


def test_an_error_of_autograd_is_part_of_the_riddle_and_goes_no_further(shown):
    with predict.line_that_raises():
        out = leaf().sigmoid()
        out.detach().zero_()
        out.sum().backward()
    answer = shown[0].answer
    assert re.fullmatch(r"line \d+: out.sum\(\).backward\(\)", answer.text)
    assert answer.text in answer.choices and answer.choices[-1] == "no line"
    ran = [choice.partition(": ")[2] for choice in answer.choices[1:-1]]  # the first is in `leaf`
    assert ran == ["out = leaf().sigmoid()", "out.detach().zero_()", "out.sum().backward()"]
    assert "expects its result at version 0 and finds version 1" in shown[0].solution


def test_no_warning_gives_the_answer_away(shown, recwarn):
    with predict.grad("a"):
        a = leaf()
        out = a.sigmoid()
        out.data.zero_()
        out.sum().backward()
    assert shown[0].answer.numbers == ["0.0", "0.0", "0.0"]
    assert list(recwarn) == []


def test_a_repaired_block_changes_the_answer(shown):
    for clone in (False, True):
        with predict.raises():
            out = leaf().sigmoid()
            c = out.detach().clone() if clone else out.detach()
            c.zero_()
            out.sum().backward()
        with predict.line_that_raises():
            out = leaf().sigmoid()
            c = out.detach().clone() if clone else out.detach()
            c.zero_()
            out.sum().backward()
    assert [riddle.answer.text.split(":")[0][:4] for riddle in shown] == [
        "yes",
        "line",
        "no",
        "no l",
    ]


def test_a_slip_of_the_users_is_an_error_as_always(shown):
    with pytest.raises(NameError), predict.raises():
        leaf().sigmoid()
        no_such_name  # noqa: B018, F821
    assert shown == []
    assert slot.listener is None


def test_a_name_that_is_not_there_is_answered_with_those_that_are():
    sentence = "no tensor is called `oot` at the end: there are `a` and `out`"
    with pytest.raises(LookupError, match=sentence), predict.version("oot"):
        a = leaf()
        out = a.sigmoid()
    del a, out


def test_a_block_without_tensors_cannot_be_asked_about():
    with pytest.raises(LookupError, match="nothing was recorded"), predict.raises():
        pass
    with pytest.raises(LookupError, match="there is no tensor with a name"), predict.grad("a"):
        pass


def test_more_numbers_than_anybody_types_are_refused():
    with pytest.raises(LookupError, match="too many numbers to be typed"), predict.holds("x"):
        x = torch.zeros(1000)
    del x


def test_what_is_asked_has_to_be_a_question_about_a_name():
    with pytest.raises(TypeError, match="in quotes"):
        predict.version(leaf())
    with pytest.raises(TypeError, match="predict.version"):
        predict("version")


def test_the_words_can_be_the_teachers_own(shown):
    with predict.raises("Is <this> `safe`?"):
        leaf()
    assert str(shown[0]).startswith("Predict: Is <this> `safe`? yes or no?\nThe answer: no.")
    assert "Is &lt;this&gt; <code>safe</code>?" in shown[0].html()
    assert "<this>" not in shown[0].html()


def test_its_text_asks_and_answers_and_says_why(shown):
    riddle = Riddle(module.Version("out", None), traces.e4())
    assert str(riddle) == riddle._repr_mimebundle_()["text/plain"]
    assert str(riddle).splitlines()[0] == (
        "Predict: Which version does `out` have at the end? 0, 1 or 2?"
    )
    assert "The answer: 1. Step 4 shows why: `c.zero_()` writes into" in str(riddle)


def test_where_no_script_runs_the_answer_is_folded_away_with_picture_and_sentences():
    riddle = Riddle(module.Version("out", None), traces.e4())
    static, _, folded = riddle.html().partition("<details>")
    assert "Which version does <code>out</code> have at the end? 0, 1 or 2?" in static
    assert "The answer" not in static and "v1" not in static
    assert "<summary>The answer</summary><p>1. Step 4" in folded
    assert "<img" in folded[: folded.index("</details>")]


def test_the_player_opens_at_the_step_that_shows_why():
    sent = data(Riddle(module.Version("out", None), traces.e4()))
    assert sent["step"] == sent["player"]["start"] == 3
    assert sent["why"] == sent["player"]["steps"][3]["says"]


def test_outside_a_notebook_it_is_told_in_words(capsys, monkeypatch):
    monkeypatch.undo()
    with predict.raises() as trace:
        leaf()
    assert isinstance(trace, Trace)
    assert capsys.readouterr().out.startswith("Predict: Does this raise an error? yes or no?\n")


@pytest.mark.parametrize(
    "block, shows",
    [
        ("y = a * 2\nz = b * y.detach()\nz.backward()", "`y.detach()` makes a second tensor"),
        ("y = a * 2\nz = b * y.data\nz.backward()", "`y.data` makes a second tensor"),
        ("y = a * 2\ny.detach_()\n(b * y).backward()", "`detach_()` cuts `y` itself"),
        (
            "with torch.no_grad(): y = a * 2\nw = y + 1\n(b * w).backward()",
            "`y = a * 2` makes a new tensor",
        ),
        ("log = (a * 2).detach()\n(b * 3).backward()", "AccumulateGrad adds"),
        ("y = a * 2\ny.backward()\na.grad = None\ny = 0", "`a.grad` is set to None"),
        ("y = a.detach()\nz = y * 3", "`z = y * 3` makes"),
    ],
)
def test_a_gradient_that_does_not_arrive_is_shown_where_its_way_is_cut(block, shows):
    lines = [
        "a = torch.tensor(1.0, requires_grad=True)",
        "b = torch.tensor(1.0, requires_grad=True)",
    ]
    trace = lessons.run("\n".join([*lines, block]), names={"torch": torch})
    answer = Grad("a", None).answer(trace)
    assert answer.text == "None"
    assert narrate(trace)[answer.step].startswith(shows)


def test_that_a_dropped_detach_did_nothing_is_shown_where_it_was_called():
    trace = lessons.run("x = tensor([1.0], requires_grad=True)\nx.detach()\ny = x * x")
    answer = RequiresGrad("x", None).answer(trace)
    assert answer.text == "True"
    assert narrate(trace)[answer.step].endswith(
        "Nothing refers to `x.detach()` any more: it is gone."
    )
