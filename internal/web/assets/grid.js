// One cell for each node of a request.
import { $, css, el, hover, put, still, surface, text } from './dom.js';
import { ago, clock, count, known, node, plural, sum, words } from './format.js';
import { change, decode, unpack } from './stream.js';

const states = ['no reply seen here', 'answered', 'the server denied the copy'];
const legend = ['no reply yet', 'answered', 'denied'];
const bounds = { confirmed: 'at most ', unconfirmed: 'at most ', denied: 'at least ' }; // if denials are forgotten
const fadeFor = 500; // ms
const edge = 4;      // pixels around all cells, for frames

export class Grid {
  cells = new Uint8Array();
  names = [];
  request = null;
  others = 0;
  fresh = new Map(); // when a cell was answered, to fade it in
  at = -1;           // the cell that is pointed at
  size = 8;
  columns = 1;

  constructor() {
    this.canvas = $('grid');
    hover(this.canvas, (x, y) => this.point(x, y));
    this.canvas.addEventListener('click', () => this.tell());
    this.canvas.addEventListener('keydown', (e) => this.key(e));
    this.canvas.addEventListener('blur', () => { this.at = -1; this.draw(); });
  }

  // update takes an event.
  update(e, now) {
    const another = !this.request || this.request.id !== e.request.id || this.request.cluster !== e.request.cluster;
    if (e.whole) {
      const before = this.cells;
      this.cells = unpack(decode(e.cells), e.count);
      this.fresh.clear();
      if (another || before.length !== e.count) this.fetchNames(e.request);
    } else {
      for (const i of change(this.cells, decode(e.changes))) this.fresh.set(i, performance.now());
    }
    this.request = e.request;
    this.others = e.others;
    this.describe(now);
    this.draw();
  }

  async fetchNames(r) {
    this.names = [];
    this.at = -1;
    const answer = await fetch('/api/v1/request?' + new URLSearchParams({ id: r.id, cluster: r.cluster }));
    const all = answer.ok ? await answer.json() : [];
    if (!all.length || this.request.id !== r.id) return;
    this.names = (all[0].names || []).map(node).filter(Boolean);
    this.listMissing();
  }

  describe(now) {
    const r = this.request;
    text($('grid-id'), r.id);
    text($('explain'), 'fedrelay explain ' + r.id);
    const n = this.counts();
    const unnamed = (r.targets || 0) - this.cells.length;
    const parts = [el('b', {}, count(n[1])), ' of ' + plural(this.cells.length, 'node') + ' answered'];
    if (this.others) parts.push(', and ' + count(this.others) + ' whose names are not known here');
    if (unnamed > 0 && r.forgotten) parts.push('; names of ' + plural(unnamed, 'more target') + ' were not kept');
    else if (unnamed > 0) parts.push('; ' + plural(unnamed, 'more target') + ' may address several nodes');
    if (r.denials_forgotten) parts.push('; more may be denied than is shown');
    put($('grid-sum'), ...parts);
    put($('grid-legend'), ...legend.map((name, i) => el('span', {}, el('i', { class: 'cell c' + i }), name + ' ', el('b', {}, count(n[i])))));
    const row = (name, ...v) => el('div', {}, el('dt', {}, name), el('dd', {}, ...v));
    const when = (t) => known(t) ? ago(t, now) + ', ' + clock(t) : 'not here';
    const copies = Object.entries(r.copies || {}).map(([f, c]) => (r.denials_forgotten && bounds[f] || '') + count(c) + ' ' + words(f)).join(', ');
    put($('grid-facts'),
      row('from', r.sender || 'not known'), row('came', when(r.first)), row('copies', copies || 'none here'),
      row('replies', plural(r.replies || 0, 'reply', 'replies') + ' here'), row('first reply', when(r.first_reply)), row('last reply', when(r.last_reply)),
      sum(r.skipped) ? row('skipped', Object.entries(r.skipped).map(([w, c]) => w + ' ' + count(c)).join(', ')) : null);
    this.listMissing();
  }

  counts() {
    const n = [0, 0, 0];
    for (const c of this.cells) n[c]++;
    return n;
  }

  // listMissing writes the names of nodes without a reply: a picture tells them to eyes only.
  listMissing() {
    const missing = this.names.filter((_, i) => this.cells[i] !== 1);
    $('missing-box').hidden = !missing.length;
    text($('missing-head'), plural(missing.length, 'node') + ' without a reply here');
    const shown = missing.slice(0, 300).join(' ');
    text($('missing'), missing.length > 300 ? shown + ' and ' + count(missing.length - 300) + ' more' : shown);
  }

  layout(width) {
    const n = Math.max(this.cells.length + this.others, 1);
    this.size = Math.min(Math.max(Math.floor(Math.sqrt(width * 380 / n)), 3), 20);
    this.columns = Math.max(Math.floor((width - 2 * edge) / this.size), 1);
    return Math.ceil(n / this.columns) * this.size + 2 * edge;
  }

  draw() {
    const height = this.layout(this.canvas.parentElement.clientWidth);
    const [c] = surface(this.canvas, height);
    c.translate(edge, edge);
    const now = performance.now(), ink = { wait: css('wait'), answered: css('reply'), denied: css('bad'), flash: css('flash'), mark: css('ink'), ground: css('card') };
    let moving = false;
    for (let i = 0; i < this.cells.length + this.others; i++) {
      const age = now - (this.fresh.get(i) ?? -1e9);
      const fading = age < fadeFor && !still.matches;
      moving = moving || fading;
      this.cell(c, i, i < this.cells.length ? this.cells[i] : 1, ink, fading ? 1 - age / fadeFor : 0);
    }
    this.pointOut(c, ink);
    if (moving) requestAnimationFrame(() => this.draw());
    else this.fresh.clear();
  }

  // pointOut draws frames around the few that are missing among many: they are what people look for.
  pointOut(c, ink) {
    const missing = [];
    this.cells.forEach((state, i) => { if (state !== 1) missing.push(i); });
    if (this.size > 9 || missing.length > 40 || missing.length > this.cells.length / 10) return;
    for (const i of missing) {
      const x = i % this.columns * this.size, y = Math.floor(i / this.columns) * this.size;
      c.strokeStyle = ink.mark;
      c.lineWidth = 1;
      c.strokeRect(x - 3.5, y - 3.5, this.size + 6, this.size + 6);
      if (this.cells[i] === 2) cross(c, x - 3, y - 3, this.size + 5, ink, 2);
    }
  }

  // cell draws shapes that differ without colours: a ring, a full square, a cross.
  cell(c, i, state, ink, flash) {
    const s = this.size, gap = s > 4 ? 1 : 0, w = s - gap;
    const x = i % this.columns * s, y = Math.floor(i / this.columns) * s;
    if (state === 1) {
      c.fillStyle = ink.answered;
      c.fillRect(x, y, w, w);
      if (flash) { c.globalAlpha = flash; c.fillStyle = ink.flash; c.fillRect(x, y, w, w); c.globalAlpha = 1; }
    } else if (state === 2) {
      cross(c, x, y, w, ink, Math.max(1.5, s / 5));
    } else if (s < 6) {
      c.fillStyle = ink.wait;
      c.fillRect(x + w / 2 - 0.5, y + w / 2 - 0.5, 1, 1);
    } else {
      c.strokeStyle = ink.wait;
      c.lineWidth = 1;
      c.strokeRect(x + 1.5, y + 1.5, w - 3, w - 3);
    }
    if (i === this.at) {
      c.strokeStyle = ink.mark;
      c.lineWidth = 2;
      c.strokeRect(x, y, w, w);
    }
  }

  point(x, y) {
    const column = Math.floor((x - edge) / this.size), i = Math.floor((y - edge) / this.size) * this.columns + column;
    const at = x >= edge && y >= edge && column < this.columns && i < this.cells.length + this.others ? i : -1;
    if (at !== this.at) { this.at = at; this.draw(); }
    return this.name(at);
  }

  name(i) {
    if (i < 0) return '';
    if (i >= this.cells.length) return 'a node whose name is not known here\nanswered';
    return (this.names[i] || 'node ' + (i + 1)) + '\n' + states[this.cells[i]];
  }

  tell() { text($('cell'), this.name(this.at).replace('\n', ': ') || 'Point at a cell, or move through the cells with the arrow keys.'); }

  key(e) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns }[e.key];
    const end = { Home: 0, End: this.cells.length - 1 }[e.key];
    if (by === undefined && end === undefined) return;
    e.preventDefault();
    this.at = Math.min(Math.max(end ?? (this.at < 0 ? 0 : this.at + by), 0), this.cells.length - 1);
    this.draw();
    this.tell();
  }
}

// cross clears a place and draws a cross into it.
function cross(c, x, y, w, ink, wide) {
  c.fillStyle = ink.ground;
  c.fillRect(x, y, w, w);
  c.strokeStyle = ink.denied;
  c.lineWidth = wide;
  c.beginPath();
  c.moveTo(x + 1, y + 1); c.lineTo(x + w - 1, y + w - 1);
  c.moveTo(x + w - 1, y + 1); c.lineTo(x + 1, y + w - 1);
  c.stroke();
}
