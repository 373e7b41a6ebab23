"""Where the audit log lies: its copies, its tree, the index that finds records, witnessed heads."""

from .checking import checked
from .hashes import FileHashes
from .heads import FileHeads
from .index import SqliteIndex
from .sink import FileSink

__all__ = ["FileHashes", "FileHeads", "FileSink", "SqliteIndex", "checked"]
