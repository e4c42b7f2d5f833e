// Latencies: time to the right, slower upwards, darker for more.
import { $, css, hover, shades, surface } from './dom.js';
import { count, duration, quantile } from './format.js';

const left = 58, bottom = 22, height = 200, wide = 4;

export class Heat {
  constructor(path, title) {
    this.path = path;
    this.title = title;
    this.canvas = $('heat-' + path);
    this.columns = [];
    hover(this.canvas, (x, y) => this.name(x, y));
  }

  update(history) {
    this.columns = history.samples;
    const { bounds, counts } = history.recent(this.path, 10);
    const p = (q) => duration(quantile(bounds, counts, q));
    const some = counts.some((n) => n > 0);
    $('heat-' + this.path + '-text').textContent = this.title + (some ? ': p50 ' + p(0.5) + ', p99 ' + p(0.99) + ' in the last 10 s' : ': none in the last 10 s');
    this.draw();
  }

  // range returns the buckets that have been used, with one more on each side.
  range() {
    let low = Infinity, high = -1, bounds = [];
    for (const s of this.columns) {
      if (s.gap) continue;
      if (s[this.path].bounds.length) bounds = s[this.path].bounds;
      s[this.path].counts.forEach((n, i) => { if (n > 0) { low = Math.min(low, i); high = Math.max(high, i); } });
    }
    if (high < 0) [low, high] = [0, Math.max(bounds.length - 1, 0)];
    while (high - low < 5 && (low > 0 || high < bounds.length)) { if (low > 0) low--; if (high < bounds.length) high++; }
    return { low, high, bounds };
  }

  draw() {
    const [c, width] = surface(this.canvas, height + bottom);
    const { low, high, bounds } = this.range();
    const rows = high - low + 1, tall = height / rows, room = Math.floor((width - left) / wide);
    const shown = this.columns.slice(-room);
    Object.assign(this, { low, rows, bounds, tall, shown, start: width - shown.length * wide });
    c.fillStyle = css('empty');
    c.fillRect(left, 0, width - left, height);
    const most = Math.max(1, ...shown.flatMap((s) => s.gap ? [] : s[this.path].counts));
    const shade = shades('cold', 'warm', 'hot');
    shown.forEach((s, x) => {
      if (s.gap) return;
      s[this.path].counts.forEach((n, i) => {
        if (n <= 0) return;
        c.fillStyle = shade(Math.log(1 + n) / Math.log(1 + most));
        const top = Math.round(height - (i - low + 1) * tall);
        c.fillRect(this.start + x * wide, top, wide, Math.round(height - (i - low) * tall) - top);
      });
    });
    this.axes(c, width);
  }

  axes(c, width) {
    c.fillStyle = css('soft');
    c.textAlign = 'right';
    c.textBaseline = 'middle';
    const every = Math.max(Math.ceil(18 / this.tall), 1);
    for (let i = 0; i < this.rows; i += every) {
      const bound = this.bounds[this.low + i];
      const y = height - (i + 1) * this.tall;
      if (bound !== undefined && y > 4) c.fillText(duration(bound), left - 6, y);
    }
    c.textBaseline = 'top';
    for (let s = 0; s * wide < width - left - 60; s += 60) {
      const x = width - s * wide;
      c.textAlign = s ? 'center' : 'right';
      c.fillText(s ? '−' + s / 60 + ' min' : 'now', x, height + 6);
    }
  }

  name(x, y) {
    const s = this.shown?.[Math.floor((x - this.start) / wide)];
    if (!s || s.gap || y < 0 || y > height || x < left) return '';
    const i = this.low + Math.floor((height - y) / this.tall);
    const from = i > 0 ? duration(this.bounds[i - 1]) : '0', to = i < this.bounds.length ? duration(this.bounds[i]) : 'longer';
    return new Date(s.at * 1000).toLocaleTimeString('en-GB') + '\n' + from + ' to ' + to + ': ' + count(s[this.path].counts[i] || 0);
  }
}
