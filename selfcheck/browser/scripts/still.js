// Holds the page still for its picture, covers what is private, and tells how high it is.
async ({ masked }) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `*, *::before, *::after { animation: none !important; transition: none !important;
      caret-color: transparent !important; scroll-behavior: auto !important; }` +
      // By rules, so that what the page draws again is not shown either.
      masked.map((one) => `${one} { opacity: 0 !important } ${one}, ${one} * { visibility: hidden !important }`).join(" "),
  );
  try {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  } catch {
    // A document that is not HTML has no style sheets, and nothing that moves.
  }
  scrollTo(0, 0);
  const frame = () =>
    new Promise((done) => {
      setTimeout(done, 100);
      requestAnimationFrame(done);
    });
  await frame();
  await frame();
  // What closed shadow roots and frames hold is hidden by `cover.js`, which gets them from the browser itself.
  // The elements themselves are hidden, whatever the page's own styles say; the boxes show that something was there.
  const within = (place, selector) => [
    ...place.querySelectorAll(selector),
    ...[...place.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? within(one.shadowRoot, selector) : [])),
  ];
  const root = document.documentElement;
  if (root && masked.length) {
    const cover = document.createElementNS("http://www.w3.org/1999/xhtml", "div");
    const paint = (element, styles) =>
      Object.entries(styles).forEach(([name, value]) => element.style.setProperty(name, value, "important"));
    const place = { position: "absolute", "z-index": "2147483647", margin: "0", padding: "0", border: "0" };
    paint(cover, { all: "initial", ...place, left: "0", top: "0", width: "0", height: "0" });
    for (const element of new Set(masked.flatMap((selector) => within(document, selector)))) {
      const box = element.getBoundingClientRect();
      for (const part of [element, ...element.querySelectorAll("*")])
        if (part.style) paint(part, { opacity: "0", visibility: "hidden" });
      if (!box.width || !box.height) continue;
      const patch = document.createElementNS("http://www.w3.org/1999/xhtml", "div");
      const at = { left: `${box.left + scrollX}px`, top: `${box.top + scrollY}px` };
      const size = { width: `${box.width}px`, height: `${box.height}px` };
      paint(patch, { all: "initial", ...place, ...at, ...size, display: "block", background: "#9a938a" });
      cover.append(patch);
    }
    root.append(cover);
  }
  const body = document.body;
  return Math.max(root ? root.scrollHeight : 0, body ? body.scrollHeight : 0, innerHeight);
}
