"""What a reader steps through and tries in a notebook: thin Python, the rest in .js and .css."""

from .player import Player

__all__ = ["Player"]
