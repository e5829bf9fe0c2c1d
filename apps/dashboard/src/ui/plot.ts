import uPlot from 'uplot';
import type { ChartProps } from './chart.js';
import { rate, timeOfDay } from './format.js';

/** A chart that is drawn into an element. */
export interface Plot {
  show: (props: ChartProps) => void;
  /** Draws it again in the colours of the theme. */
  paint: () => void;
  end: () => void;
}

const HEIGHT = 180;
const FONT = '12px system-ui, sans-serif';

export function drawPlot(room: HTMLElement, given: ChartProps, onPoint: (index: number | null) => void): Plot {
  let props = given;
  let chart = draw();
  const resized = new ResizeObserver(() => chart.setSize({ width: room.clientWidth, height: HEIGHT }));
  resized.observe(room);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = (): void => {
    chart.destroy();
    chart = draw();
  };
  dark.addEventListener('change', paint);

  function draw(): uPlot {
    const line = colourOf(room, 'line');
    const axis = {
      stroke: colourOf(room, 'muted'),
      font: FONT,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
    };
    const options: uPlot.Options = {
      width: Math.max(200, room.clientWidth),
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
      scales: { y: { range: (_chart, _least, most) => [0, Math.max(1, most * 1.1)] } },
      axes: [
        {
          ...axis,
          size: 28,
          grid: { show: false },
          values: (_chart, seconds) => seconds.map((at) => clock(at, isShort(seconds))),
        },
        { ...axis, size: 56, values: (_chart, values) => values.map((value) => rate(value)) },
      ],
      series: [
        {},
        ...props.lines.map(({ name, tone }): uPlot.Series => {
          const stroke = colourOf(room, tone);
          return { label: name, stroke, width: 1.5, points: { show: false } };
        }),
      ],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    };
    return new uPlot(options, dataOf(props), room);
  }

  return {
    show(next) {
      props = next;
      chart.setData(dataOf(next));
    },
    paint,
    end() {
      resized.disconnect();
      dark.removeEventListener('change', paint);
      chart.destroy();
    },
  };
}

/** uPlot counts in seconds. */
function dataOf({ from, stepMs, lines }: ChartProps): uPlot.AlignedData {
  const steps = Math.max(0, ...lines.map(({ values }) => values.length));
  const times = Array.from({ length: steps }, (_, at) => (from + (at + 1) * stepMs) / 1_000);
  return [times, ...lines.map(({ values }) => times.map((_, at) => values[at] ?? null))];
}

/** Marks that are less than a minute apart need their seconds. */
const isShort = ([first = 0, second = 60]: readonly number[]): boolean => second - first < 60;

const clock = (seconds: number, withSeconds: boolean): string =>
  timeOfDay(seconds * 1_000).slice(0, withSeconds ? 8 : 5);

/** A token as a colour that a canvas understands. */
function colourOf(room: HTMLElement, token: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(--${token})`;
  room.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
