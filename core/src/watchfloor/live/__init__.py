"""Live: the board (what is going on now) and the feed (what changes) for consoles."""

from .board import Board, Position
from .feed import Feed, Subject, Subscriber
from .summaries import Summariser

__all__ = ["Board", "Feed", "Position", "Subject", "Subscriber", "Summariser"]
