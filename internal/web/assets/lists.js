// The lists of recent requests and of rejections.
import { $, el, put, text } from './dom.js';
import { ago, bytes, clock, count, plural } from './format.js';

const rows = new Map(); // buttons by cluster and id, kept so that the focus stays

export function requests(list, selected, now, many, choose) {
  const box = $('requests');
  if (!list.length) {
    rows.clear();
    put(box, el('p', { class: 'soft empty' }, 'No request has come through this process yet.'));
    return;
  }
  const keys = new Set();
  const wanted = list.map((r) => {
    const key = r.cluster + ' ' + r.id;
    keys.add(key);
    if (!rows.has(key)) rows.set(key, row(r, choose));
    fill(rows.get(key), r, selected === key, now, many);
    return rows.get(key);
  });
  for (const key of [...rows.keys()]) if (!keys.has(key)) rows.delete(key);
  if (wanted.length !== box.children.length || wanted.some((b, i) => box.children[i] !== b)) {
    const focused = document.activeElement;
    box.replaceChildren(...wanted);
    if (wanted.includes(focused)) focused.focus({ preventScroll: true });
  }
}

function row(r, choose) {
  const b = el('button', { type: 'button', class: 'row', 'data-id': r.id },
    el('span', { class: 'id' }), el('span', { class: 'part' }), el('span', { class: 'when soft' }),
    el('span', { class: 'progress', 'aria-hidden': 'true' }, el('i')));
  b.addEventListener('click', () => choose(r));
  return b;
}

function fill(b, r, selected, now, many) {
  const [id, part, when, progress] = b.children;
  text(id, r.id);
  text(part, count(r.replies) + ' of ' + count(r.targets));
  const from = r.sender ? 'from ' + r.sender : 'replies only: another instance carried the request';
  text(when, (many ? r.cluster + ', ' : '') + ago(r.first, now) + ', ' + clock(r.first) + ', ' + from);
  progress.firstChild.style.width = Math.min(100 * r.replies / Math.max(r.targets, r.replies, 1), 100) + '%';
  b.setAttribute('aria-pressed', String(selected));
  b.classList.toggle('full', r.targets > 0 && r.replies >= r.targets);
}

const columns = ['when', 'path', 'reason', 'from', 'request', 'size', 'subject', 'what'];

export function rejections(list, now) {
  const box = $('rejections');
  text($('rejections-sum'), list.length ? 'the latest first; never a payload' : '');
  if (!list.length) {
    put(box, el('p', { class: 'good' }, '✓ Nothing has been rejected as far as is remembered.'));
    return;
  }
  const cell = (name, ...v) => el('td', { 'data-name': name }, ...v);
  put(box, el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'rejected messages' }, el('table', {},
    el('thead', {}, el('tr', {}, ...columns.map((c) => el('th', { scope: 'col' }, c)))),
    el('tbody', {}, ...list.map((r) => el('tr', {},
      cell('when', el('time', { datetime: r.at, title: r.at }, ago(r.at, now) + ', ' + clock(r.at))),
      cell('path', r.path),
      cell('reason', el('code', {}, r.reason)),
      cell('from', r.sender || '–'),
      cell('request', el('code', {}, r.request || '–')),
      cell('size', bytes(r.size)),
      cell('subject', el('code', {}, r.subject || '–')),
      cell('what', r.targets ? plural(r.targets, 'target') + ' skipped' : 'the message')))))));
}
