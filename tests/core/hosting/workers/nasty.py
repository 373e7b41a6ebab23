"""Workers that break the protocol, without the SDK: ``nasty.py <how> <connector>``."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

LOCK = threading.Lock()


def send(**message):
    with LOCK:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def receive():
    line = sys.stdin.readline()
    if not line:
        os._exit(0)
    return json.loads(line)


def beat_on():
    while True:
        send(method="heartbeat", params={})
        time.sleep(0.05)


def shake_hands(beats=True):
    asked = receive()
    result = {"protocol": 1, "connector": "toy", "version": "1.2.3", "capabilities": ["poll"]}
    send(id=asked["id"], result=result)
    if beats:
        threading.Thread(target=beat_on, daemon=True).start()
    return asked["params"]


def event(number, **changed):
    return {
        "specversion": "1.0", "id": f"read-{number}", "source": "toy-1",
        "type": "watchfloor.lpr.read.v1", "time": "2026-05-01T00:00:00Z",
        "dataclassification": "le-sensitive", "data": {"plate": f"ZZT{number}", "reader": "r"},
        **changed,
    }  # fmt: skip


def emit(id_, events, **params):
    send(id=id_, method="emit", params={"events": events, **params})


def forever():
    while True:
        receive()


def garbage():
    shake_hands()
    print("Traceback (most recent call last): plate ZZT1234", flush=True)
    forever()


def garbage_first():
    print("Welcome to AcmeVMS 3.1!", flush=True)
    forever()


def huge_line():
    shake_hands(beats=False)
    sys.stdout.write('{"jsonrpc":"2.0","method":"log","params":{"level":"info","message":"')
    while True:
        sys.stdout.write("x" * 1_000_000)


def floods():
    shake_hands()
    number = 0
    while True:
        number += 1
        emit(number, [event(number * 100 + i) for i in range(100)], checkpoint=number)


def floods_messages():
    shake_hands()
    while True:
        send(method="heartbeat", params={})


def floods_requests():
    shake_hands()
    for number in range(10_000):
        send(id=number, method="credential", params={"name": "secret"})
    forever()


def chats():
    shake_hands()
    for number in range(500):
        send(method="log", params={"level": "info", "message": f"line {number}"})
    forever()


def dies_mid_batch():
    params = shake_hands()
    begin = params.get("checkpoint") or 0
    if begin >= 50:
        forever()
    emit(1, [event(n) for n in range(begin, begin + 10)], checkpoint=begin + 10)
    receive()
    half = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "emit", "params": {"events": []}})
    sys.stdout.write(half[: len(half) // 2])
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)


def nests():
    shake_hands(beats=False)
    sys.stdout.write('{"jsonrpc":"2.0","method":"log","params":' + "[" * 500_000 + "\n")
    sys.stdout.flush()
    forever()


def not_text():
    shake_hands(beats=False)
    sys.stdout.buffer.write(b'{"jsonrpc":"2.0","method":"\xff\xfe"}\n')
    sys.stdout.flush()
    forever()


def never_answers():
    time.sleep(1000)


def hangs():
    """The handshake works, then nothing does: no heartbeat."""
    shake_hands(beats=False)
    time.sleep(1000)


def refuses_webhooks():
    shake_hands()
    while True:
        asked = receive()
        if asked.get("method") == "webhook":
            send(id=asked["id"], error={"code": -32603, "message": "ValueError"})


def stops_well():
    shake_hands(beats=False)
    while True:
        asked = receive()
        if asked.get("method") == "stop":
            send(id=asked["id"], result={})
            sys.exit(0)


def ignores_stop():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    shake_hands()
    forever()


def hogs_memory():
    shake_hands()
    kept = []
    for _ in range(400):
        kept.append(b"x" * 1_000_000)
        time.sleep(0.002)
    forever()


def grabs_memory():
    shake_hands()
    _ = b"x" * 8_000_000_000
    forever()


def strays():
    """Asks its way out for a host that nobody allowed it."""
    egress = shake_hands()["egress"]
    while True:
        with socket.socket(socket.AF_UNIX) as out:
            out.connect(egress["socket"])
            out.sendall(
                b"CONNECT collector.example.org:443 HTTP/1.1\r\n"
                b"Proxy-Authorization: Bearer %b\r\n\r\n" % egress["token"].encode()
            )
            assert b"403" in out.recv(1000)


def breaks_out():
    """Tries sockets, forks and the hub's files, again and again, and says what it got."""
    shake_hands()
    got = set()
    for attempt in (
        lambda: socket.create_connection(("127.0.0.1", 80)),
        os.fork,
        lambda: os.kill(os.getppid(), signal.SIGKILL),
        lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        lambda: subprocess.run(["/bin/true"]),
    ):
        for _ in range(1000):
            try:
                attempt()
                got.add("something")
            except PermissionError:
                got.add("nothing")
    print(f"It got {' and '.join(sorted(got))}.", file=sys.stderr, flush=True)
    time.sleep(0.1)
    sys.exit(5)


def exits():
    shake_hands()
    print("no licence for this camera", file=sys.stderr, flush=True)
    time.sleep(0.1)
    sys.exit(3)


def leaves_a_child():
    shake_hands()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    send(method="log", params={"level": "warning", "message": f"child {child.pid}"})
    forever()


def exits_and_leaves_a_child():
    shake_hands()
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    os._exit(4)


def closes_output():
    shake_hands(beats=False)
    os.close(1)
    time.sleep(1000)


def pointers_mismatch():
    shake_hands()
    emit(1, [event(1), event(2)], pointers=["/0"])
    forever()


def other_connector():
    asked = receive()
    result = {"protocol": 1, "connector": "other", "version": "1", "capabilities": []}
    send(id=asked["id"], result=result)
    forever()


def will_not_start():
    data = {"code": "vendor_busy"}
    asked = receive()
    error = {"code": -32001, "message": "gate.example.org is busy", "data": data}
    send(id=asked["id"], error=error)
    forever()


def takes_a_person():
    data = {"code": "bad_settings", "remedy": "Ask them."}
    asked = receive()
    error = {"code": -32002, "message": "gate.example.org knows no such site", "data": data}
    send(id=asked["id"], error=error)
    forever()


def bad_params():
    shake_hands()
    send(id=1, method="emit", params={"events": "many"})
    forever()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
