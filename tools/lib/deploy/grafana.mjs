import { DROVER, WORKER } from './dashboards.mjs';

const SOURCE = { type: 'prometheus', uid: '${source}' };
const WIDTH = 24;
const HEIGHT = 8;

/** The dashboards as Grafana imports them, by file name. */
export function grafanaFiles() {
  return new Map([
    ['drover.json', fileOf(DROVER)],
    ['drover-worker.json', fileOf(WORKER)],
  ]);
}

/** Every expression of both. */
export const expressions = () =>
  [DROVER, WORKER].flatMap(({ rows }) =>
    rows.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines.map(({ expr }) => expr))),
  );

function fileOf({ uid, title, rows }) {
  const dashboard = {
    uid,
    title,
    tags: ['drover'],
    schemaVersion: 39,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [{ name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' }] },
    panels: panelsOf(rows),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

/** Rows below each other; the panels of a row share its width, four at most beside each other. */
function panelsOf(rows) {
  const placed = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: WIDTH, h: 1 },
    });
    y += 1;
    const beside = Math.min(panels.length, 4);
    const w = Math.floor(WIDTH / beside);
    panels.forEach((panel, n) => {
      const gridPos = { x: (n % beside) * w, y: y + Math.floor(n / beside) * HEIGHT, w, h: HEIGHT };
      placed.push(panelOf(panel, placed.length + 1, gridPos));
    });
    y += Math.ceil(panels.length / beside) * HEIGHT;
  }
  return placed;
}

function panelOf({ title, unit = 'short', lines }, id, gridPos) {
  return {
    id,
    type: 'timeseries',
    title,
    datasource: SOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: lines.map(({ expr, legend }, n) => ({
      refId: String.fromCharCode(65 + n),
      datasource: SOURCE,
      expr,
      legendFormat: legend,
    })),
  };
}
