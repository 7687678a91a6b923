"""The other end of python-program.ts: one JSON request a line in, one JSON answer a line out."""

import json
import os
import sys
import traceback


def converse(actions):
    """Answers requests such as {"action": "digest", "path": "…"} by the function of that name, until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Libraries print as they please; on stdout only answers may stand.
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        action = request.pop("action")
        try:
            answer = {"answer": actions[action](**request)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
