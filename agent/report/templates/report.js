"use strict";
(() => {
  const cases = [...document.querySelectorAll("details.case")];
  const search = document.getElementById("search");
  const shown = document.querySelectorAll("[data-shown]");
  const none = document.getElementById("none");
  const light = document.getElementById("light");
  const chosen = { status: new Set(), path: new Set() };

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of cases) {
      const { status, path, q } = one.dataset;
      const fits = (!chosen.status.size || chosen.status.has(status))
        && (!chosen.path.size || chosen.path.has(path))
        && words.every((word) => q.includes(word));
      one.hidden = !fits;
      if (fits) count += 1;
    }
    for (const place of shown) place.textContent = String(count);
    none.hidden = count > 0;
  }

  for (const chip of document.querySelectorAll("button[data-filter]")) {
    chip.addEventListener("click", () => {
      const on = chip.getAttribute("aria-pressed") !== "true";
      chip.setAttribute("aria-pressed", String(on));
      const set = chosen[chip.dataset.filter];
      if (on) set.add(chip.dataset.value); else set.delete(chip.dataset.value);
      filter();
    });
  }
  search.addEventListener("input", filter);

  // Pictures wait in a template, so that a long report opens at once.
  document.addEventListener("toggle", (event) => {
    const place = event.target.open && event.target.querySelector(":scope template");
    if (place) place.replaceWith(place.content);
  }, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.shot");
    if (button) {
      light.querySelector("img").src = button.querySelector("img").src;
      light.querySelector("p").textContent = button.closest("figure").querySelector("figcaption").innerText;
      light.showModal();
    } else if (event.target.closest("#light")) {
      light.close();
    }
  });

  for (const button of document.querySelectorAll("button[data-to]")) {
    button.addEventListener("click", () => {
      document.documentElement.dataset.lang = button.dataset.to;
      document.documentElement.lang = button.dataset.to === "zh" ? "zh-CN" : "en";
      search.placeholder = search.dataset[button.dataset.to];
    });
  }
})();
