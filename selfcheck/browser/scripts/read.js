// Reads what the page says, before anything is done to it for the picture.
({ limit }) => {
  const root = document.documentElement;
  const content = (name) =>
    [...document.getElementsByTagName("meta")]
      .filter((meta) => (meta.name || "").toLowerCase() === name)
      .map((meta) => meta.content);
  const robots = [...content("robots"), ...content("googlebot")];
  const canonical = document.querySelector('link[rel~="canonical" i]');
  const html = root ? root.outerHTML : "";
  const doctype = document.doctype ? `<!DOCTYPE ${document.doctype.name}>\n` : "";
  const shown = document.body || root;
  return {
    url: location.href,
    title: document.title || "",
    robots: robots.length ? robots.join(", ") : null,
    canonical: canonical ? canonical.href || canonical.getAttribute("href") : null,
    text: shown ? (shown.innerText ?? shown.textContent ?? "").slice(0, limit) : "",
    html: (doctype + html).slice(0, limit),
    cut: html.length > limit,
  };
}
