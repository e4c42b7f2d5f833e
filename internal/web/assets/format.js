// Numbers, times and names as people read them.

export function count(n) { return Math.round(n).toLocaleString('en'); }

export function short(n) {
  const [by, unit] = n >= 1e9 ? [1e9, 'G'] : n >= 1e6 ? [1e6, 'M'] : n >= 1e4 ? [1e3, 'k'] : [1, ''];
  const v = n / by;
  return (unit ? parseFloat(v.toPrecision(3)) : v >= 10 ? Math.round(v).toLocaleString('en') : parseFloat(v.toFixed(1))) + unit;
}

export function bytes(n) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) { n /= 1024; i++; }
  return (i ? parseFloat(n.toPrecision(3)) : n) + ' ' + units[i];
}

// duration takes seconds.
export function duration(s) {
  if (!isFinite(s)) return 'longer';
  if (s < 1e-3) return parseFloat((s * 1e6).toPrecision(3)) + ' µs';
  if (s < 1) return parseFloat((s * 1e3).toPrecision(3)) + ' ms';
  if (s < 120) return parseFloat(s.toPrecision(3)) + ' s';
  if (s < 7200) return Math.round(s / 60) + ' min';
  if (s < 172800) return Math.round(s / 3600) + ' h';
  return Math.floor(s / 86400) + ' days';
}

export function known(time) { return Boolean(time) && !time.startsWith('0001-'); }

// ago is relative to now, the clock of the relay: that of the browser may differ.
export function ago(time, now) {
  const s = (Date.parse(now) - Date.parse(time)) / 1000;
  if (s < -1) return 'in ' + duration(Math.round(-s));
  return s < 1 ? 'just now' : duration(Math.floor(s)) + ' ago';
}

export function clock(time) {
  const t = new Date(time);
  const today = t.toDateString() === new Date().toDateString();
  const hms = t.toLocaleTimeString('en-GB');
  return today ? hms : t.toLocaleDateString('en-CA') + ' ' + hms;
}

export function words(name) { return name.replaceAll('_', ' '); }

export function plural(n, word, words = word + 's') { return count(n) + ' ' + (n === 1 ? word : words); }

// node is the name of a node in a target, and empty if the target is not one node.
export function node(target) {
  const at = target.indexOf('.');
  const rest = at < 0 ? '' : target.slice(at + 1);
  return rest.startsWith('node.') ? rest.slice(5) : '';
}

export function sum(map) { return Object.values(map || {}).reduce((a, b) => a + b, 0); }

// quantile of a difference of histograms, in seconds; -1 of nothing.
export function quantile(bounds, counts, q) {
  const all = counts.reduce((a, b) => a + b, 0);
  if (!all) return -1;
  let below = 0;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] && below + counts[i] >= q * all) {
      if (i === bounds.length) break;
      const from = i ? bounds[i - 1] : 0;
      return from + (bounds[i] - from) * (q * all - below) / counts[i];
    }
    below += counts[i];
  }
  return bounds[bounds.length - 1];
}
