// Steps through a recorded run. Everything it shows stands in the output itself: the picture as an
// image, the steps as data, each as the changes from the step before.

const CONTROLS = ["First", "Back", "Play", "Forward", "Last"];
const SECONDS_PER_STEP = 2;
const HINT = "Point at a tensor, or press ↑ ↓, to see who shares its memory and who saved it.";

// What a step can change in some pictures: each element by its id, each text by its slot.
const collect = (...pictures) => {
  const all = (name) =>
    pictures
      .flatMap((picture) => [...(picture?.querySelectorAll(`[data-${name}]`) ?? [])])
      .map((element) => [element, element.dataset[name]]);
  return { elements: all("id"), slots: all("slot") };
};

// Only what differs from what is there is set: a large picture has thousands of elements.
const paint = ({ elements, slots }, { shown, texts }, marks) => {
  const is = (element, conditions) => {
    if (element.dataset.is !== conditions) element.dataset.is = conditions;
  };
  for (const [element, id] of elements) {
    is(element, `${shown[id] ?? (id in marks ? "" : "hidden")} ${marks[id] ?? ""}`);
  }
  for (const [element, slot] of slots) {
    const text = texts[slot] ?? "";
    if (element.textContent !== text) element.textContent = text;
    is(element, marks[slot] ?? "");
  }
};

class Player {
  constructor(root, { code, lanes, steps, tensors, start }) {
    Object.assign(this, { root, steps, tensors, at: -1, lit: null, timer: null });
    const image = root.querySelector("img, svg"); // none where no Graphviz could draw it
    this.picture = image && unframe(image);
    this.lanes = drawing(parsed(lanes));
    Object.assign(this, collect(this.picture, this.lanes));
    for (const [element, id] of this.elements) {
      if (!(id in tensors)) continue;
      element.addEventListener("pointerenter", () => this.light(id));
      element.addEventListener("pointerleave", () => this.light(null));
    }
    this.about = make("p", { class: "about", "aria-live": "polite" });
    this.areas = {
      code: this.makeCode(code),
      picture: scrollable("picture", "Storages and graph", this.picture ?? root.firstElementChild),
      lanes: scrollable("lanes", "Version lanes", this.lanes),
    };
    const [text, picture, tracks] = Object.values(this.areas).map((area) => area.parentElement);
    const drawn = make("div", { class: "drawn" }, this.about, picture);
    const stage = make("div", { class: "stage" }, text, drawn, tracks);
    root.replaceChildren(this.makeControls(), this.makeSentence(), stage);
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", `A run in ${steps.length} steps`);
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", () => root.contains(document.activeElement) || root.focus());
    root.addEventListener("fullscreenchange", () => {
      if (document.fullscreenElement !== root) this.enlarge(false);
    });
    this.areas.lanes.addEventListener("scroll", () => this.labels());
    new ResizeObserver(() => this.labels()).observe(this.lanes);
    this.light(null);
    this.go(start);
  }

  // ---- the parts ---------------------------------------------------------------------------

  makeControls() {
    this.buttons = {};
    for (const name of [...CONTROLS, "Presenter"]) {
      const button = make("button", { type: "button" }, name);
      button.addEventListener("click", () => this[name.toLowerCase()]());
      this.buttons[name.toLowerCase()] = button;
    }
    const { presenter, ...steppers } = this.buttons;
    presenter.setAttribute("aria-pressed", false);
    presenter.setAttribute("aria-keyshortcuts", "p");
    presenter.title = "As large as the screen, for a projector (p)";
    this.slider = make("input", { type: "range", min: 0, max: this.steps.length - 1, step: 1 });
    this.slider.setAttribute("aria-label", "Step");
    this.slider.addEventListener("input", () => this.pause() || this.go(+this.slider.value));
    this.count = make("span", { class: "count" });
    const inside = [...Object.values(steppers), this.count, this.slider, presenter];
    return make("div", { class: "agc-controls" }, ...inside);
  }

  makeSentence() {
    this.says = make("p", { class: "says", "aria-live": "polite" });
    // The longest sentences stand behind it, unseen, so that the page keeps still while it changes.
    const longest = [...this.steps].sort((a, b) => b.says.length - a.says.length).slice(0, 3);
    const room = longest.map(({ says }) =>
      make("p", { class: "room", "aria-hidden": "true" }, ...sentence(says)),
    );
    return make("div", { class: "sentence" }, ...room, this.says);
  }

  makeCode(code) {
    this.lines = code.map(([number, text]) => make("li", { value: number }, make("code", {}, text)));
    return scrollable("code", "Code", make("ol", {}, ...this.lines));
  }

  // ---- the steps ---------------------------------------------------------------------------

  // What is true at a step: all the changes up to it.
  stateAt(step) {
    const state = { shown: {}, texts: {}, words: {} };
    for (const changes of this.steps.slice(0, step + 1)) {
      for (const part of Object.keys(state)) Object.assign(state[part], changes[part]);
    }
    return state;
  }

  go(step) {
    step = Math.min(Math.max(step, 0), this.steps.length - 1);
    if (step === this.at) return;
    this.at = step;
    const { says, line, marks } = this.steps[step];
    this.state = this.stateAt(step);
    this.draw(marks);
    const told = Object.entries(this.state.words).filter(([, text]) => text);
    for (const [svg, own] of [[this.picture, false], [this.lanes, true]]) {
      const texts = told.filter(([id]) => id.startsWith("lane:") === own).map(([, text]) => text);
      svg?.setAttribute("aria-label", texts.join(" ").replaceAll("`", ""));
    }
    this.lines.forEach((item) => item.removeAttribute("aria-current"));
    if (this.lines[line]) {
      this.lines[line].setAttribute("aria-current", "step");
      reveal(this.areas.code, [this.lines[line]]);
    }
    this.says.replaceChildren(...sentence(says));
    this.count.textContent = `Step ${step + 1} of ${this.steps.length}`;
    this.slider.value = step;
    this.slider.setAttribute("aria-valuetext", this.count.textContent);
    const { first, back, forward, last } = this.buttons;
    for (const button of [first, back]) button.setAttribute("aria-disabled", step === 0);
    for (const button of [forward, last]) {
      button.setAttribute("aria-disabled", step === this.steps.length - 1);
    }
    if (this.lit) this.light(this.lit);
  }

  draw(marks) {
    paint(this, this.state, marks);
    const { picture, lanes } = this.areas;
    const touched = this.elements.filter(([e, id]) => id in marks && picture.contains(e));
    const wholes = touched.map(([element]) => element.closest(".card, .node") ?? element);
    reveal(picture, wholes, { across: true });
    // The column of this step, as far as the labels leave room for it.
    const now = [...this.lanes.querySelectorAll(".now:not([data-is~=hidden])")];
    const covered = this.lanes.querySelector(".labels > rect")?.getBoundingClientRect().width;
    reveal(lanes, now, { across: true, covered });
  }

  // Keep the labels of the lanes where they can be read, however far these are scrolled.
  labels() {
    const labels = this.lanes.querySelector(".labels"); // none where no tensor was met
    const by = this.areas.lanes.scrollLeft / (this.lanes.getScreenCTM()?.a || 1);
    labels?.setAttribute("transform", `translate(${by} 0)`);
    labels?.toggleAttribute("data-apart", by > 0);
  }

  first() { this.pause(); this.go(0); }
  back() { this.pause(); this.go(this.at - 1); }
  forward() { this.pause(); this.go(this.at + 1); }
  last() { this.pause(); this.go(this.steps.length - 1); }

  play() {
    if (this.timer) return this.pause();
    this.go(this.at === this.steps.length - 1 ? 0 : this.at + 1);
    this.timer = setInterval(() => {
      if (this.root.isConnected) this.go(this.at + 1);
      if (!this.root.isConnected || this.at === this.steps.length - 1) this.pause();
    }, SECONDS_PER_STEP * 1000);
    this.buttons.play.textContent = "Pause";
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.buttons.play.textContent = "Play";
  }

  // ---- one tensor in the light -------------------------------------------------------------

  // Whether an element is there at this step, and neither freed nor forgotten.
  holds(id) {
    return this.state.shown[id]?.includes("faded") === false;
  }

  get alive() {
    return Object.keys(this.tensors).filter((id) => this.holds(id));
  }

  called(tensor) {
    return `\`${this.state.texts[`${tensor}.name`]}\``;
  }

  light(id) {
    this.lit = id;
    for (const element of this.root.querySelectorAll("[data-lit]")) delete element.dataset.lit;
    if (!this.state || !this.alive.includes(id)) {
      this.about.textContent = this.picture ? HINT : "";
      return;
    }
    const [storage, counter] = this.tensors[id];
    const aliases = this.alive.filter((t) => t !== id && this.tensors[t][0] === storage);
    const roles = { [storage]: "storage", [`lane:${counter}.band`]: "storage", [id]: "self" };
    for (const alias of aliases) roles[alias] = "alias";
    const says = [
      aliases.length
        ? `shares ${storage.toUpperCase()} with ${listing(aliases.map((t) => this.called(t)))}`
        : `has ${storage.toUpperCase()} to itself`,
    ];
    // Who saved an alias relies on the same memory.
    for (const tensor of [id, ...aliases]) {
      const kept = this.tensors[tensor][2].filter(([edge]) => this.holds(edge));
      for (const [edge, node] of kept) {
        roles[edge] = roles[`${edge}.row`] = roles[node] = "saver";
      }
      const savers = [...new Set(kept.map(([, node]) => this.state.texts[`${node}.name`]))];
      if (savers.length) {
        says.push(`${listing(savers)} saved ${tensor === id ? "it" : this.called(tensor)}`);
      }
    }
    if (says.length === 1) says.push("no node keeps it");
    for (const [element, name] of this.elements) {
      if (name in roles) element.dataset.lit = roles[name];
    }
    this.about.replaceChildren(...sentence(`${this.called(id)} ${says.join("; ")}.`));
  }

  // The next tensor, or the one before; past the last one there is none, then the first again.
  next(by) {
    const round = [null, ...this.alive];
    const at = Math.max(round.indexOf(this.lit), 0);
    this.light(round.at((at + by) % round.length));
    const cards = this.elements.filter(([element]) => element.dataset.lit === "self");
    reveal(this.areas.picture, cards.map(([element]) => element), { across: true });
  }

  // ---- for the back row --------------------------------------------------------------------

  presenter() {
    const larger = !this.root.classList.contains("large");
    this.enlarge(larger);
    // A page may forbid the full screen; then it is large where it stands.
    if (larger) this.root.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement === this.root) document.exitFullscreen();
  }

  enlarge(larger) {
    this.root.classList.toggle("large", larger);
    this.buttons.presenter.setAttribute("aria-pressed", larger);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const keys = {
      ArrowLeft: () => this.back(),
      ArrowRight: () => this.forward(),
      Home: () => this.first(),
      End: () => this.last(),
      p: () => this.presenter(),
    };
    // The slider and what scrolls have a use of their own for these.
    if (target !== this.slider && !target.classList.contains("scroll")) {
      keys.ArrowUp = () => this.next(-1);
      keys.ArrowDown = () => this.next(1);
    }
    if (this.lit) keys.Escape = () => this.light(null);
    if (event.key in keys) {
      event.preventDefault();
      keys[event.key]();
    }
    // A key that works the player, its buttons or its slider is no business of the notebook's.
    const inside = target !== this.root && [" ", "Enter", "ArrowUp", "ArrowDown"];
    if (event.key in keys || (inside && inside.includes(event.key))) event.stopPropagation();
  }
}

autogradCore.kinds.player = (root, data) => printed.add(new Player(root, data));
