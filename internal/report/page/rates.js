// Targets sent, copied and answered per second, drawn by uPlot.
(() => {
  const f = data.flow, box = document.getElementById('rates');
  const lines = ['sent', 'copies', 'replies'].filter((name) => f[name]);
  // A request is sent at once: with few of them that towers above all else, and is cut off.
  const seen = lines.filter((name) => name !== 'sent' && Math.max(...f[name]) > 0);
  const most = Math.max(1, ...(seen.length ? seen : lines).map((name) => Math.max(...f[name]))) * 1.1 / f.width;
  const seconds = (v) => parseFloat(v.toPrecision(6)) + ' s';
  const values = [f.sent.map((_, i) => (i + 0.5) * f.width), ...lines.map((name) => f[name].map((n) => n / f.width))];
  // Each shows where they are the same, and is told from the others by more than its colour.
  const styles = { sent: { width: 6 }, copies: { width: 4 }, replies: { width: 1.5, dash: [6, 3] } };
  let plot = null;

  plots.push(() => {
    if (plot) plot.destroy();
    const axis = { stroke: color('soft'), grid: { stroke: color('rule'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    plot = new uPlot({
      width: box.clientWidth, height: 250,
      scales: { x: { time: false, range: [0, f.sent.length * f.width] }, y: { range: [0, most] } },
      legend: { markers: { fill: (u, i) => color(lines[i - 1]) } },
      axes: [{ ...axis, values: (u, all) => all.map(seconds) }, { ...axis, size: 60, values: (u, all) => all.map(short) }],
      series: [
        { label: 'at', value: (u, v) => v === null ? '' : seconds(v) },
        ...lines.map((name) => ({
          label: name, stroke: color(name), points: { show: false }, value: (u, v) => v === null ? '–' : short(v) + '/s', ...styles[name],
        })),
      ],
    }, values, box);
  });
})();

redraw();
addEventListener('resize', redraw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
