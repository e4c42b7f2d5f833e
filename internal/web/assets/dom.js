// Elements. Text is always set as text: names and errors were written by others.

export const $ = (id) => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

export function svg(tag, attributes = {}, ...children) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

// put replaces the contents of an element, and leaves it alone if they would be the same.
export function put(element, ...children) {
  const next = el('div', {}, ...children);
  if (next.innerHTML !== element.innerHTML) element.replaceChildren(...next.childNodes);
}

export function text(element, value) { if (element.textContent !== value) element.textContent = value; }

export function css(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }

// surface gives a canvas its size in real pixels and returns a context that counts in CSS pixels.
export function surface(canvas, height) {
  const width = canvas.parentElement.clientWidth, ratio = devicePixelRatio || 1;
  canvas.style.height = height + 'px';
  const w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  const c = canvas.getContext('2d');
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, width, height);
  c.font = '12px ' + getComputedStyle(document.body).fontFamily;
  return [c, width];
}

// tip shows a text beside the pointer, or hides it.
export function tip(event, value) {
  const box = $('tip');
  box.style.display = value ? 'block' : 'none';
  text(box, value || '');
  box.style.left = box.style.top = 0;
  const x = event.clientX, y = event.clientY;
  const left = x + 16 + box.offsetWidth > innerWidth ? x - 12 - box.offsetWidth : x + 16;
  const top = y + 16 + box.offsetHeight > innerHeight ? y - 12 - box.offsetHeight : y + 16;
  box.style.left = Math.max(left, 4) + 'px';
  box.style.top = Math.max(top, 4) + 'px';
}

export function hover(canvas, at) {
  canvas.addEventListener('pointermove', (e) => {
    const box = canvas.getBoundingClientRect();
    tip(e, at(e.clientX - box.left, e.clientY - box.top));
  });
  canvas.addEventListener('pointerleave', (e) => { at(-1, -1); tip(e, ''); });
}

// shades returns a function from 0..1 to a color between the named ones.
export function shades(...names) {
  const stops = names.map(css).map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  return (t) => {
    const at = Math.min(Math.max(t, 0), 1) * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2);
    return 'rgb(' + stops[i].map((v, k) => Math.round(v + (stops[i + 1][k] - v) * (at - i))).join(',') + ')';
  };
}

export const still = matchMedia('(prefers-reduced-motion: reduce)');
