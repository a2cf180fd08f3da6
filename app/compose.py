"""Builds the product from its parts, once per process."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from alerts.delivery import Senders, deliver_due
from alerts.drafts import Desk, load_templates
from alerts.policy import Policy, load_policy
from api.parts import Parts
from core.clock import Now, random_id, utc_now
from core.effects import Effects, RemoveJurisdiction
from core.records import JURISDICTION_SAMPLE
from core.settings import Settings
from core.storage.sqlite import SqliteStorage, open_storage
from core.telemetry import Metrics
from nlp.admission import Admission
from nlp.analyse import Analyser
from nlp.detect import Detectors
from nlp.incidents.detector import DetectorConfig
from nlp.intake import Intake
from nlp.labels import load_labeller
from nlp.places import Gazetteer, load_gazetteer
from nlp.prepare import Windows
from nlp.risk import load_risk_lexicon
from stream.embedded import Chore, EmbeddedRunner
from stream.stages import Decide, Detect, Draft, Understand
from stream.topology import topology

SAMPLE_POLICY = Path(str(files("app") / "sample" / "policy"))
SALT_FILE = "salt"
EMPTY_LOOK_S = 0.3
TICK_S = 10.0
