"""Answers every request with text that wants to be obeyed: markup, links, commands of CI runners, control sequences."""

import http.server
import itertools
import json

HOSTILE = (
    "EVIL <script>alert('EVIL')</script><evil-tag onload=x><img src=x onerror=EVIL>]]>--><!-- &lt;EVIL "
    "\x00\x08\x1b]0;EVIL\x07\x1b[31m\x9b2J\x7f\u202e\u2066\u2028\uffff\r\n::set-output name=EVIL::b\n  ::add-mask::EVIL\n"
    "##[set-env name=EVIL]b ##vso[task.setvariable variable=EVIL]b\n##teamcity[EVIL]\n%0A::error file=EVIL,line=1::EVIL\n"
    "| EVIL | b |\n|---|---|\n\n# EVIL\n```\n~~~~\n</details></summary>\n````` EVIL ` ``\n"
    "![EVIL](http://evil.example/i.png) [EVIL](javascript:EVIL) <http://evil.example/EVIL> https://evil.example @EVIL #1\n"
    "=cmd|'/C EVIL'!A0\t{0} \\"
)

TURNS = itertools.count()


class Hostile(http.server.BaseHTTPRequestHandler):
    def answer(self):
        turn = next(TURNS)
        body = {"name": HOSTILE, "kind": HOSTILE, HOSTILE: HOSTILE}
        text = [json.dumps(body), json.dumps(body, ensure_ascii=False), HOSTILE][turn % 3].encode()
        self.send_response(200 if turn % 4 else 299, "EVIL ::error::EVIL <b>")
        self.send_header("Content-Type", "application/json" if turn % 5 else "text/html; EVIL=<script>::error::EVIL")
        self.send_header("X-EVIL", "::error::EVIL ##[error]EVIL <script>EVIL</script> | `EVIL` [EVIL](x)")
        self.send_header("Location", "javascript:EVIL")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
