/** The last requests of a lane as bars: where their time went, how they ended, what they left behind. */
import {
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useSyncExternalStore,
  type KeyboardEvent,
  type PointerEvent,
} from 'react';
import type { Player } from '../playback/player.ts';
import type { PointedRequest } from '../playback/pointedRequest.ts';
import { durationParts, formatDuration } from '../scenarios/format.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import type { Journey } from '../sim/journey.ts';
import { Outcome } from '../sim/outcome.ts';
import { chartThemeVersion, readChartTheme, watchChartTheme } from './chartTheme.ts';
import { describeJourney, messageName } from './describeJourney.ts';
import type { Frames } from './frames.ts';
import { placeHeadings, type Heading } from './headings.ts';
import { journeyBar, requiredAxisS, type JourneyBar } from './journeyBar.ts';
import { LifetimeGlyphs } from './lifetimeGlyphs.ts';
import { layoutLifetimes, timeToBarX, type LifetimesLayout } from './lifetimesLayout.ts';
import { paintLifetimes } from './lifetimesPainter.ts';
import { assignRows } from './rowSlots.ts';
import { sharedAxisOf } from './sharedAxis.ts';
import { valueTicks } from './steps.ts';
import { textMeasure } from './textMeasure.ts';
import { entryService } from './timelineModel.ts';
import { useBox } from './useBox.ts';
import { write, writeText } from './write.ts';
import './Lifetimes.css';

export interface LifetimesProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly pointed: PointedRequest;
  readonly lane: LaneId;
  /** Bars at most, fewer where there is little height; absent: 12. */
  readonly count?: number;
  /** What the other lane is called beside its dashed median; absent: its position. */
  readonly otherName?: string;
  readonly onPick: (request: number | null) => void;
}

/** More are asked for than shown, because rejected requests have no life to draw: some, then many. */
const ASK_MORE = 4;
const ASK_FOR = 64;
const HEADING_EVERY_MS = 1000;
const NAMES_EVERY_MS = 1000;
/** Two labels under the axis need this much room, pixels. */
const TICK_ROOM = 46;
const MARK_ROOM = 58;
/** Axes up to here have ticks in milliseconds. */
const MS_AXIS_S = 1;

export function Lifetimes({
  player,
  frames,
  pointed,
  lane,
  count = 12,
  otherName = lane === 'sync' ? 'async' : 'sync',
  onPick,
}: LifetimesProps) {
  const rootRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const glyphsRef = useRef<SVGGElement>(null);
  const wordsRef = useRef<SVGGElement>(null);
  const listRef = useRef<HTMLUListElement>(null);
  const tellRef = useRef<HTMLDivElement>(null);
  const id = useId();

  const box = useBox(rootRef);
  const themeVersion = useSyncExternalStore(watchChartTheme, chartThemeVersion);
  const axis = sharedAxisOf(player);
  const subscribeAxis = useCallback((listener: () => void) => axis.subscribe(listener), [axis]);
  const axisS = useSyncExternalStore(subscribeAxis, () => axis.endS);
  const layout = useMemo(
    () => (box ? layoutLifetimes(box.width, box.height, count) : null),
    [box, count],
  );
  const ticksS = useMemo(() => {
    if (!layout) return [];
    const ticks = valueTicks(axisS);
    const room = (layout.right - layout.left) / (ticks.length - 1);
    return room >= TICK_ROOM ? ticks : ticks.filter((_, i) => i % 2 === 0);
  }, [axisS, layout]);

  // What is on the rows outlives repaints; while a hand or the keyboard is there the rows hold still.
  const shownRef = useRef<Shown>({
    rows: [],
    journeys: new Map(),
    active: -1,
    held: false,
    timeS: 0,
  });

  const repaintRef = useRef<() => void>(() => undefined);

  useEffect(() => {
    const canvas = canvasRef.current;
    const root = rootRef.current;
    const words = wordsRef.current;
    const list = listRef.current;
    if (!canvas || !root || !glyphsRef.current || !words || !list || !layout) return;
    const theme = readChartTheme(root);
    const glyphs = new LifetimeGlyphs(glyphsRef.current);
    const measure = textMeasure('400 11.5px');
    const shown = shownRef.current;
    const flow = player.scenario.lanes[lane];
    const entry = entryService(player.scenario, lane);
    const { rows } = layout;
    const other = LANE_IDS.find((known) => known !== lane) ?? lane;
    const label = (node: string) => flow.nodes[node]?.label ?? node;
    const nameOf: Parameters<typeof placeHeadings>[1] = (kind, node) => {
      switch (kind) {
        case 'acceptQueue':
          return 'accept queue';
        case 'running':
          return node === entry ? label(node) : null;
        case 'parked':
          return flow.nodes[node]?.kind === 'service' ? label(node) : null;
        case 'message':
          return severalQueues ? 'messages, queued' : `${messageName(node, flow)}, queued`;
      }
    };
    let severalQueues = false;
    let headings: readonly Heading[] = [];
    let headingsMs = -Infinity;
    let namesMs = -Infinity;

    const paint = (): (() => void) | undefined => {
      // On the way to another moment what stands stays.
      if (player.status.seeking !== null) return undefined;
      const nowMs = performance.now();
      const jumped = player.timeS < shown.timeS || !player.status.playing;
      refresh(shown, player, lane, rows);
      const bars = shown.rows.map((request) => {
        const journey = request === null ? undefined : shown.journeys.get(request);
        return journey ? journeyBar(journey, player.timeS) : null;
      });
      const present = bars.filter((bar): bar is JourneyBar => bar !== null);
      axis.require(lane, requiredAxisS(present), nowMs, jumped);
      if (axis.endS !== axisS) return undefined; // The new axis renders and paints again.

      const readouts = player.readouts(lane);
      const { p50S } = readouts.response;
      const otherP50S = lane === 'async' ? player.readouts(other).response.p50S : null;
      const marks = placeMarks(layout, axisS, p50S, otherP50S);
      paintLifetimes(canvas, {
        layout,
        axisS,
        ticksS,
        theme,
        bars,
        followed: player.status.followed,
        pointed: pointed.current,
        p50S: marks.own === null ? null : p50S,
        otherP50S: marks.other === null ? null : otherP50S,
      });
      glyphs.show(layout, axisS, bars);

      const summary = readouts.totals.rejected > 0 ? `last ${rows} accepted` : `last ${rows}`;
      const activeRequest = shown.rows[shown.active] ?? null;
      const told = activeRequest === null ? undefined : shown.journeys.get(activeRequest);
      if (nowMs - headingsMs >= HEADING_EVERY_MS || jumped) {
        headingsMs = nowMs;
        const queues = present.flatMap((bar) => bar.messages.map((message) => message.queue));
        severalQueues = new Set(queues).size > 1;
        headings = placeHeadings(present, nameOf, {
          x: (timeS) => timeToBarX(layout, axisS, timeS),
          measure,
          right: layout.width - measure(summary) - 8,
        });
      }
      if (nowMs - namesMs >= NAMES_EVERY_MS || jumped || shown.held) {
        namesMs = nowMs;
        writeOptions(list, shown, player.status.followed, (journey) =>
          describeJourney(journey, flow),
        );
      }
      return () => {
        writeHeadings(words, told ? [] : headings);
        writeMarks(words, layout, ticksS, axisS, marks, p50S, otherP50S, otherName);
        const summaryText = words.querySelector('[data-part="summary"]');
        if (summaryText) writeText(summaryText, told ? '' : summary);
        if (tellRef.current) writeText(tellRef.current, told ? describeJourney(told, flow) : '');
      };
    };
    repaintRef.current = () => paint()?.();
    repaintRef.current();
    const stops = [frames.onReadout(paint, 0), pointed.subscribe(() => repaintRef.current())];
    return () => stops.forEach((stop) => stop());
  }, [player, frames, pointed, lane, layout, axis, axisS, ticksS, themeVersion, otherName]);
  useEffect(() => () => axis.leave(lane), [axis, lane]);

  const setActive = (row: number, held: boolean) => {
    shownRef.current.active = row;
    shownRef.current.held = held;
    const list = listRef.current;
    if (list) {
      if (row >= 0) list.setAttribute('aria-activedescendant', `${id}-${row}`);
      else list.removeAttribute('aria-activedescendant');
    }
    pointed.point(shownRef.current.rows[row] ?? null);
    repaintRef.current();
  };
  const rowUnder = (event: PointerEvent<HTMLElement>): number => {
    if (!layout) return -1;
    return layout.rowAt(event.clientY - event.currentTarget.getBoundingClientRect().top);
  };
  const isFocused = () => document.activeElement === listRef.current;
  const pick = (row: number) => {
    const request = shownRef.current.rows[row] ?? null;
    if (request === null) return;
    onPick(player.status.followed === request ? null : request);
    repaintRef.current();
  };
  const press = (event: KeyboardEvent<HTMLElement>) => {
    const { active, rows } = shownRef.current;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') pick(active);
    else {
      const next = nextRow(event.key, active, rows);
      if (next === null) return;
      setActive(next, true);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="lifetimes" ref={rootRef}>
      <canvas className="lifetimes-canvas" ref={canvasRef} aria-hidden="true" />
      <svg className="lifetimes-words" aria-hidden="true">
        <g ref={glyphsRef} />
        {layout && (
          <g ref={wordsRef}>
            <text data-part="summary" x={layout.width} y={layout.top - 5} textAnchor="end" />
            {Array.from({ length: MOST_HEADINGS }, (_, i) => (
              <text key={i} data-part="heading" y={layout.top - 5} />
            ))}
            {ticksS.map((tickS, i) => (
              <text
                key={tickS}
                data-part="tick"
                x={timeToBarX(layout, axisS, tickS)}
                y={layout.height - 3}
                textAnchor={i === 0 ? 'start' : 'middle'}
              >
                {tickLabel(tickS, axisS)}
              </text>
            ))}
            <text data-part="other" y={layout.height - 3} textAnchor="middle" />
            <text data-part="p50" y={layout.height - 3} textAnchor="middle" />
          </g>
        )}
      </svg>
      <div className="lifetimes-told" ref={tellRef} aria-hidden="true" />
      <ul
        className="lifetimes-list"
        ref={listRef}
        role="listbox"
        tabIndex={0}
        aria-label={`Last ${layout?.rows ?? count} requests, ${lane === 'sync' ? 'upper' : 'lower'} lane`}
        onPointerMove={(event) => setActive(rowUnder(event), true)}
        onPointerLeave={() => setActive(-1, isFocused())}
        onPointerDown={(event) => setActive(rowUnder(event), true)}
        onClick={(event) => {
          // A pointer picks the row it has lit up; a screen reader clicks an option without one.
          const option = event.target instanceof Element ? event.target.closest('li') : null;
          const options = [...event.currentTarget.children];
          pick(event.detail === 0 && option ? options.indexOf(option) : shownRef.current.active);
        }}
        onFocus={() => {
          const { active, rows } = shownRef.current;
          setActive(active >= 0 ? active : (nextRow('Home', -1, rows) ?? -1), true);
        }}
        onBlur={() => setActive(-1, false)}
        onKeyDown={press}
      >
        {Array.from({ length: layout?.rows ?? 0 }, (_, row) => (
          <li
            key={row}
            id={`${id}-${row}`}
            role="option"
            aria-selected="false"
            hidden
            style={layout ? { top: layout.top + row * layout.pitch, height: layout.pitch } : {}}
          />
        ))}
      </ul>
    </div>
  );
}

const MOST_HEADINGS = 5;

/** What the rows show now. */
interface Shown {
  rows: (number | null)[];
  readonly journeys: Map<number, Journey>;
  active: number;
  held: boolean;
  timeS: number;
}

/** Brings the rows to the moment shown; held rows keep their requests as long as these are known. */
function refresh(shown: Shown, player: Player, lane: LaneId, count: number): void {
  const wentBack = player.timeS < shown.timeS;
  shown.timeS = player.timeS;
  if (shown.rows.length !== count) shown.rows = new Array<number | null>(count).fill(null);
  const holding = shown.held && !wentBack && shown.rows.some((request) => request !== null);
  if (holding) {
    for (const request of shown.rows) {
      const journey = request === null ? null : player.journey(lane, request);
      if (journey) shown.journeys.set(journey.request, journey);
    }
    return;
  }
  let recent: readonly Journey[] = [];
  for (const asked of [count + ASK_MORE, ASK_FOR]) {
    const journeys = player.recentJourneys(lane, asked);
    recent = journeys.filter(({ outcome }) => outcome !== Outcome.Rejected).slice(-count);
    if (recent.length === count || journeys.length < asked) break;
  }
  shown.journeys.clear();
  for (const journey of recent) shown.journeys.set(journey.request, journey);
  shown.rows = assignRows(
    shown.rows,
    recent.map((journey) => journey.request),
  );
}

/** @returns the row a key goes to, null for other keys and where there is none */
function nextRow(key: string, active: number, rows: readonly (number | null)[]): number | null {
  const filled = rows.flatMap((request, row) => (request === null ? [] : [row]));
  switch (key) {
    case 'ArrowDown':
      return filled.find((row) => row > active) ?? null;
    case 'ArrowUp':
      return filled.filter((row) => row < active).at(-1) ?? null;
    case 'Home':
      return filled[0] ?? null;
    case 'End':
      return filled.at(-1) ?? null;
    default:
      return null;
  }
}

interface Marks {
  /** Pixels; null where it is beyond the axis, unknown, or too close to the own one. */
  readonly own: number | null;
  readonly other: number | null;
}

function placeMarks(
  layout: LifetimesLayout,
  axisS: number,
  p50S: number | null,
  otherP50S: number | null,
): Marks {
  const at = (timeS: number | null) =>
    timeS === null || timeS > axisS ? null : timeToBarX(layout, axisS, timeS);
  const own = at(p50S);
  const other = at(otherP50S);
  const clear = other !== null && (own === null || Math.abs(own - other) >= MARK_ROOM);
  return { own, other: clear ? other : null };
}

function writeMarks(
  words: SVGGElement,
  layout: LifetimesLayout,
  ticksS: readonly number[],
  axisS: number,
  marks: Marks,
  p50S: number | null,
  otherP50S: number | null,
  otherName: string,
): void {
  const inside = (x: number) => Math.min(Math.max(x, 30), layout.width - 34);
  const label = (part: string, x: number | null, text: string) => {
    const element = words.querySelector(`[data-part="${part}"]`);
    if (!element) return;
    writeText(element, x === null ? '' : text);
    if (x !== null) write(element, 'x', inside(x).toFixed(1));
  };
  label('p50', marks.own, `p50 ${markValue(p50S, axisS)}`);
  label('other', marks.other, `${otherName} ${markValue(otherP50S, axisS)}`);
  words.querySelectorAll('[data-part="tick"]').forEach((tick, i) => {
    const x = timeToBarX(layout, axisS, ticksS[i] ?? 0);
    const room = TICK_ROOM - 2;
    const hidden = [marks.own, marks.other].some(
      (mark) => mark !== null && Math.abs(inside(mark) - x) < room,
    );
    write(tick, 'visibility', hidden ? 'hidden' : 'visible');
  });
}

/** Milliseconds go without saying on an axis in milliseconds; seconds never do. */
function markValue(timeS: number | null, axisS: number): string {
  const { value, unit } = durationParts(timeS);
  return unit === 'ms' && axisS <= MS_AXIS_S ? value : `${value} ${unit}`;
}

function writeHeadings(words: SVGGElement, headings: readonly Heading[]): void {
  words.querySelectorAll('[data-part="heading"]').forEach((element, i) => {
    const heading = headings[i];
    writeText(element, heading?.text ?? '');
    if (heading) write(element, 'x', heading.x.toString());
  });
}

function writeOptions(
  list: HTMLElement,
  shown: Shown,
  followed: number | null,
  describe: (journey: Journey) => string,
): void {
  shown.rows.forEach((request, row) => {
    const option = list.children[row];
    if (!(option instanceof HTMLElement)) return;
    const journey = request === null ? undefined : shown.journeys.get(request);
    if (option.hidden !== !journey) option.hidden = !journey;
    if (journey) write(option, 'aria-label', describe(journey));
    write(option, 'aria-selected', String(request !== null && request === followed));
  });
}

function tickLabel(tickS: number, axisS: number): string {
  if (tickS === 0) return '0';
  if (axisS <= MS_AXIS_S) return formatDuration(tickS);
  return `${Number(tickS.toFixed(2))} s`;
}
