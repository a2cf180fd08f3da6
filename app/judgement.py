"""What judges: the policy, the places, the models; built from the settings, without a server around them."""

from os import cpu_count
from pathlib import Path

from alerts.notices import Plan, load_plan
from alerts.policy import Policy, load_policy
from api.boundaries import Boundary, load_boundaries
from app.sample import POLICY as SAMPLE_POLICY
from app.sample import sample_places
from core.errors import ConfigurationError
from core.settings import Settings
from core.telemetry import Metrics
from nlp.analyse import Analyser
from nlp.cascade import CERTAIN, READ, SHED, UNHURRIED, Cascade, Patience
from nlp.encoder import SHIPPED, Encoder
from nlp.english import SHIPPED as SHIPPED_ENGLISH
from nlp.english import English
from nlp.labels import check_heads, load_labeller
from nlp.places import Gazetteer, load_gazetteer, load_place_list
from nlp.risk import load_risk_lexicon

BOUNDARIES = "boundaries.geojson"
MOST_NAMES = 5_000
"""Names of places that a screen is given; a province has more streets than it can show."""
MOST_THREADS = 4
"""Texts that the encoder reads at once; in a container the processors that are counted are those of the machine."""
BUSY = 0.4
"""The share of its time that is left to the encoder while full batches wait."""


def load_policies(settings: Settings) -> Policy:
    """The default policy, the sample district's tables, and the office's own folder over them."""
    own = [settings.policy_dir] if settings.policy_dir else []
    return load_policy(SAMPLE_POLICY, *own)


def load_notice_plan(settings: Settings) -> Plan:
    """How people are told: the shipped plan, or `notices.yaml` of the office's own folder."""
    return load_plan(*([settings.policy_dir] if settings.policy_dir else []))


def build_gazetteer(settings: Settings) -> Gazetteer:
    """China's divisions, the sample district's places, and the office's own list (`places.yaml` of its policy folder)."""
    own = settings.policy_dir / "places.yaml" if settings.policy_dir else None
    extra = load_place_list(own) if own is not None and own.exists() else []
    return load_gazetteer([*sample_places(), *extra])


def build_analyser(settings: Settings, gazetteer: Gazetteer, metrics: Metrics | None = None) -> Analyser:
    """The models that label posts. With `metrics` they are watched and the encoders keep to their time; without, nobody waits.

    Raises `ConfigurationError` when an encoder cannot be read.
    """
    fast, risk = load_labeller(), load_risk_lexicon()
    if settings.encoder == "off":
        return Analyser(fast, gazetteer, risk)
    threads = min(cpu_count() or 1, MOST_THREADS)
    encoder = _encoder(SHIPPED if settings.encoder == "shipped" else Path(settings.encoder), threads)
    english = Encoder(SHIPPED_ENGLISH, threads)
    if metrics is None:
        return Analyser(Cascade(fast, encoder, UNHURRIED), gazetteer, risk, english=English(english, fast.heads))
    tallies = {answer: metrics.encoder.labels(answer) for answer in (CERTAIN, READ, SHED)}
    patience = encoder_patience(settings)

    def count(answer: str, number: int) -> None:
        tallies[answer].inc(number)

    both = Cascade(fast, encoder, patience, count)
    return Analyser(both, gazetteer, risk, english=English(english, fast.heads, patience, count))


def _encoder(folder: Path, threads: int) -> Encoder:
    made = Encoder(folder, threads)
    try:
        check_heads(made.heads)
    except ValueError as error:
        raise ConfigurationError(f"{folder} was trained for other labels: {error}") from error
    return made


def encoder_patience(settings: Settings) -> Patience:
    """How long the encoders may take of a batch."""
    return Patience(quiet_s=settings.encoder_wait, busy_s=BUSY * settings.encoder_wait, full=settings.batch)


def build_boundaries(settings: Settings, gazetteer: Gazetteer) -> list[Boundary]:
    """The office's own boundaries (`boundaries.geojson` of its policy folder), none without such a file.

    Raises `ConfigurationError` also for a code that no place has: its part would never be drawn.
    """
    own = settings.policy_dir / BOUNDARIES if settings.policy_dir else None
    found = load_boundaries(own) if own is not None and own.exists() else []
    for boundary in found:
        if gazetteer.name(boundary.code) is None:
            raise ConfigurationError(f"{own}: no place has the code {boundary.code}; give it one in places.yaml")
    return found


def place_names(settings: Settings, gazetteer: Gazetteer, policy: Policy) -> dict[str, str]:
    """Names that screens need: the jurisdictions', and of everything in them."""
    codes = {settings.jurisdiction, *(u.jurisdiction for u in policy.units if u.jurisdiction)}
    names: dict[str, str] = {}
    waiting = sorted(codes)
    while waiting:
        code = waiting.pop()
        name = gazetteer.name(code)
        if name is not None:
            names[code] = name
        waiting.extend(part for part, _ in gazetteer.parts(code) if len(names) < MOST_NAMES)
    return names
