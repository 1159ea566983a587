"""The notebooks as files: in order, complete, linked, and with nothing in them from one machine.

What the cells *say* is compared by nbval, what they look like by `tests/browser`, and whether the
exercises can be solved by `test_notebook_exercises`.
"""

from __future__ import annotations

import copy
import io
import json
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from spellchecker import SpellChecker

import autograd_core

from .rerun_notebooks import ASKS, DRAWS, METADATA, NOTEBOOKS, ROOM, slides, written

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
START, *LESSONS = PATHS
CELLS = range(15, 46)
LINES, COLUMNS = 25, 74  # of a cell, and of its code: what a window 1024 pixels wide shows
LESSON = ["Goals", "Predict", "Run", "Investigate", "Modify", "Exercise", "In PyTorch", "Recap"]
TERMS = [  # in bold where they are explained
    *("tensor", "gradients", "autograd", "trace", "storage", "version", "leaf", "node", "cut"),
    *("saved edge", "alias", "version counter", "lane", "view", "base", "hook"),
]
LINK = re.compile(r"\]\(([^)\s]+)\)")
DRAWING = re.compile(r"data:image/[^\"]*")
FSTRING = getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)  # its own kind since Python 3.12
MACHINE = re.compile(
    r"""(?<![\w.<])/(?:home|Users|root|work|tmp|usr|opt|var)/\S*  # a path, on Linux or macOS
    |[A-Z]:\\+\w\S*                                              # a path, on Windows
    |site-packages\S*|ipykernel_\d+                              # a file of the environment
    |\b0x[0-9a-f]{6,}                                            # an address in memory
    """,
    re.VERBOSE,
)

NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\w+\.(?:json|py)\b|\$[^$]*\$|\]\([^)]*\)|<[^>]*>|\{[^}]*\}|\w+_\w*|\w*\d\w*", re.DOTALL
)
WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
ENGLISH = SpellChecker()
ENGLISH.word_frequency.load_words(
    """autograd PyTorch PyTorch's NumPy tensor's optimizer's storages inplace else's defence Ctrl
    relu softmax exp neg sqrt fn Exp FloatTensor DistributedDataParallel""".split()
)

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == kind]


def headings(path: Path) -> list[str]:
    """The headings of the second level, each up to its first colon."""
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    return [found.partition(":")[0] for found in re.findall(r"^## (.+)$", text, re.MULTILINE)]


def links(path: Path) -> list[str]:
    """The targets of all links that do not lead out of the notebooks."""
    found = [link for cell in cells(path, "markdown") for link in LINK.findall(cell.source)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def shown(output: nbformat.NotebookNode) -> list[str]:
    """All text that an output shows, the code of its drawings left out."""
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    texts += [each for each in output.get("data", {}).values() if isinstance(each, str)]
    return [DRAWING.sub("", text) for text in texts]


@each_notebook
def test_the_file_is_in_the_form_in_which_notebooks_are_kept(path):
    assert path.read_text(encoding="utf-8") == written(read(path)), (
        f"to mend it: python -m tests.rerun_notebooks {path.relative_to(NOTEBOOKS.parent)}"
    )


@each_notebook
def test_the_notebook_is_valid_and_runs_on_the_kernel_that_everybody_has(path):
    nbformat.validate(json.loads(path.read_text(encoding="utf-8")))
    assert read(path).metadata.kernelspec.name == "python3"


@each_notebook
def test_all_cells_were_run_once_from_the_top(path):
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_outputs_are_kept(path):
    for cell in cells(path, "code"):
        last = cell.source.rpartition("\n")[2]
        shows = re.match(r"print\(", last) or DRAWS.search(cell.source)
        if shows or "raises-exception" in tags(cell):
            assert cell.outputs, f"{cell.id} has no output"


@each_notebook
def test_errors_stand_where_they_are_expected_and_only_there(path):
    for cell in cells(path, "code"):
        raised = any(output.output_type == "error" for output in cell.outputs)
        assert raised == ("raises-exception" in tags(cell)), cell.id


@each_notebook
def test_nothing_was_put_down_that_is_true_on_one_machine_only(path):
    found = {
        f"{cell.id}: {match[0]}"
        for cell in read(path).cells
        for text in [cell.source, *(s for o in cell.get("outputs", []) for s in shown(o))]
        for match in MACHINE.finditer(text)
    }
    assert found == set()


def prose(cell: nbformat.NotebookNode) -> Iterator[str]:
    """What a reader reads as English: text, and in code what is said in comments and strings."""
    if cell.cell_type == "markdown":
        yield cell.source
        return
    for token in tokenize.generate_tokens(io.StringIO(cell.source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING, FSTRING):
            yield token.string


def misspelt(cell: nbformat.NotebookNode) -> set[str]:
    return ENGLISH.unknown(WORD.findall(NOT_PROSE.sub(" ", "\n".join(prose(cell)))))


@each_notebook
def test_words_are_spelt_as_in_the_dictionary(path):
    found = {cell.id: misspelt(cell) for cell in read(path).cells}
    assert {cell: words for cell, words in found.items() if words} == {}


def test_a_slip_of_the_pen_is_found_in_text_comments_and_strings_but_not_in_code():
    text = nbformat.v4.new_markdown_cell("A gradeint of `gradeint`, $gradeint$.")
    code = nbformat.v4.new_code_cell('gradeint = 1  # a storge\nprint(f"{gradeint} teh grads")')
    assert (misspelt(text), misspelt(code)) == ({"gradeint"}, {"storge", "teh"})


def test_each_term_is_introduced_once():
    text = "\n".join(cell.source for path in PATHS for cell in cells(path, "markdown"))
    bold = re.findall(r"\*\*([^*]+)\*\*", text)
    assert sorted(term for term in bold if term in TERMS) == sorted(TERMS)


@each_notebook
def test_cells_are_small_and_none_is_empty(path):
    assert len(read(path).cells) in CELLS
    for cell in read(path).cells:
        lines = cell.source.splitlines()
        assert cell.source == cell.source.strip() != "", f"{cell.id} has nothing, or blank edges"
        assert len(lines) <= LINES, f"{cell.id} has {len(lines)} lines"
        if cell.cell_type == "code":
            assert max(map(len, lines)) <= COLUMNS, f"{cell.id} has a long line of code"


@each_notebook
def test_cells_have_names_that_say_what_they_are(path):
    names = [cell.id for cell in read(path).cells]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name)] == []


@each_notebook
def test_the_title_comes_first_and_is_the_only_one(path):
    first, *others = cells(path, "markdown")
    assert read(path).cells[0].id == first.id
    assert re.match(r"# \S", first.source)
    assert not [cell.id for cell in others if re.search(r"^# ", cell.source, re.MULTILINE)]


@each_lesson
def test_a_lesson_goes_from_goals_by_prediction_to_recap(path):
    assert [heading for heading in headings(path) if heading in LESSON] == LESSON


@each_notebook
def test_a_prediction_is_checked_against_the_trace_of_its_own_cell(path):
    asking = [cell for cell in cells(path, "code") if cell.source.startswith("with predict.")]
    assert asking
    for cell in asking:
        (question,) = [output.data["text/plain"] for output in cell.outputs]
        assert re.match(r"Predict: .*\?.*\nThe answer: .*Step \d+ shows why: ", question), cell.id


@each_notebook
def test_any_other_prediction_is_asked_for_before_the_answer_is_given(path):
    sources = [cell.source for cell in cells(path, "code")]
    asked = [i for i, source in enumerate(sources) if source.startswith('prediction = "?"')]
    told = [i for i, source in enumerate(sources) if "You said {prediction}" in source]
    assert len(asked) == len(told)
    assert all(question < answer for question, answer in zip(asked, told, strict=True))


@each_notebook
def test_the_recap_has_three_sentences(path):
    (recap,) = [cell for cell in cells(path, "markdown") if cell.source.startswith("## Recap")]
    paragraph = recap.source.split("\n\n")[1]
    assert len(re.findall(r"[.!?](?=\s|$)", paragraph)) == 3, paragraph


@each_notebook
def test_what_is_folded_away_can_be_opened(path):
    for cell in cells(path, "markdown"):
        folded = re.findall(r"^<details><summary>[^<]+</summary>\n\n", cell.source, re.MULTILINE)
        closed = re.findall(r"\n\n</details>$", cell.source, re.MULTILINE)
        assert len(folded) == len(closed) == cell.source.count("<details"), cell.id


@each_notebook
def test_links_lead_to_something_that_is_there(path):
    assert links(path)
    missing = [link for link in links(path) if not (path.parent / link.split("#")[0]).is_file()]
    assert missing == []


@each_notebook
def test_files_of_the_core_that_are_named_are_there(path):
    text = "\n".join(cell.source for cell in cells(path, "markdown"))
    core = Path(autograd_core.__file__).parent
    assert [
        name for name in re.findall(r"`([\w/]+\.py)`", text) if not (core / name).is_file()
    ] == []


def test_the_start_page_leads_to_every_lesson():
    assert set(links(START)) == {path.name for path in LESSONS}


@pytest.mark.parametrize("before, after", list(pairwise(PATHS)), ids=lambda path: path.stem)
def test_each_notebook_leads_to_the_next_and_back(before, after):
    assert after.name in links(before)
    assert before.name in links(after)


@each_notebook
def test_no_slide_holds_a_question_and_its_answer(path):
    asked = False
    for cell in read(path).cells:
        slide = cell.metadata.get("slideshow", {}).get("slide_type")
        if slide in ("slide", "subslide"):
            asked = False
        assert not (asked and slide != "skip" and cell.cell_type == "code"), cell.id
        asked = asked or bool(ASKS.match(cell.source)) or "exercise" in tags(cell)


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


# ---- the form in which notebooks are kept --------------------------------------------------------


@pytest.fixture
def used() -> nbformat.NotebookNode:
    """A notebook as an editor leaves it."""
    cell = nbformat.v4.new_code_cell(
        "print(1)",
        id="used",
        execution_count=1,
        metadata={"tags": ["raises-exception"], "execution": {"iopub.status.busy": "2020-01-01"}},
        outputs=[
            nbformat.v4.new_output("stream", name="stdout", text="one\n"),
            nbformat.v4.new_output("stream", name="stdout", text="two\n"),
            nbformat.v4.new_output("stream", name="stderr", text="/x/ipykernel_7/8.py:1: Hm"),
            nbformat.v4.new_output("display_data", {"text/plain": "x"}, metadata={"a": 1}),
            nbformat.v4.new_output("display_data", {"text/plain": "y"}),
            nbformat.v4.new_output(
                "error",
                ename="E",
                evalue="no",
                traceback=["---", "Cell In[1], line 1", "\x1b[36mFile \x1b[32m/x/y.py:1", "E"],
            ),
        ],
    )
    metadata = {**METADATA, "widgets": {}, "language_info": {"name": "python", "version": "3.0"}}
    return nbformat.v4.new_notebook(cells=[cell], metadata=metadata)


def test_what_comes_from_an_editor_or_a_machine_is_not_written(used):
    kept = nbformat.reads(written(used), as_version=4)
    assert kept.metadata == METADATA
    (cell,) = kept.cells
    assert cell.metadata == {"tags": ["raises-exception"]}
    printed, warned, first, second, error = cell.outputs
    assert (printed.text, warned.text) == ("one\ntwo\n", "<cell>:1: Hm")
    assert (first.data, first.metadata) == ({"text/plain": "x"}, {})
    assert second.data == {"text/plain": "y"}
    assert error.traceback == ["---", "Cell In[1], line 1", "E"]


def test_headings_pictures_answers_and_what_is_too_much_begin_a_slide_and_solutions_are_on_none():
    new = nbformat.v4
    printed = [new.new_output("stream", text="1\n" * (ROOM - 2))]
    shown = [
        (new.new_markdown_cell("## Predict"), "slide"),
        (new.new_code_cell('prediction = "?"  # 0 or 1'), None),
        (new.new_code_cell("out.backward()"), "subslide"),
        (new.new_code_cell('print(f"You said {prediction}.")'), "fragment"),
        (new.new_markdown_cell("Words."), None),
        (new.new_code_cell("with record() as trace:\n    a.sin()\n\ntrace"), "subslide"),
        (new.new_markdown_cell("**Things to notice**\n\n- All."), "subslide"),
        (new.new_code_cell("picture(trace)"), "subslide"),
        (new.new_markdown_cell("**Things to notice**\n\n- All."), "fragment"),
        (new.new_markdown_cell("<details>", metadata={"tags": ["solution"]}), "skip"),
        (new.new_markdown_cell("### Much"), "slide"),
        (new.new_code_cell("\n".join(["f()"] * (ROOM - 1))), None),
        (new.new_markdown_cell("More."), "subslide"),
        (new.new_markdown_cell("Words."), None),
        (new.new_code_cell("print(1)", outputs=printed), "subslide"),
    ]
    assert slides([cell for cell, slide in shown]) == [slide for cell, slide in shown]


def test_writing_what_was_written_changes_nothing_and_the_notebook_stays_as_it_was(used):
    before = copy.deepcopy(used)
    once = written(used)
    assert used == before
    assert written(nbformat.reads(once, as_version=4)) == once
    assert once.endswith("}\n")
