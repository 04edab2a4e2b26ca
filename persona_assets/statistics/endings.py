"""Whether a text breaks off: it does not end as sentences, lists and code blocks do."""

import re
import unicodedata

CLOSERS = " \t\r\n\"'*_`~)]}>|\u00bb\u201d\u2019\uff09\u3011\u300d\u300f"
"""What may stand after the end of a sentence: quotes, brackets, Markdown."""
FINAL = ".!?\u2026\u3002\uff01\uff1f\uff61\u061f\u06d4\u0964"
"""The ends of sentences, in Latin, East Asian, Arabic and Indian scripts."""
FENCE = "```"
_BARE_ITEM = re.compile(r"(?:^|\n)\s*(?:\d+[.)]|[-*•#]+)\s*$")


def breaks_off(text: str) -> bool:
    """Whether ``text`` ends in the middle of a sentence, in an open code block, or with an empty list item."""
    if text.count(FENCE) % 2 or _BARE_ITEM.search(text[-40:]):
        return True
    if text.rstrip().endswith(FENCE):
        return False
    last = text.rstrip(CLOSERS)[-1:]
    return bool(last) and last not in FINAL and unicodedata.category(last) not in ("So", "Sk", "Sm", "Mn", "Cf")
