// Puts the SVG itself in the place of its image, so that it follows the theme of the page.
for (const image of document.querySelectorAll(".autograd-picture > img")) {
  const bytes = Uint8Array.from(atob(image.src.split(",")[1]), (letter) => letter.charCodeAt(0));
  const svg = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
  image.replaceWith(document.importNode(svg.documentElement, true));
}
