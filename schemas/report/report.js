"use strict";
// The page works without this script; it adds the picture, the filter and the folding of details.
// What the scan found comes from #flow-data and goes into text nodes and attributes only.
(() => {
  const MOST = 40; // things in a column of the picture: beyond, they are grouped
  const KINDS = ["not-covered", "unproven", "covered"]; // worst first
  const WORDS = { "not-covered": "not covered", unproven: "unproven", covered: "covered" };
  const SIGNS = { "not-covered": "✕", unproven: "?", covered: "✓" };
  const $ = (id) => document.getElementById(id);
  const flow = JSON.parse($("flow-data").textContent);
  const canvas = $("flow-canvas");
  const rows = [...document.querySelectorAll("tr.row")];
  const detail = (row) => row.nextElementSibling;

  // -- details ------------------------------------------------------------------------------

  // Details are in <noscript>, which a browser with scripts keeps as one text: a thousand cost nothing
  // until they are looked at. The text is the page's own markup, in which every name is escaped.
  const fill = (box) => {
    const held = box.querySelector("noscript");
    if (!held) return;
    const made = document.createElement("template");
    made.innerHTML = held.textContent;
    held.replaceWith(made.content);
  };
  const open = (row, yes) => {
    if (yes) fill(detail(row));
    detail(row).classList.toggle("open", yes);
    row.querySelector(".toggle").setAttribute("aria-expanded", String(yes));
  };
  for (const row of rows) row.querySelector(".toggle").setAttribute("aria-expanded", "false");
  $("workload-table")?.addEventListener("click", (event) => {
    const button = event.target.closest(".toggle");
    if (button) open(button.closest("tr"), button.getAttribute("aria-expanded") !== "true");
  });
  const expand = $("expand");
  expand?.addEventListener("click", () => {
    const yes = expand.getAttribute("aria-pressed") !== "true";
    expand.setAttribute("aria-pressed", String(yes));
    expand.textContent = yes ? "Close all details" : "Open all details";
    for (const row of rows) if (!row.hidden) open(row, yes);
  });
  // A link to a row or a finding opens it.
  const arrive = () => {
    const target = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details")) target.open = true;
    if (target.matches("tr.row")) {
      if (target.hidden) reset();
      open(target, true);
      target.scrollIntoView();
    }
  };
  window.addEventListener("hashchange", arrive);
  window.addEventListener("beforeprint", () => {
    for (const row of rows) if (!row.hidden) fill(detail(row));
    for (const each of document.querySelectorAll("details")) each.open = true;
  });

  // -- filter -------------------------------------------------------------------------------

  const form = $("filters");
  const SIGN = { "#x27": "'", quot: '"', lt: "<", gt: ">", amp: "&" };
  const texts = new Map(); // what is searched in a row, made when first asked for
  const textOf = (row) => {
    if (!texts.has(row)) {
      const inner = detail(row).textContent.replace(/<[^>]*>/g, " ").replace(/&(#x27|quot|lt|gt|amp);/g, (_, c) => SIGN[c]);
      texts.set(row, `${row.textContent}\n${inner}`.toLowerCase());
    }
    return texts.get(row);
  };
  let only = null; // rows of the node that was chosen in the picture
  const shown = () => {
    const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = new Set([...form.querySelectorAll("input[name=verdict]:checked")].map((b) => b.value));
    return rows.filter((row) =>
      kinds.has(row.dataset.verdict) &&
      (!only || only.has(Number(row.dataset.row))) &&
      wanted.every((word) => textOf(row).includes(word)));
  };
  const filter = (redraw = true) => {
    const kept = new Set(shown());
    for (const row of rows) {
      row.hidden = !kept.has(row);
      detail(row).hidden = row.hidden;
    }
    $("shown").textContent = kept.size === rows.length ? `${rows.length} workloads` : `${kept.size} of ${rows.length} workloads`;
    if ($("nothing")) $("nothing").hidden = kept.size > 0;
    if (redraw) draw(new Set([...kept].map((row) => Number(row.dataset.row))));
  };
  const reset = () => {
    only = null;
    form.reset();
  };
  let waiting = 0;
  form.addEventListener("input", () => {
    only = null;
    clearTimeout(waiting);
    waiting = setTimeout(filter, 60);
  });
  form.addEventListener("reset", () => setTimeout(() => { only = null; filter(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const tile of document.querySelectorAll("a[data-only]")) {
    tile.addEventListener("click", () => {
      only = null;
      $("search").value = "";
      for (const box of form.querySelectorAll("input[name=verdict]")) box.checked = box.value === tile.dataset.only;
      filter();
    });
  }

  // -- what is drawn: sources, workloads, gateways, endpoints, grouped until a column can be read ------

  const worst = (kinds) => KINDS.find((k) => kinds.includes(k)) ?? "covered";
  const targets = (w) => w.ways.flatMap((way) => way.endpoints.map((e) => [...way.gateways, e].join(" → "))).join("\n");
  const LEVELS = [
    (w) => `${w.row}`,
    (w) => [w.words, w.sources.join("\n"), targets(w)].join("\t"),
    (w) => [w.words, targets(w)].join("\t"),
    (w) => w.words,
  ];
  const grouped = (workloads) => {
    for (const level of LEVELS) {
      const groups = new Map();
      for (const w of workloads) {
        const key = level(w);
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(w);
      }
      if (groups.size <= MOST || level === LEVELS.at(-1)) return [...groups.values()];
    }
  };
  // The names of a column; those beyond the limit, the rarest, share one node.
  const named = (names, noun) => {
    const counts = new Map();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    const order = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    const kept = new Set(order.slice(0, MOST));
    return (name) => kept.has(name) ? name : `${order.length - MOST} more ${noun}`;
  };
  const model = (workloads) => {
    const nodes = new Map();
    const edges = new Map();
    const node = (column, label, w, note = "", verdict = "", stands = w.verdict) => {
      const key = `${column}\t${label}\t${note}`;
      if (!nodes.has(key)) nodes.set(key, { key, column, label, note, rows: new Map(), own: verdict });
      const rows = nodes.get(key).rows;
      rows.set(w.row, worst([stands, rows.get(w.row) ?? stands]));
      return nodes.get(key);
    };
    const edge = (from, to, verdict, w) => {
      const key = `${from.key}\n${to.key}`;
      if (!edges.has(key)) edges.set(key, { from, to, verdicts: [], rows: new Set() });
      edges.get(key).verdicts.push(verdict);
      edges.get(key).rows.add(w.row);
    };
    const source = named(workloads.flatMap((w) => w.sources), "sources");
    const gateway = named(workloads.flatMap((w) => w.ways.flatMap((y) => y.gateways)), "gateways");
    const endpoint = named(workloads.flatMap((w) => w.ways.flatMap((y) => y.endpoints)), "endpoints");
    const groups = grouped(workloads);
    groups.forEach((group, index) => {
      const alone = group.length === 1;
      const label = alone ? group[0].name : `${group.length} workloads`;
      const note = alone ? group[0].at : `${group[0].words}: ${group[0].name}, …`;
      for (const w of group) {
        const mine = node("workload", `${index} ${label}`, w, note, w.verdict);
        mine.shown = label;
        mine.words = w.words;
        for (const name of w.sources) edge(node("phi", source(name), w), mine, w.verdict, w);
        for (const way of w.ways) {
          const through = way.gateways.map((g) => node("gateway", gateway(g), w, "", "", way.verdict));
          for (const name of way.endpoints) {
            const end = node("endpoint", endpoint(name), w, "", "", way.verdict);
            if (way.against.includes(name)) end.own = "not-covered";
            const stops = [mine, ...through, end];
            for (let i = 1; i < stops.length; i++) if (stops[i - 1] !== stops[i]) edge(stops[i - 1], stops[i], way.verdict, w);
          }
        }
      }
    });
    return { nodes: [...nodes.values()], edges: [...edges.values()], grouped: groups.length < workloads.length, groups: groups.length };
  };

  // -- the picture --------------------------------------------------------------------------

  const SIZE = { phi: [210, 30], workload: [280, 42], gateway: [210, 30], endpoint: [264, 30] };
  const HEADS = { phi: "PHI from", workload: "Workloads", gateway: "Gateways", endpoint: "Endpoints" };
  const svg = (tag, attributes, ...children) => {
    const out = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) out.setAttribute(name, value);
    out.append(...children);
    return out;
  };
  const pen = document.createElement("canvas").getContext("2d");
  const family = getComputedStyle(document.documentElement).getPropertyValue("--sans");
  const fitted = (text, width, size) => {
    pen.font = `${size}px ${family}`;
    if (pen.measureText(text).width <= width) return text;
    let keep = text.length;
    let out = text;
    while (keep > 4 && pen.measureText(out).width > width) {
      keep -= 1;
      out = `${text.slice(0, Math.ceil(keep * 0.45))}…${text.slice(text.length - Math.floor(keep * 0.55))}`;
    }
    return out;
  };
  const laid = (picture) => {
    const graph = new dagre.graphlib.Graph();
    graph.setGraph({ rankdir: "LR", nodesep: 10, edgesep: 3, ranksep: 58, marginx: 4, marginy: 4 });
    graph.setDefaultEdgeLabel(() => ({}));
    const stages = picture.nodes.some((n) => n.column === "gateway") ? 2 : 1;
    for (const n of picture.nodes) graph.setNode(n.key, { width: SIZE[n.column][0], height: SIZE[n.column][1] });
    for (const e of picture.edges) {
      const direct = e.from.column === "workload" && e.to.column === "endpoint";
      graph.setEdge(e.from.key, e.to.key, { minlen: direct ? stages : 1, weight: direct ? 1 : 2 });
    }
    dagre.layout(graph);
    return graph;
  };
  const curve = (graph, e) => {
    const from = graph.node(e.from.key);
    const to = graph.node(e.to.key);
    const [x1, x2] = [from.x + from.width / 2, to.x - to.width / 2];
    const half = (x1 + x2) / 2;
    return `M${x1} ${from.y}C${half} ${from.y} ${half} ${to.y} ${x2} ${to.y}`;
  };
  const plural = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const counts = (n) => KINDS.map((k) => [k, [...n.rows.values()].filter((v) => v === k).length]).filter(([, c]) => c);
  const sentence = (n) => {
    if (n.column === "workload") return n.rows.size > 1 ? `${n.shown}: ${n.words}` : `Workload ${n.shown} at ${n.note}: ${n.words}`;
    const noun = { phi: "PHI from", gateway: "Gateway", endpoint: "Endpoint" }[n.column];
    const itself = n.own ? ", itself not covered" : "";
    return `${noun} ${n.label}${itself}: ${plural(n.rows.size, "workload")}, ${counts(n).map(([k, c]) => `${c} ${WORDS[k]}`).join(", ")}`;
  };
  // A workload has its verdict's colour; what many share shows in parts of a bar how they stand towards it.
  const bars = (n, height) => {
    let y = 4;
    return counts(n).map(([k, c]) => {
      const part = ((height - 8) * c) / n.rows.size;
      y += part;
      return svg("rect", { class: `bar ${k}`, width: 5, height: part, x: 4, y: y - part });
    });
  };
  const boxed = (graph, n) => {
    const at = graph.node(n.key);
    const [width, height] = SIZE[n.column];
    const two = n.column === "workload";
    const x = n.own ? 32 : 17;
    const y = two ? 17 : height / 2 + 4;
    const group = svg("g", {
      class: `node ${n.column} ${n.own}`, transform: `translate(${at.x - width / 2} ${at.y - height / 2})`,
      role: "button", tabindex: "-1", "aria-label": `${sentence(n)}. Show only ${n.rows.size > 1 ? "these" : "this"}.`,
    }, svg("title", {}, sentence(n)), svg("rect", { class: "box", width, height, rx: 6 }), ...bars(n, height));
    if (n.own) group.append(svg("text", { class: "sign", x: 16, y, "aria-hidden": "true" }, SIGNS[n.own]));
    group.append(svg("text", { x, y }, fitted(n.shown ?? n.label, width - x - 8, 12)));
    if (two) group.append(svg("text", { class: "note", x, y: 33 }, fitted(n.note, width - x - 8, 10.5)));
    return group;
  };
  const draw = (kept) => {
    if (!canvas) return;
    const workloads = flow.filter((w) => kept.has(w.row));
    canvas.replaceChildren();
    $("flow-says").textContent = "";
    $("flow-note").textContent = "";
    if (!workloads.length) {
      $("flow-note").textContent = "No judged workload fits the filter.";
      return;
    }
    const picture = model(workloads);
    if (picture.grouped) {
      $("flow-note").textContent = `${workloads.length} workloads are drawn as ${plural(picture.groups, "group")} of those alike. ` +
        "Filter to fewer, or choose a group, to see each one; the table lists all.";
    }
    const graph = laid(picture);
    const { width, height } = graph.graph();
    const top = 24;
    const image = svg("svg", { viewBox: `0 0 ${width} ${height + top}`, width, height: height + top, role: "group", "aria-label": "PHI, workloads, gateways and endpoints. Arrow keys move between them." });
    const body = svg("g", { transform: `translate(0 ${top})` });
    const heads = new Map();
    for (const n of picture.nodes) {
      const at = graph.node(n.key).x - SIZE[n.column][0] / 2;
      heads.set(n.column, Math.min(heads.get(n.column) ?? Infinity, at));
    }
    for (const column of Object.keys(HEADS)) {
      if (heads.has(column)) image.append(svg("text", { class: "head", x: heads.get(column) + 2, y: 14 }, HEADS[column]));
    }
    const lines = picture.edges.map((e) => [e, svg("path", { class: worst(e.verdicts), d: curve(graph, e) })]);
    body.append(...lines.map(([, path]) => path));
    const order = ["phi", "workload", "gateway", "endpoint"];
    picture.nodes.sort((a, b) => order.indexOf(a.column) - order.indexOf(b.column) || graph.node(a.key).y - graph.node(b.key).y);
    const boxes = picture.nodes.map((n) => [n, boxed(graph, n)]);
    body.append(...boxes.map(([, box]) => box));
    image.append(body);
    canvas.append(image);
    act(image, boxes, lines, graph);
  };
  // Hovering or focusing lights the ways of a node's workloads; choosing shows only these.
  const act = (image, boxes, lines, graph) => {
    const meets = (n, e) => [...e.rows].some((r) => n.rows.has(r));
    const onWay = (n, e) => e.from === n || e.to === n || (meets(n, e) && (
      n.column === "workload" || (n.column === "phi" ? e.from.column !== "phi" : e.from.column === "phi" || (n.column === "endpoint" && e.to.column === "gateway"))));
    const light = (n) => {
      image.classList.toggle("some", Boolean(n));
      const near = new Set(n ? [n] : []);
      for (const [e, path] of lines) {
        const lit = Boolean(n) && onWay(n, e);
        path.classList.toggle("lit", lit);
        if (lit) near.add(e.from).add(e.to);
      }
      for (const [m, box] of boxes) box.classList.toggle("lit", near.has(m));
      $("flow-says").textContent = n ? `${sentence(n)}.` : "";
    };
    const choose = (n) => {
      only = new Set(n.rows.keys());
      filter();
      if (n.rows.size === 1) open(rows[[...n.rows.keys()][0]], true);
      canvas.querySelector(".node[tabindex='0']")?.focus();
    };
    const move = (from, key) => {
      const here = graph.node(boxes[from][0].key);
      const sideways = key === "ArrowLeft" || key === "ArrowRight";
      const sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
      let best = -1;
      let least = Infinity;
      boxes.forEach(([n], i) => {
        const at = graph.node(n.key);
        const dx = at.x - here.x;
        const dy = at.y - here.y;
        const ahead = sideways ? dx * sign > 40 : dy * sign > 1 && boxes[i][0].column === boxes[from][0].column;
        const far = sideways ? Math.abs(dx) * 4 + Math.abs(dy) : Math.abs(dy);
        if (ahead && far < least) [best, least] = [i, far];
      });
      return best;
    };
    boxes[0][1].setAttribute("tabindex", "0");
    boxes.forEach(([n, box], index) => {
      box.addEventListener("mouseenter", () => light(n));
      box.addEventListener("mouseleave", () => light(null));
      box.addEventListener("focus", () => light(n));
      box.addEventListener("blur", () => light(null));
      box.addEventListener("click", () => choose(n));
      box.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose(n);
        } else if (event.key === "Escape") {
          reset();
        } else if (event.key.startsWith("Arrow")) {
          event.preventDefault();
          const next = move(index, event.key);
          if (next < 0) return;
          box.setAttribute("tabindex", "-1");
          boxes[next][1].setAttribute("tabindex", "0");
          boxes[next][1].focus();
        }
      });
    });
  };

  filter();
  arrive();
})();
