// Holds the page still for its picture and tells how high it is.
async () => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `*, *::before, *::after { animation: none !important; transition: none !important;
      caret-color: transparent !important; scroll-behavior: auto !important; }`,
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
  const root = document.documentElement;
  const body = document.body;
  return Math.max(root ? root.scrollHeight : 0, body ? body.scrollHeight : 0, innerHeight);
}
