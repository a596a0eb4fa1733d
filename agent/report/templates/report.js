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

  // Charts. What stands in them was written by others: the library reads markup in texts, so none is left in.
  const figures = JSON.parse(document.getElementById("figures")?.textContent || "null");
  const plain = (text) => text.replace(/[&<>]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one]);
  // To what fits beside a chart; a Chinese character is as wide as two letters.
  function cut(text) {
    let width = 0;
    const fits = [...text].findIndex((one) => (width += one > "\u2e7f" ? 2 : 1) > 34);
    return fits < 0 ? text : `${[...text].slice(0, fits).join("")}…`;
  }
  const tint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = ["#2f7d6b", "#c98b2f", "#5b7fa6", "#b4553f", "#8a6fa8", "#6f7c80", "#9bb26b", "#d08aa0", "#4d5b66"];
  const WORDS = {
    zh: { orders: "订单数", mean: "七日均值", hour: "点", unit: " 单" },
    en: { orders: "orders", mean: "mean of seven days", hour: "hour of the day", unit: " orders" },
  };

  function bars(groups, lang) {
    const shown = [...groups].reverse();
    return [{
      type: "bar", orientation: "h", x: shown.map((one) => one.count), y: shown.map((one, at) => at),
      customdata: shown.map((one) => [plain(one[lang]), one.amount]), marker: { color: COLOURS[0] },
      hovertemplate: `%{customdata[0]}<br>%{x}${WORDS[lang].unit} · ¥%{customdata[1]}<extra></extra>`,
    }, { yaxis: { tickvals: shown.map((one, at) => at), ticktext: shown.map((one) => plain(cut(one[lang]))), automargin: true }, xaxis: { title: { text: WORDS[lang].orders }, dtick: tick(shown) } }];
  }

  function tick(groups) {
    return Math.max(...groups.map((one) => one.count)) <= 10 ? 1 : undefined;
  }

  const CHARTS = {
    days: (lang) => {
      const { days, mean, reasons } = figures.days;
      const stacked = reasons.map((one, at) => ({ type: "bar", name: plain(one[lang]), x: days, y: one.counts, marker: { color: COLOURS[at % COLOURS.length] } }));
      const line = { type: "scatter", mode: "lines", name: WORDS[lang].mean, x: days, y: mean, line: { color: tint("--ink"), width: 2 } };
      return [[...stacked, line], { barmode: "stack", showlegend: true, legend: { orientation: "h", y: -0.2 }, xaxis: { type: "date", tickformat: "%m-%d", dtick: days.length <= 14 ? 86400000 : undefined }, yaxis: { title: { text: WORDS[lang].orders }, rangemode: "tozero" } }];
    },
    hours: (lang) => [[{ type: "bar", x: figures.hours.map((_, hour) => hour), y: figures.hours, marker: { color: COLOURS[2] }, hovertemplate: `%{x}:00 · %{y}${WORDS[lang].unit}<extra></extra>` }], { xaxis: { title: { text: WORDS[lang].hour }, dtick: 3, range: [-0.6, 23.6] }, yaxis: { rangemode: "tozero" } }],
    taken: (lang) => [[{ type: "bar", x: figures.taken.map((one) => one[lang]), y: figures.taken.map((one) => one.count), marker: { color: COLOURS[1] }, hovertemplate: `%{x} · %{y}${WORDS[lang].unit}<extra></extra>` }], { xaxis: { type: "category" }, yaxis: { title: { text: WORDS[lang].orders }, rangemode: "tozero" } }],
  };
  for (const name of ["reasons", "goods", "paths"]) {
    CHARTS[name] = (lang) => {
      const [trace, layout] = bars(figures[name], lang);
      return [[trace], layout];
    };
  }

  function drawCharts() {
    if (!figures) return;
    const lang = document.documentElement.dataset.lang;
    const axis = { gridcolor: tint("--line"), zerolinecolor: tint("--line"), fixedrange: false };
    for (const place of document.querySelectorAll("[data-chart]")) {
      const [traces, layout] = CHARTS[place.dataset.chart](lang);
      const whole = {
        margin: { l: 44, r: 12, t: 8, b: 44 }, paper_bgcolor: "transparent", plot_bgcolor: "transparent", showlegend: false, bargap: 0.25,
        font: { family: "inherit", size: 12, color: tint("--ink") }, ...layout, xaxis: { ...axis, ...layout.xaxis }, yaxis: { ...axis, ...layout.yaxis },
      };
      window.Plotly.purge(place);
      window.Plotly.newPlot(place, traces, whole, { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d"] });
    }
  }
  addEventListener("load", () => setTimeout(drawCharts));

  for (const button of document.querySelectorAll("button[data-to]")) {
    button.addEventListener("click", () => {
      document.documentElement.dataset.lang = button.dataset.to;
      document.documentElement.lang = button.dataset.to === "zh" ? "zh-CN" : "en";
      search.placeholder = search.dataset[button.dataset.to];
      drawCharts();
    });
  }
})();
