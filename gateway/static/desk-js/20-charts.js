// Charts are drawn from the table that stands below them, in the page's own colours.
"use strict";

(() => {
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  const colours = () => ["--jade", "--c-amber", "--c-blue", "--c-plum", "--c-rose", "--c-teal"].map(colour);

  // the small library has no legend of its own
  const legend = (figure, series) => {
    figure.querySelector(".legend")?.remove();
    if (series.length < 2) return;
    const list = document.createElement("ul");
    list.className = "legend";
    list.append(...series.map(({ name }, i) => {
      const row = document.createElement("li"), dot = document.createElement("i");
      dot.style.background = colours()[i % 6];
      row.append(dot, name);
      return row;
    }));
    figure.querySelector("figcaption").after(list);
  };

  const read = (figure) => {
    const names = [...figure.querySelectorAll("thead th")].slice(1).map((th) => th.textContent);
    const rows = [...figure.querySelectorAll("tbody tr")];
    const number = (cell) => (cell.dataset.n === "" ? null : Number(cell.dataset.n));
    return {
      labels: rows.map((row) => row.querySelector("th").textContent),
      series: names.map((name, i) => ({ name, data: rows.map((row) => number(row.querySelectorAll("td")[i])) })),
    };
  };

  const draw = (figure, chart) => {
    const { labels, series } = read(figure);
    const kind = figure.dataset.chart;
    legend(figure, series);
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    const few = labels.length <= 8; // each of few names is told, in as many lines as it needs
    const width = Math.max(40, Math.floor((chart.getWidth() - 60) / labels.length));
    const unit = figure.dataset.unit;
    chart.setOption({
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      color: colours(),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 8, right: 12, top: 16, bottom: 8, containLabel: true },
      xAxis: { type: "category", data: labels, axisLabel: few ? { color: soft, interval: 0, width, overflow: "break" } : { color: soft, hideOverlap: true }, axisLine: { lineStyle: { color: line } } },
      yAxis: { type: "value", minInterval: unit ? 0 : 1, axisLabel: { color: soft, formatter: `{value}${unit}` }, splitLine: { lineStyle: { color: line } } },
      series: series.map((one) => ({ ...one, type: kind === "line" ? "line" : "bar", stack: kind === "stack" ? "all" : undefined, symbolSize: 6, barMaxWidth: 36 })),
    }, true);
  };

  // the library comes after this file, and htmx may bring a figure later
  const start = (root) => {
    if (!window.echarts) return;
    for (const figure of root.querySelectorAll("figure[data-chart]:not([data-drawn])")) {
      figure.dataset.drawn = "";
      const chart = echarts.init(figure.querySelector(".canvas"));
      draw(figure, chart);
      new ResizeObserver(() => { chart.resize(); draw(figure, chart); }).observe(figure.querySelector(".canvas"));
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(figure, chart));
    }
  };
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:swap", () => start(document));
})();
