"""Every figure and sentence that the two articles quote is what the oracle says too.

So a recording that was made from a wrong or shortened program could not go unnoticed.
"""

from __future__ import annotations

import pytest

from . import oracle
from .program import programs
from .run import Step

BY_ID = {program.id: program for program in programs()}

NOT_A_LEAF = "UserWarning: The .grad attribute of a Tensor that is not a leaf Tensor is being"
NO_GRAD_FN = "element 0 of tensors does not require grad and does not have a grad_fn"
MODIFIED = (
    "RuntimeError: one of the variables needed for gradient computation has been modified by an "
    "inplace operation: [FloatTensor [3]], which is output 0 of Sigmoid, is at version 1; "
    "expected version 0 instead. Hint: enable anomaly detection to find the operation that failed "
    "to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
)

# What a run says (prints, warns, raises), in this order; other things may be said in between.
QUOTED = {
    "sources-e1_normal_backward": [
        "None",
        "tensor([0.7685, 0.9677, 0.9963], grad_fn=<SigmoidBackward0>)",
        NOT_A_LEAF,
        "tensor([0.1779, 0.0313, 0.0037])",
    ],
    "sources-e2_detach_without_writing": [
        "tensor([0.7685, 0.9677, 0.9963])",
        NOT_A_LEAF,
        "tensor([0.1779, 0.0313, 0.0037])",
    ],
    "sources-e3_backward_through_the_detached": [
        "tensor([0.7685, 0.9677, 0.9963])",
        f"RuntimeError: {NO_GRAD_FN}",
    ],
    "sources-e4_zero_after_detach": [
        "tensor([0., 0., 0.])",
        "tensor([0., 0., 0.], grad_fn=<SigmoidBackward0>)",
        MODIFIED,
        "None",
    ],
    "sources-x1_detached_leaf": ["tensor([2.])", "None"],
    "sources-x1_detached_in_place": ["tensor([2.])", "None"],
    "sources-x2_without_the_detach": ["tensor([2.])", "tensor([2.])"],
    "sources-ab_second_network_alone_learns": ["None None", "tensor("],
    "claims-c1_detach_cuts_and_shares": ["False", "(False, True, None)", "True"],
    "claims-c2_a_write_shows_in_both": ["(1, 1)", "(2, 2)"],
    "claims-c3_the_detached_gets_a_grad_of_its_own": ["tensor([1.5370, 1.9354, 1.9926])", "None"],
    "claims-c4_backward_stops_at_the_detach_alone": ["tensor([30., 30.])"],
    "claims-c5_detaching_alone_disturbs_nothing": ["tensor([0.1779, 0.0313, 0.0037])"],
    "claims-c6_raises_unless_something_else_requires_grad": [
        f"RuntimeError: {NO_GRAD_FN}",
        "None",
        "tensor([0.7685, 0.9677, 0.9963])",
    ],
    "claims-c7_sigmoid_saves_its_result": [MODIFIED],
    "claims-c7_times_two_saves_no_tensor": ["tensor([2., 2., 2.])"],
    "claims-c7_plus_one_saves_nothing": ["tensor([1., 1., 1.])"],
    "claims-c7_sin_saves_its_input": ["tensor([ 0.3624, -0.9668,  0.7756])"],
    "claims-c8_there_is_no_betach": ["AttributeError: 'Tensor' object has no attribute 'betach'"],
    "claims-c8_the_result_of_detach_dropped": ["tensor([2.])", "tensor([2.])"],
    "claims-c9_the_product_is_one": ["tensor([1.], grad_fn=<MulBackward0>)"],
    "claims-c10_data_then_zero_is_silent": ["(0, 1)", "tensor([0., 0., 0.])"],
    "claims-c10_detach_in_place_makes_a_leaf": [
        "(True, False, None)",
        f"RuntimeError: {NO_GRAD_FN}",
    ],
    "claims-c10_detach_in_place_of_a_view": [
        "RuntimeError: Can't detach views in-place. Use detach() instead. ",
    ],
}


@pytest.mark.parametrize("program", QUOTED)
def test_pytorch_says_what_is_quoted(program: str) -> None:
    said = [text for step in oracle.expected(BY_ID[program]) for text in everything_said(step)]
    rest = iter(said)
    for quote in QUOTED[program]:
        assert any(text.startswith(quote) for text in rest), f"{quote!r} is not in {said}"


def everything_said(step: Step) -> list[str]:
    told = [step["printed"], step["value"], *step["warnings"], step["error"]]
    return [text.rstrip("\n") for text in told if text]
