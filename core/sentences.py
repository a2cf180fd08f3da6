"""Where sentences end."""

import re

ENDS = "。！？!?；;"
"""What ends a sentence, beside the end of a line."""
SENTENCE = re.compile(rf"[^{ENDS}\n]+[{ENDS}]*")
"""A sentence with the marks that end it."""
