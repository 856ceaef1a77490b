tryEverything(PLACE);
// A worker of its own, from a blob and a data address; in short only by one of each kind.
if (!PLACE.includes("nested") && typeof Worker === "function" && (FULL || ["worker-classic", "blob-worker-classic"].includes(PLACE))) {
  const source = `const PLACE = ${JSON.stringify(`nested-${PLACE}`)};${tryEverything};${CONSTANTS}tryEverything(PLACE);`;
  try { new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))); } catch {}
  try { new Worker(`data:text/javascript,${encodeURIComponent(source.replace("nested-", "nested-data-"))}`); } catch {}
}
