// Puts the SVG itself in the place of its image, so that it follows the theme of the page. In a narrow
// pane it shrinks only as far as its words can still be read.
for (const image of document.querySelectorAll(".autograd-picture > img")) {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (letter) => letter.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  const width = svg.getAttribute("width");
  svg.style.maxWidth = "none";
  svg.style.width = `clamp(${0.75 * width}px, 100%, ${width}px)`;
  image.replaceWith(document.importNode(svg, true));
}
