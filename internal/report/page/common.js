'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const plots = [];

// plot draws into a canvas now, after a resize and when the theme changes; hover gives the text for a place, or nothing.
function plot(id, draw, hover) {
  const canvas = document.getElementById(id);
  plots.push(() => draw(canvas));
  canvas.addEventListener('mousemove', (e) => {
    const box = canvas.getBoundingClientRect();
    tip(e, hover(e.clientX - box.left, e.clientY - box.top));
  });
  canvas.addEventListener('mouseleave', (e) => { hover(-1, -1); tip(e, ''); });
}

function redraw() { plots.forEach((p) => p()); }

// surface gives a canvas its size in real pixels and returns a context that counts in CSS pixels.
function surface(canvas, height) {
  const width = canvas.parentElement.clientWidth, ratio = window.devicePixelRatio || 1;
  canvas.style.height = height + 'px';
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const c = canvas.getContext('2d');
  c.scale(ratio, ratio);
  c.font = '12px ' + getComputedStyle(document.body).fontFamily;
  return [c, width];
}

function tip(e, text) {
  const box = document.getElementById('tip');
  box.style.display = text ? 'block' : 'none';
  box.textContent = text || '';
  box.style.left = box.style.top = 0; // at the edge it would be measured squeezed
  const left = e.clientX + 16 + box.offsetWidth > innerWidth ? e.clientX - 12 - box.offsetWidth : e.clientX + 16;
  const top = e.clientY + 16 + box.offsetHeight > innerHeight ? e.clientY - 12 - box.offsetHeight : e.clientY + 16;
  box.style.left = Math.max(left, 4) + 'px';
  box.style.top = Math.max(top, 4) + 'px';
}

function color(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }

// shades returns a function from 0..1 to a color between the named ones.
function shades(...names) {
  const stops = names.map((n) => color(n)).map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return (t) => {
    const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2);
    return 'rgb(' + stops[i].map((v, k) => Math.round(v + (stops[i + 1][k] - v) * (at - i))).join(',') + ')';
  };
}

function ms(us) {
  const v = us / 1000;
  return (v >= 100 ? Math.round(v).toLocaleString('en') : v >= 10 ? v.toFixed(1) : v.toFixed(2)) + ' ms';
}

function short(n) {
  const unit = n >= 1e6 ? [1e6, 'M'] : n >= 1e4 ? [1e3, 'k'] : [1, ''];
  return parseFloat((n / unit[0]).toPrecision(3)) + unit[1];
}

// A text at a tick of the axis below the plot.
function below(c, text, x, y, width) {
  c.fillStyle = color('soft');
  c.textBaseline = 'top';
  c.textAlign = x > width - 30 ? 'right' : 'center';
  c.fillText(text, Math.min(x, width), y);
}

function beside(c, text, x, y) {
  c.fillStyle = color('soft');
  c.textBaseline = 'middle';
  c.textAlign = 'right';
  c.fillText(text, x, y);
}
