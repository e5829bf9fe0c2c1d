import * as dagre from '@dagrejs/dagre';
import { BOX, labelWidth, type Drawn, type LayoutInput } from './graph.decide.js';

/** The part of the library that is used: its own types point to files that a compiler of modules does not find. */
interface Dagre {
  readonly Graph: new () => LayoutGraph;
  readonly layout: (graph: LayoutGraph) => void;
}
interface LayoutGraph {
  setGraph: (label: Readonly<Record<string, string | number>>) => void;
  setNode: (name: string, label: Readonly<Record<string, number>>) => void;
  setEdge: (from: string, to: string, label: Readonly<Record<string, string | number>>) => void;
  graph: () => { width?: number; height?: number };
  node: (name: string) => { x?: number; y?: number };
  edge: (from: string, to: string) => { x?: number; y?: number; points?: { x: number; y: number }[] };
}
const { Graph, layout } = dagre as unknown as Dagre;

/** Finds a place for each box and a way for each arrow, from left to right. The library is loaded with this file alone. */
export function laidOut({ boxes, arrows }: LayoutInput): Drawn {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 40, edgesep: 12, marginx: 8, marginy: 8 });
  for (const name of boxes) graph.setNode(name, { ...BOX });
  for (const { from, to, label } of arrows)
    graph.setEdge(from, to, { width: labelWidth(label), height: label === '' ? 0 : 18, labelpos: 'c' });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: new Map(
      boxes.map((name) => {
        const { x = 0, y = 0 } = graph.node(name);
        return [name, { x, y }];
      }),
    ),
    arrows: arrows.map((arrow) => {
      const { points = [], x, y } = graph.edge(arrow.from, arrow.to);
      const labelAt = arrow.label === '' || x === undefined || y === undefined ? null : { x, y };
      return { ...arrow, points, labelAt };
    }),
  };
}
