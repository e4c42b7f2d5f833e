// Brings together what the relay tells and what the page shows.
import { $, el, put, text } from './dom.js';
import { plural } from './format.js';
import { Grid } from './grid.js';
import { Heat } from './heat.js';
import { History } from './history.js';
import { ledger } from './ledger.js';
import { rejections, requests } from './lists.js';
import { Plots } from './plots.js';
import { listen } from './stream.js';
import { topology } from './topology.js';

const told = { instances: [], requests: [], rejections: [] };
const histories = new Map(); // by cluster
const grid = new Grid(), plots = new Plots();
const heats = [new Heat('request', 'requests'), new Heat('reply', 'replies')];
let cluster = '';       // that is shown; only edges have several
let chosen = null;      // the request that is watched; null follows the newest

const instance = () => told.instances.find((i) => i.cluster === cluster) || told.instances[0];
const watch = listen({
  state: (all) => { told.instances = all; for (const i of all) historyOf(i.cluster).add(i); show(); },
  requests: (all) => { told.requests = all; showLists(); },
  rejections: (all) => { told.rejections = all; showLists(); },
  grid: (e) => { grid.update(e, instance()?.now || e.request.last); showLists(); },
}, status);

function historyOf(name) {
  if (!histories.has(name)) histories.set(name, new History());
  return histories.get(name);
}

function rewatch() {
  $('follow').setAttribute('aria-pressed', String(!chosen));
  watch('?' + new URLSearchParams(chosen ? { cluster: chosen.cluster, request: chosen.id } : { cluster, request: 'latest' }));
}

function choose(request) {
  chosen = request;
  rewatch();
  showLists();
}

function status(kind, why) {
  document.body.classList.toggle('stale', kind !== 'live');
  $('live').className = kind === 'live' ? 'soft' : 'bad';
  text($('live'), kind === 'live' ? '● live' : '✕ ' + why);
}

function show() {
  const i = instance();
  if (!i) return;
  const history = historyOf(i.cluster);
  document.title = (i.ready ? '' : '✕ ') + i.cluster + ' – fedrelay';
  text($('name'), i.cluster);
  text($('who'), (i.edge ? 'edge ' : 'relay ') + i.identity + ', fedrelay ' + i.version);
  $('ready').className = 'pill ' + (i.ready ? 'good' : 'bad');
  text($('ready'), i.ready ? '✓ ready' : '✕ not ready');
  showClusters();
  put($('trouble'), ...banner(i));
  topology(i, history);
  ledger(i);
  heats.forEach((h) => h.update(history));
  plots.update(history);
  if (grid.request) grid.describe(i.now);
  showLists();
}

function banner(i) {
  const list = (name, kind, texts) => texts?.length ? [el('div', { class: 'banner ' + kind }, el('b', {}, name), el('ul', {}, ...texts.map((t) => el('li', {}, t))))] : [];
  return [...list('✕ Not ready', 'bad', i.reasons), ...list('! ' + plural(i.warnings?.length || 0, 'warning'), 'warn', i.warnings)];
}

function showClusters() {
  const nav = $('clusters');
  nav.hidden = told.instances.length < 2;
  if (nav.hidden) return;
  if (nav.children.length !== told.instances.length) {
    nav.replaceChildren(...told.instances.map((i) => {
      const b = el('button', { type: 'button' }, i.cluster);
      b.addEventListener('click', () => { cluster = i.cluster; chosen = null; plots.again(); rewatch(); show(); });
      return b;
    }));
  }
  told.instances.forEach((i, k) => {
    text(nav.children[k], (i.ready ? '✓ ' : '✕ ') + i.cluster);
    nav.children[k].setAttribute('aria-pressed', String(i === instance()));
  });
}

function showLists() {
  const now = instance()?.now;
  if (!now) return;
  const watched = chosen || (grid.request && { cluster: grid.request.cluster, id: grid.request.id });
  requests(told.requests, watched ? watched.cluster + ' ' + watched.id : '', now, told.instances.length > 1, choose);
  rejections(told.rejections, now);
}

function redraw() {
  grid.draw();
  heats.forEach((h) => h.draw());
  plots.again();
}

text($('zone'), 'Times are in ' + Intl.DateTimeFormat().resolvedOptions().timeZone + '; those of the relay, whatever the clock of this browser says.');
$('follow').addEventListener('click', () => choose(null));
addEventListener('resize', redraw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
rewatch();
