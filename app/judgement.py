"""What judges: the policy, the places, the models; built from the settings, without a server around them."""

from os import cpu_count
from pathlib import Path

from alerts.policy import Policy, load_policy
from app.sample import POLICY as SAMPLE_POLICY
from app.sample import sample_places
from core.settings import Settings
from core.telemetry import Metrics
from nlp.analyse import Analyser, Labeller
from nlp.cascade import CERTAIN, READ, SHED, UNHURRIED, Cascade, Patience
from nlp.encoder import SHIPPED, Encoder
from nlp.english import SHIPPED as SHIPPED_ENGLISH
from nlp.english import English
from nlp.labels import load_labeller
from nlp.places import Gazetteer, load_gazetteer, load_place_list
from nlp.risk import load_risk_lexicon

MOST_THREADS = 4
"""Texts that the encoder reads at once; in a container the processors that are counted are those of the machine."""
BUSY = 0.4
"""The share of its time that is left to the encoder while full batches wait."""


def load_policies(settings: Settings) -> Policy:
    """The default policy, the sample district's tables, and the office's own folder over them."""
    own = [settings.policy_dir] if settings.policy_dir else []
    return load_policy(SAMPLE_POLICY, *own)


def build_gazetteer(settings: Settings) -> Gazetteer:
    """China's divisions, the sample district's places, and the office's own list (`places.yaml` of its policy folder)."""
    own = settings.policy_dir / "places.yaml" if settings.policy_dir else None
    extra = load_place_list(own) if own is not None and own.exists() else []
    return load_gazetteer([*sample_places(), *extra])


def build_analyser(settings: Settings, gazetteer: Gazetteer, metrics: Metrics | None = None) -> Analyser:
    """The models that label posts. With `metrics` they are watched and the encoder keeps to its time; without, nobody waits."""
    labeller = build_labeller(settings, metrics)
    english = None if settings.encoder == "off" else English(Encoder(SHIPPED_ENGLISH), labeller.heads)
    return Analyser(labeller, places=gazetteer, risk=load_risk_lexicon(), english=english)


def build_labeller(settings: Settings, metrics: Metrics | None = None) -> Labeller:
    """Both tiers, or the fast one alone, as the settings say. Raises `ConfigurationError` when the encoder cannot be read."""
    fast = load_labeller()
    if settings.encoder == "off":
        return fast
    threads = min(cpu_count() or 1, MOST_THREADS)
    encoder = Encoder(SHIPPED if settings.encoder == "shipped" else Path(settings.encoder), threads)
    if metrics is None:
        return Cascade(fast, encoder, UNHURRIED)
    tallies = {answer: metrics.encoder.labels(answer) for answer in (CERTAIN, READ, SHED)}
    wait = settings.encoder_wait
    patience = Patience(quiet_s=wait, busy_s=BUSY * wait, full=settings.batch)
    return Cascade(fast, encoder, patience, lambda answer, number: tallies[answer].inc(number))
