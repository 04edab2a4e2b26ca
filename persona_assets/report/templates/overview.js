"use strict";
(() => {
  const { rows, number, shareCell, keyLink, badge, make, numeric, makeTable, connectFilters } = report;
  const severity = ["failed", "missing", "stale", "orphaned", "warned", "passed"];
  for (const row of rows) {
    row.urgency = severity.indexOf(row.state);
    row.scored_share = row.rows && row.scored !== null ? row.scored / row.rows : null;
    row.truncated_share = row.rows && row.truncated !== null ? row.truncated / row.rows : null;
  }
  const count = (field, digits) => (cell) => number(cell.getRow().getData()[field], digits);
  const share = (field) => (cell) => {
    const row = cell.getRow().getData();
    return shareCell(row[field], row.rows);
  };

  function reason(cell) {
    const text = cell.getValue();
    return make("span", { dir: "auto", title: text }, text);
  }

  const table = makeTable("#table", [
    { title: "Persona", field: "persona", minWidth: 130, widthGrow: 2, formatter: (cell) => keyLink(cell.getRow().getData().key, cell.getValue()) },
    { title: "Kind", field: "kind", width: 58 },
    { title: "Model", field: "model", minWidth: 118 },
    { title: "State", field: "urgency", width: 96, formatter: (cell) => badge(cell.getRow().getData().state) },
    { title: "Why", field: "reason", minWidth: 150, widthGrow: 4, formatter: reason },
    { title: "Rows", field: "rows", width: 66, formatter: count("rows"), ...numeric },
    { title: "Scored", field: "scored_share", width: 106, formatter: share("scored"), ...numeric },
    { title: "Refusals", field: "refusals", width: 80, formatter: count("refusals"), ...numeric },
    { title: "Cut off", field: "truncated_share", width: 106, formatter: share("truncated"), ...numeric },
    { title: "Median answer", headerTooltip: "tokens of the median answer", field: "median_answer", width: 74, formatter: count("median_answer"), ...numeric },
    { title: "Mean score", field: "mean_score", width: 64, formatter: (cell) => number(cell.getValue(), cell.getRow().getData().kind === "role" ? 2 : 1), ...numeric },
    { title: "Rows kept", headerTooltip: "rows of min3 (roles) or min70__pos (traits)", field: "kept", width: 62, formatter: count("kept"), ...numeric },
    { title: "Scored pairs", headerTooltip: "questions of which both answers, with the trait and against it, are scored", field: "pairs", width: 68, formatter: count("pairs"), ...numeric },
  ], { initialSort: [{ column: "persona", dir: "asc" }, { column: "urgency", dir: "asc" }] });

  const filters = connectFilters(table, ["key", "reason"],
    (row, chosen) => !chosen.check || row.warnings.includes(chosen.check));

  function followAddress() {
    const [column, value] = decodeURIComponent(location.hash.slice(1)).split("=");
    if (!value) return;
    for (const name of ["state", "check"]) filters.chosen[name] = "";
    filters.choose(column, value);
    document.getElementById("all").scrollIntoView();
  }
  window.addEventListener("hashchange", followAddress);
  table.on("tableBuilt", followAddress);
})();
