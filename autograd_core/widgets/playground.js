// Choose a program and compare the ways of cutting it. Every program was run before; here the rows
// of its table are only looked up.

const QUESTIONS = ["Operation", "Write", "Order"];
const SIGNS = { fine: "✓", "error now": "✗", "error later": "✗", "silently wrong": "⚠" };

class Playground {
  constructor(root, { title, head, meanings, choices, rows }) {
    Object.assign(this, { root, meanings, choices, rows, picks: [] });
    const controls = make("div", { class: "controls" });
    QUESTIONS.slice(0, choices.length).forEach((question, i) => {
      controls.append(this.makeChoice(question, choices[i], (pick) => (this.picks[i] = pick)));
    });
    this.ways = rows[0].map(([[way]]) => way);
    this.way = 1;
    controls.append(this.makeChoice("Way of cutting", this.ways, (pick) => (this.way = pick), 1));

    this.body = make("tbody", { role: "rowgroup" });
    const column = { scope: "col", role: "columnheader" };
    const columns = head.map((name) => make("th", column, ...sentence(name)));
    this.columns = columns.map((column) => column.textContent);
    const caption = make("caption", {}, ...sentence(title));
    // In a narrow pane each row is a block, and is to be read out as a row all the same.
    const header = make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...columns));
    const table = make("table", { role: "table" }, caption, header, this.body);
    this.code = make("pre", { tabindex: 0, "aria-label": "The program" });
    this.says = make("p", { class: "says", role: "status" });
    const outcomes = scrollable("table", "Outcomes", table).parentElement;
    root.replaceChildren(controls, outcomes, this.code, this.says);
    this.show();
    // What is chosen here is no shortcut of the notebook's.
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

  // The rows of a choice: all choices are in the order of a counter, the last digit first.
  get chosen() {
    return this.rows[this.picks.reduce((at, pick, i) => at * this.choices[i].length + pick, 0)];
  }

  show() {
    const rows = this.chosen.map(([[way, outcome, ...cells]], i) => {
      const row = make(
        "tr",
        { class: outcome.replace(" ", "-"), role: "row" },
        make("th", { scope: "row", role: "rowheader" }, way),
        make("td", { class: "outcome", role: "cell" }, `${SIGNS[outcome]} ${outcome}`),
        ...cells.map((cell, column) =>
          make("td", { role: "cell", "data-column": this.columns[column + 2] }, cell),
        ),
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
