"""What has credentials in its memory leaves no core."""

import os
import signal

from watchfloor.adapters.processes import launched


def test_what_the_hub_starts_cannot_dump_its_core(tmp_path):
    """The kernel says whether it did (core(5))."""
    command = launched(2**30)
    script = f"import os; os.chdir({str(tmp_path)!r}); os.abort()"
    pid = os.posix_spawn(command[0], [*command, command[0], "-c", script], os.environ)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGABRT
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []
