"""Answers after a job that leaves no trace: its lock is a directory that it removes
again, and its work a file that it deletes. No change shows that it wrote."""

import http.server
import os


class Job(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        os.mkdir("/var/local/job.lock")
        try:
            with open("/var/opt/job.work", "w") as work:
                work.write("6 * 7")
            with open("/var/opt/job.work") as work:
                answer = eval(work.read())
            os.unlink("/var/opt/job.work")
        finally:
            os.rmdir("/var/local/job.lock")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"%d\n" % answer)


http.server.HTTPServer(("", 8080), Job).serve_forever()
