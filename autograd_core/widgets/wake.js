// Wakes the widgets of this page that are not awake yet. It stands in every output, and finds
// nothing to do when it runs again (JupyterLab runs it whenever it draws an output anew).
{
  const inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  };
  const append = (tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    document.head.append(element);
  };
  // The code of each version, once for the whole page.
  const known = (window.autogradCore ??= { kinds: {}, codes: {}, inflate });
  const load = async (name) => {
    const own = document.querySelector(`script[data-code="${name}"]:not(:empty)`);
    const { style, script } = await inflate(own.textContent);
    append("style", style);
    known.codes[name] = known.kinds = {};
    append("script", script);
    return known.codes[name];
  };
  for (const root of document.querySelectorAll(".autograd[data-kind]:not([data-ready])")) {
    root.dataset.ready = "no";
    const [code, data] = [...root.querySelectorAll(":scope > script")];
    const name = code.dataset.code;
    known.codes[name] ??= load(name);
    Promise.all([known.codes[name], inflate(data.textContent)]).then(([kinds, said]) => {
      kinds[root.dataset.kind](root, said);
      root.dataset.ready = "yes";
    });
  }
}
