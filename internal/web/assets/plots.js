// Lines over time, drawn by uPlot.
import { $, css } from './dom.js';
import { duration, quantile, short } from './format.js';

const height = 190;

// A line is told from the others by its dashes as well as by its colour.
const rateLines = [
  ['requests', 'request', [2, 3], (s) => s.request.received],
  ['copies', 'request', [], (s) => s.request.sent],
  ['replies in', 'reply', [2, 3], (s) => s.reply.received],
  ['replies out', 'reply', [], (s) => s.reply.sent],
];
const at = (path, q) => (s) => { const v = quantile(s[path].bounds, s[path].counts, q); return v < 0 ? null : v; };
const latencyLines = [
  ['requests p50', 'request', [2, 3], at('request', 0.5)],
  ['requests p99', 'request', [], at('request', 0.99)],
  ['replies p50', 'reply', [2, 3], at('reply', 0.5)],
  ['replies p99', 'reply', [], at('reply', 0.99)],
];

class Lines {
  constructor(id, lines, format, log) { Object.assign(this, { box: $(id), lines, format, log, plot: null }); }

  update(samples) {
    const data = [samples.map((s) => s.at), ...this.lines.map(([, , , of]) => samples.map((s) => s.gap ? null : of(s)))];
    if (this.plot) this.plot.setData(data);
    else if (samples.length > 1) this.build(data);
    this.latest();
  }

  // latest puts the latest values into the legend while nobody points elsewhere.
  latest() { if (this.plot && this.plot.cursor.idx == null) this.plot.setLegend({ idx: this.plot.data[0].length - 1 }); }

  build(data) {
    this.box.replaceChildren();
    const axis = { stroke: css('soft'), grid: { stroke: css('rule'), width: 1 }, ticks: { stroke: css('rule'), width: 1 }, font: '12px system-ui, sans-serif' };
    this.plot = new uPlot({
      width: this.box.clientWidth, height,
      scales: { x: { time: true }, y: this.log ? { distr: 3 } : { range: (u, min, max) => [0, Math.max(max * 1.1, 1)] } },
      axes: [
        { ...axis, space: 70, values: (u, all) => all.map((v) => new Date(v * 1000).toLocaleTimeString('en-GB')) },
        { ...axis, size: 58, values: (u, all) => all.map((v) => v === null ? '' : this.format(v)) },
      ],
      legend: { markers: {
        width: 3, dash: (u, i) => this.lines[i - 1][2].length ? 'dotted' : 'solid', stroke: (u, i) => css(this.lines[i - 1][1]),
        fill: (u, i) => this.lines[i - 1][2].length ? 'transparent' : css(this.lines[i - 1][1]),
      } },
      hooks: { ready: [() => setTimeout(() => this.latest())] },
      series: [
        { label: 'at', value: (u, v) => v === null ? '' : new Date(v * 1000).toLocaleTimeString('en-GB') },
        ...this.lines.map(([label, color, dash]) => ({
          label, stroke: css(color), dash, width: 1.75, points: { show: false }, value: (u, v) => v === null || v === undefined ? '–' : this.format(v),
        })),
      ],
    }, data, this.box);
  }

  again() {
    const data = this.plot?.data;
    this.plot?.destroy();
    this.plot = null;
    if (data) this.build(data);
  }
}

export class Plots {
  all = [new Lines('rates', rateLines, short, false), new Lines('latency', latencyLines, duration, true)];
  update(history) { this.all.forEach((p) => p.update(history.samples)); }
  again() { this.all.forEach((p) => p.again()); }
}
