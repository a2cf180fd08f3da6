"""Evaluation: curves, the interrupted series on series whose effect is known, questions, score cards."""

from datetime import timedelta

import numpy as np
import pytest
from msgspec.structs import replace

from alerts.evaluation.curves import around, curve
from alerts.evaluation.interrupted import LEAST_HOURS, _t95, effect
from alerts.evaluation.questions import asked_kinds, questions
from alerts.evaluation.report import report, summary
from alerts.evaluation.scorecard import case_score, unit_scores, weights
from core.records import (
    AnalysedPost,
    AuditRow,
    Case,
    CaseState,
    Clock,
    Pause,
    Risk,
    RiskHit,
    Satisfaction,
    Task,
    TaskState,
)
from tests.records import NOON, case, labels, post

HOUR = timedelta(hours=1)
RUMOUR = Risk(score=0.4, hits=(RiskHit(category="rumour", word="听说", weight=0.4),))


def said(
    hours: float, n: int = 0, text: str = "停水", *, sentiment: str = "negative", rumour: bool = False
) -> AnalysedPost:
    given = replace(labels(sentiment), risk=RUMOUR if rumour else Risk())
    return post(f"p{hours}.{n}", text, hours * 60, labels=given)


def test_a_curve_counts_whole_hours_with_their_negative_posts_and_rumours_and_leaves_no_hour_out():
    posts = [said(0.1), said(0.9, sentiment="neutral"), said(3.5, rumour=True), said(4.2)]
    points = curve(posts, NOON + 4.5 * HOUR)
    assert [(p.at, p.posts, p.negative, p.rumours) for p in points] == [
        (NOON, 2, 1, 0), (NOON + HOUR, 0, 0, 0), (NOON + 2 * HOUR, 0, 0, 0), (NOON + 3 * HOUR, 1, 1, 1),
    ]  # fmt: skip
    assert curve([], NOON) == []


def test_the_hour_of_the_answer_is_neither_before_nor_after():
    before, after = around(
        curve([said(h, n) for h in range(5) for n in range(h + 1)], NOON + 5 * HOUR), NOON + 2.5 * HOUR
    )
    assert (before.hours, before.posts_an_hour) == (2, 1.5)
    assert (after.hours, after.posts_an_hour) == (2, 4.5)
    assert (before.negative_share, before.rumour_share) == (1.0, 0.0)


def series(
    rng: np.random.Generator, ratio: float, hours: int = 48, decay: float = 0.0, alike: float = 0.4
) -> list[list[int]]:
    """Counts by the hour around 30 whose trend decays and whose noise carries over, `ratio` times that after the middle."""
    noise, level = 0.0, []
    for t in range(-hours, hours):
        noise = alike * noise + rng.normal(0, 0.2)
        level.append(30 * np.exp(-decay * t + noise) * (ratio if t >= 0 else 1))
    counts = rng.poisson(level).tolist()
    return [counts[:hours], counts[hours:]]


@pytest.mark.parametrize("decay", [0.0, 0.02])
@pytest.mark.parametrize("ratio", [1.0, 0.4])
def test_the_interval_holds_the_true_effect_about_as_often_as_it_says(ratio: float, decay: float):
    rng = np.random.default_rng(7)
    found = [effect("posts", *series(rng, ratio, decay=decay)) for _ in range(200)]
    holds = np.mean([one.low <= ratio <= one.high for one in found])
    assert 0.88 <= holds <= 0.99
    assert np.median([one.ratio for one in found]) == pytest.approx(ratio, rel=0.12)


def test_a_decay_that_was_there_before_is_not_taken_for_an_effect_though_the_bare_difference_is_large():
    rng = np.random.default_rng(3)
    found, bare = [], []
    for _ in range(100):
        before, after = series(rng, 1.0, decay=0.03)
        found.append(effect("posts", before, after))
        bare.append(np.mean(after) / np.mean(before))
    assert np.median(bare) < 0.35
    assert np.mean([one.clear for one in found]) < 0.12


def test_a_series_without_enough_hours_or_posts_has_no_figure_but_a_reason():
    assert effect("posts", [5] * (LEAST_HOURS - 1), [1] * 50).why == "too_few_hours"
    assert effect("posts", [0] * 20, [1] * 20).why == "nothing_before"
    assert effect("posts", [0] * 20, [1] * 20).ratio is None


def test_a_flat_series_has_an_effect_of_one_without_a_width():
    flat = effect("posts", [7] * 24, [7] * 24)
    assert (flat.ratio, flat.low, flat.high, flat.clear) == (1.0, 1.0, 1.0, False)


@pytest.mark.parametrize(("freedom", "exact"), [(8, 2.3060), (12, 2.1788), (44, 2.0154), (140, 1.9771)])
def test_the_quantile_of_student_is_near_the_exact_one(freedom: int, exact: float):
    assert _t95(freedom) == pytest.approx(exact, rel=0.01)


def test_questions_are_counted_by_post_and_touched_by_what_the_answer_says():
    posts = [
        said(1, text="停水两天了。到底什么时候来水？急！"),
        said(2, text="什么时候恢复"),
        said(3, text="这水能喝吗"),
        said(4, text="天气真好"),
    ]
    found = {q.kind: q for q in questions(posts, "抢修预计今晚完成。", asked_kinds())}
    assert set(found) == {"when", "safe"}
    assert (found["when"].posts, found["when"].touched, found["when"].by) == (2, True, "预计")
    assert found["when"].example == "到底什么时候来水？"
    assert (found["safe"].touched, found["safe"].by) == (False, "")


CLOCK = Clock(
    kind="answer", name="政务舆情回应", started_at=NOON, start_event="occurred", limit="48h", counts="natural", source="s",
    due_at=NOON + 48 * HOUR, stopped_at=NOON + 10 * HOUR, pauses=(Pause(since=NOON, until=NOON + HOUR, who="li", reason="r"),),
)  # fmt: skip


def answered(**more: object) -> Case:
    base = case(
        state=CaseState.ANSWERED, answer="预计今晚恢复", answered_at=NOON + 10 * HOUR, clocks=(CLOCK,), unit="water"
    )
    return replace(base, **more)


def row(action: str, hours: float) -> AuditRow:
    return AuditRow(id=f"{action}{hours}", object="c1", at=NOON + hours * HOUR, who="li", action=action)


AUDIT = [row("case.acknowledged", 1), row("case.answered", 10)]


def test_a_report_has_times_from_each_beginning_clocks_without_their_pauses_and_a_summary():
    posts = [said(h, n, "什么时候来水") for h in range(-2, 30) for n in range(5 if h < 10 else 1)]
    found = report(answered(), posts, AUDIT, asked_kinds(), NOON + 30 * HOUR)
    assert found.hours_to_answer == {"first_post": 12.0, "opened": 10.0, "acknowledged": 9.0}
    assert [(c.kind, c.hours, c.kept) for c in found.clocks] == [("answer", 9.0, True)]
    volume = found.effects[0]
    assert (volume.measure, volume.clear) == ("posts", True)
    assert volume.ratio is not None
    assert volume.ratio < 0.5
    kept = summary(found)
    assert kept["questions"] == kept["questions_touched"] == 1
    assert kept["effect"] == volume.ratio


def test_before_the_answer_there_are_no_sides_and_no_effect():
    found = report(case(clocks=(replace(CLOCK, stopped_at=None),)), [said(1)], [], asked_kinds(), NOON + 5 * HOUR)
    assert (found.before, found.effects, found.hours_to_answer) == (None, [], {})
    assert found.clocks[0].kept is None
    assert summary(found) == {"questions": 0, "questions_touched": 0}


def test_a_score_is_the_weighted_mean_of_what_a_case_has():
    bare = case_score(answered(), AUDIT, weights())
    assert bare.indicators == {"clocks": 1.0, "settled": 1.0, "routed": 1.0}
    assert (bare.score, bare.hours_to_ack, bare.hours_to_answer) == (100.0, 1.0, 10.0)
    task = Task(id="t", unit="street", part="support", text="t", given_by="li", given_at=NOON, state=TaskState.DONE)
    asked = Satisfaction(score=80, answers=5, source="s", at=NOON, who="li")
    full = answered(
        tasks=(task, replace(task, id="u", overdue=True)),
        satisfaction=asked,
        evaluation={"questions": 4, "questions_touched": 1},
        clocks=(CLOCK, replace(CLOCK, kind="b", breached=True)),
    )
    card = case_score(full, [*AUDIT, row("case.reopened", 20)], weights())
    assert card.indicators == {
        "clocks": 0.5, "tasks": 0.5, "settled": 0.0, "routed": 1.0, "questions": 0.25, "satisfaction": 0.8,
    }  # fmt: skip
    assert card.score == pytest.approx(0.5 * 40 + 0.5 * 10 + 0 + 5 + 0.25 * 15 + 0.8 * 15, abs=0.06)
    assert case_score(case(), [], weights()).score is None


def test_units_are_scored_by_their_cases_and_those_without_a_unit_by_themselves():
    cases = [answered(), answered(id="c2", clocks=(replace(CLOCK, breached=True),)), case("c3")]
    made = unit_scores([case_score(c, AUDIT if c.unit else [], weights()) for c in cases], {c.id: c for c in cases})
    assert [(u.unit, u.cases, u.answered, u.breached) for u in made] == [(None, 1, 0, 0), ("water", 2, 2, 1)]
    assert made[1].indicators["clocks"] == 0.5
    assert made[1].median_hours_to_answer == 10.0
