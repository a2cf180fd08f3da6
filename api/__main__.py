"""`python -m api FILE` writes the OpenAPI document, from which web/ generates its types."""

import json
import sys
from pathlib import Path

from api.app import routed

Path(sys.argv[1]).write_text(json.dumps(routed("current").openapi(), ensure_ascii=False, indent=1), encoding="utf-8")
