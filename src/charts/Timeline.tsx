/** The run on one time axis: three small charts, what people did to it, and the playhead to go back. */
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
  type PointerEvent,
} from 'react';
import type { Player } from '../playback/player.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { formatCount } from '../scenarios/format.ts';
import { chartThemeVersion, readChartTheme, watchChartTheme } from './chartTheme.ts';
import { layoutFlags } from './flagLayout.ts';
import type { Frames } from './frames.ts';
import { placeGhostLabel } from './ghostLabel.ts';
import { timeTickLabel, timeTickStepS } from './steps.ts';
import { textMeasure } from './textMeasure.ts';
import { FlagShape, GhostFlags, GHOST_WORDS } from './TimelineFlags.tsx';
import {
  CHART_NAMES,
  layoutTimeline,
  timeToX,
  xToTime,
  type TimelineLayout,
  type TimelineVariant,
} from './timelineLayout.ts';
import {
  emptyNow,
  headOf,
  readNow,
  readScales,
  sameScales,
  type LaneNow,
  type TimelineScales,
} from './timelineModel.ts';
import { MOST_TICKS, paintTimeline } from './timelinePainter.ts';
import { hideTicks, writeValues } from './timelineValues.ts';
import { useBox } from './useBox.ts';
import { useScaleNote } from './useScaleNote.ts';
import { write, writeText } from './write.ts';
import './Timeline.css';

export interface TimelineProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly variant: TimelineVariant;
  /** What the lanes are called; by position when both run the same program. */
  readonly laneNames?: Readonly<Record<LaneId, string>>;
}

const PROGRAM_NAMES: Readonly<Record<LaneId, string>> = { sync: 'sync', async: 'async' };

const FLAG_PADDING = 15;
/** A focused slider speaks each change of its value; while playing that must be seldom. */
const SPEAK_EVERY_MS = 5000;

export function Timeline({ player, frames, variant, laneNames = PROGRAM_NAMES }: TimelineProps) {
  const rootRef = useRef<HTMLDivElement>(null);
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const playheadRef = useRef<HTMLDivElement>(null);
  const ticksRef = useRef<SVGGElement>(null);
  const valuesRef = useRef<SVGGElement>(null);
  const clockRef = useRef<HTMLSpanElement>(null);

  const box = useBox(rootRef);
  const themeVersion = useSyncExternalStore(watchChartTheme, chartThemeVersion);
  const subscribe = useCallback((listener: () => void) => player.subscribe(listener), [player]);
  const interventions = useSyncExternalStore(subscribe, () => player.status.interventions);
  const ghost = useSyncExternalStore(subscribe, () => player.status.ghost);
  const [scales, setScales] = useState<TimelineScales>(() => readScales(player));
  const { axis: note, spoken } = useScaleNote(scales);

  const layout = useMemo(
    () => (box ? layoutTimeline(variant, box.width, box.height) : null),
    [variant, box],
  );
  const flags = useMemo(
    () =>
      layout
        ? layoutFlags(
            interventions.map(({ timeS, text }) => ({
              x: timeToX(layout, scales.axisEndS, timeS),
              text,
            })),
            {
              left: layout.left,
              right: layout.width,
              padding: FLAG_PADDING,
              measure: variant === 'phone' ? () => Infinity : textMeasure('550 12px'),
            },
          )
        : [],
    [layout, interventions, scales.axisEndS, variant],
  );
  const ghostLabel = useMemo(
    () =>
      layout && ghost && variant === 'full'
        ? placeGhostLabel(
            layout,
            scales,
            player.history,
            ghost,
            textMeasure('italic 13.5px', 'serif')(GHOST_WORDS),
          )
        : null,
    [layout, scales, ghost, variant, player],
  );

  // The playhead: moves with every frame, by a transform alone.
  const dragRef = useRef<{ timeS: number; resume: boolean } | null>(null);
  const placePlayhead = useCallback(() => {
    const element = playheadRef.current;
    if (!element || !layout) return;
    const timeS = dragRef.current?.timeS ?? player.timeS;
    const exactX = timeToX(layout, scales.axisEndS, Math.min(timeS, scales.axisEndS));
    // Each move makes the browser put its layers together anew: while playing, by whole pixels.
    const scale = player.status.playing ? devicePixelRatio : 10;
    const x = Math.round(exactX * scale) / scale;
    const transform = `translateX(${x}px)`;
    if (element.style.transform !== transform) element.style.transform = transform;
    if (variant === 'phone') {
      const place = x < 130 ? 'start' : x > layout.width - 52 ? 'end' : 'middle';
      if (rootRef.current && rootRef.current.dataset.playhead !== place) {
        rootRef.current.dataset.playhead = place;
      }
    }
  }, [layout, scales.axisEndS, player, variant]);

  useEffect(() => {
    placePlayhead();
    return frames.onFrame(placePlayhead);
  }, [frames, placePlayhead]);

  // Lines and values: at most ten times a second.
  useEffect(() => {
    const canvas = canvasRef.current;
    if (!canvas || !layout || !rootRef.current) return;
    const theme = readChartTheme(rootRef.current);
    const now: Record<LaneId, LaneNow> = { sync: emptyNow(), async: emptyNow() };
    const poles = flags.map((flag) => flag.x);
    let spokenMs = -Infinity;

    const speak = () => {
      const slider = playheadRef.current;
      if (!slider) return;
      const focusedWhilePlaying = player.status.playing && document.activeElement === slider;
      const nowMs = performance.now();
      if (nowMs - spokenMs < (focusedWhilePlaying ? SPEAK_EVERY_MS : 0)) return;
      spokenMs = nowMs;
      const headS = headOf(player);
      write(slider, 'aria-valuemax', headS.toFixed(1));
      write(slider, 'aria-valuenow', player.timeS.toFixed(1));
      write(
        slider,
        'aria-valuetext',
        `${player.timeS.toFixed(1)} seconds of ${formatCount(headS)}`,
      );
    };

    const paint = () => {
      for (const lane of LANE_IDS) readNow(player, lane, now[lane]);
      paintTimeline(canvas, {
        layout,
        scales,
        theme,
        history: player.history,
        ghost,
        timeS: player.timeS,
        headS: headOf(player),
        now,
        poles,
      });
      const clock = `${player.timeS.toFixed(0)} s`;
      const playheadX = timeToX(layout, scales.axisEndS, player.timeS);
      return () => {
        if (ticksRef.current) hideTicks(ticksRef.current, playheadX);
        if (valuesRef.current) writeValues(valuesRef.current, layout, scales, now, laneNames);
        if (clockRef.current) writeText(clockRef.current, clock);
        speak();
      };
    };

    paint()();
    return frames.onReadout(() => {
      const next = readScales(player);
      if (sameScales(next, scales)) return paint();
      return () => setScales(next);
    }, 1);
  }, [player, frames, layout, scales, ghost, flags, themeVersion, laneNames]);

  const seek = (timeS: number) => {
    player.seek(Math.min(Math.max(timeS, 0), headOf(player)));
    frames.invalidate();
    placePlayhead();
  };

  const timeAt = (event: PointerEvent<HTMLElement>): number => {
    if (!layout || !rootRef.current) return player.timeS;
    const x = event.clientX - rootRef.current.getBoundingClientRect().left;
    return Math.min(Math.max(xToTime(layout, scales.axisEndS, x), 0), headOf(player));
  };

  const grab = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const pole = event.target instanceof Element ? event.target.closest('[data-time]') : null;
    const timeS = pole instanceof SVGElement ? Number(pole.dataset.time) : timeAt(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    playheadRef.current?.focus({ preventScroll: true });
    dragRef.current = { timeS, resume: player.status.playing };
    player.pause();
    seek(timeS);
  };

  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!dragRef.current) return;
    dragRef.current.timeS = timeAt(event);
    // A long way back takes a while; the place where the finger ends up is what counts.
    if (player.status.seeking === null) seek(dragRef.current.timeS);
    else placePlayhead();
  };

  const release = () => {
    const last = dragRef.current;
    if (!last) return;
    dragRef.current = null;
    if (Math.abs(player.timeS - last.timeS) > 1e-6) seek(last.timeS);
    if (last.resume) player.play();
  };

  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = keyTarget(event.key, event.shiftKey, player.timeS, headOf(player));
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    seek(target);
  };

  const ticks = layout ? tickTimes(scales.axisEndS) : [];

  return (
    <div
      className="timeline"
      data-variant={variant}
      ref={rootRef}
      role="group"
      aria-label="Timeline"
    >
      <canvas className="timeline-canvas" ref={canvasRef} aria-hidden="true" />
      {layout && (
        <>
          <svg className="timeline-words" aria-hidden="true">
            {variant === 'full' && (
              <>
                {layout.rows.map((row) => (
                  <ChartNames key={row.id} row={row} left={layout.left} max={scales.max[row.id]} />
                ))}
                <g ref={ticksRef}>
                  {ticks.map((timeS) => (
                    <text
                      key={timeS}
                      className="timeline-tick"
                      x={timeToX(layout, scales.axisEndS, timeS)}
                      y={layout.height - 2}
                      textAnchor="middle"
                    >
                      {timeTickLabel(timeS, timeTickStepS(scales.axisEndS, MOST_TICKS))}
                    </text>
                  ))}
                </g>
                <g ref={valuesRef}>
                  {layout.rows.map((row) =>
                    LANE_IDS.map((lane) => (
                      <text
                        key={`${row.id} ${lane}`}
                        className="timeline-value"
                        data-chart={row.id}
                        data-lane={lane}
                        x={layout.right + 10}
                      >
                        <tspan className="timeline-lane" />
                        <tspan dx="3" />
                      </text>
                    )),
                  )}
                </g>
              </>
            )}
            {ghostLabel && (
              <text
                className="timeline-ghost"
                x={ghostLabel.x}
                y={ghostLabel.y + 4}
                textAnchor="end"
              >
                {GHOST_WORDS}
              </text>
            )}
          </svg>
          <div
            className="timeline-track"
            onPointerDown={grab}
            onPointerMove={drag}
            onPointerUp={release}
            onPointerCancel={release}
          >
            <svg className="timeline-flags" aria-hidden="true">
              {ghost && variant === 'full' && (
                <GhostFlags
                  layout={layout}
                  axisEndS={scales.axisEndS}
                  interventions={ghost.interventions}
                />
              )}
              {flags.map((flag, i) => (
                <FlagShape
                  key={i}
                  flag={flag}
                  variant={variant}
                  timeS={xToTime(layout, scales.axisEndS, flag.x)}
                />
              ))}
            </svg>
            <div
              className="timeline-playhead"
              ref={playheadRef}
              role="slider"
              tabIndex={0}
              aria-label="Time shown"
              aria-orientation="horizontal"
              aria-valuemin={0}
              aria-valuemax={0}
              aria-valuenow={0}
              onKeyDown={press}
            >
              <Playhead layout={layout} />
            </div>
          </div>
          {variant === 'phone' && (
            <div className="timeline-caption" aria-hidden="true">
              <span>{note ?? `threads parked, ${laneNames.sync}`}</span>
              <span ref={clockRef} />
            </div>
          )}
          {variant === 'full' && note && (
            <span
              className="timeline-note"
              aria-hidden="true"
              style={{ right: layout.width - layout.left + 20 }}
            >
              {note}
            </span>
          )}
        </>
      )}
      {interventions.length > 0 && (
        <ol className="chart-hidden" aria-label="Changes made">
          {interventions.map(({ timeS, text }, i) => (
            <li key={i}>
              at {timeS.toFixed(1)} seconds: {text}
            </li>
          ))}
        </ol>
      )}
      <span className="chart-hidden" role="status">
        {spoken}
      </span>
    </div>
  );
}

function ChartNames({
  row,
  left,
  max,
}: {
  readonly row: TimelineLayout['rows'][number];
  readonly left: number;
  readonly max: number;
}) {
  const middle = (row.top + row.bottom) / 2;
  return (
    <>
      <text className="timeline-tick" x={left - 8} y={row.top + 9} textAnchor="end">
        {row.id === 'p99' ? `${formatCount(max)} s` : formatCount(max)}
      </text>
      <text className="timeline-tick" x={left - 8} y={row.bottom} textAnchor="end">
        0
      </text>
      <text className="timeline-name" x={left - 44} y={middle + 4} textAnchor="end">
        {CHART_NAMES[row.id]}
      </text>
    </>
  );
}

function Playhead({ layout }: { readonly layout: TimelineLayout }) {
  const { variant, bottom } = layout;
  const top = variant === 'full' ? 18 : 0;
  const head = variant === 'full' ? 'l-7 8v7h14v-7z' : 'l-7 7v6h14v-6z';
  return (
    <svg aria-hidden="true">
      <path className="timeline-playhead-line" d={`M0 ${top}V${bottom + 4}`} />
      <path
        className="timeline-playhead-grip"
        d={`M0 ${bottom + (variant === 'full' ? 2 : -1)}${head}`}
      />
    </svg>
  );
}

function tickTimes(axisEndS: number): number[] {
  const step = timeTickStepS(axisEndS, MOST_TICKS);
  return Array.from({ length: Math.floor(axisEndS / step) + 1 }, (_, i) => i * step);
}

/** @returns where a key takes the playhead, seconds; null for keys that do not */
export function keyTarget(
  key: string,
  shift: boolean,
  timeS: number,
  headS: number,
): number | null {
  const step = shift ? 0.1 : 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: timeS - step,
    ArrowDown: timeS - step,
    ArrowRight: timeS + step,
    ArrowUp: timeS + step,
    PageDown: timeS - 10,
    PageUp: timeS + 10,
    Home: 0,
    End: headS,
  };
  const target = targets[key];
  return target === undefined ? null : Math.min(Math.max(target, 0), headS);
}
