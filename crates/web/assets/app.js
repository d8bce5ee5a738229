// What scripts add to pages that work without them: the theme, questions before a step that can't be undone, filters
// that send themselves, a guard against sending a form twice, menus that close, and charts.
(() => {
  "use strict";

  const root = document.documentElement;
  const KEY = "theme";
  root.classList.add("tx-js");

  // Theme: what the reader chose, else what the system prefers.
  const stored = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // Storage may be switched off; the choice then lasts for the page.
    }
  };
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const setTheme = (theme) => {
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent("tx:theme"));
  };
  const themeNow = () => stored() || (systemDark.matches ? "dark" : "light");
  setTheme(themeNow());
  systemDark.addEventListener("change", () => setTheme(themeNow()));

  const toggleTheme = () => {
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // See above.
    }
    setTheme(theme);
  };

  // Menus: one open at a time; closed by Escape or a press elsewhere.
  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.tx-menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    closeMenus(target.closest("details.tx-menu"));
    if (target.closest("[data-theme-toggle]")) toggleTheme();
    if (target.closest("[data-print]")) window.print();
    const dismiss = target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(".alert")?.remove();
    const link = target.closest("a[data-confirm]");
    if (link && !window.confirm(link.dataset.confirm)) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.tx-menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary")?.focus();
    }
  });

  // Asked before htmx or the browser sends the form; a form under way is not sent again.
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      const question = event.submitter?.dataset.confirm || form.dataset.confirm;
      if (form.dataset.sending || (question && !window.confirm(question))) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      if (form.method === "get" || form.target) return;
      form.dataset.sending = "1";
      form.classList.add("tx-sending");
      form.setAttribute("aria-busy", "true");
    },
    true,
  );
  const release = (form) => {
    delete form.dataset.sending;
    form.classList.remove("tx-sending");
    form.removeAttribute("aria-busy");
  };
  const releaseAll = () => document.querySelectorAll("form[data-sending]").forEach(release);
  // A page that comes back from the browser's memory is ready to send again; so is one that downloads a file.
  window.addEventListener("pageshow", releaseAll);
  document.addEventListener("htmx:afterRequest", releaseAll);
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented && !event.target.matches("[hx-post], [data-hx-post]")) release(event.target);
    setTimeout(() => event.target.isConnected && release(event.target), 8000);
  });

  // Filters.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("select[data-autosubmit], [data-autosubmit] select, [data-autosubmit] [type=checkbox]")) {
      field.form?.requestSubmit();
    }
  });

  // Tabs that do not fit into the window scroll; the one that is open is to be seen.
  const showTab = (within) => {
    for (const tabs of within.querySelectorAll(".tx-tabs")) {
      const open = tabs.querySelector(".active");
      if (open) tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
    }
  };

  // Charts: <div data-chart='{…option…}'>, drawn on a canvas when ECharts is on the page.
  const css = (name) => {
    // The browser resolves light-dark() and color-mix() for a real property only.
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return plain(colour);
  };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const plain = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgba(${r},${g},${b},${(a / 255).toFixed(2)})`;
  };
  const asList = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

  const dress = (option) => {
    const text = css("--tblr-body-color");
    const quiet = css("--tblr-secondary");
    const line = css("--tblr-border-color");
    const palette = ["primary", "orange", "blue", "purple", "green", "red", "cyan", "yellow", "pink", "indigo"];
    const axis = (a) => ({
      ...a,
      axisLabel: { color: quiet, ...a.axisLabel },
      axisLine: { lineStyle: { color: line }, ...a.axisLine },
      splitLine: { lineStyle: { color: line }, ...a.splitLine },
    });
    const dressed = {
      color: palette.map((name) => css(`--tblr-${name}`)),
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      backgroundColor: "transparent",
      ...option,
      textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily, ...option.textStyle },
      legend: asList(option.legend).map((legend) => ({ ...legend, textStyle: { color: text, ...legend.textStyle } })),
      // Drawn, not HTML: the page allows no style attributes.
      tooltip: { trigger: "item", confine: true, ...option.tooltip, renderMode: "richText" },
    };
    if (option.xAxis) dressed.xAxis = asList(option.xAxis).map(axis);
    if (option.yAxis) dressed.yAxis = asList(option.yAxis).map(axis);
    return dressed;
  };

  const draw = (element) => {
    if (!window.echarts) return;
    let option;
    try {
      option = JSON.parse(element.dataset.chart);
    } catch {
      element.hidden = true; // The table beside it says the same.
      return;
    }
    let chart = window.echarts.getInstanceByDom(element);
    if (!chart) {
      chart = window.echarts.init(element, null, { renderer: "canvas" });
      new ResizeObserver(() => chart.resize()).observe(element);
    }
    chart.setOption(dress(option), true);
  };
  const drawAll = (within) => within.querySelectorAll("[data-chart]").forEach(draw);

  // The first field with an error, or what else asks for it, gets the focus.
  const focusFirst = (within) => within.querySelector("[data-autofocus]")?.focus();

  const ready = (within) => {
    drawAll(within);
    showTab(within);
    focusFirst(within);
  };
  const start = () => {
    ready(document);
    document.addEventListener("tx:theme", () => drawAll(document));
    document.addEventListener("htmx:load", (event) => event.target !== document.body && ready(event.target));
    window.addEventListener("load", () => drawAll(document));
  };
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
