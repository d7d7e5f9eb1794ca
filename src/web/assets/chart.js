/* global Chart */

// The chart draws what the tables say: both come from the same figures, and the page is whole without the chart.

const figure = document.querySelector('.chart');
const canvas = figure?.querySelector('canvas');
const shortMonth = new Intl.DateTimeFormat('en', { timeZone: 'UTC', month: 'short', year: 'numeric' });

if (canvas && typeof Chart === 'function') {
  const tiers = [...document.querySelectorAll('table[data-tier]')].map(readTier);
  const money = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: figure.dataset.currency,
    currencyDisplay: 'narrowSymbol',
  });
  const short = new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: figure.dataset.currency,
    currencyDisplay: 'narrowSymbol',
    notation: 'compact',
    maximumFractionDigits: 1,
  });
  figure.hidden = false;
  const chart = new Chart(canvas, {
    type: 'line',
    data: { labels: [], datasets: [] },
    options: optionsOf(money, short),
  });
  const draw = () => drawChart(chart, tiers);
  for (const input of figure.querySelectorAll('input')) input.addEventListener('change', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  draw();
}

/** A tier's months, bands by perimeter and findings, out of its table. A tier whose bill is all it costs has one band. */
function readTier(table) {
  const rows = [...table.tBodies[0].rows];
  const findings = Object.fromEntries(
    [...table.querySelectorAll('[data-finding]')].map((span) => [span.dataset.finding, span.textContent]),
  );
  const perimeters = Object.keys(findings);
  const bandAt = (perimeter) => {
    const first = 4 * Math.max(0, perimeters.indexOf(perimeter));
    const column = (offset) => rows.map((row) => Number(row.querySelectorAll('data')[first + offset].value));
    return { p10: column(1), p50: column(2), p90: column(3), finding: findings[perimeter] ?? findings.full };
  };
  return {
    id: table.dataset.tier,
    label: table.dataset.label,
    months: rows.map((row) => shortMonth.format(new Date(row.querySelector('time').dateTime))),
    bill: bandAt('bill'),
    full: bandAt('full'),
  };
}

function drawChart(chart, tiers) {
  const chosen = figure.querySelector('[name=tier]:checked').value;
  const perimeter = figure.querySelector('[name=perimeter]:checked').value;
  const style = getComputedStyle(document.documentElement);
  const ink = style.color;
  const tier = tiers.find(({ id }) => id === chosen) ?? tiers[0];
  const band = tier[perimeter];
  const colour = colourOf(tier.id);

  chart.data.labels = tier.months;
  chart.data.datasets = [
    {
      label: `${tier.label} P90`,
      data: band.p90,
      borderWidth: 0,
      pointRadius: 0,
      fill: '+1',
      backgroundColor: fade(colour, 0.18),
      order: 3,
    },
    { label: `${tier.label} P10`, data: band.p10, borderWidth: 0, pointRadius: 0, order: 3 },
    ...tiers.map((other) => lineOf(other, perimeter, other === tier)),
  ];
  for (const axis of Object.values(chart.options.scales)) {
    axis.ticks.color = fade(ink, 0.75);
    axis.grid.color = fade(ink, axis.axis === 'y' ? 0.1 : 0);
    axis.border.color = fade(ink, 0.25);
  }
  chart.update();

  canvas.setAttribute('aria-label', band.finding);
  figure.querySelector('.finding').textContent = band.finding;
  for (const table of document.querySelectorAll('table[data-tier]')) {
    table.closest('.scroller').hidden = table.dataset.tier !== tier.id;
  }
}

function lineOf(tier, perimeter, isChosen) {
  const colour = colourOf(tier.id);
  const dash = swatchOf(tier.id).querySelector('line').getAttribute('stroke-dasharray');
  return {
    label: tier.label,
    data: tier[perimeter].p50,
    borderColor: isChosen ? colour : fade(colour, 0.7),
    backgroundColor: colour,
    borderWidth: isChosen ? 3 : 1.5,
    borderDash: dash === 'none' ? [] : dash.split(' ').map(Number),
    pointRadius: 0,
    pointHitRadius: 8,
    order: isChosen ? 1 : 2,
  };
}

function optionsOf(money, short) {
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? false : { duration: 250 },
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: { axis: 'x', grid: {}, border: {}, ticks: { maxRotation: 0, autoSkipPadding: 24 } },
      y: {
        axis: 'y',
        beginAtZero: true,
        grid: {},
        border: { display: false },
        ticks: { callback: (value) => short.format(value) },
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        itemSort: (a, b) => b.parsed.y - a.parsed.y,
        callbacks: { label: ({ dataset, parsed }) => ` ${dataset.label}: ${money.format(parsed.y)}` },
      },
    },
  };
}

function colourOf(tier) {
  return getComputedStyle(swatchOf(tier)).color;
}

function swatchOf(tier) {
  return figure.querySelector(`input[value="${CSS.escape(tier)}"] ~ .swatch`);
}

/** `rgb(0, 114, 178)` with an opacity. */
function fade(colour, opacity) {
  const [red, green, blue] = colour.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${opacity})`;
}
