// What the relay tells, as it comes. The browser connects again by itself, except where it was
// refused or where nobody looks.

const tooOld = 5000; // ms without news

export function listen(handlers, status) {
  let source = null, wanted = '', last = 0, retry = 0;

  function open() {
    clearTimeout(retry);
    if (source) source.close();
    source = new EventSource('/api/v1/events' + wanted);
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (e) => {
        last = Date.now();
        handle(JSON.parse(e.data));
        status('live', '');
      });
    }
    source.addEventListener('bye', () => { if (document.hidden) pause(); else open(); });
    source.onerror = () => {
      status('lost', 'no connection to the relay; trying again');
      if (source.readyState !== EventSource.CLOSED) return;
      status('lost', 'the relay takes no more listeners, or is away; trying again');
      retry = setTimeout(open, 3000);
    };
  }

  function pause() {
    source.close();
    source = null;
    status('lost', 'paused while nobody looked');
  }

  document.addEventListener('visibilitychange', () => { if (!document.hidden && !source) open(); });
  setInterval(() => {
    if (source && last && Date.now() - last > tooOld) status('lost', 'no news for ' + Math.round((Date.now() - last) / 1000) + ' s');
  }, 1000);

  return (query) => { wanted = query; open(); };
}

export function decode(base64) { return base64 ? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)) : new Uint8Array(); }

// unpack takes four cells out of each byte.
export function unpack(packed, n) {
  const cells = new Uint8Array(n);
  for (let i = 0; i < n; i++) cells[i] = packed[i >> 2] >> (i & 3) * 2 & 3;
  return cells;
}

// change applies what differs: varints of a distance times four plus the new cell. It returns the
// indices.
export function change(cells, text) {
  const changed = [];
  let at = 0;
  for (let i = 0; i < text.length;) {
    let v = 0, by = 1;
    for (; text[i] & 128; i++, by *= 128) v += (text[i] & 127) * by;
    v += text[i++] * by;
    at += Math.floor(v / 4);
    cells[at] = v % 4;
    changed.push(at);
  }
  return changed;
}
