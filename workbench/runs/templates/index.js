"use strict";
(function () {
  const body = document.querySelector("#reports tbody");
  const rows = Array.from(body.rows);
  const plain = (s) => s.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const texts = rows.map((r) => plain(r.cells[0].textContent + " " + r.cells[1].textContent));
  const box = document.getElementById("q");
  const count = document.getElementById("count");
  document.querySelector(".search").addEventListener("submit", (e) => e.preventDefault());
  box.addEventListener("input", () => {
    const words = plain(box.value).split(/\s+/).filter(Boolean);
    let n = 0;
    rows.forEach((r, i) => {
      const hit = words.every((w) => texts[i].includes(w));
      r.hidden = !hit;
      n += hit ? 1 : 0;
    });
    count.textContent = count.dataset.text.replace("{n}", String(n));
  });
  const compare = new Intl.Collator(document.documentElement.lang).compare;
  document.querySelectorAll("#reports thead button").forEach((button) => {
    const head = button.parentElement;
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      document.querySelectorAll("#reports th[aria-sort]").forEach((h) => h.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const at = head.cellIndex;
      const number = head.dataset.kind === "number";
      const value = (r) => r.cells[at].dataset.v;
      rows
        .slice()
        .sort((a, b) => {
          const x = value(a), y = value(b);
          if (x === "" || y === "") return (x === "") - (y === "");
          const order = number ? Number(x) - Number(y) : compare(x, y);
          return down ? -order : order;
        })
        .forEach((r) => body.appendChild(r));
    });
  });
})();
