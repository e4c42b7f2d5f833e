// One cell per node.
(() => {
  const nodes = data.nodes, n = (nodes.names || []).length;
  const words = ['asked', 'replied', 'lost', 'late', 'silent', 'duplicated', 'misdelivered'];
  const replied = (nodes.mean || []).filter((v) => v > 0).sort((a, b) => a - b);
  const low = replied[Math.floor(replied.length * 0.02)] || 1;
  const high = Math.max(replied[Math.floor(replied.length * 0.98)] || 1, low * 1.01);
  let size = 8, columns = 1;

  function draw(canvas) {
    const width = canvas.parentElement.clientWidth;
    size = Math.min(Math.max(Math.floor(Math.sqrt(width * 380 / Math.max(n, 1))), 2), 22);
    columns = Math.max(Math.floor(width / size), 1);
    const [c] = surface(canvas, Math.max(Math.ceil(n / columns), 1) * size);
    const shade = shades('near', 'far'), gap = size >= 4 ? 1 : 0;
    const fixed = data.fates.map((name) => color(name === 'not asked' ? 'idle' : name));
    for (let i = 0; i < n; i++) {
      const plain = data.fates[nodes.fates[i]] === 'replied';
      c.fillStyle = plain ? shade(Math.log(nodes.mean[i] / low) / Math.log(high / low)) : fixed[nodes.fates[i]];
      c.fillRect(i % columns * size, Math.floor(i / columns) * size, size - gap, size - gap);
    }
  }

  function hover(x, y) {
    const column = Math.floor(x / size), i = Math.floor(y / size) * columns + column;
    const mark = document.getElementById('mark');
    const inside = x >= 0 && y >= 0 && column < columns && i < n;
    mark.style.display = inside ? 'block' : 'none';
    if (!inside) return '';
    mark.style.left = column * size + 'px';
    mark.style.top = Math.floor(i / columns) * size + 'px';
    mark.style.width = mark.style.height = size - (size >= 4 ? 1 : 0) + 'px';
    const counts = words.map((w, k) => [nodes.counts[k][i], w]).filter(([v, w]) => v || w === 'replied');
    const times = nodes.slowest[i] ? '\nmean ' + ms(nodes.mean[i]) + ', slowest ' + ms(nodes.slowest[i]) : '';
    return nodes.names[i] + '\n' + counts.map(([v, w]) => w + ' ' + v).join(', ') + times;
  }

  plot('grid', draw, hover);
})();
