"""What judges: the policy, the places, the models; built from the settings, without a server around them."""

from alerts.policy import Policy, load_policy
from app.sample import POLICY as SAMPLE_POLICY
from app.sample import sample_places
from core.settings import Settings
from nlp.analyse import Analyser
from nlp.labels import load_labeller
from nlp.places import Gazetteer, load_gazetteer, load_place_list
from nlp.risk import load_risk_lexicon


def load_policies(settings: Settings) -> Policy:
    """The default policy, the sample district's tables, and the office's own folder over them."""
    own = [settings.policy_dir] if settings.policy_dir else []
    return load_policy(SAMPLE_POLICY, *own)


def build_gazetteer(settings: Settings) -> Gazetteer:
    """China's divisions, the sample district's places, and the office's own list (`places.yaml` of its policy folder)."""
    own = settings.policy_dir / "places.yaml" if settings.policy_dir else None
    extra = load_place_list(own) if own is not None and own.exists() else []
    return load_gazetteer([*sample_places(), *extra])


def build_analyser(gazetteer: Gazetteer) -> Analyser:
    """The models that label posts."""
    return Analyser(labeller=load_labeller(), places=gazetteer, risk=load_risk_lexicon())
