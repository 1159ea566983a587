"""What each step of a run shows of its scene: which elements, in what condition, with which words.

Conditions are words that `picture.css` knows how to draw, each in colour *and* shape, and wherever
one matters a slot beside it says it in words. A film is a list of changes, one for each step: only
what a step touched is looked at again, so a long run costs little, and a page can hold it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..recording import events as e
from ..recording.state import NodeState, Saved, State, TensorState
from ..recording.steps import Step
from ..recording.trace import Trace
from .folding import listed
from .scene import Box, Card, Edge, Folded, Link, Scene
from .tallies import Tallies, status
from .text import fit, line
from .wording import called, listing

NAME_ROOM, VALUE_ROOM, VALUE_LINES = 22, 30, 4
NODE_ROOM, LINK_ROOM, TITLE_ROOM = 30, 10, 60
ERROR_ROOM, ERROR_LINES = 110, 4

STATUS = {"waiting": [], "running": ["running"], "ran": ["done"], "raised": ["raised the error"]}

Conditions = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What is to be seen at one step.

    `shown` has the conditions of each visible element, `texts` what each slot says, and `marks`
    says of an element that it is `new` at this step, of a slot that it has `changed`.
    """

    shown: dict[str, Conditions] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def bring(self, change: Change) -> None:
        """Go on to the next step, but for its marks."""
        for now, changed in ((self.shown, change.shown), (self.texts, change.texts)):
            for name, value in changed.items():
                if value is None:
                    now.pop(name, None)
                else:
                    now[name] = value

    def conditions(self, name: str) -> Conditions | None:
        """The conditions of an element or a slot, mark included; None where it is hidden."""
        mark = (self.marks[name],) if name in self.marks else ()
        return self.shown[name] + mark if name in self.shown else mark or None


@dataclass(frozen=True, slots=True)
class Change:
    """How a step's frame differs from the one before; None is hidden, or blank.

    `marks` is all of it: a mark is for one step.
    """

    shown: dict[str, Conditions | None]
    texts: dict[str, str | None]
    marks: dict[str, str]


def film(trace: Trace, scene: Scene, steps: Sequence[Step] | None = None) -> list[Change]:
    """One change for each step of the trace; its `steps` may be given."""
    camera = _Camera(scene)
    return [camera.take(step) for step in (trace.steps if steps is None else steps)]


def frame(changes: Sequence[Change], step: int) -> Frame:
    """The frame of one step: all changes up to it. -1 is the last."""
    if not changes:
        return Frame()
    end = range(len(changes))[step]
    result = Frame(marks=changes[end].marks)
    for each in changes[: end + 1]:
        result.bring(each)
    return result


def change(
    last: Frame, shown: dict[str, Conditions | None], texts: dict[str, str | None]
) -> Change:
    """How what was seen differs from `last`, which is brought up to date."""
    shown = {k: v for k, v in shown.items() if last.shown.get(k) != v}
    texts = {k: v for k, v in texts.items() if last.texts.get(k) != v}
    marks = {name: "new" for name in shown if name not in last.shown}
    for slot in texts:
        if slot in last.texts:
            owner, _, part = slot.rpartition(".")
            # A badge changes as a whole, and that a storage has new tensors is plain to see.
            if part != "title":
                marks[f"{owner}.badge" if part == "version" else slot] = "changed"
    for now, seen in ((last.shown, shown), (last.texts, texts)):
        now.update(seen)
        for name in [name for name, value in seen.items() if value is None]:
            del now[name]
    return Change(shown, texts, marks)


def reel(looks: Iterable[Frame]) -> Iterator[Change]:
    """The changes from each look at a whole picture to the next."""
    last = Frame()
    for look in looks:
        gone = {name: None for name in last.shown if name not in look.shown}
        blank = {slot: None for slot in last.texts if slot not in look.texts}
        yield change(last, look.shown | gone, look.texts | blank)


def flags(tensor: TensorState) -> str:
    """The flags of a tensor in words, as its card has them."""
    if tensor.deleted:
        return "gone"
    words = [f"requires_grad={tensor.requires_grad}"]
    if tensor.requires_grad and tensor.is_leaf:
        words.insert(0, "leaf")
    elif tensor.cut is not None and not tensor.requires_grad:
        words.insert(0, "detached")
    if tensor.retains_grad:
        words.append("retain_grad")
    return ", ".join(words)


class _Camera:
    """Goes through the steps in order, and looks again at what each of them touched."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.cards = scene.cards
        self.home = {card: box.storage for box in scene.boxes.values() for card in box.ids}
        self.edges: dict[str, list[Edge]] = {}
        for edge in scene.edges.values():
            self.edges.setdefault(edge.tail, []).append(edge)
            self.edges.setdefault(edge.head, []).append(edge)
        self.before = self.state = State()
        self.tallies = Tallies(scene, self.way)
        # Counters of which some saved tensor expects another number; nodes where backward starts.
        self.out_of_step: set[str] = set()
        self.roots: set[str | None] = set()
        # What was saved and has other numbers now at the same version; what a wrong grad should be.
        self.fooled: set[tuple[str, str]] = set()
        self.true: dict[str, str] = {}
        self.last = Frame()  # without marks

    def take(self, step: Step) -> Change:
        self.state, before = step.state, self.before
        self.shown: dict[str, Conditions | None] = {}
        self.texts: dict[str, str | None] = {}

        # A state never changes a tensor or a node, it replaces it: so what was touched is what is
        # another object now, and whatever counts with a counter that moved.
        kept = [
            (edge, self.state.saved[number])
            for number, edge in self.scene.saved.items()
            if number < len(self.state.saved)
        ]
        out_of_step = {saved.counter for _, saved in kept if self.state.mismatched(saved)}
        moved = out_of_step ^ self.out_of_step
        drawn = [
            (card, tensor)
            for card in self.cards.values()
            if (tensor := self.state.tensors.get(card.tensor))
        ]
        counters = {each.counter for _, each in drawn} | {saved.counter for _, saved in kept}
        versions = self.state.versions
        moved |= {c for c in counters if before.versions.get(c) != versions.get(c)}
        self.out_of_step = out_of_step
        told_wrong = self.hear(step)
        started = step.find(e.BackwardStarted)
        roots, self.roots = self.roots, self.roots_of(started.roots if started else ())
        hooked = {
            hook.tensor or hook.node
            for name in self.state.hooks.keys() ^ before.hooks.keys()
            for hook in (self.state.hooks.get(name) or before.hooks[name],)
        }
        tensors = [
            (card, tensor)
            for card, tensor in drawn
            if before.tensors.get(tensor.id) is not tensor
            or tensor.counter in moved
            or tensor.id in hooked | told_wrong
        ]
        nodes = [
            node
            for name in self.scene.nodes
            if (node := self.state.nodes.get(name))
            if before.nodes.get(name) is not node or name in roots | self.roots | hooked
        ]

        for storage in dict.fromkeys(self.home[card.id] for card, _ in tensors):
            self.look_at_storage(self.scene.boxes[storage])
        for card, tensor in tensors:
            if self.stands(card, tensor):
                self.look_at_tensor(tensor, card)
            else:
                self.leave(card)
        for node in nodes:
            self.look_at_node(node)
        touched = dict.fromkeys([*(card.id for card, _ in tensors), *(node.id for node in nodes)])
        for edge in dict.fromkeys(edge for name in touched for edge in self.edges.get(name, ())):
            if edge.id not in self.scene.bundles:
                self.look_at_edge(edge)
            elif edge.tail not in self.scene.folds:
                self.look_at_bundle(edge, self.scene.bundles[edge.id])
        for name in self.tallies.count(step):
            if name in self.scene.folds:
                self.look_at_fold(name, self.scene.folds[name])
            else:
                self.look_at_bundle(self.scene.edges[name], self.scene.bundles[name])
        known = len(before.saved)
        for number, (edge, saved) in zip(self.scene.saved, kept, strict=False):
            asked = saved.node in touched or saved.counter in moved or number >= known
            if asked or (edge.id in self.scene.also and saved.tensor in touched):
                self.look_at_saved(edge, saved)
        if self.state.error is not before.error:
            self.look_at_error(self.state.error)
        self.before = self.state
        return self.develop()

    def hear(self, step: Step) -> set[str]:
        """Note which gradients are wrong although no version was; returns what is news of that."""
        news: set[str] = set()
        for event in step.events:
            if isinstance(event, e.BackwardStarted):
                self.fooled.clear()
            elif isinstance(event, e.SavedChanged):
                self.fooled.add((event.node, event.field))
            elif isinstance(event, e.GradWrong):
                self.true[event.tensor] = event.true.text
                news.add(event.tensor)
            elif isinstance(event, (e.GradAccumulated, e.GradSet)):
                self.true.pop(event.tensor, None)
        return news

    def roots_of(self, tensors: Iterable[str]) -> set[str | None]:
        known = self.state.tensors
        return {known[tensor].grad_fn for tensor in tensors if tensor in known}

    def develop(self) -> Change:
        """What was seen, less what was so before."""
        return change(self.last, self.shown, self.texts)

    # ---- one kind of element each ----------------------------------------------------------------

    def say(self, slot: str, text: str, room: int) -> None:
        self.texts[slot] = line(text, room)

    def say_lines(self, slot: str, lines: Sequence[str]) -> None:
        while f"{slot}.{len(lines)}" in self.last.texts:
            lines = [*lines, ""]
        for number, said in enumerate(lines):
            self.texts[f"{slot}.{number}"] = said

    def look_at_storage(self, box: Box) -> None:
        inside = [self.at(name) for name in box.ids]
        if not any(inside) and box.storage not in self.last.shown:
            self.shown[box.storage] = None  # whoever is to stand here has not come yet
            return
        alive = [called(tensor) for tensor in inside if tensor and not tensor.deleted]
        self.shown[box.storage] = () if alive else ("faded",)
        storages = [tensor.storage for tensor in inside if tensor]
        storage = (
            box.storage if box.storage in storages else storages[0] if storages else box.storage
        )
        shared = f", shared by {listing(alive)}" if len(alive) > 1 else ""
        self.say(f"{box.storage}.title", f"storage {storage.upper()}{shared}", TITLE_ROOM)
        for link in box.links.values():
            there = self.state.tensors.get(link.alias)
            if there is not None and there.storage != box.storage:
                self.leave(link)
            elif there is not None:
                self.shown[link.id] = ()
                self.say(f"{link.id}.how", link.how, LINK_ROOM)
                if link.source != box.cards[0].tensor:
                    source = called(self.state.tensors[link.source])
                    self.say(f"{link.id}.of", f"of {source}", LINK_ROOM)

    def leave(self, gone: Card | Link) -> None:
        """The tensor is not in this storage: nothing of its card, or of what joins it, is here."""
        self.shown |= {gone.id: None, f"{gone.id}.badge": None}
        self.texts |= {slot: None for slot in self.last.texts if slot.startswith(f"{gone.id}.")}

    def look_at_tensor(self, tensor: TensorState, card: Card) -> None:
        conditions = ["faded"] if tensor.deleted else []
        if tensor.requires_grad:
            conditions.append("tracked")
        self.shown[card.id] = tuple(conditions)
        self.say(f"{card.id}.name", tensor.name, NAME_ROOM)
        self.texts[f"{card.id}.flags"] = flags(tensor)
        self.say_lines(f"{card.id}.value", fit(tensor.value.text, VALUE_ROOM, VALUE_LINES))

        if card.strip is not None:
            self.say(f"{card.id}.part", card.strip.words, VALUE_ROOM + 2)
        version = f"v{self.state.versions[tensor.counter]}"
        self.texts[f"{card.id}.version"] = f"own {version}" if card.own_counter else version
        badge = ["own"] if card.own_counter else []
        if tensor.counter in self.out_of_step:
            badge.append("broken")
        self.shown[f"{card.id}.badge"] = tuple(badge)

        if card.shows_hooks:
            self.say(f"{card.id}.hooks", self.hooks_on(tensor.id), VALUE_ROOM + 2)
        if card.shows_grad_fn:
            node = self.state.nodes.get(tensor.grad_fn)
            says = f"<{node.name}>" if node else "None"
            self.say(f"{card.id}.grad_fn", f"grad_fn={says}", VALUE_ROOM)
        if card.shows_grad:
            grad = "None" if tensor.grad is None else tensor.grad.text
            self.say(f"{card.id}.grad", f"grad={grad}", VALUE_ROOM + 2)
        if card.shows_true:
            true = self.true.get(tensor.id)
            said = "" if true is None else f"should be {true}"
            self.say(f"{card.id}.true", said, VALUE_ROOM + 5)

    def look_at_node(self, node: NodeState) -> None:
        faded = node.deleted or (node.freed and node.status not in ("running", "raised"))
        conditions = () if node.status == "waiting" else (node.status,)
        self.shown[node.id] = conditions + (("faded",) if faded else ())
        self.say(f"{node.id}.name", node.name, NODE_ROOM)
        box = self.scene.nodes[node.id]
        if box.shows_grad:
            got = [grad.text for grad in node.grads_in if grad is not None]
            said = f"gets grad {listing(got)}" if got else ""
            self.say(f"{node.id}.grad", said, NODE_ROOM)
        if box.shows_hooks:
            self.say(f"{node.id}.hooks", self.hooks_on(node.id), NODE_ROOM)
        words = ["backward() starts here"] if node.id in self.roots else STATUS[node.status]
        gone = ["gone"] if node.deleted else ["freed"] if node.freed else []
        self.texts[f"{node.id}.status"] = ", ".join([*words, *gone])

    def hooks_on(self, element: str) -> str:
        hooks = self.state.hooks.values()
        names = [hook.name for hook in hooks if element in (hook.tensor, hook.node)]
        return f"{'hooks' if len(names) > 1 else 'hook'} {listing(names)}" if names else ""

    def look_at_fold(self, name: str, folded: Folded) -> None:
        counts = self.tallies.of[name]
        said, running = status(counts, len(folded.nodes))
        faded = said.endswith("freed") and not running
        self.shown[name] = ("running",) if running else ("faded",) if faded else ()
        self.say(f"{name}.name", folded.title, NODE_ROOM)
        self.say_lines(f"{name}.what", fit(listed(folded.names, 2 * NODE_ROOM), NODE_ROOM, 2))
        self.texts[f"{name}.status"] = said

    def look_at_edge(self, edge: Edge) -> None:
        if edge.kind == "saved":
            return
        self.shown[edge.id] = self.way(edge)
        if edge.kind == "next" and self.shown[edge.id] is not None:
            self.texts[f"{edge.id}.label"] = f"next_functions[{edge.number}]"
            passed = self.state.nodes[edge.tail].grads_out[edge.number : edge.number + 1]
            grad = f"grad {passed[0].text}" if passed and passed[0] is not None else ""
            self.say(f"{edge.id}.grad", grad, VALUE_ROOM + 5)

    def look_at_bundle(self, edge: Edge, real: Sequence[Edge]) -> None:
        """An edge that stands for several. Of what is to be seen of any, a gradient comes first."""
        if edge.tail not in self.scene.folds and len(real) > 1:
            self.show_bundle(edge, [self.way(each) for each in real], len(real))
            return
        if edge.tail not in self.scene.folds:  # one real edge, from what is drawn to what is not
            self.look_at_edge(real[0])
            self.shown[edge.id] = self.shown.pop(real[0].id)
            for part in ("label", "grad"):
                if (said := self.texts.pop(f"{real[0].id}.{part}", None)) is not None:
                    self.texts[f"{edge.id}.{part}"] = said
            return
        looks = self.tallies.seen(edge.id)
        count = sum(self.tallies.of[edge.id].values())
        if edge.kind == "saved":
            self.shown[edge.id] = self.shown[f"{edge.id}.row"] = (
                () if False in looks else ("faded",)
            )
            # Nothing that a fold hides is at another version: it would be drawn.
            first, last = (self.state.saved[real[i].number] for i in (0, count - 1))
            fields = "/".join(dict.fromkeys((first.field, last.field)))
            times = f"{count} × " if len(real) > 1 else ""
            self.say(f"{edge.id}.field", f"{times}saved {fields}", NODE_ROOM)
            expects = f"expects v{last.expected}"
            self.texts[f"{edge.id}.expects"] = expects if False in looks else "freed"
            return
        self.show_bundle(edge, looks, len(real))

    def show_bundle(self, edge: Edge, looks: Iterable[Conditions | None], count: int) -> None:
        there = [look for look in looks if look is not None]
        self.shown[edge.id] = max(there, key=lambda c: ("flows" in c, not c)) if there else None
        times = f"{count} × " if count > 1 else ""
        self.texts[f"{edge.id}.label"] = f"{times}next_functions"

    def way(self, edge: Edge) -> Conditions | None:
        """The conditions of one edge that is no saved one; None if it is not there."""
        tail, head = self.at(edge.tail), self.at(edge.head)
        if tail is None or head is None:
            return None
        if edge.kind == "grad_fn":
            if tail.grad_fn == head.id:
                faded = tail.deleted or head.freed or head.deleted
                return ("faded",) if faded else ()
            return ("cut",) if tail.cut == "detach_" and tail.grad_fn is None else None
        flows = tail.status in ("running", "ran")
        if edge.kind == "next":
            passed = tail.grads_out[edge.number : edge.number + 1]
            flows = bool(passed) and passed[0] is not None
        faded = tail.freed or tail.deleted
        return ("flows",) if flows else ("faded",) if faded else ()

    def stands(self, card: Card, tensor: TensorState) -> bool:
        """Is the tensor here? One whose storage is folded away stands where it will be at the end."""
        if tensor.storage in self.scene.hidden:
            return card.id == tensor.id
        return tensor.storage == self.home[card.id]

    def at(self, element: str) -> TensorState | NodeState | None:
        """What stands there now, if anything does."""
        card = self.cards.get(element)
        known = self.state.tensors.get(card.tensor if card else element)
        if card is not None:
            return known if known and self.stands(card, known) else None
        return known or self.state.nodes.get(element)

    def look_at_saved(self, edge: Edge, saved: Saved) -> None:
        expects, conditions = f"expects v{saved.expected}", ()
        node = self.state.nodes[saved.node]
        if (saved.node, saved.field) in self.fooled:
            expects, conditions = f"v{saved.expected}, but other numbers", ("fooled",)
        elif node.freed or node.deleted:
            expects, conditions = "freed", ("faded",)
        elif self.state.mismatched(saved):
            expects, conditions = (
                f"{expects}, is v{self.state.versions[saved.counter]}",
                ("broken",),
            )
        self.shown[f"{edge.id}.row"] = conditions
        for each in (edge, *self.scene.also.get(edge.id, ())):
            if each.id in self.scene.edges:  # else what was saved is not drawn
                self.shown[each.id] = conditions if self.at(each.head) else None
        self.say(f"{edge.id}.field", f"saved {saved.field}", NODE_ROOM)
        self.texts[f"{edge.id}.expects"] = expects

    def look_at_error(self, error: e.ErrorRaised | None) -> None:
        self.shown["error"] = None if error is None else ()
        if error is None:
            return
        said = f"{error.type}: {error.message.split(' Hint: ')[0]}"
        self.say_lines("error", fit(said, ERROR_ROOM, ERROR_LINES))
