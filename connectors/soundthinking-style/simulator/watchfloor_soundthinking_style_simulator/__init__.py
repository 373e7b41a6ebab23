"""A simulated gunshot service that pushes documents in the style of SoundThinking."""

from .simulator import SoundthinkingStyleSimulator

__all__ = ["SoundthinkingStyleSimulator"]
