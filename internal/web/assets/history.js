// What has been counted each second, as far as this page was there to see it.

const seconds = 300;

export class History {
  samples = []; // oldest first
  last = null;  // the instance as told before

  add(instance) {
    const before = this.last;
    this.last = instance;
    if (!before) return;
    const dt = (Date.parse(instance.now) - Date.parse(before.now)) / 1000;
    if (dt <= 0) return;
    if (instance.started !== before.started) { this.samples = []; return; } // it counts from 0 again
    if (dt > 5) this.samples.push({ at: Date.parse(before.now) / 1000 + 1, gap: true });
    this.samples.push({
      at: Date.parse(instance.now) / 1000, dt,
      request: difference(before.request, instance.request, dt),
      reply: difference(before.reply, instance.reply, dt),
    });
    while (this.samples.length > seconds) this.samples.shift();
  }

  // recent adds up the last few seconds of a path.
  recent(path, n) {
    const total = { fates: {}, counts: [], bounds: [], received: 0, sent: 0, dt: 0 };
    for (const s of this.samples.slice(-n)) {
      if (s.gap) continue;
      const p = s[path];
      total.dt += s.dt;
      total.received += p.received * s.dt;
      total.sent += p.sent * s.dt;
      for (const [fate, v] of Object.entries(p.fates)) total.fates[fate] = (total.fates[fate] || 0) + v;
      if (p.counts.length) total.bounds = p.bounds;
      p.counts.forEach((v, i) => { total.counts[i] = (total.counts[i] || 0) + v; });
    }
    return total;
  }
}

function written(path) { return ['confirmed', 'denied', 'unconfirmed'].reduce((n, f) => n + (path.fates?.[f] || 0), 0); }

function difference(a, b, dt) {
  const fates = {};
  for (const [fate, n] of Object.entries(b.fates || {})) fates[fate] = n - (a.fates?.[fate] || 0);
  const before = a.added_latency?.counts || [], now = b.added_latency?.counts || [];
  return {
    received: (b.received - a.received) / dt, sent: (written(b) - written(a)) / dt, fates,
    bounds: b.added_latency?.bounds || [], counts: now.map((n, i) => n - (before[i] || 0)),
  };
}
