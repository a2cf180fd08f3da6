"""Real sites as Debian and npm package them: as in `test_crawl_sites.py`, but minutes to fetch (`make crawl-long`)."""

from core.records import Ending
from tests.integration.office import Office
from tests.servers.pds import Pds
from tests.servers.php_sites import MediaWiki, WordPress


def texts(office: Office, source: str) -> set[str]:
    return {post.text for post in office.posts(source).values()}


def test_wordpress_by_its_interface_its_feed_and_its_sitemap(office: Office) -> None:
    with WordPress() as site:
        posts = site.publish(*(f"第{n}号路灯不亮" for n in range(45)))
        said = site.comment(posts[0], *(f"同问，第{n}天了" for n in range(30)))
        office.add("site", "wordpress", site.url)
        office.add("feed", "feed", f"{site.url}/feed/")
        office.add("map", "sitemap", f"{site.url}/wp-sitemap.xml", options={"prefix": f"{site.url}/p/"})
        office.look("site", "feed", "map")
        office.look("map")
        assert [len(office.posts(id_)) for id_ in ("site", "feed", "map")] == [75, 10, 45]
        newest = next(post for post in office.posts("site").values() if post.title == "第44号路灯不亮")
        assert abs((newest.at - newest.seen_at).total_seconds()) < 4 * 3_600, "its time is read with its zone"

        second = office.look("site", "feed", "map")
        assert {id_: (r.items, r.ending) for id_, r in second.items()} == dict.fromkeys(
            second, (0, Ending.NOT_MODIFIED)
        )
        assert (second["feed"].status, second["feed"].unchanged, second["feed"].requests) == (304, 1, 1)

        site.comment(posts[0], "我家门口的也不亮", parent=said[3])
        site.php(f"wp_update_post(['ID' => {posts[2]}, 'post_content' => '<p>更正：只有一盏。</p>']);")
        site.php(f"wp_update_comment(['comment_ID' => {said[5]}, 'comment_content' => '更正：第五天']);")
        third = office.look("site")["site"]
        assert third.written.accepted == 3
        assert {"我家门口的也不亮", "更正：只有一盏。", "更正：第五天"} <= texts(office, "site")
        assert len(office.posts("site")) == 76, "an edit is no second post"
        reply = next(post for post in office.posts("site").values() if post.text == "我家门口的也不亮")
        assert reply.reply_to in office.posts("site")

        office.understand()
        site.php(f"wp_trash_post({posts[40]}); wp_delete_comment({said[7]}, true);")
        office.look("site", "map")
        assert office.gone("site") == {"第40号路灯不亮：三天没亮了。", "同问，第7天了"}
        assert len(office.gone("map")) == 1
        site.php(f"wp_untrash_post({posts[40]}); wp_publish_post({posts[40]});")
        office.look("site", "map")
        office.understand()
        assert (office.gone("site"), office.gone("map")) == ({"同问，第7天了"}, set())

        site.publish("滨江路又积水了")
        site.kill()
        assert {r.ending for r in office.look("site", "feed", "map").values()} == {Ending.CONNECTION}
        site.start()
        assert all(r.ending.went_well for r in office.look("site", "feed", "map").values())
        assert [len(office.posts(id_)) for id_ in ("site", "feed", "map")] == [77, 11, 46]


def test_a_wordpress_that_is_killed_in_the_middle_of_a_visit(office: Office) -> None:
    with WordPress() as site:
        site.publish(*(f"第{n}号路灯不亮" for n in range(30)))
        office.add("map", "sitemap", f"{site.url}/wp-sitemap.xml", options={"prefix": f"{site.url}/p/"})
        office.look_while(site.kill, "map", items=5)
        assert 5 <= len(office.posts("map")) < 30
        site.start()
        office.look("map")
        messages = [post.id for post in office.messages("map")]
        assert len(messages) == len({*messages}) == 30, "nothing lost, nothing doubled"


def test_mediawiki_by_its_recent_changes(office: Office) -> None:
    with MediaWiki() as wiki:
        for n in range(12):
            wiki.write(f"第{n}号路灯", f"第{n}号路灯不亮。")
        office.add("wiki", "mediawiki", wiki.url)
        first = office.look("wiki")["wiki"]
        assert (first.ending, len(office.posts("wiki"))) == (Ending.OK, 13), "and the main page"
        second = office.look("wiki")["wiki"]
        assert (second.items, second.requests, second.unchanged) == (0, 1, 1), (
            "it sends no ETag: its bytes are compared"
        )

        wiki.write("Talk:第3号路灯", "我家门口的也不亮。")
        wiki.write("第5号路灯", "更正：第5号路灯修好了。")
        third = office.look("wiki")["wiki"]
        assert third.written.accepted == 2
        assert {"我家门口的也不亮。", "更正：第5号路灯修好了。"} <= texts(office, "wiki")
        assert len(office.posts("wiki")) == 14

        office.understand()
        wiki.delete("第7号路灯")
        assert office.look("wiki")["wiki"].ending.went_well
        assert office.gone("wiki") == {"第7号路灯不亮。"}

        wiki.write("滨江路", "滨江路积水。")
        wiki.kill()
        assert office.look("wiki")["wiki"].ending is Ending.CONNECTION
        wiki.start()
        for n in range(12, 22):
            wiki.write(f"第{n}号路灯", f"第{n}号路灯不亮。")
        office.look_while(wiki.kill, "wiki", items=18)
        assert len(office.posts("wiki")) < 25
        wiki.start()
        office.look("wiki")
        messages = [post.id for post in office.messages("wiki")]
        assert len(office.posts("wiki")) == 25
        assert len(messages) == 26, "one of them came twice: the edited one"


def test_an_at_protocol_server_repository_by_repository(office: Office) -> None:
    with Pds() as server:
        people = [server.join(f"shimin{n}") for n in range(3)]
        posts = [person.post(f"第{n}号路灯不亮") for n in range(4) for person in people]
        many = [people[0].post(f"第{n}天，还是不亮") for n in range(120)]
        office.add("pds", "atproto", server.url)
        first = office.look("pds")["pds"]
        assert (first.ending, len(office.posts("pds"))) == (Ending.OK, 132), "more than a page of one repository, too"
        second = office.look("pds")["pds"]
        assert (second.items, second.requests, second.status) == (0, 1, 304)

        people[1].post("我家门口的也不亮", answers=posts[0])
        people[2].edit(posts[2], "更正：修好了")
        third = office.look("pds")["pds"]
        assert third.written.accepted == 2
        assert {"我家门口的也不亮", "更正：修好了"} <= texts(office, "pds")
        answer = next(post for post in office.posts("pds").values() if post.text == "我家门口的也不亮")
        assert answer.reply_to in office.posts("pds")

        office.understand()
        people[1].delete(posts[1])
        people[0].delete(many[3])
        assert office.look("pds")["pds"].ending.went_well
        assert office.gone("pds") == {"第0号路灯不亮"}, "where a repository is shown whole"

        people[0].post("又不亮了")
        server.kill()
        assert office.look("pds")["pds"].ending is Ending.CONNECTION
        server.start()
        office.look("pds")
        messages = [post.id for post in office.messages("pds")]
        assert len(office.posts("pds")) == 134
        assert len(messages) == 135, "one of them came twice: the edited one"


def test_an_at_protocol_server_that_is_killed_in_the_middle_of_a_visit(office: Office) -> None:
    with Pds() as server:
        people = [server.join(f"shimin{n}") for n in range(8)]
        for person in people:
            for n in range(3):
                person.post(f"第{n}号路灯不亮")
        office.add("pds", "atproto", server.url)
        office.look_while(server.kill, "pds", items=3)
        assert 3 <= len(office.posts("pds")) < 24
        server.start()
        office.look("pds")
        messages = [post.id for post in office.messages("pds")]
        assert len(messages) == len({*messages}) == 24, "nothing lost, nothing doubled"
