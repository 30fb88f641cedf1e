#!/usr/bin/env python3
"""Sets and removes one TXT record through PowerDNS' HTTP API. Needs Python 3.9 or newer and nothing else.

PDNS_API_URL   such as https://ns1.example.com:8081
PDNS_API_KEY   the server's api-key
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request


def call(method, path, body=None):
    """One request; an answer of 400 or more raises, so that it cannot pass for success."""
    request = urllib.request.Request(
        os.environ["PDNS_API_URL"].rstrip("/") + "/api/v1/servers/localhost/zones" + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"X-API-Key": os.environ["PDNS_API_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def zone_of(name):
    """The zone that holds a record. acme-exec has found it already; lego says nothing, so the server is asked."""
    if os.environ.get("EXEC_ZONE"):
        return os.environ["EXEC_ZONE"] + "."
    # Never guess by cutting labels: the zone may be example.co.uk, or _acme-challenge.example.com itself.
    zones = [zone["name"] for zone in call("GET", "")]
    return max((zone for zone in zones if ("." + name).endswith("." + zone)), key=len)


def change(name, value, action):
    """Reads the record, adds or removes this one value, and writes it back: other values stay."""
    path = "/" + urllib.parse.quote(zone_of(name))
    records = [
        record
        for rrset in call("GET", path)["rrsets"]
        if rrset["name"] == name and rrset["type"] == "TXT"
        for record in rrset["records"]
    ]
    quoted = f'"{value}"'  # This API wants the quotes of a zone file; many others add them by themselves.
    records = [record for record in records if record["content"] != quoted]
    if action == "present":
        records.append({"content": quoted, "disabled": False})
    call(
        "PATCH",
        path,
        {
            "rrsets": [
                {"name": name, "type": "TXT", "ttl": 60, "changetype": "REPLACE", "records": records}
                if records
                else {"name": name, "type": "TXT", "changetype": "DELETE"}
            ]
        },
    )


def main(action, name="", value=""):
    if action == "timeout":
        print(json.dumps({"timeout": 120, "interval": 2}))
    elif action in ("present", "cleanup"):
        change(name, value, action)
        print(f"{action}: done at {os.environ['PDNS_API_URL']}")
    else:
        sys.exit(f"Unknown command: {action}")


try:
    main(*sys.argv[1:])
except urllib.error.HTTPError as error:
    # What the server says is worth more than its status; exit code 1 stops the order.
    sys.exit(f"HTTP {error.code}: {error.read().decode(errors='replace')}")
except urllib.error.URLError as error:
    sys.exit(f"{os.environ['PDNS_API_URL']} cannot be reached: {error.reason}")
