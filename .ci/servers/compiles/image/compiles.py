"""Answers with what a library says that is compiled at start, if it is not there yet, and loaded."""

import ctypes
import http.server
import os
import subprocess

CACHE = "/var/cache/compiles"
LIBRARY = CACHE + "/answer.so"

if not os.path.exists(LIBRARY):
    os.makedirs(CACHE, exist_ok=True)
    with open(CACHE + "/answer.c", "w") as source:
        source.write("int answer(void) { return 42; }\n")
    subprocess.run(["tcc", "-shared", "-o", LIBRARY, CACHE + "/answer.c"], check=True)

library = ctypes.CDLL(LIBRARY)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d\n" % library.answer())


http.server.HTTPServer(("", 8080), Handler).serve_forever()
