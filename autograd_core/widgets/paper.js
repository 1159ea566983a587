// On paper there are no steps to go through: every sentence is printed, with a picture after each
// step on which the story turns. It is made when the page is about to be printed, and thrown away.

const printed = new Set();

// Leaves out the room at the bottom that only later steps need.
const crop = (picture, player, shown) => {
  const frame = player.picture.getBoundingClientRect();
  const { x, width, height } = player.picture.viewBox.baseVal;
  const boxes = [...player.picture.querySelectorAll(".storage, .node, .error")];
  const bottoms = boxes
    .filter((box) => shown[box.dataset.id] != null)
    .map((box) => box.getBoundingClientRect().bottom - frame.top);
  if (!frame.height || !bottoms.length) return;
  const bottom = Math.min(height, Math.ceil((Math.max(...bottoms) * height) / frame.height) + 8);
  picture.setAttribute("viewBox", `${x} 0 ${width} ${bottom}`);
  picture.setAttribute("height", bottom);
};

const onPaper = (player) => {
  const items = player.steps.map(({ says, marks, key }, step) => {
    const item = make("li", {}, make("p", {}, ...sentence(says)));
    if (key && player.picture) {
      const picture = player.picture.cloneNode(true);
      const state = player.stateAt(step);
      paint(collect(picture), state, marks);
      crop(picture, player, state.shown);
      item.append(picture);
    }
    return item;
  });
  const lanes = player.lanes.cloneNode(true);
  lanes.querySelector(".labels")?.removeAttribute("transform");
  paint(collect(lanes), player.stateAt(player.steps.length - 1), {});
  const code = player.areas.code.firstElementChild.cloneNode(true);
  code.querySelector("[aria-current]")?.removeAttribute("aria-current");
  return make("div", { class: "paper" }, code, make("ol", {}, ...items), lanes);
};

addEventListener("beforeprint", () => {
  for (const player of printed) {
    if (!player.root.isConnected) printed.delete(player);
    else player.root.append(onPaper(player));
  }
});
addEventListener("afterprint", () => {
  for (const { root } of printed) root.querySelector(":scope > .paper")?.remove();
});
