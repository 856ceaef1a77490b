"use strict";
(() => {
  const dialog = document.querySelector("dialog");
  const large = dialog.querySelector("img");
  const other = dialog.querySelector(".other");
  let shown = null;

  const partner = (link) =>
    [...link.closest(".pair").querySelectorAll(".zoom")].find((one) => one !== link);

  const show = (link) => {
    const preview = link.querySelector("img");
    shown = link;
    large.src = preview.src;
    large.alt = preview.alt;
    dialog.querySelector("h2").textContent = link.dataset.heading;
    other.hidden = !partner(link);
    // The original lies beside the report; where it does not (a report sent by mail), the preview stays.
    const original = new Image();
    original.onload = () => { if (shown === link) large.src = original.src; };
    original.src = link.href;
  };

  for (const link of document.querySelectorAll(".zoom")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") { event.preventDefault(); link.click(); }
    });
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link);
      dialog.showModal();
      dialog.querySelector(".dialog-body").scrollTop = 0;
    });
  }
  // Copy: where the browser refuses (a page from disk is not always trusted), the command is selected instead.
  for (const button of document.querySelectorAll(".copy")) {
    const command = button.previousElementSibling;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(command);
        button.textContent = "Selected";
      }
    });
  }

  other.addEventListener("click", () => show(partner(shown)));
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => { shown = null; });

  const buildWipe = (details, anonymous, author) => {
    const stage = document.createElement("div");
    stage.className = "stage";
    const below = author.cloneNode();
    const over = document.createElement("div");
    over.className = "over";
    over.append(anonymous.cloneNode());
    stage.append(below, over);
    const label = document.createElement("label");
    label.className = "slider";
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 100, value: 50 });
    range.setAttribute("aria-label", "How much of the public view lies over the author's view");
    const tell = () => {
      stage.style.setProperty("--at", `${range.value}%`);
      range.setAttribute("aria-valuetext", `${range.value} % public view`);
    };
    range.addEventListener("input", tell);
    label.append("The author's view", range, "The public view");
    details.append(label, stage);
    tell();
  };

  for (const details of document.querySelectorAll(".wipe")) {
    const pictures = details.previousElementSibling.querySelectorAll(".zoom img");
    if (pictures.length !== 2) continue;
    details.hidden = false;
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector(".stage")) buildWipe(details, ...pictures);
    });
  }
})();
