"use strict";
(() => {
  // Progress: the server sends the texts that change; each goes into the element that is named for it.
  for (const box of document.querySelectorAll("[data-events]")) {
    const source = new EventSource(box.dataset.events);
    source.addEventListener("message", (event) => {
      const { texts, ended } = JSON.parse(event.data);
      for (const [name, text] of Object.entries(texts)) {
        const element = box.querySelector(`[data-live="${name}"]`);
        if (element && element.textContent !== text) element.textContent = text;
      }
      if (ended) {
        source.close();
        location.reload();
      }
    });
  }

  // Length: counted as a form's own limit counts it, by UTF-16 units; the last line break does not count.
  for (const area of document.querySelectorAll("textarea[data-counts]")) {
    const output = document.getElementById(area.dataset.counts);
    const limit = Number(area.dataset.limit);
    const count = () => {
      const length = area.value.replace(/\n+$/, "").length;
      const over = limit && length > limit ? `; ${length - limit} too many` : "";
      output.textContent = limit ? `${length} of at most ${limit} characters${over}` : `${length} characters; the form's limit is not known`;
    };
    area.addEventListener("input", count);
  }

  // Copy: a button for it appears only where the browser can.
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.textContent);
      button.textContent = "Copied";
    });
  }
  for (const button of document.querySelectorAll("button[data-copies]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
      button.textContent = "Copied";
    });
  }
})();
