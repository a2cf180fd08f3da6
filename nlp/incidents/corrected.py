"""What people say of the grouping, and how it holds: clusters that a person put somewhere are bound there.

A bound cluster goes nowhere by itself, and no incident that has one goes up in another; others may still come to it. It is
bound until all that binds it is taken back. What was said to be none is not listed and raises no case, until it has become
three times as much. An incident whose case somebody works on is held: it goes up in no other, whatever its clusters do. A post
that was put out keeps its later copies out, in a cluster of their own. Each correction of two clusters moves the constant of
the regression that says which belong together (`nlp.incidents.affinity.taught`).

Only what the detector still has open can be moved: clusters whose posts are all known (128 are kept), not yet silent. Of two
incidents that are said to be one and cannot be united (the earlier fell silent, or both are too large), the later one is linked
to the earlier: it `continues` it, whatever it goes up in.
"""

from typing import NamedTuple

from core.records import Passing, Regroup, Regrouping
from nlp.incidents.affinity import taught
from nlp.incidents.cluster import Cluster
from nlp.incidents.grouping import Grouping
from nlp.incidents.happenings import Happening, Happenings
from nlp.incidents.moves import Course, Displaced, Moves
from nlp.incidents.voices import hashed

REMEMBERED = 200
"""Corrections that can be taken back, and near-duplicates that were put out, the newest."""


class Link(NamedTuple):
    """A correction that linked two incidents, or took that back; `earlier` is the one that the other continues."""

    said: Regrouping
    earlier: str


class People:
    """Does what people say, as far as it can be done."""

    def __init__(self, course: Course, grouping: Grouping, happenings: Happenings, moves: Moves) -> None:
        self._course = course
        self._grouping = grouping
        self._happenings = happenings
        self._moves = moves
        self.links: list[Link] = []
        """Links that were made, and those that were taken back."""

    def obey(self, said: Regrouping) -> bool:
        """Whether it was done; what cannot be done changes nothing."""
        happening = self._happenings.by_id(said.incident)
        if said.kind is Regroup.HELD:
            return self._hold(happening)
        if said.undone:
            return self._take_back(said, happening)
        if said.id in self._course.displaced or self._linked(said.id) is not None:
            return False
        if said.kind is Regroup.TOGETHER:
            return self._same(said, happening, self._happenings.by_id(said.other or ""))
        if happening is None or not happening.is_raised:
            return False
        done = {Regroup.APART: self._apart, Regroup.NOTHING: self._nothing}[said.kind]
        return self._is_done(said, done(happening, said))

    def _is_done(self, said: Regrouping, displaced: Displaced | None) -> bool:
        if displaced is not None:
            self._remember(said.id, displaced)
        return displaced is not None

    def _remember(self, id_: str, displaced: Displaced) -> None:
        held = self._course.displaced
        held[id_] = displaced
        while len(held) > REMEMBERED:
            del held[next(iter(held))]

    def _hold(self, happening: Happening | None) -> bool:
        """Always done: an incident that is over, or has gone up in another, changes its id no more."""
        if happening is not None and not happening.whole.held:
            happening.whole.held = True
            self._moves.news_of(happening)
        return True

    # --- said ---------------------------------------------------------------------------------------------------------

    def _same(self, said: Regrouping, happening: Happening | None, other: Happening | None) -> bool:
        """Make one of two incidents, or link what is open of them."""
        found = [one for one in (happening, other) if one is not None]
        if not found or said.other == said.incident or not all(one.is_raised for one in found):
            return False
        if happening is not None and other is not None and self._is_done(said, self._together(happening, other)):
            return True
        later = max(found, key=lambda one: (one.whole.raised_at or 0, one.whole.born))
        earlier = str(said.other) if later is happening else said.incident
        if len(found) == 1 and not _continues(later.whole, said, earlier):
            return False
        later.whole.link(said.id, earlier)
        self._moves.tell(later)
        self.links.append(Link(said, earlier))
        return True

    def _together(self, happening: Happening, other: Happening) -> Displaced | None:
        known = (one for one in ((other, happening), (happening, other)) if self._happenings.is_known(one[0]))
        going, staying = next(known, (None, None))
        if going is None or staying is None:
            return None
        self._teach(self._largest(going), self._largest(staying), together=True)
        parts, whole = list(going.parts), going.whole
        self._moves.unite(going, staying)
        bound = self._bind(self._happenings.parts(staying), 1)
        self._moves.tell(staying)
        return Displaced(whole.id, whole.version, parts, held=whole.held, continues=whole.continues, bound=bound)

    def _apart(self, happening: Happening, said: Regrouping) -> Displaced | None:
        part = self._happenings.holding(happening, said.post or "")
        if part is None:
            return None
        if len(happening.parts) == 1:
            return self._post_out(happening, part, said)
        rest = [one for one in self._happenings.parts(happening) if one is not part]
        self._teach(part, max(rest, key=_size), together=False)
        alone = self._moves.leave(part)
        bound = self._bind([part], 1)
        if not alone.is_raised:
            self._moves.raise_(alone)
        self._moves.tell(alone)
        return Displaced(happening.id, 0, [part.born], bound=bound)

    def _post_out(self, happening: Happening, part: Cluster, said: Regrouping) -> Displaced | None:
        """All of its posts are told in one wording: only the post itself goes, and its copies to come."""
        post, distinct = said.post or "", int(said.post == said.group)
        if part.posts < 2:
            return None
        for counted in _counted(happening, part):
            counted.let_go(post, distinct)
        part.members.remove(post)
        self._grouping.recount(-distinct)
        self._moves.clusters[part.id] = part
        self._moves.assign([post], None)
        self._moves.tell(happening)
        group = self._keep_out(part, said.group)
        return Displaced(happening.id, 0, [part.born], post, group=group, distinct=distinct)

    def _keep_out(self, part: Cluster, name: str | None) -> int:
        """Remember near-duplicates as put out: the next copy begins a cluster of their own. Their number, 0 for none."""
        if name is None:
            return 0
        group, out = hashed(name), self._course.out
        self._grouping.let_go(part, group)
        if group not in out:
            out.append(group)
        del out[:-REMEMBERED]
        return group

    def _let_in(self, happening: Happening, part: Cluster, group: int) -> None:
        """Take that back: the copies that came meanwhile come home."""
        if group in self._course.out:
            self._course.out.remove(group)
        copies = self._grouping.of_group(group)
        if copies is None:
            self._grouping.hold(part, group)
            return
        theirs = self._happenings.of(copies)
        copies.is_out = False
        self._moves.clusters[copies.id] = copies
        if theirs is not happening and self._happenings.is_known(theirs):
            self._moves.unite(theirs, happening)

    def _nothing(self, happening: Happening, _: Regrouping) -> Displaced:
        happening.whole.dismissed = happening.whole.copies
        self._moves.tell(happening)
        return Displaced(happening.id, 0)

    # --- taken back ---------------------------------------------------------------------------------------------------

    def _take_back(self, said: Regrouping, happening: Happening | None) -> bool:
        linked = self._linked(said.id)
        if linked is not None:
            self.links.append(Link(said, linked.whole.continues.pop(said.id)))
            self._moves.tell(linked)
            return True
        displaced = self._course.displaced.get(said.id)
        if displaced is None or not self._undo(said, happening, displaced):
            return False
        del self._course.displaced[said.id]
        self._bind(self._open(displaced.bound), -1)
        return True

    def _undo(self, said: Regrouping, happening: Happening | None, displaced: Displaced) -> bool:
        if said.kind is Regroup.NOTHING:
            return self._listed_again(happening)
        parts = self._open_parts(displaced)
        if not parts:
            return False
        if said.kind is Regroup.TOGETHER:
            return self._parted_again(parts, displaced)
        if happening is None:
            return False
        if displaced.post:
            return self._let_back(happening, parts[0], displaced)
        return self._home_again(happening, parts[0])

    def _listed_again(self, happening: Happening | None) -> bool:
        if happening is None:
            return False
        happening.whole.dismissed = 0
        self._moves.tell(happening)
        return True

    def _parted_again(self, parts: list[Cluster], displaced: Displaced) -> bool:
        """The parts that had gone up in another incident are one again, under their old id, with what of their links holds."""
        if len(self._happenings.of(parts[0]).parts) == len(parts):
            return False
        whole = self._happenings.of(parts[0]).whole
        links = {id_: to for id_, to in whole.continues.items() if id_ in displaced.continues}
        whole.continues = {id_: to for id_, to in whole.continues.items() if id_ not in links}
        alone = self._moves.leave(parts[0], displaced)
        alone.whole.held, alone.whole.continues = displaced.held, links
        for part in parts[1:]:
            self._moves.unite(self._moves.leave(part), alone)
        if not alone.is_raised:
            self._moves.raise_(alone)
        self._moves.tell(alone)
        return True

    def _home_again(self, happening: Happening, part: Cluster) -> bool:
        """Not what came home by what a person said since, which binds it still; nor what is too large to move by now."""
        theirs = self._happenings.of(part)
        if theirs is happening or not self._happenings.is_known(theirs):
            return False
        self._moves.unite(theirs, happening)
        self._moves.tell(happening)
        return True

    def _let_back(self, happening: Happening, part: Cluster, displaced: Displaced) -> bool:
        """A post that was put out is in its part again, and its later copies come; unless the part has left the incident."""
        if self._happenings.of(part) is not happening:
            return False
        for counted in _counted(happening, part):
            counted.take_back(displaced.distinct)
        part.members.append(displaced.post)
        self._grouping.recount(displaced.distinct)
        self._moves.clusters[part.id] = part
        self._moves.assign([displaced.post], happening)
        if displaced.group:
            self._let_in(happening, part, displaced.group)
        self._moves.tell(happening)
        return True

    # --- helpers ------------------------------------------------------------------------------------------------------

    def _linked(self, said: str) -> Happening | None:
        """The happening that was linked by what was said."""
        return next((one for one in self._happenings if said in one.whole.continues), None)

    def _open_parts(self, displaced: Displaced) -> list[Cluster]:
        """What was displaced and is open still, all of it in one happening."""
        parts = self._open(displaced.parts)
        return [part for part in parts if self._happenings.of(part) is self._happenings.of(parts[0])]

    def _open(self, numbers: list[int]) -> list[Cluster]:
        return [part for part in map(self._happenings.part, numbers) if part is not None]

    def _bind(self, parts: list[Cluster], more: int) -> list[int]:
        """So many words more (or fewer) bind parts where they are; the numbers of the parts."""
        for part in parts:
            part.bound += more
            self._moves.clusters[part.id] = part
        return [part.born for part in parts]

    def _largest(self, happening: Happening) -> Cluster:
        return max(self._happenings.parts(happening), key=_size)

    def _teach(self, one: Cluster, other: Cluster, *, together: bool) -> None:
        self._course.bias = taught(self._course.bias, one, other, together=together)


def _continues(whole: Cluster, said: Regrouping, other: str) -> bool:
    """Whether an incident may go on with one that is not open: that was raised earlier, and has not gone up in it."""
    raised_at = said.other_raised_at if other == said.other else said.raised_at
    has_come = any(passed.kind is Passing.CAME and passed.other == other for passed in whole.passages)
    return not has_come and raised_at is not None and raised_at.timestamp() < (whole.raised_at or 0)


def _size(cluster: Cluster) -> tuple[int, int]:
    return cluster.posts, -cluster.born


def _counted(happening: Happening, part: Cluster) -> list[Cluster]:
    """What counts a post of the part."""
    return [part] if happening.whole is part else [part, happening.whole]
