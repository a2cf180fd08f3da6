"""Who may call what: one table, enforced for every route and walked by a test. A route that is not here is closed."""

from core.records import Role

PUBLIC = None
"""Anybody, without credentials."""

ACCESS: dict[tuple[str, str], Role | None] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): Role.VIEWER,
    ("GET", "/api/v1/meta"): PUBLIC,
    ("POST", "/api/v1/setup"): PUBLIC,
    ("GET", "/api/v1/session"): Role.VIEWER,
    ("POST", "/api/v1/session"): PUBLIC,
    ("DELETE", "/api/v1/session"): Role.VIEWER,
    ("POST", "/api/v1/session/lock"): Role.VIEWER,
    ("POST", "/api/v1/session/unlock"): PUBLIC,
    ("GET", "/api/v1/sessions"): Role.VIEWER,
    ("DELETE", "/api/v1/sessions/{id_}"): Role.VIEWER,
    ("GET", "/api/v1/screens"): Role.LEADER,
    ("POST", "/api/v1/screens"): Role.LEADER,
    ("POST", "/api/v1/screens/pair"): PUBLIC,
    ("DELETE", "/api/v1/screens/{id_}"): Role.LEADER,
    ("GET", "/api/v1/board"): Role.VIEWER,
    ("GET", "/api/v1/board/context"): Role.VIEWER,
    ("GET", "/api/v1/events"): Role.VIEWER,
    ("GET", "/api/v1/posts"): Role.VIEWER,
    ("POST", "/api/v1/posts"): Role.RESPONDER,
    ("GET", "/api/v1/posts/{id_}"): Role.VIEWER,
    ("POST", "/api/v1/posts/{id_}/labels"): Role.RESPONDER,
    ("GET", "/api/v1/corrections"): Role.VIEWER,
    ("DELETE", "/api/v1/corrections/{id_}"): Role.RESPONDER,
    ("GET", "/api/v1/incidents"): Role.VIEWER,
    ("GET", "/api/v1/incidents/{id_}"): Role.VIEWER,
    ("GET", "/api/v1/cases"): Role.VIEWER,
    ("GET", "/api/v1/cases/{id_}"): Role.VIEWER,
    ("POST", "/api/v1/cases/{id_}/ack"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/assign"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/level"): Role.LEADER,
    ("POST", "/api/v1/cases/{id_}/pause"): Role.LEADER,
    ("POST", "/api/v1/cases/{id_}/resume"): Role.LEADER,
    ("POST", "/api/v1/cases/{id_}/answer"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/evaluate"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/close"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/reopen"): Role.RESPONDER,
    ("POST", "/api/v1/cases/{id_}/drafts"): Role.RESPONDER,
    ("GET", "/api/v1/rules"): Role.VIEWER,
    ("GET", "/api/v1/rejected"): Role.RESPONDER,
    ("GET", "/api/v1/sources"): Role.VIEWER,
    ("POST", "/api/v1/sources"): Role.LEADER,
    ("DELETE", "/api/v1/sources/{id_}"): Role.LEADER,
    ("GET", "/api/v1/webhooks"): Role.ADMIN,
    ("POST", "/api/v1/webhooks"): Role.ADMIN,
    ("DELETE", "/api/v1/webhooks/{id_}"): Role.ADMIN,
    ("POST", "/api/v1/webhooks/{id_}/rotate"): Role.ADMIN,
    ("POST", "/api/v1/webhooks/{id_}/test"): Role.ADMIN,
    ("GET", "/api/v1/webhooks/{id_}/deliveries"): Role.ADMIN,
    ("GET", "/api/v1/channels"): Role.ADMIN,
    ("POST", "/api/v1/channels"): Role.ADMIN,
    ("DELETE", "/api/v1/channels/{id_}"): Role.ADMIN,
    ("GET", "/api/v1/units"): Role.VIEWER,
    ("POST", "/api/v1/units"): Role.LEADER,
    ("PUT", "/api/v1/units/{id_}"): Role.LEADER,
    ("DELETE", "/api/v1/units/{id_}"): Role.LEADER,
    ("GET", "/api/v1/members"): Role.RESPONDER,
    ("POST", "/api/v1/members"): Role.LEADER,
    ("PUT", "/api/v1/members/{id_}"): Role.LEADER,
    ("DELETE", "/api/v1/members/{id_}"): Role.LEADER,
    ("GET", "/api/v1/duty"): Role.VIEWER,
    ("GET", "/api/v1/rosters/{id_}"): Role.VIEWER,
    ("PUT", "/api/v1/rosters/{id_}"): Role.LEADER,
    ("POST", "/api/v1/rosters/{id_}/covers"): Role.RESPONDER,
    ("DELETE", "/api/v1/rosters/{id_}/covers/{cover}"): Role.RESPONDER,
    ("GET", "/api/v1/rosters/{id_}/calendar.ics"): Role.VIEWER,
    ("POST", "/api/v1/rosters/{id_}/calendar"): Role.LEADER,
    ("GET", "/api/v1/chains"): Role.VIEWER,
    ("POST", "/api/v1/chains"): Role.LEADER,
    ("PUT", "/api/v1/chains/{id_}"): Role.LEADER,
    ("DELETE", "/api/v1/chains/{id_}"): Role.LEADER,
    ("GET", "/api/v1/cases/{id_}/routing"): Role.VIEWER,
    ("GET", "/api/v1/notices"): Role.VIEWER,
    ("GET", "/api/v1/notices/plan"): Role.VIEWER,
    ("GET", "/api/v1/silences"): Role.VIEWER,
    ("POST", "/api/v1/silences"): Role.LEADER,
    ("DELETE", "/api/v1/silences/{id_}"): Role.LEADER,
    ("GET", "/api/v1/acknowledge/{token}"): PUBLIC,
    ("POST", "/api/v1/acknowledge/{token}"): PUBLIC,
    ("DELETE", "/api/v1/sample"): Role.ADMIN,
}

SCREENS = frozenset(
    {
        ("GET", "/api/v1/session"),
        ("DELETE", "/api/v1/session"),
        ("GET", "/api/v1/board"),
        ("GET", "/api/v1/board/context"),
        ("GET", "/api/v1/events"),
        ("GET", "/api/v1/cases"),
    }
)
"""All that a paired wall screen may call beside what is public."""

ORDER = (Role.VIEWER, Role.RESPONDER, Role.LEADER, Role.ADMIN)


def includes(has: Role, needs: Role) -> bool:
    """Whether one role may do what another may."""
    return ORDER.index(has) >= ORDER.index(needs)
