// The two networks with the relay between them, and what moves on the ways.
import { $, el, put, svg, text } from './dom.js';
import { ago, clock, count, duration, known, plural, short, words, bytes } from './format.js';

const titles = { federation: 'Federation', collective: 'Collective', line: 'Line' };
const bad = ['denied', 'unconfirmed', 'refused', 'expired', 'abandoned'];

let ways = null;

function way(path) {
  const line = svg('path', { class: 'line' });
  const head = svg('path', { class: 'head', d: path === 'request' ? 'M84 3 96 10 84 17Z' : 'M16 3 4 10 16 17Z' });
  line.setAttribute('d', path === 'request' ? 'M2 10H86' : 'M98 10H14');
  const drawing = svg('svg', { viewBox: '0 0 100 20', class: 'arrow', 'aria-hidden': 'true', preserveAspectRatio: 'none' }, line, head);
  const number = el('b'), unit = el('span', { class: 'soft' }), note = el('span', { class: 'note' });
  const box = el('div', { class: 'way ' + path }, el('p', {}, number, ' ', unit), drawing, note);
  return { box, line, number, unit, note };
}

function build() {
  const map = $('topology');
  ways = { in: { request: way('request'), reply: way('reply') }, out: { request: way('request'), reply: way('reply') } };
  const flow = (w) => el('div', { class: 'flow' }, w.request.box, w.reply.box);
  map.replaceChildren(el('div', { class: 'place', id: 'side-0' }), flow(ways.in), el('div', { class: 'place self', id: 'self' }),
    flow(ways.out), el('div', { class: 'place', id: 'side-1' }));
}

export function topology(instance, history) {
  if (!ways) build();
  const now = instance.now;
  instance.sides.slice(0, 2).forEach((side, i) => {
    put($('side-' + i), ...sideLines(side, now));
    $('side-' + i).classList.toggle('down', !side.up);
  });
  put($('self'), ...selfLines(instance));
  const request = history.recent('request', 3), reply = history.recent('reply', 3);
  show(ways.in.request, request.received, request.dt, 'requests/s', {});
  show(ways.out.request, request.sent, request.dt, 'copies/s', history.recent('request', 10).fates);
  show(ways.out.reply, reply.received, reply.dt, 'replies/s', {});
  show(ways.in.reply, reply.sent, reply.dt, 'replies/s', history.recent('reply', 10).fates);
}

// show draws a way: thicker and faster for more, and in the colour of trouble if there was some.
function show(way, n, dt, unit, fates) {
  const rate = dt ? n / dt : 0, size = Math.log10(1 + rate);
  const trouble = bad.filter((f) => fates[f] > 0);
  text(way.number, dt ? short(rate) : '–');
  text(way.unit, unit);
  way.line.style.strokeWidth = 2 + 1.6 * size;
  way.line.style.animationDuration = Math.max(0.35, 2.4 / (1 + size)) + 's';
  way.box.classList.toggle('moving', rate > 0);
  way.box.classList.toggle('trouble', trouble.length > 0);
  text(way.note, trouble.length ? '! ' + trouble.map((f) => count(fates[f]) + ' ' + words(f)).join(', ') + ' in 10 s' : '');
}

function when(time, now) { return el('time', { datetime: time, title: time }, ago(time, now) + ', ' + clock(time)); }

function row(name, ...value) { return el('div', {}, el('dt', {}, name), el('dd', {}, ...value)); }

function sideLines(side, now) {
  const state = !side.up ? ['bad', '✕ down'] : side.subscribed ? ['good', '✓ up'] : ['warn', '! up, not subscribed'];
  const facts = [
    row('server', el('span', { class: 'clip', title: side.server }, side.server || 'not known')),
    row('address', side.url || 'none'),
    row('connections', count(side.connections) + (known(side.since) ? ', last change ' : ''), known(side.since) ? when(side.since, now) : ''),
    known(side.last_error_at) && side.last_error
      ? row('last error', el('span', { class: side.up ? 'soft' : 'bad' }, side.last_error), ' ', when(side.last_error_at, now))
      : row('last error', 'none'),
    side.last_denied ? row('last denial', el('code', {}, side.last_denied), ' ', when(side.last_denied_at, now)) : row('last denial', 'none'),
  ];
  if (side.server_cluster) facts.splice(1, 0, row('cluster', side.server_cluster));
  for (const [kind, at] of Object.entries(side.expiry || {})) {
    const soon = Date.parse(at) - Date.parse(now) < 30 * 864e5;
    facts.push(row(words(kind).replace('tls', 'TLS') + ' ends', el('span', { class: soon ? 'warn' : '' }, when(at, now))));
  }
  return [el('h2', {}, titles[side.name] || side.name, ' ', el('span', { class: 'pill ' + state[0] }, state[1])), el('dl', { class: 'facts' }, ...facts)];
}

function selfLines(i) {
  const up = (Date.parse(i.now) - Date.parse(i.started)) / 1000;
  const waiting = i.request.queue_messages + i.reply.queue_messages;
  const buffers = i.request.buffer_bytes + i.reply.buffer_bytes;
  const flight = i.request.in_flight + i.reply.in_flight;
  return [
    el('h2', {}, (i.edge ? 'Edge ' : 'Relay ') + i.identity),
    el('dl', { class: 'facts' },
      row('runs for', el('span', { title: i.started }, duration(Math.floor(up)))),
      row('in flight', plural(flight, 'copy', 'copies')),
      row('waiting', plural(waiting, 'message')),
      row('buffers', bytes(buffers)),
      row('lanes', count(i.request.lanes) + ' and ' + count(i.reply.lanes)),
      row('last request', known(i.request.last_received) ? when(i.request.last_received, i.now) : 'none yet'),
      row('last reply', known(i.reply.last_received) ? when(i.reply.last_received, i.now) : 'none yet')),
  ];
}
