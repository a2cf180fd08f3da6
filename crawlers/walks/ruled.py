"""The walk over a site that rules describe: list, then the page of each thing that is new or changed, then its floors."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from core.clock import derived_id
from core.records import Ending, Revisit
from crawlers.pages.entries import Entry
from crawlers.pages.feeds import web_address
from crawlers.rules.language import Rules
from crawlers.rules.pages import Read, Row, read_page
from crawlers.rules.picking import fill, fill_address
from crawlers.walks.articles import Articles
from crawlers.walks.hot import ranks, standing
from crawlers.walks.memory import Known
from crawlers.walks.steps import REVISIT_AFTER_S, Answer, Ask, Step, Task, Trouble
from crawlers.walks.threads import FOUND_AGAIN, MISSED, REPLIES, compared, missed_by, vanished, welcomed
from crawlers.walks.unlisted import UNLISTED, Unlisted
from nlp.times import parse_time

BACKFILL_PAGES = 10
"""Pages of a list that one visit of a back-fill reads; one where every row has a page of its own."""
BACKFILL = "backfill"
"""Key of the state for where a back-fill stands, and of the requests that belong to it."""
LISTED_AS = "listed_as"
"""By what a thing is known in its list, among the values of the request for its page."""
LISTS = ("list", "also")
ROW = "row."
"""Prefix of a listed thing's own values among those that travel with a request."""
KEPT_IN_REVISIT = ("id", "url", "title", "at", "root")
"""Nothing of what a person wrote, nor who: that is masked before it is stored, here it is not."""


class RuledWalk:
    """Reads by `rules`; kinds that need more than rules can say are subclasses."""

    def __init__(self, task: Task, rules: Rules) -> None:
        self.task = task
        self.rules = rules
        self.known = Known(task.crawl.state)
        self._names = {
            **{name: option.default for name, option in rules.options.items()},
            **task.source.options,
            "url": task.source.url,
            "base": "{0.scheme}://{0.netloc}".format(urlsplit(task.source.url)),
            "now": str(int(task.now.timestamp())),
        }
        self._articles = Articles()
        self._unlisted = Unlisted(self.known)
        self._threads: dict[str, tuple[Revisit | None, Revisit | None, list[str]]] = {}
        self._oldest: datetime | None = None
        self._more = False
        self._cursor = ""

    # --- what is asked

    def first(self) -> Sequence[Ask]:
        if self.rules.listing.before:
            before = fill(self.rules.listing.before, self._names)
            return [Ask(url=before, role="before", session=True)]
        return self._beginnings()

    def _beginnings(self) -> list[Ask]:
        first = str(self.rules.listing.first)
        asks = [self.ask("list", {"page": first})]
        if self.rules.also is not None:
            asks.append(self.ask("also", {"page": str(self.rules.also.first)}))
        if self.task.crawl.backfill_since is not None:
            page, _, cursor = self.task.crawl.state.get(BACKFILL, first).partition(" ")
            left = "1" if self.rules.detail else str(BACKFILL_PAGES)
            asks.append(self.ask("list", {"page": page, "cursor": cursor, BACKFILL: left}))
        again = "again" if self.rules.again else "detail" if self.rules.detail else ""
        if again:
            asks += [self.look_again(again, revisit) for revisit in self.task.revisits]
        return asks

    def ask(self, role: str, values: Mapping[str, str]) -> Ask:
        """A request for a page of the rules."""
        page = self.rules.page(role)
        row = {name.removeprefix(ROW): value for name, value in values.items() if name.startswith(ROW)}
        names = {**self._names, **row, **values}
        headers = {name: fill(text, names) for name, text in page.headers.items()}
        if self.task.cookie and self.rules.login != "none":
            headers["Cookie"] = self.task.cookie
        return Ask(
            url=urljoin(self.task.source.url, fill_address(page.url, names)),
            role=role,
            method=page.method,
            form={name: fill(text, names) for name, text in page.form.items()},
            headers=headers,
            values=values,
            conditional=role in LISTS and not page.fresh and BACKFILL not in values,
            optional=role not in LISTS,
            session=bool(self.rules.listing.before),
        )

    def look_again(self, role: str, revisit: Revisit) -> Ask:
        values = {ROW + name: revisit.data[name] for name in KEPT_IN_REVISIT if name in revisit.data}
        number = revisit.key.removeprefix("t")
        after = str(int(number) + 1) if number.isascii() and number.isdigit() else ""
        return replace(
            self.ask(role, {**values, "revisit": revisit.key, "page": "1", "after": after}), may_be_gone=True
        )

    def failed(self, ask: Ask) -> Step:
        """A thing whose page did not come is asked for again, next time that it is listed."""
        if ask.role == "attachment":
            return self._articles.failed(ask)
        if LISTED_AS in ask.values:
            self.known.forget(_place("list") + ask.values[LISTED_AS])
        return Step()

    # --- what an answer means

    def read(self, answer: Answer) -> Step:
        if answer.ask.role == "attachment":
            return self._articles.read_file(answer)
        if answer.ask.role == "before":
            return Step(asks=self._beginnings())
        try:
            read = self._read(answer)
        except Trouble as trouble:
            if trouble.ending is Ending.EMPTY and answer.ask.may_be_gone:
                return self._not_there(answer.ask, str(trouble))
            raise
        if UNLISTED in answer.ask.values:
            return self._unlisted.found(answer.ask)
        meanings = {"list": self._listed, "also": self._listed, "floors": self._floors}
        return meanings.get(answer.ask.role, self._thing)(read, answer)

    def _read(self, answer: Answer, role: str = "") -> Read:
        if answer.status != 200:  # asked for so that it may be (`may_be_gone`)
            raise Trouble(Ending.EMPTY, f"{answer.url} is gone ({answer.status}).")
        page = self.rules.page(role or answer.ask.role)
        return read_page(page, answer.body, answer.content_type, answer.url, {**self._names, **answer.ask.values})

    def _listed(self, read: Read, answer: Answer) -> Step:
        fresh = [
            row
            for place, row in enumerate(read.rows, 1)
            if self._changed(_place(answer.ask.role), row, self._facts(row, place))
        ]
        if self.rules.hot:
            entries = [self.entry(row, answer) for row in fresh]
            return Step(entries=entries, found=read.found, ranks=ranks(read.rows, self.task))
        asks = self._next_page(read, answer, news=bool(fresh))
        entries, revisits = [], []
        if self.rules.whole or self.rules.detail is None or answer.ask.role == "also":
            entries = [self.entry(row, answer) for row in fresh]
            revisits = [one for row in fresh if (one := self._to_revisit(row, None))]
        if self.rules.detail is not None and answer.ask.role == "list":
            asks += [self._detail(row, answer) for row in fresh if not self.rules.whole or row.get("comments") != "0"]
        found = read.found if answer.ask.role == "list" else None
        asks += self._looks(read, answer)
        gone = self._missing(_place(answer.ask.role), read, answer)
        return Step(entries=entries, asks=asks, found=found, missing=read.missing, revisits=revisits, gone=gone)

    def _changed(self, place: str, row: Row, facts: str) -> bool:
        """Whether a row is new or changed there. One that comes back after it was missed says so."""
        key = place + _key(row)
        if self.known.returned(key):
            row["extra." + FOUND_AGAIN] = self._when
        return self.known.changed(key, facts)

    def _missing(self, place: str, read: Read, answer: Answer) -> list[str]:
        """Keys that were known there and are gone, where the page has all that there is."""
        page = self.rules.page(answer.ask.role)
        first = answer.ask.values.get("page", str(page.first)) == str(page.first)
        whole = first and 0 < read.found < page.all_below and not read.missing
        return [key.removeprefix(place) for key in self.known.missing(place)] if whole else []

    def _looks(self, read: Read, answer: Answer) -> list[Ask]:
        """Requests for what the list seems to have lost; where things are looked at again anyway, that tells."""
        way = self.rules.way_to_one
        if way is None or answer.ask.role != "list" or BACKFILL in answer.ask.values or self.rules.revisit != "never":
            return []
        role, name = way

        def ask(key: str) -> Ask:
            return self.ask(role, {ROW + name: urljoin(answer.url, key) if name == "url" else key, "page": "1"})

        return self._unlisted.looks(_place("list"), map(_key, read.rows), ask)

    def _facts(self, row: Row, place: int) -> str:
        """What tells that a row changed."""
        return standing(row, place) if self.rules.hot else row.get("seen") or str(sorted(row.items()))

    def _detail(self, row: Row, answer: Answer) -> Ask:
        values = {ROW + name: value for name, value in row.items()}
        if "url" in row:
            values[ROW + "url"] = urljoin(answer.url, row["url"])
        return self.ask("detail", {**values, "page": "1", LISTED_AS: _key(row)})

    def _next_page(self, read: Read, answer: Answer, *, news: bool) -> list[Ask]:
        page, values = self.rules.page(answer.ask.role), answer.ask.values
        leads_on = bool(read.next) if page.next is not None else "{page" in page.url + str(page.form)
        if not read.rows or not leads_on:
            return []
        number = int(values.get("page") or page.first) + page.step
        following = {"page": str(number), "cursor": read.next}
        if BACKFILL in values:
            return self._further_back(read, answer, following)
        taken = (number - page.first) // page.step
        return [self._following(following, answer)] if news and taken < page.pages else []

    def _further_back(self, read: Read, answer: Answer, following: Row) -> list[Ask]:
        """On to older pages, until the period is reached; the place is kept for the next visit."""
        reached = [at for row in read.rows if (at := parse_time(row.get("at", ""), self.task.now))]
        self._oldest = min(reached, default=None)
        since = self.task.crawl.backfill_since
        self._more = since is not None and (self._oldest is None or self._oldest > since)
        self._cursor = f"{following['page']} {following['cursor']}".strip()
        left = int(answer.ask.values[BACKFILL]) - 1
        return [self._following({**following, BACKFILL: str(left)}, answer)] if self._more and left else []

    def _following(self, values: Mapping[str, str], answer: Answer) -> Ask:
        role = answer.ask.role
        ask = replace(self.ask(role, {**answer.ask.values, **values}), conditional=False, optional=True)
        page, cursor = self.rules.page(role), values["cursor"]
        named = "{cursor" in page.url + str(page.form)
        return ask if named or not cursor else replace(ask, url=urljoin(answer.url, cursor), method="GET", form={})

    def _thing(self, read: Read, answer: Answer) -> Step:
        values = answer.ask.values
        row = _row_in(answer.ask)
        if self.rules.whole and answer.ask.role == "detail":
            return self._replies(read, _key(row), answer)
        listing = self.rules.page(answer.ask.role).rows is not None
        rows = [{**row, **found} for found in read.rows] or ([] if listing else [row])
        before = self._revisit_of(answer.ask)
        if answer.ask.role == "again" and before is not None and read.rows and _key(rows[0]) != _key(row):
            return self._vanished(before, answer.ask, f"{before.key} is not there any more.")
        revisits = [one for found in rows[:1] or [row] if (one := self._to_revisit(found, before))]
        done = [values["revisit"]] if "revisit" in values and not revisits else []
        if listing:
            place = _place("detail", _key(row))
            rows = [one for one in rows if self._changed(place, one, str(sorted(one.items())))]
            asks, gone = self._next_page(read, answer, news=bool(rows)), self._missing(place, read, answer)
        else:
            asks, gone = [], []
        entries = welcomed([self.entry(found, answer) for found in rows], missed_by(before), self._when)
        step = Step(entries=entries, asks=asks, missing=read.missing, revisits=revisits, done=done, gone=gone)
        if not entries:
            return step
        if self.rules.detail is not None and self.rules.detail.article:
            return self._with_article(step, answer)
        if self.rules.floors is None:
            return step
        self._threads[entries[0].key] = (before, revisits[0] if revisits else None, [])
        more = self._floors(self._read(answer, "floors"), answer, root=entries[0].key)
        return replace(
            step, entries=[*entries, *more.entries], asks=more.asks, gone=more.gone, revisits=more.revisits or revisits
        )

    def _not_there(self, ask: Ask, detail: str) -> Step:
        if UNLISTED in ask.values:
            return self._unlisted.gone(ask, _key(_row_in(ask)))
        revisit = self._revisit_of(ask)
        return self._vanished(revisit, ask, detail) if revisit else Step(detail=detail)

    def _vanished(self, before: Revisit, ask: Ask, detail: str) -> Step:
        """A thing is not there any more. A site may be wrong about that for a while: the later looks are had all the same."""
        data, gone = vanished(before, _key(_row_in(ask)))
        later = self._later(before.key, before, data)
        done = [] if later else [before.key]
        return Step(revisits=[later] if later else [], done=done, gone=gone, detail=detail)

    def _replies(self, read: Read, root: str, answer: Answer) -> Step:
        rows = [{"root": root, "reply_to": root} | row for row in read.rows]
        place = _place("detail", root)
        fresh = [row for row in rows if self._changed(place, row, str(sorted(row.items())))]
        gone = self._missing(place, read, answer)
        return Step(entries=[self.entry(row, answer) for row in fresh], missing=read.missing, gone=gone)

    def _with_article(self, step: Step, answer: Answer) -> Step:
        """What the rules leave open is read from the page itself."""
        values = {"key": step.entries[0].key, "title": step.entries[0].title, "at": step.entries[0].at}
        ask = replace(answer.ask, role="article", values=values)
        read = self._articles.read(replace(answer, ask=ask), step.entries[0])
        return replace(step, entries=read.entries, asks=read.asks)

    def _floors(self, read: Read, answer: Answer, root: str = "") -> Step:
        root = root or answer.ask.values.get("root", "")
        entries = [self.entry({"root": root, "reply_to": root} | row, answer) for row in read.rows]
        page = self.rules.page("floors")
        number = int(answer.ask.values.get("floor") or 1)
        asks = []
        if read.next and number < page.pages:
            address = urljoin(answer.url, read.next)
            values = {**answer.ask.values, "root": root, "floor": str(number + 1)}
            asks = [Ask(url=address, role="floors", headers=answer.ask.headers, values=values, optional=True)]
        before, after, found = self._threads[root]
        found += [entry.key for entry in entries]
        entries = welcomed([e for e in entries if e.key != root], missed_by(before), self._when)
        if read.next:
            return Step(entries=entries, asks=asks)
        data, gone = compared(before, root, found, after.data if after else {})
        revisits = [replace(after, data=data)] if after else []
        return Step(entries=entries, gone=gone, revisits=revisits)

    # --- what is made of a row

    def entry(self, row: Row, answer: Answer) -> Entry:
        """The entry that a row stands for."""
        link = row.get("url", "")
        key, root = _key(row), row.get("root", "")
        extra = {name.removeprefix("extra."): value for name, value in row.items() if name.startswith("extra.")}
        return Entry(
            key=key,
            url=web_address(link, answer.url),
            title=row.get("title", ""),
            text=row.get("text", ""),
            html=row.get("html", ""),
            author=row.get("author", ""),
            author_since=row.get("author_since", ""),
            at=row.get("at", ""),
            likes=row.get("likes") or (row.get("heat", "") if self.rules.hot else ""),
            comments=row.get("comments", ""),
            shares=row.get("shares", ""),
            reply_to="" if root == key else row.get("reply_to", ""),
            root="" if root == key else root,
            extra=extra | {name: row[name] for name in ("rank", "heat") if name in row},
        )

    def _to_revisit(self, row: Row, before: Revisit | None) -> Revisit | None:
        """The next look at a thing: an hour, six, a day and three days after it was found, while it is open."""
        wanted = self.rules.revisit == "always" or (self.rules.revisit == "open" and bool(row.get("open")))
        data = {name: row[name] for name in KEPT_IN_REVISIT if name in row}
        held = {name: before.data[name] for name in (REPLIES, MISSED) if name in before.data} if before else {}
        return self._later(_key(row)[:200], before, {**data, **held}) if wanted else None

    def _later(self, key: str, before: Revisit | None, data: dict[str, str]) -> Revisit | None:
        """The look after that one; None after the last."""
        step = before.step + 1 if before else 0
        if step >= len(REVISIT_AFTER_S):
            return None
        found = before.found_at if before else self.task.now
        due = max(found + timedelta(seconds=REVISIT_AFTER_S[step]), self.task.now)
        return Revisit(source=self.task.source.id, key=key, due_at=due, found_at=found, step=step, data=data)

    @property
    def _when(self) -> str:
        return self.task.now.isoformat()

    def _revisit_of(self, ask: Ask) -> Revisit | None:
        key = ask.values.get("revisit")
        return next((one for one in self.task.revisits if one.key == key), None)

    # --- what is kept

    def state(self) -> dict[str, str]:
        kept = self.known.state()
        return kept | {BACKFILL: self._cursor} if self._more else kept

    def backfilled(self) -> tuple[datetime | None, bool]:
        return self._oldest, not self._more


def _row_in(ask: Ask) -> Row:
    return {name.removeprefix(ROW): value for name, value in ask.values.items() if name.startswith(ROW)}


def _place(role: str, thing: str = "") -> str:
    """The beginning of the marks of what a list, or the page of a thing, shows."""
    return f"{role}:{thing}:"


def _key(row: Row) -> str:
    return row.get("id") or row.get("url") or derived_id(row.get("title", ""), row.get("text", ""), row.get("at", ""))
