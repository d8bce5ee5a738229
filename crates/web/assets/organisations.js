// What scripts add to the pages of the organisations, which can be read without them: trees that open and close as a whole,
// and the chart that zooms, moves, opens and closes.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-tree]")) {
    button.addEventListener("click", () => {
      for (const details of document.querySelectorAll(".tx-tree details")) details.open = button.dataset.tree === "open";
    });
  }

  // Paper shows all that was opened; what is closed stays closed.
  const ZOOM_STEP = 1.25;
  const ZOOM_MIN = 0.2;
  const ZOOM_MAX = 3;

  const chart = (frame) => {
    const [column, row, boxWidth, boxHeight] = frame.dataset.orgChart.split(" ").map(Number);
    const svg = frame.querySelector("svg");
    const nodes = [...svg.querySelectorAll("[data-node]")].map((g) => ({
      g,
      parent: g.dataset.parent === undefined ? null : Number(g.dataset.parent),
      depth: Number(g.dataset.depth),
      toggle: g.querySelector(".tx-chart-toggle"),
      edge: svg.querySelector(`[data-to="${g.dataset.node}"]`),
      children: [],
    }));
    for (const node of nodes) if (node.parent !== null) nodes[node.parent].children.push(node);
    for (const node of nodes) node.open = node.toggle?.getAttribute("aria-expanded") === "true";
    let size = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
    let zoom = 1;

    const apply = () => {
      svg.setAttribute("width", Math.round(size.width * zoom));
      svg.setAttribute("height", Math.round(size.height * zoom));
    };

    // The same places as the server gives: those under one stand in a row, and it in their middle.
    const layOut = () => {
      let next = 0;
      let deepest = 0;
      for (const node of nodes) {
        const above = node.parent === null ? null : nodes[node.parent];
        node.shown = above === null || (above.shown && above.open);
        if (!node.shown) continue;
        deepest = Math.max(deepest, node.depth);
        if (!node.open || node.children.length === 0) {
          node.y = next;
          next += row;
        }
      }
      for (const node of [...nodes].reverse()) {
        if (node.shown && node.open && node.children.length > 0) {
          node.y = Math.floor((node.children[0].y + node.children.at(-1).y) / 2);
        }
      }
      for (const node of nodes) {
        node.g.classList.toggle("tx-chart-hidden", !node.shown);
        node.edge?.classList.toggle("tx-chart-hidden", !node.shown);
        if (!node.shown) continue;
        const x = node.depth * column;
        node.g.setAttribute("transform", `translate(${x} ${node.y})`);
        if (node.edge) {
          const above = nodes[node.parent];
          const from = above.depth * column + boxWidth;
          const bend = x - (column - boxWidth) / 2;
          node.edge.setAttribute("d", `M${from} ${above.y + boxHeight / 2}H${bend}V${node.y + boxHeight / 2}H${x}`);
        }
        if (node.toggle) {
          node.toggle.setAttribute("aria-expanded", String(node.open));
          node.toggle.querySelector(".tx-chart-sign").textContent = node.open ? "−" : "+";
        }
        const count = node.g.querySelector(".tx-chart-count");
        if (count) count.classList.toggle("tx-chart-hidden", node.open);
      }
      size = { width: deepest * column + boxWidth + 32, height: Math.max(next, row) + 2 };
      svg.setAttribute("viewBox", `-1 -1 ${size.width} ${size.height}`);
      apply();
    };

    const zoomTo = (wanted, at) => {
      const before = zoom;
      zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, wanted));
      const point = at ?? { x: frame.clientWidth / 2, y: frame.clientHeight / 2 };
      const [x, y] = [frame.scrollLeft + point.x, frame.scrollTop + point.y];
      apply();
      frame.scrollLeft = (x * zoom) / before - point.x;
      frame.scrollTop = (y * zoom) / before - point.y;
    };

    const flip = (node) => {
      node.open = !node.open;
      layOut();
    };
    for (const node of nodes) {
      node.toggle?.addEventListener("click", () => flip(node));
      node.toggle?.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        flip(node);
      });
    }

    const all = (open) => {
      for (const node of nodes) node.open = open && node.children.length > 0;
      layOut();
    };
    const actions = {
      in: () => zoomTo(zoom * ZOOM_STEP),
      out: () => zoomTo(zoom / ZOOM_STEP),
      fit: () => zoomTo(Math.min(1, frame.clientWidth / size.width, frame.clientHeight / size.height)),
      open: () => all(true),
      close: () => all(false),
    };
    for (const button of document.querySelectorAll("[data-chart-do]")) {
      button.addEventListener("click", () => actions[button.dataset.chartDo]());
    }
    frame.addEventListener("keydown", (event) => {
      const action = { "+": actions.in, "=": actions.in, "-": actions.out, 0: actions.fit }[event.key];
      if (!action || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      action();
    });
    frame.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        const box = frame.getBoundingClientRect();
        zoomTo(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1), { x: event.clientX - box.left, y: event.clientY - box.top });
      },
      { passive: false },
    );

    // A mouse drags the chart; a finger scrolls it anyway.
    let held = null;
    frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      if (event.target.closest("a, .tx-chart-toggle")) return;
      held = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
      frame.setPointerCapture(event.pointerId);
      frame.classList.add("tx-chart-held");
    });
    frame.addEventListener("pointermove", (event) => {
      if (!held) return;
      frame.scrollLeft = held.left - (event.clientX - held.x);
      frame.scrollTop = held.top - (event.clientY - held.y);
    });
    const release = () => {
      held = null;
      frame.classList.remove("tx-chart-held");
    };
    frame.addEventListener("pointerup", release);
    frame.addEventListener("pointercancel", release);
    layOut();
    // The first organisation stands in the middle of those under it, maybe far down: it is what one looks for.
    if (nodes.length > 0) frame.scrollTop = nodes[0].y + boxHeight / 2 - frame.clientHeight / 2;
  };
  document.querySelectorAll("[data-org-chart]").forEach(chart);
})();
