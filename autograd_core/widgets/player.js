// Steps through a recorded run. Everything it shows stands in the output itself: the picture as an
// image, the steps as JSON, each as the changes from the step before. So no kernel takes part, and
// running this script again (JupyterLab does, whenever it draws the output anew) finds only players
// that are not ready yet.
{
  const CONTROLS = ["First", "Back", "Play", "Forward", "Last"];
  const SECONDS_PER_STEP = 2;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // In a sentence, what stands between backticks is code.
  const sentence = (says) =>
    says.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));

  // Scroll the list that an entry stands in, and nothing else, until the entry is in view.
  const reveal = (entry) => {
    const list = entry.closest(".scroll");
    const above = entry.getBoundingClientRect().top - list.getBoundingClientRect().top;
    const below = above + entry.offsetHeight - list.clientHeight;
    if (above < 0) list.scrollTop += above;
    else if (below > 0) list.scrollTop += below;
  };

  class Player {
    constructor(root) {
      const { code, counters, steps } = JSON.parse(root.querySelector("script").textContent);
      Object.assign(this, { root, steps, at: -1, timer: null });
      this.picture = this.takePicture(root.querySelector("img"));
      root.replaceChildren(
        this.makeControls(),
        this.makeSentence(),
        make("div", { class: "facts" }, this.makeCode(code), this.makeCounters(counters)),
        make("div", { class: "picture" }, this.picture ?? root.firstElementChild),
      );
      root.tabIndex = 0;
      root.setAttribute("role", "group");
      root.setAttribute("aria-label", `A run in ${steps.length} steps`);
      root.addEventListener("keydown", (event) => this.key(event));
      root.addEventListener("click", () => root.contains(document.activeElement) || root.focus());
      this.go(0);
    }

    // ---- the parts ---------------------------------------------------------------------------

    takePicture(image) {
      if (!image) return null; // no Graphviz drew it; a sentence that says so stands in its place
      const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (c) => c.charCodeAt(0));
      const text = new TextDecoder().decode(bytes);
      const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      svg.style.setProperty("--width", `${svg.getAttribute("width")}px`);
      svg.style.setProperty("--height", `${svg.getAttribute("height")}px`);
      return document.importNode(svg, true);
    }

    makeControls() {
      this.buttons = {};
      for (const name of CONTROLS) {
        const button = make("button", { type: "button" }, name);
        button.addEventListener("click", () => this[name.toLowerCase()]());
        this.buttons[name.toLowerCase()] = button;
      }
      this.slider = make("input", { type: "range", min: 0, max: this.steps.length - 1, step: 1 });
      this.slider.setAttribute("aria-label", "Step");
      this.slider.addEventListener("input", () => this.pause() || this.go(+this.slider.value));
      this.count = make("span", { class: "count" });
      const controls = Object.values(this.buttons);
      return make("div", { class: "controls" }, ...controls, this.count, this.slider);
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
      this.lines = code.map(([number, text]) =>
        make("li", { value: number }, make("code", {}, text)),
      );
      return make("ol", { class: "code scroll", "aria-label": "The code" }, ...this.lines);
    }

    makeCounters(counters) {
      this.rows = {};
      const head = ["Storage", "Tensors", "Version", "Expected"];
      const body = Object.entries(counters).map(([counter, storage]) => {
        const cells = [0, 1, 2].map((i) => {
          // The longest text of all steps keeps the room; see .counters span in player.css.
          const texts = this.steps.map((step) => step.counters[counter]?.[i] ?? "");
          const longest = texts.reduce((a, b) => (b.length > a.length ? b : a));
          return make("td", {}, make("span", { "data-room": longest }, make("span")));
        });
        this.rows[counter] = make("tr", {}, make("th", { scope: "row" }, storage), ...cells);
        return this.rows[counter];
      });
      const table = make(
        "table",
        {},
        make("caption", {}, "Version counters"),
        make("thead", {}, make("tr", {}, ...head.map((t) => make("th", { scope: "col" }, t)))),
        make("tbody", {}, ...body),
      );
      return make("div", { class: "counters scroll" }, table);
    }

    // ---- the steps ---------------------------------------------------------------------------

    // What is true at a step: all the changes up to it.
    stateAt(step) {
      const state = { shown: {}, texts: {}, counters: {}, words: {} };
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
      const { shown, texts, counters, words } = this.stateAt(step);

      for (const element of this.picture?.querySelectorAll("[data-id]") ?? []) {
        const { id } = element.dataset;
        element.dataset.is = `${shown[id] ?? (id in marks ? "" : "hidden")} ${marks[id] ?? ""}`;
      }
      for (const element of this.picture?.querySelectorAll("[data-slot]") ?? []) {
        const { slot } = element.dataset;
        element.textContent = texts[slot] ?? "";
        element.dataset.is = marks[slot] ?? "";
      }
      const description = Object.values(words).filter(Boolean).join(" ").replaceAll("`", "");
      this.picture?.setAttribute("aria-label", description);

      const before = this.stateAt(step - 1).counters;
      for (const [counter, row] of Object.entries(this.rows)) {
        const cells = counters[counter];
        row.classList.toggle("hidden", !cells);
        row.classList.toggle("counted", Boolean(before[counter]) && before[counter][1] !== cells?.[1]);
        row.classList.toggle("broken", Boolean(cells?.[2].includes("✗")));
        row.querySelectorAll("span > span").forEach((span, i) => (span.textContent = cells?.[i] ?? ""));
        if (counters[counter] !== before[counter]) reveal(row);
      }
      this.lines.forEach((item) => item.removeAttribute("aria-current"));
      this.lines[line]?.setAttribute("aria-current", "step");
      if (this.lines[line]) reveal(this.lines[line]);
      this.says.replaceChildren(...sentence(says));
      this.count.textContent = `Step ${step + 1} of ${this.steps.length}`;
      this.slider.value = step;
      this.slider.setAttribute("aria-valuetext", this.count.textContent);
      const { first, back, forward, last } = this.buttons;
      for (const button of [first, back]) button.setAttribute("aria-disabled", step === 0);
      for (const button of [forward, last]) {
        button.setAttribute("aria-disabled", step === this.steps.length - 1);
      }
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

    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const keys = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last" };
      if (event.key in keys) {
        event.preventDefault();
        this[keys[event.key]]();
      }
      // A key that works the player, its buttons or its slider is no business of the notebook's.
      const inside = event.target !== this.root && [" ", "Enter", "ArrowUp", "ArrowDown"];
      if (event.key in keys || (inside && inside.includes(event.key))) event.stopPropagation();
    }
  }

  for (const root of document.querySelectorAll(".autograd-player:not([data-ready])")) {
    root.dataset.ready = "";
    new Player(root);
  }
}
