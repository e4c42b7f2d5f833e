// The books of both paths, as bars that must sum up.
import { $, el, put, text } from './dom.js';
import { clock, count, sum } from './format.js';

// The order in bars and legends is that of a copy's life.
const order = ['accepted', 'rejected', 'in parse', 'confirmed', 'in flight', 'unconfirmed', 'denied', 'refused', 'expired', 'abandoned', 'skipped'];

export function ledger(instance) {
  const off = ['request', 'reply'].some((name) => !balanced(instance[name]));
  put($('ledger-sum'), el('span', { class: 'pill ' + (off ? 'bad' : 'good') }, off ? '✕ the books do not balance' : '✓ the books balance'));
  text($('ledger-since'), 'all that has come since ' + clock(instance.started));
  put($('ledger'), ...['request', 'reply'].map((name) => pathBars(name, instance[name])));
}

function balanced(p) {
  return p.received === p.accepted + sum(p.rejected) + p.in_parse && p.copies === sum(p.fates) + p.in_flight && !p.unaccounted;
}

function pathBars(name, p) {
  const copies = { ...p.fates, 'in flight': p.in_flight };
  const messages = { accepted: p.accepted, rejected: sum(p.rejected), 'in parse': p.in_parse };
  return el('div', { class: 'book' },
    el('h3', {}, name === 'request' ? 'Requests' : 'Replies'),
    bar('messages received', p.received, messages, p.rejected),
    bar('copies accepted', p.copies, copies, p.skipped),
    p.unaccounted ? el('p', { class: 'bad' }, '✕ ' + count(p.unaccounted) + ' without a fate although the path is at rest') : null,
    p.ingest_dropped ? el('p', { class: 'bad' }, '✕ ' + count(p.ingest_dropped) + ' lost before they were received') : null);
}

function bar(title, total, parts, reasons) {
  const shown = order.filter((name) => parts[name] > 0);
  const known = sum(parts);
  const off = total - known;
  const pieces = shown.map((name) => {
    const piece = el('span', { class: 'piece f-' + name.replace(' ', '-'), title: name + ' ' + count(parts[name]) });
    piece.style.flexGrow = parts[name] / Math.max(total, 1);
    return piece;
  });
  const label = title + ' ' + count(total) + ' = ' + (shown.map((n) => n + ' ' + count(parts[n])).join(' + ') || '0');
  const verdict = off === 0
    ? el('span', { class: 'good' }, '✓ sums up')
    : el('span', { class: 'bad' }, '✕ does not sum up: ' + count(Math.abs(off)) + (off > 0 ? ' missing' : ' too many'));
  const why = Object.entries(reasons || {}).filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  return el('div', { class: 'ledger' + (off ? ' off' : '') },
    el('p', { class: 'equation' }, el('b', {}, count(total)), ' ' + title + ' ', verdict),
    el('div', { class: 'bar', role: 'img', 'aria-label': label }, ...pieces),
    el('p', { class: 'legend' }, ...shown.map((name) => el('span', {}, el('i', { class: 'key f-' + name.replace(' ', '-') }), name + ' ', el('b', {}, count(parts[name]))))),
    why.length ? el('p', { class: 'hint' }, 'because of ' + why.map(([r, n]) => r + ' ' + count(n)).join(', ')) : null);
}
