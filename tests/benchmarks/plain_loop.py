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


def main(base_url: str, token: str) -> float:
    """Records a second, over all that the plate-read interface has."""
    address = urlsplit(base_url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=30)
    headers, count, path, more = (
        {"Authorization": f"Bearer {token}"},
        0,
        f"/reads?limit={PAGE}",
        True,
    )
    begun = time.perf_counter()
    with Path(os.devnull).open("w") as nothing:
        while more:
            connection.request("GET", path, headers=headers)
            page = json.loads(connection.getresponse().read())
            for record in page["reads"]:
                nothing.write(json.dumps(record) + "\n")
            count, more = count + len(page["reads"]), page["more"]
            path = f"/reads?limit={PAGE}&after={page['next']}"
    return count / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(main(*sys.argv[1:]))
