// Puts the SVG itself in the place of its image, so that it follows the theme of the page. In a
// narrow pane it shrinks only as far as its words can still be read; a tall one gets a window to
// scroll in, which opens on what matters: the trouble, else what has changed or was made last. Where
// the picture goes on beyond its pane, it fades.
for (const image of document.querySelectorAll(".autograd-picture > :is(img, svg)")) {
  let svg = image; // in a handout it stands in the page already
  if (image.matches("img")) {
    const text = decodeURIComponent(image.src.slice(image.src.indexOf(",") + 1));
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    svg = document.importNode(parsed, true);
    // It brings no more rules than it needs, in their order: they must not mix with another's.
    const own = `only-${(window.autogradPictures = (window.autogradPictures ?? 0) + 1)}`;
    const style = svg.querySelector("style");
    style.textContent = style.textContent.replace(/\.agc(?![\w-])/g, `.agc.${own}`);
    svg.classList.add(own);
  }
  const width = svg.getAttribute("width");
  svg.style.maxWidth = "none";
  svg.style.width = `clamp(${0.75 * width}px, 100%, ${width}px)`;
  const pane = document.createElement("div");
  pane.className = "agc-window";
  pane.style.cssText = "overflow: auto; max-height: max(40em, 85vh)";
  image.replaceWith(pane);
  pane.append(svg);
  if (pane.scrollHeight > pane.clientHeight || pane.scrollWidth > pane.clientWidth) {
    pane.tabIndex = 0; // so that a keyboard can scroll it
    pane.setAttribute("role", "group");
    pane.setAttribute("aria-label", "Picture");
    const last = (...words) =>
      [...svg.querySelectorAll(words.map((word) => `[data-is~="${word}"]`))].at(-1);
    const matters = last("raised", "broken") ?? last("changed") ?? last("new");
    const below = matters?.getBoundingClientRect().bottom - pane.getBoundingClientRect().bottom;
    if (below > 0) pane.scrollTop = below + pane.clientHeight / 3;
  }
  const fade = () => {
    const more = {
      "to left": pane.scrollWidth - pane.clientWidth - pane.scrollLeft,
      "to right": pane.scrollLeft,
      "to top": pane.scrollHeight - pane.clientHeight - pane.scrollTop,
      "to bottom": pane.scrollTop,
    };
    const fading = Object.keys(more).filter((towards) => more[towards] > 1);
    const masks = fading.map((towards) => `linear-gradient(${towards}, #0003, #000 2.5em)`);
    pane.style.mask = masks.join();
    pane.style.maskComposite = "intersect";
  };
  pane.addEventListener("scroll", fade);
  new ResizeObserver(fade).observe(pane);
  addEventListener("beforeprint", () => pane.style.removeProperty("mask"));
  addEventListener("afterprint", fade);
}
