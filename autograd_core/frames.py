"""Whose line is it? Tells the user's frames from this package's, and from NumPy's."""

from __future__ import annotations

import os
import sys
import warnings
from types import FrameType

import numpy as np

OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
# NumPy stands between us and the user where it calls us, and runs for us where we call it.
NOT_THE_USERS = (OURS, os.path.dirname(os.path.abspath(np.__file__)) + os.sep)


def is_ours(frame: FrameType) -> bool:
    """Does this package's code run in this frame?"""
    return frame.f_code.co_filename.startswith(OURS)


def is_the_users(frame: FrameType) -> bool:
    """Is this a frame that the user would know?"""
    return not frame.f_code.co_filename.startswith(NOT_THE_USERS)


def user_frame() -> FrameType | None:
    """The innermost frame that is the user's."""
    frame = sys._getframe(1)
    while frame is not None and not is_the_users(frame):
        frame = frame.f_back
    return frame


def warn(sentence: str, kind: type[Warning] = UserWarning) -> None:
    """Warn of the user's line, however many frames of ours and of NumPy's lie between."""
    level, frame = 2, sys._getframe(1)
    while frame is not None and not is_the_users(frame):
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, kind, stacklevel=level)
