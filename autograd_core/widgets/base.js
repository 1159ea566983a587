// What every widget builds with.

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

// A sentence: what stands between backticks is code.
const sentence = (says) =>
  says.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));

// "`a`, `b` and `c`"
const listing = (words) =>
  words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("");

// An SVG as a part of the page, so that it follows the theme and can change. The style that it
// brings for viewers without scripts is on the page already.
const drawing = (svg) => {
  svg.querySelector("style")?.remove();
  svg.style.setProperty("--width", `${svg.getAttribute("width")}px`);
  return svg;
};
const parsed = (text) =>
  document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
// From an image, or as a handout has it: in the page.
const unframe = (image) =>
  drawing(image.matches("svg") ? image : parsed(decodeURIComponent(image.src.replace(/.*?,/, ""))));

// A part that may be larger than its place. A keyboard can only scroll what it can get to; where
// there is more to be seen, that edge lies in a shadow.
const scrollable = (name, label, ...inside) => {
  const attributes = { role: "group", "aria-label": label, tabindex: 0 };
  const area = make("div", { class: `${name} scroll`, ...attributes }, ...inside);
  const frame = make("div", { class: "frame" }, area);
  const look = () => {
    const right = area.scrollWidth - area.clientWidth - area.scrollLeft;
    const bottom = area.scrollHeight - area.clientHeight - area.scrollTop;
    const more = { left: area.scrollLeft, right, top: area.scrollTop, bottom };
    frame.dataset.more = Object.keys(more).filter((side) => more[side] > 1).join(" ");
  };
  area.addEventListener("scroll", look);
  const watch = new ResizeObserver(look);
  for (const element of [area, ...area.children]) watch.observe(element);
  return area;
};

// Scroll the area that some elements stand in, and nothing else, until they are in view: all of
// them if they fit, else the first. `across` is for what may be scrolled sideways too; `covered`
// says how much of its left side something else lies over.
const reveal = (area, elements, { across = false, covered = 0 } = {}) => {
  if (area.scrollHeight <= area.clientHeight && area.scrollWidth <= area.clientWidth) return;
  const boxes = elements.map((element) => element.getBoundingClientRect());
  if (!boxes.length) return;
  const frame = area.getBoundingClientRect();
  const move = (start, end, before, room) => {
    const margin = 8;
    const first = Math.min(...boxes.map((box) => box[start])) - margin - before;
    const last = Math.max(...boxes.map((box) => box[end])) + margin - before;
    return first < 0 || last - first > room ? first : Math.max(0, last - room);
  };
  area.scrollTop += move("top", "bottom", frame.top, area.clientHeight);
  if (across) {
    area.scrollLeft += move("left", "right", frame.left + covered, area.clientWidth - covered);
  }
};
