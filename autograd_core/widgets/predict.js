// A question, answered by clicking or typing. Whatever the answer, the run then opens at the step
// that shows what is right.

// The numbers in a text: "[0.5, nan]", "0.5 nan", "tensor([0.5000, nan])". Null for another text.
const numbersIn = (text) => {
  const words = text.toLowerCase().replace(/tensor/g, "").split(/[\s,;()[\]]+/).filter(Boolean);
  const known = { nan: NaN, inf: Infinity, "+inf": Infinity, "-inf": -Infinity };
  const found = words.map((word) => known[word] ?? Number(word));
  return found.every((number, i) => words[i] in known || !Number.isNaN(number)) ? found : null;
};

// As many digits as anybody would type: to 1 in 100, and near zero to 5 in 10,000.
const near = (typed, right) =>
  Object.is(typed, right) ||
  typed === right ||
  Math.abs(typed - right) <= Math.max(0.0005, 0.01 * Math.abs(right));

const LONG = 12; // letters: of choices that are longer, each has a line of its own

class Prediction {
  constructor(root, { asks, choices, text, numbers, step, why, player }) {
    Object.assign(this, { root, choices, text, step, why });
    this.numbers = numbers?.map((number) => numbersIn(number)[0]);
    const run = root.querySelector(".run");
    this.player = make("div", { class: "autograd autograd-player", hidden: "" });
    this.player.dataset.ready = "yes";
    this.player.append(...run.childNodes);
    this.open = () => printed.add(new Player(this.player, player));

    this.verdict = make("p", { class: "verdict", role: "status" });
    const legend = make("legend", {}, make("strong", {}, "Predict. "), ...sentence(asks));
    const check = make("button", { type: "submit" }, "Check");
    const inside = choices.length ? this.makeChoices() : [this.makeField(asks)];
    const long = choices.some((choice) => choice.length > LONG);
    const kind = long ? { class: "stacked" } : {};
    this.form = make("form", {}, make("fieldset", kind, legend, ...inside, check));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.check();
    });
    this.form.addEventListener("input", () => this.say("", ""));
    // What is typed here is no shortcut of the notebook's.
    this.form.dataset.lmSuppressShortcuts = "true";
    this.form.addEventListener("keydown", (event) => event.stopPropagation());
    root.replaceChildren(this.form, this.verdict, this.player);
  }

  makeChoices() {
    const group = `prediction-${(Prediction.count = (Prediction.count ?? 0) + 1)}`;
    return this.choices.map((choice) => {
      const radio = make("input", { type: "radio", name: group, value: choice });
      return make("label", {}, radio, make("code", {}, choice));
    });
  }

  makeField(asks) {
    const label = asks.replaceAll("`", "");
    const attributes = { type: "text", autocomplete: "off", spellcheck: "false" };
    this.field = make("input", { ...attributes, "aria-label": label });
    return this.field;
  }

  check() {
    const right = this.choices.length ? this.isChosen() : this.isTyped();
    if (right === null) return;
    if (right) this.say("right", `Right! ${this.why}`);
    else this.say("wrong", `Not yet. Step ${this.step + 1} shows why: ${this.why}`);
    if (this.player.hidden) {
      this.player.hidden = false;
      this.open();
    }
  }

  isChosen() {
    const chosen = this.form.querySelector("input:checked");
    if (!chosen) return this.ask("Choose an answer first.");
    return chosen.value === this.text;
  }

  isTyped() {
    const typed = this.field.value.trim();
    if (!typed) return this.ask("Type an answer first.");
    if (typed.toLowerCase() === "none") return this.text === "None";
    const numbers = numbersIn(typed);
    if (!numbers?.length) return this.ask("Type numbers with a blank or a comma between them, or None.");
    if (!this.numbers) return false;
    const few = numbers.length === 1 && this.numbers.every((number) => near(numbers[0], number));
    const all = numbers.length === this.numbers.length;
    return few || (all && numbers.every((number, i) => near(number, this.numbers[i])));
  }

  ask(what) {
    this.say("", what);
    return null;
  }

  // In colour, by a sign, and in words.
  say(kind, text) {
    this.verdict.className = `verdict ${kind}`;
    const sign = { right: "✓ ", wrong: "✗ " }[kind] ?? "";
    this.verdict.replaceChildren(sign, ...sentence(text));
  }
}

autogradCore.kinds.predict = (root, data) => new Prediction(root, data);
