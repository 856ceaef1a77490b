// What only a document can try: frames, workers, forms, links, prefetching, reports, GraphQL in addresses.
const attempt = (name, work) => {
  try {
    Promise.resolve(work(`bad.${name}`)).catch(() => 0);
  } catch {
    // Refused at once.
  }
};
const add = (tag, fields, parent = document.body) => {
  const element = Object.assign(document.createElement(tag), fields);
  parent.append(element);
  return element;
};
const framed = (place) => `<script>${CONSTANTS}${tryEverything};tryEverything(${JSON.stringify(place)})<\/script>`;
const worked = (place) =>
  `const PLACE=${JSON.stringify(place)};${CONSTANTS}const CONSTANTS=${JSON.stringify(CONSTANTS)};${tryEverything};${WORKER}`;
const asBlob = (text, type) => URL.createObjectURL(new Blob([text], { type }));

function tryDocuments() {
  add("iframe", { srcdoc: framed("srcdoc") });
  add("iframe", { src: asBlob(framed("blob-frame"), "text/html") });
  add("iframe", { src: `data:text/html,${encodeURIComponent(framed("data-frame"))}` });
  add("iframe", { src: `javascript:${JSON.stringify(framed("javascript-frame"))}` });
  add("iframe", { src: `${ORIGIN}/frame.html` });
  add("iframe", { src: `${ORIGIN}/frame.xhtml` });
  add("iframe", { src: `${ORIGIN}/frame.svg` });
  add("object", { data: `${ORIGIN}/frame.html?object` });
  // A frame that is used at once, before anything of its own has run.
  const bare = add("iframe", {}).contentWindow;
  bare.eval(`${CONSTANTS}${tryEverything};tryEverything("bare-frame")`);
  const written = add("iframe", {}).contentDocument;
  written.open();
  written.write(framed("written-frame"));
  written.close();
  const inner = add("iframe", {});
  inner.contentDocument.body.append(inner.contentDocument.createElement("iframe"));
  inner.contentWindow.frames[0].eval(`${CONSTANTS}${tryEverything};tryEverything("nested-frame")`);
  attempt("popup", () => window.open(`${ORIGIN}/bad.popup`));
  attempt("popup-blank", () => window.open("about:blank").eval(`${CONSTANTS}${tryEverything};tryEverything("popup-blank")`));
  attempt("popup-noopener", () => window.open(`${ORIGIN}/bad.popup-noopener`, "_blank", "noopener"));
  attempt("popup-blob", () => window.open(asBlob(framed("popup-blob"), "text/html")));
}

function tryWorkers() {
  const kinds = { worker: Worker, shared: window.SharedWorker };
  for (const [name, Kind] of Object.entries(kinds)) {
    for (const type of ["classic", "module"]) {
      const place = `${name}-${type}`;
      if (!FULL && place === "shared-module") continue;
      attempt(place, () => new Kind(`${ORIGIN}/worker.js?${place}`, { type, name: place }));
      attempt(place, () => new Kind(asBlob(worked(`blob-${place}`), "text/javascript"), { type, name: `b${place}` }));
      const data = `data:text/javascript,${encodeURIComponent(worked(`data-${place}`))}`;
      attempt(place, () => new Kind(data, { type, name: `d${place}` }));
    }
  }
  attempt("service-worker", async () => {
    const there = await navigator.serviceWorker.register(`${ORIGIN}/sw.js?bad.service-worker`);
    await there.backgroundFetch.fetch("x", [`${ORIGIN}/bad.background-fetch`]);
    await there.sync.register("x");
  });
  attempt("service-worker-frame", () => {
    const scope = add("iframe", {}).contentWindow;
    return scope.navigator.serviceWorker.register(`${ORIGIN}/sw.js?bad.service-worker-frame`);
  });
}

function trySending() {
  attempt("beacon", (mark) => navigator.sendBeacon(`${ORIGIN}/${mark}`, "x"));
  attempt("beacon-empty", (mark) => navigator.sendBeacon(`${ORIGIN}/${mark}`));
  attempt("beacon-leaving", (mark) => addEventListener("pagehide", () => navigator.sendBeacon(`${ORIGIN}/${mark}`, "x")));
  attempt("fetch-later", (mark) => fetchLater(`${ORIGIN}/${mark}`, { method: "POST", body: "x", activateAfter: 0 }));
  attempt("ping", (mark) => add("a", { href: "#", ping: `${ORIGIN}/${mark}` }).click());
  for (const enctype of ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]) {
    for (const target of ["_blank", "sink"]) {
      const form = add("form", { method: "post", enctype, target, action: `${ORIGIN}/bad.form-${target}-${enctype.replaceAll(/\W/g, "-")}` });
      add("iframe", { name: "sink" });
      attempt("form", () => form.submit());
    }
  }
  attempt("attribution-image", (mark) => { add("img", {}).setAttribute("attributionsrc", `${ORIGIN}/${mark}`); });
  attempt("attribution-link", (mark) => {
    const link = add("a", { href: "#" });
    link.setAttribute("attributionsrc", `${ORIGIN}/${mark}`);
    link.click();
  });
  attempt("identity", (mark) =>
    navigator.credentials.get({ identity: { providers: [{ configURL: `${ORIGIN}/${mark}`, clientId: "1" }] }, mediation: "silent" }));
  attempt("payment", (mark) => new PaymentRequest([{ supportedMethods: `${ORIGIN}/${mark}` }], { total: { label: "x", amount: { currency: "EUR", value: "1" } } }).canMakePayment());
  attempt("auction", (mark) => navigator.joinAdInterestGroup({ owner: ORIGIN, name: "x", updateURL: `${ORIGIN}/${mark}` }, 60));
  attempt("installed", () => navigator.getInstalledRelatedApps());
  for (const tag of ["video", "audio"]) attempt(tag, (mark) => add(tag, { src: `${ORIGIN}/${mark}`, autoplay: true, preload: "auto" }));
}

function tryAhead() {
  for (const rel of ["prefetch", "prerender", "next prefetch"])
    attempt("link", () => add("link", { rel, href: `${ORIGIN}/bad.link-${rel.replace(" ", "-")}` }, document.head));
  attempt("link-document", () => add("link", { rel: "prefetch", as: "document", href: `${ORIGIN}/bad.link-document` }, document.head));
  attempt("dictionary", (mark) => add("link", { rel: "compression-dictionary", href: `${ORIGIN}/${mark.replace("bad", "ok")}` }, document.head));
  const rules = (name) =>
    JSON.stringify({
      prefetch: [{ urls: [`${ORIGIN}/bad.rules-${name}`], eagerness: "immediate" }],
      prerender: [{ urls: [`${ORIGIN}/bad.rules-${name}-drawn`], eagerness: "immediate" }],
    });
  const script = (name, within = document) => {
    const made = within.createElement("script");
    made.type = "speculationrules";
    made.textContent = rules(name);
    return made;
  };
  attempt("rules", () => document.head.append(script("head")));
  attempt("rules", () => document.documentElement.append(script("root")));
  attempt("rules", () => {
    const late = document.createElement("script");
    late.textContent = rules("late");
    document.body.append(late);
    const other = document.createElement("script");
    other.textContent = rules("case");
    other.setAttribute("type", " SpeculationRules ");
    document.body.append(other);
  });
  attempt("rules", () => {
    const empty = document.createElement("script");
    empty.type = "speculationrules";
    document.body.append(empty);
    empty.append(rules("filled"));
  });
  attempt("rules", () => add("div", {}).attachShadow({ mode: "closed" }).append(script("shadow")));
  attempt("rules", () => {
    const away = add("iframe", {}).contentDocument;
    away.body.append(script("frame", away));
    document.body.append(script("adopted", away));
  });
  attempt("rules", () => add("iframe", { srcdoc: script("srcdoc").outerHTML }));
  attempt("rules", () => {
    const range = document.createRange();
    document.body.append(range.createContextualFragment(script("fragment").outerHTML));
  });
  attempt("rules", () => add("div", {}).setHTMLUnsafe(`<div><template shadowrootmode=open>${script("declared").outerHTML}</template></div>`));
  attempt("rules", () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const made = document.createElementNS("http://www.w3.org/2000/svg", "script");
    made.setAttribute("type", "speculationrules");
    made.textContent = rules("svg");
    svg.append(made);
    document.body.append(svg);
  });
  attempt("rules", () => {
    // Quick: it is gone again before an observer hears of it.
    const quick = script("quick");
    document.body.append(quick);
    quick.remove();
    document.body.append(quick);
  });
}

const MUTATION = "mutation{bad}";
const STORED = '{"persistedQuery":{"version":1,"sha256Hash":"bad"}}';
function graphqlAddresses() {
  const asked = `query=${encodeURIComponent(MUTATION)}`;
  const paths = ["/graphql", "/graphql/", "/graphql;x", "/graphql;a=b/", "/GraphQL", "/%67raphql", "/%2567raphql", "/%252567raphql", "//graphql",
    "/./graphql", "/x/../graphql", "/x/%2e%2e/graphql", "/x%2f..%2fgraphql", "/graphql%2f", "/graphql%3Bx", "/graphql/.", "/%2Fgraphql",
    "/graphql%20", "/graphql%00", "/graphql.", "\\graphql", "/graphql/bad", "/x/..;/graphql", "/graphql%23", "/graphql%3f"];
  const wanted = paths.map((path) => `${path}?${asked}`);
  for (const query of [
    `query=%7Ba%7D&${asked}`, `extensions=${encodeURIComponent(STORED)}`, `operationName=bad`, `Query=${encodeURIComponent(MUTATION)}`,
    `query=${encodeURIComponent(encodeURIComponent(MUTATION))}`, `query=%7Ba%7D;${asked}`, `query[]=${encodeURIComponent(MUTATION)}`,
    `query=${encodeURIComponent(`query A{a} ${MUTATION}`)}&operationName=B`, `batch=${encodeURIComponent(`[{"query":"${MUTATION}"}]`)}`,
    `query=${encodeURIComponent(`[{"query":"${MUTATION}"}]`)}`, encodeURIComponent(`{"query":"${MUTATION}"}`), "id=bad", `query=&${asked}`,
    `query=${encodeURIComponent("subscription{bad}")}`, `q%75ery=${encodeURIComponent(MUTATION)}`, `query=${encodeURIComponent(`\ufeff,,#x\n${MUTATION}`)}`,
    `variables=%7B%7D&${asked}`, `query%00=${encodeURIComponent(MUTATION)}`, `query=%7Ba%7D%00&${asked}`,
  ])
    wanted.push(`/graphql?${query}`);
  wanted.push(`/elsewhere?${asked}`, `/graphql?query=query%7Bok%7D#${asked}`);
  return wanted.map((address) => `${ORIGIN}${address}`);
}

function tryGraphql() {
  graphqlAddresses().forEach((address, number) => {
    const sorts = [
      () => add("img", { src: address }),
      () => add("script", { src: address }),
      () => add("iframe", { src: address }),
      () => add("link", { rel: "stylesheet", href: address }),
      () => fetch(address).catch(() => 0),
      () => add("object", { data: address }),
      () => document.fonts.add(new FontFace(`f${number}`, `url("${address}")`)) && [...document.fonts].at(-1).load().catch(() => 0),
    ];
    // In full every address by every sort; otherwise one each, in turn, and all by pictures.
    const chosen = FULL ? sorts : [sorts[0], sorts[number % sorts.length]];
    for (const sort of chosen) attempt("graphql", sort);
  });
  const body = `{"query":"{a(b:\\"&query=${MUTATION}&\\")}"}`;
  for (const type of ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql", "application/json; charset=utf-7"])
    attempt("graphql-form", () => fetch(`${ORIGIN}/graphql`, { method: "POST", headers: { "Content-Type": type }, body: body }));
  for (const sent of [{ query: MUTATION }, JSON.parse(`{"extensions":${STORED}}`), [{ query: "{a}" }, { query: MUTATION }]])
    attempt("graphql-post", () => fetch(`${ORIGIN}/graphql`, { method: "POST", body: JSON.stringify(sent) }));
}

function tryReports() {
  // The header's policies report to its endpoints what breaks them.
  add("img", { src: `${ORIGIN}/refused-by-policy.png` });
  add("meta", { httpEquiv: "Content-Security-Policy-Report-Only", content: `img-src 'none'; report-uri ${ORIGIN}/bad.report-uri-meta` }, document.head);
  attempt("deprecated", () => { const sync = new XMLHttpRequest(); sync.open("GET", `${ORIGIN}/ok.sync`, false); sync.send(); });
  attempt("certificate", () => fetch(`${ORIGIN}/nel-error`));
}

tryEverything("page");
for (const work of [tryDocuments, tryWorkers, trySending, tryAhead, tryGraphql, tryReports]) {
  try {
    work();
  } catch (error) {
    fetch(`${ORIGIN}/broken.${work.name}?${encodeURIComponent(error)}`);
  }
}
fetch(`${ORIGIN}/ok.all-tried`);
// Only now may the page be closed: what was asked for has had its time to arrive.
setTimeout(() => add("p", { id: "tried", textContent: "tried" }), FULL ? 5000 : 1500);
