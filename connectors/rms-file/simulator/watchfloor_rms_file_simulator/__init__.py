"""A records system's export on disk, for tests and demonstrations."""

from .simulator import RmsFileSimulator

__all__ = ["RmsFileSimulator"]
