"use strict";
(() => {
  const chosen = { band: "", label: "" };
  const exchanges = [...document.querySelectorAll(".exchange")];
  const buttons = [...document.querySelectorAll(".filters button")];

  const fits = (side) =>
    ["band", "label"].every((name) => !chosen[name] || side.dataset[name] === chosen[name]);

  function show() {
    let shown = 0;
    for (const exchange of exchanges) {
      const sides = [...exchange.querySelectorAll(".side")];
      const fitting = sides.filter((side) => !side.classList.contains("baseline") && fits(side));
      exchange.hidden = fitting.length === 0;
      for (const side of sides) side.classList.toggle("beside", fitting.length > 0 && !fitting.includes(side));
      shown += fitting.length > 0 ? 1 : 0;
    }
    for (const button of buttons) {
      const name = "band" in button.dataset ? "band" : "label";
      button.setAttribute("aria-pressed", String(button.dataset[name] === chosen[name]));
    }
    document.getElementById("shown").textContent = `${shown} shown`;
    document.querySelector(".nothing").hidden = shown > 0;
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      Object.assign(chosen, button.dataset);
      show();
    });
  }
  if (exchanges.length) show();
})();
