"use strict";
(() => {
  const HOUR = 3600e3;
  const ago = (text) => {
    const hours = (Date.now() - Date.parse(text)) / HOUR;
    if (hours < 0) return "";
    if (hours < 2) return "in the last two hours";
    return hours < 48 ? `${Math.floor(hours)} hours ago` : `${Math.floor(hours / 24)} days ago`;
  };
  const add = (element, text) => {
    if (!text) return;
    const words = document.createElement("span");
    words.className = "ago";
    words.textContent = ` (${text})`;
    element.append(words);
  };

  const made = document.querySelector("[data-made]");
  add(made.querySelector("time"), ago(made.dataset.made));
  for (const element of document.querySelectorAll("[data-at]")) add(element, ago(element.dataset.at));

  // A page on disk does not know how old it is: what has become too old since is no longer shown as current.
  const markStale = (section) => {
    const notice = section.querySelector(".later");
    if (!notice || Date.now() <= Date.parse(section.dataset.staleAt)) return false;
    notice.hidden = false;
    for (const element of [section.querySelector(".verdict"), document.querySelector(`[data-of="${section.id}"]`)]) {
      if (!element) continue;
      for (const toned of [element, element.querySelector(".pill")]) {
        toned.classList.remove("good", "bad", "warn");
        toned.classList.add("unclear");
      }
      element.querySelector(".pill").textContent = "Not known today";
    }
    for (const pill of section.querySelectorAll(".pages .pill")) {
      pill.classList.remove("good", "bad", "warn");
      pill.classList.add("unclear");
      pill.textContent = `Then: ${pill.textContent.toLowerCase()}`;
    }
    const heading = section.querySelector("h2");
    heading.textContent = `At the last check: ${heading.textContent}`;
    return true;
  };
  const stale = [...document.querySelectorAll(".profile")].filter(markStale);
  const heading = document.querySelector("h1:not(.quiet)");
  if (stale.length && heading) {
    heading.textContent = `When this page was made: ${heading.textContent}`;
  }

  const cursor = (plot) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const svg = plot.querySelector("svg");
    line.setAttribute("class", "cursor");
    line.setAttribute("y1", "0");
    line.setAttribute("y2", plot.dataset.left === "0" ? "100%" : "178");
    svg.append(line);
    const { left, right, days } = plot.dataset;
    return (place) => {
      const at = Number(left) + ((Number(right) - Number(left)) * (place + 0.5)) / Number(days);
      line.setAttribute("x1", `${at}%`);
      line.setAttribute("x2", `${at}%`);
    };
  };

  const pick = (section) => {
    const picker = section.querySelector(".picker");
    const range = picker.querySelector("input");
    const rows = [...section.querySelectorAll(".numbers tbody tr")].reverse();
    const first = Number(range.max) + 1 - rows.length;
    let move = null;
    const describe = (place) => {
      const row = rows[place - first];
      if (!row) return "Before the first day with any data.";
      const cells = [...row.cells].slice(1).map((cell) => `${cell.dataset.label.toLowerCase()} ${cell.textContent}`);
      return `${row.cells[0].textContent}: ${cells.join(", ").replace(/^result /, "")}`;
    };
    const update = () => {
      move ??= [...section.querySelectorAll(".plot")].map(cursor);
      for (const to of move) to(Number(range.value));
      picker.querySelector("output").textContent = describe(Number(range.value));
      range.setAttribute("aria-valuetext", describe(Number(range.value)));
    };
    range.addEventListener("input", update);
    picker.querySelector("output").textContent = describe(Number(range.value));
    range.setAttribute("aria-valuetext", describe(Number(range.value)));
    for (const plot of section.querySelectorAll(".plot")) {
      plot.addEventListener("pointerdown", (event) => point(plot, event));
      plot.addEventListener("pointermove", (event) => point(plot, event));
    }
    const point = (plot, event) => {
      const box = plot.getBoundingClientRect();
      const { left, right, days } = plot.dataset;
      const share = (100 * (event.clientX - box.left)) / box.width;
      const place = Math.floor(((share - Number(left)) / (Number(right) - Number(left))) * Number(days));
      if (place < 0 || place >= Number(days)) return;
      range.value = place;
      update();
    };
    picker.hidden = false;
  };
  for (const section of document.querySelectorAll(".profile")) pick(section);
})();
