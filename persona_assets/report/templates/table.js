"use strict";
/* What the tables of all pages share. Cells are made of text nodes, never of HTML. */
const report = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows.map((row) => Object.fromEntries(data.columns.map((name, place) => [name, row[place]])));
  const dash = "–";

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function draw(tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const number = (value, digits = 0) =>
    value === null || value === undefined
      ? dash
      : value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });

  function percent(part, whole) {
    if (part === null || part === undefined || !whole) return dash;
    const share = (100 * part) / whole;
    if (share > 0 && share < 1) return share < 0.1 ? "< 0.1 %" : `${share.toFixed(1)} %`;
    if (share > 99 && share < 100) return share > 99.9 ? "> 99.9 %" : `${share.toFixed(1)} %`;
    return `${share.toFixed(0)} %`;
  }

  function shareCell(part, whole) {
    const cell = make("span", { class: "share" }, percent(part, whole));
    if (part !== null && part !== undefined && whole) {
      cell.append(
        draw("svg", { viewBox: "0 0 44 8" },
          draw("rect", { class: "ground", width: 44, height: 8, rx: 2 }),
          draw("rect", { class: "fill", width: (44 * part) / whole, height: 8, rx: 2 })));
    }
    return cell;
  }

  const keyLink = (key, text) => make("a", { href: `keys/${key}.html` }, text);
  const badge = (state) => make("span", { class: `badge ${state}` }, state);
  const byNumber = (a, b) => (a ?? -1) - (b ?? -1);
  const numeric = { hozAlign: "right", headerHozAlign: "right", sorter: byNumber, headerSortStartingDir: "desc" };

  function makeTable(place, columns, options = {}) {
    return new Tabulator(place, {
      data: rows,
      columns,
      layout: "fitColumns",
      maxHeight: "72vh",
      renderHorizontal: "basic",
      headerSortTristate: false,
      placeholder: "Nothing fits these filters.",
      ...options,
    });
  }

  /* Buttons and a search box that filter a table; `fits` adds what a page filters by besides. */
  function connectFilters(table, searched, fits = () => true) {
    const chosen = {};
    const search = document.getElementById("search");
    const shown = document.getElementById("shown");
    const buttons = [...document.querySelectorAll("button[data-column]")];

    function filter() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      table.setFilter((row) => {
        for (const [column, value] of Object.entries(chosen)) {
          if (value && row[column] !== undefined && row[column] !== value) return false;
        }
        const text = searched.map((column) => row[column] ?? "").join(" ").toLowerCase();
        return words.every((word) => text.includes(word)) && fits(row, chosen);
      });
      for (const button of buttons) {
        const wanted = chosen[button.dataset.column] ?? "";
        button.setAttribute("aria-pressed", String(button.dataset.value === wanted));
      }
      shown.textContent = `${number(table.getDataCount("active"))} of ${number(table.getDataCount())}`;
    }

    function choose(column, value) {
      chosen[column] = value;
      filter();
    }

    for (const button of buttons) {
      button.addEventListener("click", () => choose(button.dataset.column, button.dataset.value));
    }
    search.addEventListener("input", filter);
    table.on("tableBuilt", filter);
    return { chosen, choose, filter };
  }

  return { data, rows, make, draw, number, percent, shareCell, keyLink, badge, numeric, makeTable, connectFilters };
})();
