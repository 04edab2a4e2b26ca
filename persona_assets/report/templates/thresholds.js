"use strict";
(() => {
  const { data, rows, make, number, percent, shareCell, keyLink, numeric, makeTable } = report;
  const element = (id) => document.getElementById(id);
  const chosen = { kind: Object.keys(data.kinds)[0], model: "", label: "" };
  const LEVELS = [[0.9, "9 in 10 keys keep at least"], [0.75, "3 in 4"], [0.5, "half"], [0.25, "1 in 4"], [0.1, "1 in 10"]];
  const COLOURS = ["#9dbbe0", "#6d9ad0", "#1f5fbf", "#6d9ad0", "#9dbbe0"];
  const FONT = "11px system-ui, sans-serif";
  let keys = [];
  let charts = [];

  /* For every minimum, the rows and the tokens of one key that have at least this score. */
  function cumulate(row, label, highest) {
    const kept = new Float64Array(highest + 2);
    const tokens = new Float64Array(highest + 2);
    for (const [name, tallies] of Object.entries(row.labels)) {
      if (label && name !== label) continue;
      for (const [score, count, sum] of tallies) {
        kept[score] += count;
        tokens[score] += sum;
      }
    }
    for (let score = highest; score >= 0; score -= 1) {
      kept[score] += kept[score + 1];
      tokens[score] += tokens[score + 1];
    }
    return { kept, tokens };
  }

  /* The most that this share of the keys reach. */
  function reachedBy(values, share) {
    const sorted = [...values].sort((a, b) => b - a);
    return sorted.length ? sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)] : null;
  }

  const kind = () => data.kinds[chosen.kind];
  const wanted = () => Math.max(1, Number(element("wanted").value) || 1);
  const wantedShare = () => Math.min(100, Math.max(1, Number(element("share").value) || 1)) / 100;
  const minimum = () => Math.min(kind().max_score, Math.max(0, Math.trunc(Number(element("minimum").value)) || 0));
  const minima = () => Array.from({ length: kind().max_score + 1 }, (_, score) => score);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const shareReaching = (score) => keys.filter((key) => key.kept[score] >= wanted()).length / keys.length;

  function findHighest() {
    return minima().reverse().find((score) => keys.length && shareReaching(score) >= wantedShare() - 1e-9);
  }

  function describeKeys() {
    const one = keys.length === 1 ? chosen.kind : kind().plural;
    return `${number(keys.length)} ${one}${chosen.model ? ` of ${chosen.model}` : ""}`;
  }

  function answer() {
    const highest = findHighest();
    const place = element("answer");
    if (highest === undefined) {
      place.replaceChildren("no minimum does; even a minimum of 0 does so for ", make("strong", {}, percent(shareReaching(0), 1)), ".");
      return;
    }
    const use = make("button", { type: "button", id: "use" }, "look at it");
    use.addEventListener("click", () => { element("minimum").value = highest; showMinimum(); });
    place.replaceChildren("the highest minimum is ", make("strong", { id: "highest" }, String(highest)),
      `, which keeps ${number(sum(keys.map((key) => key.kept[highest])))} rows and ${number(sum(keys.map((key) => key.tokens[highest])))} tokens in all. `, use);
  }

  function showMinimum() {
    const score = minimum();
    const body = element("quantiles").tBodies[0];
    const lines = LEVELS.map(([share, words]) => [words, "", ...["kept", "tokens"].map((what) => number(reachedBy(keys.map((key) => key[what][score]), share)))]);
    lines.push(["all together", "", number(sum(keys.map((key) => key.kept[score]))), number(sum(keys.map((key) => key.tokens[score])))]);
    body.replaceChildren(...lines.map((cells, place) => make("tr", place === LEVELS.length ? { class: "total" } : {}, ...cells.map((cell) => make("td", {}, cell)))));
    const variant = `min${score}${chosen.label ? `__${chosen.label}` : ""}`;
    const variants = [...new Set([...kind().variants, variant])];
    element("variant").textContent = variant;
    element("setting").textContent = `[variants]\n${chosen.kind} = [${variants.map((name) => `"${name}"`).join(", ")}]`;
    element("command").textContent = `persona-assets generate --type ${kind().plural}${chosen.model ? ` --model ${chosen.model}` : ""}`;
    table.replaceData(keys.map((key) => ({ ...key, now: key.kept[score], now_tokens: key.tokens[score], highest: findHighestOf(key) })));
    filterTable();
  }

  function findHighestOf(key) {
    const found = minima().reverse().find((score) => key.kept[score] >= wanted());
    return found === undefined ? null : found;
  }

  function drawCharts() {
    for (const chart of charts) chart.destroy();
    const scores = minima();
    const points = { show: scores.length < 10, size: 6 };
    const axes = (format) => [
      { label: "minimum score", labelSize: 20, labelFont: FONT, font: FONT, size: 30, incrs: [1, 2, 5, 10, 20], stroke: "#667085", grid: { stroke: "#eef0f4" }, ticks: { show: false }, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : "")) },
      { stroke: "#667085", font: FONT, size: 62, grid: { stroke: "#eef0f4" }, ticks: { show: false }, values: (_, ticks) => ticks.map(format) },
    ];
    const options = (place, series, format, scale = {}) => new uPlot({
      width: element(place).clientWidth, height: 260, padding: [10, 14, 0, 0], series, axes: axes(format),
      scales: { x: { time: false }, y: { range: (_, low, high) => [0, high || 1], ...scale } },
      cursor: { drag: { x: false, y: false }, points: { size: 6 } },
      hooks: { ready: [(chart) => chart.over.addEventListener("click", () => {
        if (chart.cursor.idx !== null) { element("minimum").value = scores[chart.cursor.idx]; showMinimum(); }
      })] },
    }, place === "rows-chart"
      ? [scores, ...LEVELS.map(([share]) => scores.map((score) => reachedBy(keys.map((key) => key.kept[score]), share)))]
      : [scores, scores.map(shareReaching)], element(place));
    charts = keys.length === 0 ? [] : [
      options("rows-chart", [{ label: "minimum" }, ...LEVELS.map(([, words], place) => ({ label: place ? words : "9 in 10 keys", stroke: COLOURS[place], width: place === 2 ? 2.5 : 1.5, points, value: (_, value) => number(value) }))], (tick) => number(tick)),
      options("share-chart", [{ label: "minimum" }, { label: "share of keys", stroke: "#1f5fbf", width: 2.5, fill: "rgba(31, 95, 191, 0.08)", points, value: (_, value) => percent(value, 1) }], (tick) => `${Math.round(tick * 100)} %`, { range: [0, 1.02] }),
    ];
  }

  function chooseKeys() {
    keys = rows
      .filter((row) => row.kind === chosen.kind && (!chosen.model || row.model === chosen.model))
      .filter((row) => !chosen.label || row.labels[chosen.label])
      .map((row) => ({ ...row, ...cumulate(row, chosen.label, kind().max_score) }));
    for (const button of document.querySelectorAll("button[data-choice]")) {
      button.setAttribute("aria-pressed", String(chosen[button.dataset.choice] === button.dataset.value));
    }
    element("keys").textContent = describeKeys();
    element("keys-too").textContent = describeKeys();
    show();
  }

  function show() {
    element("wanted-said").textContent = number(wanted());
    answer();
    drawCharts();
    showMinimum();
  }

  function chooseKind(name) {
    chosen.kind = name;
    chosen.label = kind().label;
    element("minimum").max = kind().max_score;
    element("minimum").value = kind().minimum;
    element("labels").replaceChildren(...["", ...kind().labels].map((label) => {
      const button = make("button", { type: "button", "data-choice": "label", "data-value": label, "aria-pressed": "false" }, label || "all");
      button.addEventListener("click", () => { chosen.label = label; chooseKeys(); });
      return button;
    }));
    chooseKeys();
  }

  const cell = (field) => (one) => number(one.getRow().getData()[field]);
  const table = makeTable("#table", [
    { title: "Persona", field: "persona", minWidth: 160, widthGrow: 2, formatter: (one) => keyLink(one.getRow().getData().key, one.getValue()) },
    { title: "Model", field: "model", minWidth: 120 },
    { title: "Rows in all", field: "rows", minWidth: 90, formatter: cell("rows"), ...numeric },
    { title: "Rows kept", field: "now", minWidth: 90, formatter: cell("now"), ...numeric },
    { title: "Share kept", field: "share", minWidth: 120, mutator: (_, row) => row.now / row.rows, formatter: (one) => shareCell(one.getRow().getData().now, one.getRow().getData().rows), ...numeric },
    { title: "Tokens kept", field: "now_tokens", minWidth: 110, formatter: cell("now_tokens"), ...numeric },
    { title: "Highest minimum that keeps enough rows", field: "highest", minWidth: 150, formatter: cell("highest"), ...numeric },
  ], { data: [], index: "key", initialSort: [{ column: "now", dir: "asc" }] });

  function filterTable() {
    const words = element("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    table.setFilter((row) => words.every((word) => row.key.toLowerCase().includes(word)));
    element("shown").textContent = `${number(table.getDataCount("active"))} of ${number(keys.length)}`;
  }

  table.on("tableBuilt", () => {
    for (const button of document.querySelectorAll("button[data-choice]")) {
      button.addEventListener("click", () => {
        if (button.dataset.choice === "kind") chooseKind(button.dataset.value);
        else { chosen[button.dataset.choice] = button.dataset.value; chooseKeys(); }
      });
    }
    for (const id of ["wanted", "share"]) element(id).addEventListener("input", show);
    element("minimum").addEventListener("input", showMinimum);
    element("search").addEventListener("input", filterTable);
    window.addEventListener("resize", drawCharts);
    if (chosen.kind) chooseKind(chosen.kind);
  });
})();
