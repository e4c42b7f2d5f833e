// Latency of replies: time to the right, slower upwards, darker for more.
(() => {
  const h = data.heat, columns = (h.counts || []).length;
  const left = 64, top = 14, height = 300, bottom = top + 6 + height;
  const most = Math.max(1, ...(h.counts || []).map((column) => Math.max(...column)));
  let wide = 1;

  function ticks() {
    const at = [];
    for (let power = 1; power < h.high; power *= 10) {
      for (const f of [1, 2, 5]) if (f * power >= h.low && f * power <= h.high) at.push(f * power);
    }
    return at.length > 12 ? at.filter((v) => /^1/.test(v)) : at;
  }

  function draw(canvas) {
    const [c, width] = surface(canvas, bottom + 24);
    if (!columns) return;
    wide = (width - left) / columns;
    const shade = shades('cold', 'warm', 'hot'), alarm = shades('faint', 'lost'), tall = height / h.rows;
    c.fillStyle = color('empty');
    c.fillRect(left, top + 6, width - left, height);
    const gap = wide > 30 ? 1 : 0;
    for (let x = 0; x < columns; x++) {
      const from = Math.round(left + x * wide), to = Math.round(left + (x + 1) * wide) - gap;
      h.counts[x].forEach((n, row) => {
        if (!n) return;
        c.fillStyle = shade(Math.log(1 + n) / Math.log(1 + most));
        const y = Math.round(bottom - (row + 1) * tall);
        c.fillRect(from, y, to - from, Math.round(bottom - row * tall) - y);
      });
      const all = h.counts[x].reduce((a, b) => a + b, Math.max(h.missing[x], 0));
      c.fillStyle = h.missing[x] > 0 ? alarm(Math.log(1 + h.missing[x]) / Math.log(1 + all)) : color('empty');
      c.fillRect(from, 0, to - from, top);
    }
    for (const v of ticks()) {
      const y = bottom - Math.log(v / h.low) / Math.log(h.high / h.low) * height;
      if (y > top + 12) beside(c, v / 1000 + ' ms', left - 8, y);
    }
    beside(c, 'lost', left - 8, top / 2);
    const every = Math.max(Math.ceil(columns / Math.floor((width - left) / 70)), 1);
    for (let x = 0; x < columns; x += every) {
      below(c, parseFloat(h.starts[x].toFixed(2)) + ' s', left + (x + 0.5) * wide, bottom + 6, width);
    }
  }

  function hover(x, y) {
    const column = Math.floor((x - left) / wide);
    if (x < left || column < 0 || column >= columns || y < 0 || y > bottom) return '';
    const first = column * h.per + 1;
    const name = (h.per > 1 ? 'requests from ' + first : 'request ' + first) + ', ' + parseFloat(h.starts[column].toFixed(3)) + ' s';
    const missing = h.missing[column] + ' lost';
    const row = Math.floor((bottom - y) / height * h.rows);
    if (row < 0 || row >= h.rows) return name + '\n' + missing;
    const edge = (r) => ms(h.low * Math.pow(h.high / h.low, r / h.rows));
    return name + '\n' + edge(row) + ' to ' + edge(row + 1) + ': ' + h.counts[column][row] + ' replies\n' + missing;
  }

  plot('heat', draw, hover);
})();
