"use strict";
(() => {
  const { make, number, keyLink, badge, numeric, makeTable, connectFilters } = report;

  function signed(value, digits = 0) {
    if (value === null) return make("span", { class: "faint" }, "–");
    if (Number(value.toFixed(digits)) === 0) return make("span", { class: "faint" }, "±0");
    return make("span", { class: value > 0 ? "up" : "down" }, `${value > 0 ? "+" : "−"}${number(Math.abs(value), digits)}`);
  }

  function states(cell) {
    const row = cell.getRow().getData();
    const place = make("span");
    if (row.state_before && row.state_before !== row.state) place.append(badge(row.state_before), " → ");
    if (row.state) place.append(badge(row.state));
    return place;
  }

  const difference = (title, field, digits = 0) => ({ title, field, minWidth: 90, formatter: (cell) => signed(cell.getValue(), digits), ...numeric, sorter: (a, b) => (a ?? 0) - (b ?? 0) });
  const table = makeTable("#table", [
    { title: "Key", field: "key", minWidth: 260, widthGrow: 3, formatter: (cell) => (cell.getRow().getData().what === "gone" ? make("span", {}, cell.getValue()) : keyLink(cell.getValue(), cell.getValue())) },
    { title: "What", field: "what", width: 90 },
    { title: "State", field: "state", minWidth: 190, formatter: states },
    difference("Rows", "rows"),
    difference("Scored rows", "scored"),
    difference("Rows kept", "kept"),
    difference("Mean score", "mean_score", 2),
    difference("Tokens", "tokens"),
  ], { initialSort: [{ column: "key", dir: "asc" }] });
  connectFilters(table, ["key"]);
})();
