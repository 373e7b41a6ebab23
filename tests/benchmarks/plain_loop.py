"""The baseline of extraction: a plain Python loop that pages, parses and writes to /dev/null, in a
process of its own. It checks nothing and keeps nothing.

    python plain_loop.py http://127.0.0.1:8000 TOKEN
"""

from __future__ import annotations

import json
import os
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

PAGE = 1000


def records(base_url: str, token: str) -> int:
    """Read all that the plate-read interface has; how many there were."""
    address = urlsplit(base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers, count, path, more = {"Authorization": f"Bearer {token}"}, 0, "/reads?", True
    with Path(os.devnull).open("w") as nothing:
        while more:
            connection.request("GET", f"{path}limit={PAGE}", headers=headers)
            page = json.loads(connection.getresponse().read())
            for record in page["reads"]:
                nothing.write(json.dumps(record) + "\n")
            count, more = count + len(page["reads"]), page["more"]
            path = f"/reads?after={page['next']}&"
    connection.close()
    return count


if __name__ == "__main__":
    begun = time.perf_counter()
    count = records(*sys.argv[1:])
    print(count / (time.perf_counter() - begun))
