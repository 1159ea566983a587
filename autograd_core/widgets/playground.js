// Choose a program and compare the ways of cutting it. Every program to choose was run before; here
// the rows of its table are only looked up. One that is typed is run by the notebook's kernel.

const QUESTIONS = ["Operation", "Write", "Order"];
const SIGNS = { fine: "✓", "error now": "✗", "error later": "✗", "silently wrong": "⚠" };

const HOW = "One line has to cut, as `c = out.detach()` does: it is cut in every way in turn.";
const UNREACHED =
  "No kernel can be reached from here. Copy it as a cell, and run that; or open the notebook with " +
  "`autograd-core lab`.";

// The kernel of the notebook that an element stands in. JupyterLab lets a page know of it where it
// was asked to, as `autograd-core lab` does.
const kernelOf = (element) => {
  const panels = [...(window.jupyterapp?.shell.widgets("main") ?? [])];
  const panel = panels.find(({ node }) => node.contains(element));
  return panel?.sessionContext?.session?.kernel;
};

// What `playground(code)` would show, as the data of its output. It is evaluated beside the user's
// cells: nothing of it is printed, counted, or left in the notebook.
const compare = async (kernel, code) => {
  const made = `__import__("autograd_core").playground(${JSON.stringify(code)})`;
  const request = { code: "", silent: true, store_history: false, user_expressions: { made } };
  const { content } = await kernel.requestExecute(request).done;
  const found = content.user_expressions?.made;
  if (found?.status !== "ok") throw new Error(found?.evalue ?? "The kernel did not answer.");
  const output = new DOMParser().parseFromString(found.data["text/html"], "text/html");
  return autogradCore.inflate([...output.querySelectorAll("figure > script")].at(-1).textContent);
};

class Playground {
  constructor(root, { title, head, meanings, choices, rows, typed }) {
    Object.assign(this, { root, meanings, choices, picks: [], way: 1 });
    this.offered = { head, rows };
    this.typed = null; // what the code in the box has led to
    const controls = make("div", { class: "agc-controls" });
    QUESTIONS.slice(0, choices.length).forEach((question, i) => {
      const pick = (index) => {
        this.picks[i] = index;
        this.typed = null;
      };
      controls.append(this.makeChoice(question, choices[i], pick));
    });
    this.ways = rows[0].map(([[way]]) => way);
    controls.append(this.makeChoice("Way of cutting", this.ways, (way) => (this.way = way), 1));

    // In a narrow pane each row is a block, and is to be read out as a row all the same.
    this.head = make("tr", { role: "row" });
    this.body = make("tbody", { role: "rowgroup" });
    const header = make("thead", { role: "rowgroup" }, this.head);
    const caption = make("caption", {}, ...sentence(title));
    const table = make("table", { role: "table" }, caption, header, this.body);
    const outcomes = scrollable("table", "Outcomes", table).parentElement;
    this.code = make("pre", { tabindex: 0, "aria-label": "The program" });
    this.says = make("p", { class: "says", role: "status" });
    // On a page that is no notebook's there is nothing that could run what is typed.
    const box = root.closest(".jp-Notebook") ? [this.makeBox(typed)] : [];
    root.replaceChildren(controls, outcomes, this.code, this.says, ...box);
    this.show();
    // What is chosen and typed here is no shortcut of the notebook's.
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => event.stopPropagation());
  }

  makeChoice(question, options, pick, chosen = 0) {
    const inside = options.map((option) => make("option", {}, option));
    const select = make("select", { "aria-label": question }, ...inside);
    select.selectedIndex = chosen;
    pick(chosen);
    select.addEventListener("change", () => {
      pick(select.selectedIndex);
      this.show();
    });
    return make("label", {}, question, select);
  }

  // ---- code of one's own -------------------------------------------------------------------

  makeBox(typed) {
    const rows = typed.split("\n").length + 1;
    const plain = { rows, spellcheck: "false", autocapitalize: "off", wrap: "off" };
    this.box = make("textarea", { ...plain, "aria-label": "Your program" });
    this.box.value = typed;
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.run();
    });
    const button = (name, act) => {
      const made = make("button", { type: "button" }, name);
      made.addEventListener("click", act);
      return made;
    };
    const buttons = [button("Run", () => this.run()), button("Copy as a cell", () => this.copy())];
    this.answer = make("p", { class: "answer", role: "status" });
    const summary = make("summary", {}, "Type a program of your own");
    const below = make("div", { class: "buttons" }, ...buttons, this.answer);
    return make("details", {}, summary, make("p", {}, ...sentence(HOW)), this.box, below);
  }

  async run() {
    const kernel = kernelOf(this.root);
    if (!kernel) {
      this.tell(UNREACHED);
      return;
    }
    this.tell("Running…");
    try {
      this.typed = await compare(kernel, this.box.value);
      this.tell("Done: the table shows what your program does.");
      this.show();
    } catch ({ message }) {
      this.tell(`✗ ${message}`);
    }
  }

  async copy() {
    const quoted = this.box.value.replaceAll("\\", "\\\\").replaceAll('"""', '\\"\\"\\"');
    const cell = `import autograd_core\n\nautograd_core.playground("""\n${quoted}\n""")`;
    try {
      await navigator.clipboard.writeText(cell);
      this.tell("Copied: paste it into a cell, and run that.");
    } catch {
      this.tell('This page may not copy. Put it into a cell: `playground("""…""")`.');
    }
  }

  tell(says) {
    this.answer.replaceChildren(...sentence(says));
  }

  // ---- the table ---------------------------------------------------------------------------

  // The rows of a choice: all choices are in the order of a counter, the last digit first.
  get chosen() {
    if (this.typed) return this.typed.rows[0];
    const at = this.picks.reduce((sum, pick, i) => sum * this.choices[i].length + pick, 0);
    return this.offered.rows[at];
  }

  show() {
    const { head } = this.typed ?? this.offered;
    const column = { scope: "col", role: "columnheader" };
    this.head.replaceChildren(...head.map((name) => make("th", column, ...sentence(name))));
    const names = [...this.head.children].map((cell) => cell.textContent);
    const rows = this.chosen.map(([[way, outcome, ...cells]], i) => {
      const row = make(
        "tr",
        { class: outcome.replace(" ", "-"), role: "row" },
        make("th", { scope: "row", role: "rowheader" }, way),
        make("td", { class: "outcome", role: "cell" }, `${SIGNS[outcome]} ${outcome}`),
        ...cells.map((cell, i) => make("td", { role: "cell", "data-column": names[i + 2] }, cell)),
      );
      if (i === this.way) row.setAttribute("aria-current", "true");
      row.addEventListener("click", () => this.choose(i));
      return row;
    });
    this.body.replaceChildren(...rows);
    const [[way, outcome], code, why] = this.chosen[this.way];
    this.code.replaceChildren(make("code", {}, code));
    const said = `${SIGNS[outcome]} \`${way}\`, ${outcome}: ${why || this.meanings[outcome]}`;
    this.says.replaceChildren(...sentence(said));
  }

  choose(way) {
    this.way = way;
    [...this.root.querySelectorAll("select")].at(-1).selectedIndex = way;
    this.show();
  }
}

autogradCore.kinds.playground = (root, data) => new Playground(root, data);
