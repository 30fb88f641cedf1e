#!/usr/bin/env python3
"""Sets records by the management API at $CHALLTESTSRV, in the default and the RAW mode, wherever `--` stands.

The server's clear-txt drops all values of a name, so this is a script that removes too much at cleanup.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.request

command, *rest = sys.argv[1:]
if command == "timeout":
    # Without an answer of its own, the defaults apply.
    print(os.environ.get("TIMEOUT_ANSWER", ""))
    sys.exit()
if "--" in rest:
    rest.remove("--")
if len(rest) == 3:
    domain, _token, key_authorization = rest
    name = f"_acme-challenge.{domain.rstrip('.')}."
    digest = hashlib.sha256(key_authorization.encode()).digest()
    value = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
else:
    name, value = rest

time.sleep(float(os.environ.get("SCRIPT_SECONDS", "0")))
print(f"{command} {name}", flush=True)
endpoint, body = {
    "present": ("set-txt", {"host": name, "value": value}),
    "cleanup": ("clear-txt", {"host": name}),
}[command]
# No proxy: the server is on this machine.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(f"{os.environ['CHALLTESTSRV']}/{endpoint}", json.dumps(body).encode(), timeout=10)
