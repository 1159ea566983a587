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
const drawing = (text) => {
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  svg.querySelector("style")?.remove();
  svg.style.setProperty("--width", `${svg.getAttribute("width")}px`);
  return document.importNode(svg, true);
};
const unframe = (image) => {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (letter) => letter.charCodeAt(0));
  return drawing(new TextDecoder().decode(bytes));
};

// Scroll the area that some elements stand in, and nothing else, until they are in view: all of
// them if they fit, else the first. `across` is for what may be scrolled sideways too.
const reveal = (area, elements, { across = false } = {}) => {
  if (area.scrollHeight <= area.clientHeight && area.scrollWidth <= area.clientWidth) return;
  const boxes = elements.map((element) => element.getBoundingClientRect());
  if (!boxes.length) return;
  const frame = area.getBoundingClientRect();
  const margin = 8;
  const move = (start, end, from, room) => {
    const first = Math.min(...boxes.map((box) => box[start])) - margin - frame[from];
    const last = Math.max(...boxes.map((box) => box[end])) + margin - frame[from];
    return first < 0 || last - first > room ? first : Math.max(0, last - room);
  };
  area.scrollTop += move("top", "bottom", "top", area.clientHeight);
  if (across) area.scrollLeft += move("left", "right", "left", area.clientWidth);
};
