"""Between a console and its engine: writes down what is asked, and keeps the answers to some questions back.

slow.py ENGINE-SOCKET OWN-SOCKET LOG HELD: a line "ID METHOD QUESTION" in LOG for each question; as long as the file
HELD names a method, its answers wait."""
import json, os, selectors, socket, sys

engine_path, own_path, log_path, held_path = sys.argv[1:]
TICK = 0.02


def held():
    try:
        with open(held_path) as f:
            return f.read().split()
    except FileNotFoundError:
        return []


class Pair:
    """One console and its connection to the engine."""

    def __init__(self, console):
        self.console, self.engine = console, socket.socket(socket.AF_UNIX)
        self.engine.connect(engine_path)
        self.rest = {self.console: b"", self.engine: b""}
        self.method, self.waiting = {}, []

    def read(self, end):
        """Pass on what came; false at the end."""
        data = end.recv(65536)
        *lines, self.rest[end] = (self.rest[end] + data).split(b"\n")
        for line in lines:
            (self.asked if end is self.console else self.answered)(line + b"\n")
        return bool(data)

    def asked(self, line):
        m = json.loads(line)
        self.method[m["id"]] = m["method"]
        with open(log_path, "a") as log:
            print(m["id"], m["method"], m.get("params", {}).get("question", "-"), file=log)
        self.engine.sendall(line)

    def answered(self, line):
        self.waiting.append((self.method.get(json.loads(line).get("id")), line))
        self.release()

    def release(self):
        keep = held()
        for method, line in [w for w in self.waiting if w[0] not in keep]:
            self.waiting.remove((method, line))
            self.console.sendall(line)


listener = socket.socket(socket.AF_UNIX)
listener.bind(own_path)
listener.listen()
watch, pairs = selectors.DefaultSelector(), []
watch.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in watch.select(TICK):
        if key.fileobj is listener:
            pairs.append(Pair(listener.accept()[0]))
            for end in (pairs[-1].console, pairs[-1].engine):
                watch.register(end, selectors.EVENT_READ, pairs[-1])
        elif not key.data.read(key.fileobj):
            os._exit(0)  # the console has gone, and the test with it
    for pair in pairs:
        pair.release()
