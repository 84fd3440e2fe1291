"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const language = document.documentElement.lang;
  const whole = new Intl.NumberFormat(language);
  const compare = new Intl.Collator(language).compare;
  const plain = (s) => s.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

  // -- the table: sorted by its heads, searched, its first rows drawn --------------------------
  function table(found) {
    const FIRST = 100;
    const body = found.tBodies[0];
    const rows = Array.from(body.rows);
    const box = $("q"), count = $("count"), more = $("more"), said = $("sorted");
    const keys = new Map();
    let order = rows.map((_, i) => i), words = [], texts = null, all = rows.length <= FIRST;

    function tell(shown, of) {
      more.hidden = shown === of;
      count.textContent = count.dataset.text.replace("{n}", whole.format(shown));
    }
    function draw() {
      const hits = words.length ? order.filter((i) => words.every((w) => texts[i].includes(w))) : order;
      const shown = all ? hits : hits.slice(0, FIRST);
      body.replaceChildren(...shown.map((i) => rows[i]));
      found.classList.add("drawn");
      tell(shown.length, hits.length);
    }
    // A column is put in order once, rising; those without a value stay last either way.
    function rising(at, number) {
      if (!keys.has(at)) {
        const value = rows.map((r) => {
          const cell = r.children[at];
          const v = at ? cell.getAttribute("data-v") ?? cell.textContent : cell.firstChild.data;
          return number ? (v === "" ? NaN : Number(v)) : v;
        });
        const empty = (i) => (number ? Number.isNaN(value[i]) : value[i] === "");
        const known = rows.map((_, i) => i).filter((i) => !empty(i));
        known.sort((a, b) => (number ? value[a] - value[b] : compare(value[a], value[b])) || a - b);
        keys.set(at, [known, rows.map((_, i) => i).filter(empty)]);
      }
      return keys.get(at);
    }
    const heads = Array.from(found.tHead.rows[0].cells);
    heads.forEach((head, at) => {
      head.querySelector("button")?.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((h) => h.hasAttribute("aria-sort") && h.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const [known, none] = rising(at, head.dataset.kind === "number");
        order = [...(down ? known.slice().reverse() : known), ...none];
        draw();
        said.textContent = said.dataset[down ? "down" : "up"].replace("{column}", head.textContent.trim());
      });
    });
    document.querySelector(".search").addEventListener("submit", (e) => e.preventDefault());
    box.addEventListener("input", () => {
      texts ??= rows.map((r) => plain(`${r.children[0].textContent} ${r.children[1].textContent}`));
      words = plain(box.value).split(/\s+/).filter(Boolean);
      draw();
    });
    const open = () => { all = true; draw(); };
    more.addEventListener("click", () => {
      open();
      const next = body.rows[FIRST];
      (next.querySelector("a") ?? found.parentElement).focus();
    });
    addEventListener("beforeprint", open);
    // Rows beyond the first are not taken out before there is a reason to draw: the style hides them.
    tell(Math.min(rows.length, all ? Infinity : FIRST), rows.length);
  }

  // -- the map: what is pointed at or chosen is said -------------------------------------------
  function map(svg) {
    const place = $("place"), pick = $("pick");
    const paths = Array.from(svg.querySelectorAll("path[data-name]"));
    let last = null;
    const names = paths.map((p, i) => [p.dataset.name, i]);
    names.sort((x, y) => compare(x[0], y[0]));
    pick.append(...names.map(([name, i]) => new Option(name, i)));
    document.querySelector(".find").hidden = false;
    const tell = (path) => {
      if (!path || path === last) return;
      last?.classList.remove("on");
      path.classList.add("on");
      last = path;
      pick.value = paths.indexOf(path);
      place.textContent = path.querySelector("title").textContent;
      if (!path.dataset.href) return;
      const link = document.createElement("a");
      link.href = path.dataset.href;
      link.textContent = place.dataset.open;
      place.append(" ", link);
    };
    const under = (e) => tell(e.target.closest("path[data-name]"));
    svg.addEventListener("click", under);
    svg.addEventListener("pointermove", (e) => e.pointerType === "mouse" && under(e));
    pick.addEventListener("change", () => tell(paths[pick.value]));
  }

  // -- two side by side ------------------------------------------------------------------------
  function two(found) {
    const { rows, cells, units } = JSON.parse($("units").textContent);
    const chips = new Map();
    $("chips").content.querySelectorAll("[data-chip]").forEach((c) => chips.set(c.dataset.chip, c.firstChild));
    const boxes = [$("a"), $("b")], said = $("said");
    const names = units.map((u, i) => [u[1], i]);
    names.sort((x, y) => compare(x[0], y[0]));
    boxes.forEach((box) => box.append(...names.map(([name, i]) => new Option(`${name} (${units[i][0]})`, i))));
    const put = (row, text, tag) => {
      const cell = document.createElement(tag);
      if (text) cell.append(text);
      row.append(cell);
      return cell;
    };
    const fill = (row, cell) => {
      const made = put(row, "", "td");
      made.className = "right";
      made.setAttribute("role", "cell");
      if (cell[2]) made.append(chips.get(cell[2].join("|")).cloneNode(true), " ");
      made.append(cell[0]);
    };
    function draw() {
      const [a, b] = boxes.map((box) => units[box.value]);
      [a, b].forEach((u, i) => { found.tHead.rows[0].cells[i + 1].textContent = u[1]; });
      found.tBodies[0].replaceChildren(...rows.map(([title, depth, decimals], k) => {
        const row = document.createElement("tr");
        row.setAttribute("role", "row");
        const head = put(row, title, "th");
        head.scope = "row";
        head.setAttribute("role", "rowheader");
        head.className = `depth${Math.min(depth, 4)}`;
        const [x, y] = [a, b].map((u) => cells[u[2][k]]);
        fill(row, x);
        fill(row, y);
        const known = decimals >= 0 && x[1] !== null && y[1] !== null;
        const form = { minimumFractionDigits: Math.max(decimals, 0), maximumFractionDigits: Math.max(decimals, 0), signDisplay: "exceptZero" };
        const text = known ? new Intl.NumberFormat(language, form).format(y[1] - x[1]).replace("-", "\u2212") : "\u2013";
        fill(row, [text, null, null]);
        return row;
      }));
      said.textContent = said.dataset.text.replace("{a}", a[1]).replace("{b}", b[1]);
      history.replaceState(null, "", `#${a[0]},${b[0]}`);
    }
    const asked = decodeURIComponent(location.hash.slice(1)).split(",");
    boxes.forEach((box, i) => {
      const at = units.findIndex((u) => u[0] === asked[i]);
      box.value = at < 0 ? i : at;
      box.addEventListener("change", draw);
    });
    document.querySelector(".two").hidden = found.hidden = false;
    draw();
  }

  if ($("reports")) table($("reports"));
  if ($("map")) map($("map"));
  if ($("two")) two($("two"));
})();
