"""Servers of files from Debian and from Python, each on a free loopback port, gone when the test ends."""
import functools, http.server, os, shutil, socket, subprocess, threading

import lib
import phone


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Tftpd:
    """tftpd-hpa, in the foreground; it needs root to become nobody in its directory."""

    def __init__(self, path):
        program = shutil.which("in.tftpd") or "/usr/sbin/in.tftpd"
        if not os.path.exists(program) or os.getuid() != 0:
            raise lib.Skip("needs root and tftpd-hpa")
        self.port = free_udp_port()
        self.process = subprocess.Popen([program, "-L", "-a", "127.0.0.1:%d" % self.port, "-s", path],
                                        stdin=subprocess.DEVNULL)
        self.files = phone.Tftp("127.0.0.1", self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(lib.PATIENCE)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Httpd:
    """Python's server of files: any other would do."""

    def __init__(self, path):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=path))
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.files = phone.Http("127.0.0.1", self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(lib.PATIENCE)
