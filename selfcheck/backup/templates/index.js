"use strict";
const items = [...document.querySelectorAll("li[data-words]")];
document.getElementById("search").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase().match(/[\p{L}\p{N}_]+/gu) || [];
  let shown = 0;
  for (const item of items) {
    const hit = wanted.every((word) => item.dataset.words.includes(word));
    item.hidden = !hit;
    shown += hit;
  }
  document.getElementById("count").textContent = wanted.length ? shown + " of " + items.length : "";
});
