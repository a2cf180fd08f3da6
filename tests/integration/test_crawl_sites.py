"""Real sites: the first visit finds all, the second nothing but what changed, and a server that dies costs nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.records import Ending, Health
from tests.integration.office import Office
from tests.servers.sites import HugoSite, Isso, Spirit, StaticSite

MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
NOTICES = {f"关于云湾区第{n}片区停水的通知": f"因管网改造，第{n}片区将于本周六停水。" for n in range(1, 13)}


@pytest.fixture(params=[StaticSite, HugoSite], ids=["by-hand", "hugo"])
def site(request: pytest.FixtureRequest) -> Iterator[StaticSite]:
    with request.param() as started:
        started.publish(NOTICES, MORNING)
        yield started


def test_a_static_government_site_by_feed_sitemap_and_section(site: StaticSite, office: Office) -> None:
    office.add("feed", "feed", f"{site.url}/zwgk/rss.xml")
    office.add("map", "sitemap", f"{site.url}/sitemap.xml", options={"prefix": f"{site.url}/zwgk/t"})
    office.add("section", "gov_list", f"{site.url}/zwgk/")
    first = office.look("feed", "map", "section")

    assert {id_: (r.ending, r.items) for id_, r in first.items()} == dict.fromkeys(first, (Ending.OK, 12))
    page = next(post for post in office.posts("section").values() if "第3片区停水" in post.title)
    assert page.text.startswith("因管网改造，第3片区")
    assert page.text.endswith("敬请谅解。"), page.text
    assert page.at == datetime(2026, 11, 19, 16, 0, tzinfo=UTC) or page.at == datetime(2026, 11, 20, 2, 11, tzinfo=UTC)

    second = office.look("feed", "map", "section")
    assert {r.ending for r in second.values()} == {Ending.NOT_MODIFIED}
    assert [r.unchanged for r in second.values()] == [1, 1, 1], "one conditional request each, answered by 304"
    assert [r.requests for r in second.values()] == [1, 1, 1]

    site.publish({**NOTICES, "关于滨江路夜间施工的公告": "滨江路今晚施工。"}, NOON)
    third = office.look("feed", "map", "section")
    assert {id_: r.written.accepted for id_, r in third.items()}["section"] >= 1
    assert all(len(office.posts(id_)) == 13 for id_ in ("feed", "map", "section"))

    site.kill()
    gone = office.look("feed", "map", "section")
    assert {r.ending for r in gone.values()} == {Ending.CONNECTION}
    site.start()
    back = office.look("feed", "map", "section")
    assert all(r.ending.went_well for r in back.values())
    assert all(len(office.posts(id_)) == 13 for id_ in ("feed", "map", "section")), "nothing lost, nothing doubled"
    assert office.crawl("feed").health in (Health.OK, Health.QUIET)


def test_a_forum_topic_by_topic_and_floor_by_floor(office: Office) -> None:
    with Spirit() as forum:
        forum.topics(0, 25)
        office.add("forum", "spirit", f"{forum.url}/topic/active/")
        first = office.look("forum")["forum"]
        assert (first.ending, first.found) == (Ending.OK, 25)
        posts = office.posts("forum")
        assert len(posts) == 75, "the opening of each topic and two floors"
        floors = [post for post in posts.values() if post.root]
        assert len(floors) == 50
        assert {post.root for post in floors} <= set(posts)

        second = office.look("forum", hours=0.2)["forum"]
        assert (second.items, second.requests) == (0, 1)

        forum.manage("say(Topic.objects.get(title='滨江路第7号路灯不亮'), '今天修好了')")
        third = office.look("forum", hours=0.2)["forum"]
        assert third.written.accepted == 2, "the new floor, and the topic whose count changed"
        assert "今天修好了" in {post.text for post in office.posts("forum").values()}

        edited = "c = Comment.objects.filter(topic__title='滨江路第3号路灯不亮').order_by('id').first()\n"
        forum.manage(edited + "Comment.objects.filter(pk=c.pk).update(comment_html='<p>更正：只有一盏不亮</p>')")
        fourth = office.look("forum", hours=1.0)["forum"]
        assert fourth.ending is Ending.OK, "an hour after it was found, every topic is looked at again"
        assert len(office.posts("forum")) == 76, "an edit is no second post"
        assert "更正：只有一盏不亮" in {post.text for post in office.posts("forum").values()}

        office.understand()
        forum.manage("Comment.objects.get(comment='今天修好了').delete()")
        forum.manage("Topic.objects.filter(title='滨江路第5号路灯不亮').update(is_removed=True)")
        fifth = office.look("forum", hours=5.0)["forum"]
        assert fifth.ending is Ending.OK
        assert office.gone("forum") == {"今天修好了"} | {f"第5号路灯{k}：三天没亮了" for k in range(3)}
        assert len(office.posts("forum")) == 76, "nothing is erased"
        forum.manage("Topic.objects.filter(title='滨江路第5号路灯不亮').update(is_removed=False)")
        office.look("forum", hours=20.0)
        office.understand()
        assert office.gone("forum") == {"今天修好了"}, "what is there again is not gone"

        forum.topics(25, 3)
        forum.kill()
        assert office.look("forum", hours=0.2)["forum"].ending is Ending.CONNECTION
        forum.start()
        office.look("forum", hours=0.2)
        assert len(office.posts("forum")) == 76 + 9


def test_comments_their_replies_likes_and_edits(office: Office) -> None:
    with Isso() as service:
        said, cookies = service.say("我家门口的路灯也不亮")
        for n in range(4):
            service.say(f"同问，第{n}天了", parent=said)
        office.add("comments", "isso", service.url)
        first = office.look("comments")["comments"]
        assert (first.ending, first.written.accepted) == (Ending.OK, 5)
        replies = [post for post in office.posts("comments").values() if post.reply_to]
        assert len(replies) == 4

        second = office.look("comments")["comments"]
        assert (second.items, second.ending) == (0, Ending.NOT_MODIFIED)

        cookies = service.edit(said, "我家门口的路灯修好了", cookies)
        service.say("谢谢大家", parent=said)
        third = office.look("comments")["comments"]
        assert third.written.accepted == 2
        assert len(office.posts("comments")) == 6
        assert "我家门口的路灯修好了" in {post.text for post in office.posts("comments").values()}

        office.understand()
        gone, may = service.say("发错了")
        service.say("最后一条")
        office.look("comments")
        office.understand()
        service.delete(gone, may)
        service.delete(said, cookies)
        assert office.look("comments")["comments"].ending.went_well
        assert office.gone("comments") == {"发错了", "我家门口的路灯修好了"}, "with replies and without"

        service.kill()
        assert office.look("comments")["comments"].ending is Ending.CONNECTION
        service.start()
        service.say("又不亮了")
        office.look("comments")
        assert len(office.posts("comments")) == 9
