// Covers what is private in a closed shadow root or the document of a frame (`this`), where the page's own script
// cannot look from outside.
function (masked) {
  const within = (place, selector) => [
    ...place.querySelectorAll(selector),
    ...[...place.querySelectorAll("*")].flatMap((one) => (one.shadowRoot ? within(one.shadowRoot, selector) : [])),
  ];
  const paint = (element, styles) =>
    Object.entries(styles).forEach(([name, value]) => element.style && element.style.setProperty(name, value, "important"));
  for (const element of new Set(masked.flatMap((selector) => within(this, selector)))) {
    paint(element, { filter: "none", "background-color": "#9a938a", "background-image": "none", color: "transparent" });
    for (const part of element.querySelectorAll("*")) paint(part, { opacity: "0", visibility: "hidden" });
    // Its own text may be drawn by shadows and strokes too, and a picture covers its own background.
    if (element.style) element.style.setProperty("content-visibility", "hidden", "important");
    if (/^(IMG|VIDEO|CANVAS|SVG|INPUT|TEXTAREA|OBJECT|EMBED)$/i.test(element.tagName)) paint(element, { opacity: "0" });
  }
}
