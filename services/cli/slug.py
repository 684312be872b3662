"""Free text made into a code that the contract takes."""

import re
import unicodedata
from hashlib import sha256

_BETWEEN_WORDS = re.compile(r"[^0-9a-z]+")
_MARK = 6


def slug(text: str, joint: str, limit: int) -> str:
    """Lower-case ASCII words; what is too long is cut and told apart by a short hash.

    Text without any ASCII letter or digit comes back as it is, to be refused by its name.
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = _BETWEEN_WORDS.sub(joint, ascii_text.lower()).strip(joint)
    if len(words) <= limit:
        return words or text
    mark = sha256(text.encode()).hexdigest()[:_MARK]
    return words[: limit - _MARK - len(joint)].rstrip(joint) + joint + mark
