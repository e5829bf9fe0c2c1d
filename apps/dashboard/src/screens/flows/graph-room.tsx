import type { RunView } from '@drover/flow';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { setQuery } from '../../app/router.js';
import { Icon } from '../../ui/icon.js';
import { READABLE } from './camera.decide.js';
import { neighbourOf, type Drawn } from './graph.decide.js';
import { Arrows, StepBox } from './graph-parts.js';
import { byUrgency, isOver } from './step.decide.js';
import { panOf, useCamera, ZOOM, type CameraControl } from './use-camera.js';

interface GraphRoomProps {
  run: RunView;
  drawn: Drawn;
  selected: string | null;
}

/** Boxes and arrows behind a window that moves and zooms. One box is reached by Tab, the others by arrows from it. */
export function GraphRoom({ run, drawn, selected }: GraphRoomProps): JSX.Element {
  const first = selected ?? firstOf(run);
  const control = useCamera(drawn, drawn.boxes.get(first) ?? null);
  const [focused, setFocused] = useState(first);
  const field = useRef<HTMLDivElement>(null);
  const { camera, room } = control;
  useEffect(() => {
    const box = selected === null ? undefined : drawn.boxes.get(selected);
    if (box === undefined) return;
    setFocused(selected ?? first);
    control.show(box);
  }, [selected, drawn]);
  const focus = (name: string): void => {
    const box = drawn.boxes.get(name);
    if (box === undefined) return;
    setFocused(name);
    control.show(box);
    field.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = event.target instanceof HTMLElement ? event.target.dataset.step : undefined;
    if (keyed(event, box, drawn, control, focus)) event.preventDefault();
  };
  const parts = useMemo(
    () => <Parts run={run} drawn={drawn} selected={selected} focused={focused} onFocus={setFocused} />,
    [run, drawn, selected, focused],
  );
  const isFar = camera !== null && camera.scale < READABLE;
  return (
    <div class="flow-graph">
      <div
        ref={room}
        class={isFar ? 'flow-room far' : 'flow-room'}
        style={{ height: `min(${Math.max(220, Math.round(drawn.height) + 72)}px, 64vh)` }}
        role="group"
        tabIndex={0}
        aria-label="Graph of the steps. Arrows move it, plus and minus zoom, 0 shows all of it."
        data-testid="flow-graph"
        onKeyDown={onKeyDown}
      >
        <div
          ref={field}
          class="flow-field"
          style={
            camera === null
              ? { visibility: 'hidden' }
              : { transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})` }
          }
        >
          {parts}
        </div>
      </div>
      <Tools control={control} />
    </div>
  );
}

/** The step that somebody looks at first: the most urgent one that is not over, else the last one that ended badly. */
function firstOf(run: RunView): string {
  const [first] = byUrgency(run).filter(([, step]) => !isOver(step) || step.state === 'failed');
  return first?.[0] ?? Object.keys(run.steps)[0] ?? '';
}

function keyed(
  { key, shiftKey }: KeyboardEvent,
  box: string | undefined,
  drawn: Drawn,
  { pan, zoom, showAll }: CameraControl,
  focus: (name: string) => void,
): boolean {
  const by = panOf(key);
  if (by !== null) {
    const next = box === undefined || shiftKey ? null : neighbourOf(drawn.boxes, box, key);
    if (next !== null) focus(next);
    else if (box === undefined || shiftKey) pan(by.x, by.y);
  } else if (key === '+' || key === '=') zoom(ZOOM);
  else if (key === '-') zoom(1 / ZOOM);
  else if (key === '0') showAll();
  else return false;
  return true;
}

interface PartsProps extends GraphRoomProps {
  focused: string;
  onFocus: (name: string) => void;
}

function Parts({ run, drawn, selected, focused, onFocus }: PartsProps): JSX.Element {
  return (
    <>
      <Arrows drawn={drawn} steps={run.steps} />
      {[...drawn.boxes].map(([name, at]) => {
        const step = run.steps[name];
        return step === undefined ? null : (
          <StepBox
            key={name}
            name={name}
            step={step}
            at={at}
            isSelected={selected === name}
            isTabbed={focused === name}
            onClick={() => {
              onFocus(name);
              setQuery({ step: name });
            }}
          />
        );
      })}
    </>
  );
}

function Tools({ control: { zoom, showAll } }: { control: CameraControl }): JSX.Element {
  return (
    <div class="flow-tools">
      <button type="button" class="square" aria-label="Zoom in" title="Zoom in: +" onClick={() => zoom(ZOOM)}>
        <Icon name="submit" />
      </button>
      <button type="button" class="square" aria-label="Zoom out" title="Zoom out: −" onClick={() => zoom(1 / ZOOM)}>
        <Icon name="minus" />
      </button>
      <button type="button" title="Show all of it: 0" onClick={showAll}>
        Fit
      </button>
    </div>
  );
}
