/** The run on one time axis: three small charts, what people did to it, and the playhead to go back. */
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Player } from '../playback/player.ts';
import { LANE_IDS, type LaneId } from '../scenarios/scenario.ts';
import { formatCount } from '../scenarios/format.ts';
import { chartThemeVersion, readChartTheme, watchChartTheme } from './chartTheme.ts';
import { layoutFlags } from './flagLayout.ts';
import type { Frames } from './frames.ts';
import { placeGhostLabel } from './ghostLabel.ts';
import { PlayheadShape } from './PlayheadShape.tsx';
import { textMeasure } from './textMeasure.ts';
import { FlagShape, GhostFlags, GHOST_WORDS } from './TimelineFlags.tsx';
import { layoutTimeline, timeToX, xToTime, type TimelineVariant } from './timelineLayout.ts';
import {
  emptyNow,
  headOf,
  readNow,
  readScales,
  sameScales,
  type LaneNow,
  type TimelineScales,
} from './timelineModel.ts';
import { paintTimeline } from './timelinePainter.ts';
import { hideTicks, writeValues } from './timelineValues.ts';
import { TimelineWords } from './TimelineWords.tsx';
import { useBox } from './useBox.ts';
import { usePlayhead } from './usePlayhead.ts';
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

  const playhead = usePlayhead({
    player,
    frames,
    layout,
    axisEndS: scales.axisEndS,
    variant,
    rootRef,
    playheadRef,
  });

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
          <TimelineWords
            layout={layout}
            scales={scales}
            ghostLabel={ghostLabel}
            ticksRef={ticksRef}
            valuesRef={valuesRef}
          />
          <div
            className="timeline-track"
            onPointerDown={playhead.grab}
            onPointerMove={playhead.drag}
            onPointerUp={playhead.release}
            onPointerCancel={playhead.release}
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
              onKeyDown={playhead.press}
            >
              <PlayheadShape layout={layout} />
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
