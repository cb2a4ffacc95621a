// Charts are drawn from the table that stands below them, in the page's own colours.
"use strict";

(() => {
  const figures = [...document.querySelectorAll("figure[data-chart]")];
  if (!figures.length || !window.echarts) return;
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

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
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    chart.setOption({
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      color: ["--jade", "--c-amber", "--c-blue", "--c-plum", "--c-rose", "--c-teal"].map(colour),
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 8, right: 12, top: series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
      legend: series.length > 1 ? { top: 4, textStyle: { color: ink } } : undefined,
      // rich text: a tooltip of HTML would need inline style, which the pages forbid
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: colour("--card"), textStyle: { color: ink }, valueFormatter: (v) => (v == null ? "–" : `${v}${figure.dataset.unit}`) },
      xAxis: { type: "category", data: labels, axisLabel: { color: soft, hideOverlap: true }, axisLine: { lineStyle: { color: line } } },
      yAxis: { type: "value", axisLabel: { color: soft }, splitLine: { lineStyle: { color: line } } },
      series: series.map((one) => ({ ...one, type: kind === "line" ? "line" : "bar", stack: kind === "stack" ? "all" : undefined, symbolSize: 6, barMaxWidth: 36 })),
    }, true);
  };

  for (const figure of figures) {
    const chart = echarts.init(figure.querySelector(".canvas"), null, { renderer: "svg" });
    draw(figure, chart);
    new ResizeObserver(() => chart.resize()).observe(figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(figure, chart));
  }
})();
