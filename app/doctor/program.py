"""What the program brings with it, whichever set it belongs to: models, policy, boundaries, board."""

from functools import partial

from api.app import BOARD
from app.doctor.examine import Check, Finding
from app.judgement import build_analyser, build_boundaries, build_gazetteer, load_notice_plan, load_policies
from core.settings import Settings


def checks(settings: Settings) -> list[Check]:
    """Models, policy, boundaries and board."""
    return [
        Check("models", partial(_models, settings)),
        Check("policy", partial(_policy, settings)),
        Check("boundaries", partial(_boundaries, settings)),
        Check("board", _board),
    ]


def _models(settings: Settings) -> Finding:
    analyser = build_analyser(settings, build_gazetteer(settings))
    return Finding(True, f"loaded {analyser.labeller.version}")


def _policy(settings: Settings) -> Finding:
    policy, plan = load_policies(settings), load_notice_plan(settings)
    said = f"{len(policy.rules)} rules, {len(policy.units)} units, {len(plan.routes)} routes, version {policy.version}"
    return Finding(bool(policy.rules), said)


def _boundaries(settings: Settings) -> Finding:
    found = build_boundaries(settings, build_gazetteer(settings))
    return Finding(True, f"of {len(found)} parts" if found else "none supplied: the board draws tiles")


def _board() -> Finding:
    built = (BOARD / "index.html").exists()
    return Finding(built, "built" if built else "not built: run `make web`")
