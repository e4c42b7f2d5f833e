// Targets sent, copied and answered per second.
(() => {
  const f = data.flow, bins = f.sent.length;
  const lines = ['sent', 'copies', 'replies'].filter((name) => f[name]);
  const left = 64, height = 200;
  // A request is sent at once: with few of them that towers above all else, and is cut off.
  const seen = lines.filter((name) => name !== 'sent' && Math.max(...f[name]) > 0);
  const most = Math.max(1, ...(seen.length ? seen : lines).map((name) => Math.max(...f[name]))) * 1.1 / f.width;
  let wide = 1;

  function draw(canvas) {
    const [c, width] = surface(canvas, height + 30);
    wide = (width - left) / bins;
    const y = (v) => 6 + height * (1 - v / most);
    c.lineWidth = 1;
    for (let v = 0, by = step(most, 5); v <= most; v += by) {
      c.fillStyle = color('rule');
      c.fillRect(left, Math.round(y(v)), width - left, 1);
      beside(c, short(v), left - 8, y(v));
    }
    for (let t = 0, by = step(bins * f.width, width > 900 ? 12 : 6); t <= bins * f.width * 1.0001; t += by) {
      below(c, parseFloat(t.toPrecision(6)) + ' s', left + t / f.width * wide, height + 12, width);
    }
    c.beginPath();
    c.rect(left, 0, width - left, height + 8);
    c.clip();
    for (const name of lines) {
      c.strokeStyle = color(name);
      c.lineWidth = { sent: 6, copies: 4, replies: 1.5 }[name]; // each shows where they are the same
      c.lineJoin = 'round';
      c.beginPath();
      f[name].forEach((n, i) => c[i ? 'lineTo' : 'moveTo'](left + (i + 0.5) * wide, y(n / f.width)));
      c.stroke();
    }
  }

  function hover(x) {
    const i = Math.floor((x - left) / wide);
    if (x < left || i < 0 || i >= bins) return '';
    const time = (v) => parseFloat((v * f.width).toPrecision(4));
    return time(i) + ' to ' + time(i + 1) + ' s\n' +
      lines.map((name) => name + ' ' + short(f[name][i] / f.width) + '/s (' + f[name][i].toLocaleString('en') + ')').join('\n');
  }

  plot('rates', draw, hover);
})();

redraw();
addEventListener('resize', redraw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
