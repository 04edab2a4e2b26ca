"""Asking a running UI through GraphQL, as its pages do."""

import json
import urllib.request
from typing import Any


def ask(address: str, query: str, **variables: Any) -> Any:
    """The data that answers ``query``."""
    request = urllib.request.Request(
        f"{address}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]
