"use strict";
(() => {
  const { data, rows, make, draw, number, percent, badge, numeric, makeTable, connectFilters } = report;
  const buttons = [...document.querySelectorAll("button[data-measure]")];
  let measure = "mean_score";

  const share = (part, whole) => (whole ? part / whole : null);
  const MEASURES = {
    mean_score: [(one) => one.mean_score, (value, row) => number(value, data.scales[row.kind] > 10 ? 1 : 2)],
    kept_share: [(one) => share(one.kept, one.rows), (value) => percent(value, 1)],
    scored_share: [(one) => share(one.scored, one.rows), (value) => percent(value, 1)],
    median_answer: [(one) => one.median_answer, (value) => number(value)],
    score_difference: [(one) => one.score_difference, (value, row) => (value === null ? "–" : `${value < 0 ? "−" : "+"}${number(Math.abs(value), data.scales[row.kind] > 10 ? 1 : 2)}`)],
    length_ratio: [(one) => one.length_ratio, (value) => (value === null ? "–" : `× ${number(value, 2)}`)],
  };

  const valueOf = (one) => (one && one.rows ? MEASURES[measure][0](one) : null);

  function drawBands(bands) {
    const whole = bands.reduce((sum, count) => sum + count, 0);
    const svg = draw("svg", { class: "bands", viewBox: "0 0 90 10" });
    let left = 0;
    bands.forEach((count, band) => {
      const width = whole ? (90 * count) / whole : 0;
      if (count) svg.append(draw("rect", { class: `fill-${band}`, x: left, width, height: 10 }, draw("title", {}, number(count))));
      left += width;
    });
    return svg;
  }

  function modelCell(place) {
    return (cell) => {
      const row = cell.getRow().getData();
      const one = row.models[place];
      if (!one) return make("span", { class: "faint" }, "–");
      const fails = row.failing.includes(data.models[place]);
      const content = make("a", { class: `under${fails ? " fails" : ""}`, href: `keys/${one.key}.html` });
      if (!one.rows || !["passed", "warned"].includes(one.state)) content.append(badge(one.state));
      if (one.rows) content.append(make("span", { class: "value" }, MEASURES[measure][1](valueOf(one), row)), drawBands(one.bands));
      return content;
    };
  }

  const spread = (row) => {
    const values = row.models.map(valueOf).filter((value) => value !== null);
    return values.length > 1 ? Math.max(...values) - Math.min(...values) : null;
  };

  const spreadDigits = (row) => (measure === "median_answer" ? 0 : measure.includes("score") && data.scales[row.kind] > 10 && measure !== "scored_share" ? 1 : 2);
  const sortBy = (value) => (a, b, rowA, rowB) => (value(rowA.getData()) ?? -1e9) - (value(rowB.getData()) ?? -1e9);
  const table = makeTable("#table", [
    { title: "Persona", field: "persona", minWidth: 150, widthGrow: 1 },
    { title: "Kind", field: "kind", width: 64 },
    ...data.models.map((model, place) => ({ title: model, field: `model${place}`, minWidth: 190, widthGrow: 2, formatter: modelCell(place), ...numeric, sorter: sortBy((row) => valueOf(row.models[place])) })),
    { title: "Between models", headerTooltip: "the highest less the lowest", field: "spread", width: 110, formatter: (cell) => { const row = cell.getRow().getData(); return number(spread(row), spreadDigits(row)); }, ...numeric, sorter: sortBy(spread) },
    { title: "Fails under", field: "failing", minWidth: 130, sorter: (a, b) => a.length - b.length, headerSortStartingDir: "desc", formatter: (cell) => make("span", { class: "down" }, cell.getValue().join(", ")) },
  ], { initialSort: [{ column: "persona", dir: "asc" }, { column: "failing", dir: "desc" }] });

  connectFilters(table, ["persona"], (row, chosen) =>
    !chosen.fails || (chosen.fails === "one" ? row.failing.length === 1 : row.failing.length > 0));

  for (const button of buttons) {
    button.addEventListener("click", () => {
      measure = button.dataset.measure;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      table.getRows().forEach((row) => row.reformat());
      table.setSort(table.getSorters().map((sorter) => ({ column: sorter.field, dir: sorter.dir })));
    });
  }
})();
