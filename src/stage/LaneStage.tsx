/** A lane's picture: rooms, threads, queues and what is in the air, exact at every instant. */
import { isMotionReduced } from '../playback/reducedMotion.ts';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Player } from '../playback/player.ts';
import type { PointedRequest } from '../playback/pointedRequest.ts';
import type { LaneGeometry } from '../scene/geometry.ts';
import { requestAt } from '../scene/hitTest.ts';
import { layoutLane } from '../scene/laneLayout.ts';
import {
  readStructure,
  readTopology,
  structureKey,
  type LaneStructure,
} from '../scene/laneStructure.ts';
import { betweenLayouts } from '../scene/layoutTransition.ts';
import { stageMeasures, type Variant } from '../scene/variant.ts';
import { crowdingOf } from './crowding.ts';
import type { Frames } from './frames.ts';
import type { LaneMoment } from './laneMoment.ts';
import { LanePainter } from './LanePainter.ts';
import { LanePlan } from './LanePlan.tsx';
import { watchPalette } from './palette.ts';
import { PlanWriter } from './PlanWriter.ts';
import './stage.css';

export type StageLane = Parameters<Player['view']>[0];

export interface LaneStageProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly pointed: PointedRequest;
  readonly lane: StageLane;
  readonly variant: Variant;
  /** A click on a thread, a place in a queue, a message or something in the air; null beside them. */
  readonly onPick: (request: number | null) => void;
  /** What the picture shows, in words; kept short, the narrator says the rest. */
  readonly label?: string;
}

const RELAY_MS = 300;
/** Between two pictures where less motion is wanted. */
const REDUCED_STEP_MS = 500;
/** More model time than this between two looks is no playing, not even at the highest speed. */
const JUMP_S = 5;
/** Smallest text on screen, CSS pixels. */
const MIN_TEXT_PX = 11;

export function LaneStage(props: LaneStageProps) {
  const { player, lane, variant, label } = props;
  const measures = stageMeasures[variant];
  const root = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  const stage = useRef<StageRun | null>(null);
  const topology = useMemo(() => readTopology(player.scenario.lanes[lane]), [player, lane]);
  const [shown, setShown] = useState<LaneStructure>(() =>
    structureNow(player, lane, topology, null),
  );
  const [textScale, setTextScale] = useState(1);
  const geometry = useMemo(() => layoutLane(shown, variant), [shown, variant]);

  useLayoutEffect(() => {
    latest.current = props;
    stage.current?.repaint();
  });

  useLayoutEffect(() => {
    const run = new StageRun({
      root: root.current!,
      svg: svg.current!,
      canvas: canvas.current!,
      props: () => latest.current,
      topology,
      onStructure: setShown,
      onTextScale: setTextScale,
    });
    stage.current = run;
    return () => {
      stage.current = null;
      run.stop();
    };
  }, [topology]);

  useLayoutEffect(() => {
    stage.current?.show(shown, geometry, textScale);
  }, [shown, geometry, textScale, topology]);

  useEffect(() => {
    const element = canvas.current!;
    const requestUnder = (event: MouseEvent): number | null =>
      stage.current?.requestAt(event.offsetX, event.offsetY) ?? null;
    const onMove = (event: PointerEvent): void => {
      const request = requestUnder(event);
      root.current?.classList.toggle('is-pointing', request !== null);
      element.title = request === null ? '' : `request ${request}: click to follow it`;
      latest.current.pointed.point(request);
    };
    const onLeave = (): void => {
      root.current?.classList.remove('is-pointing');
      latest.current.pointed.point(null);
    };
    const onClick = (event: MouseEvent): void => latest.current.onPick(requestUnder(event));
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerleave', onLeave);
    element.addEventListener('click', onClick);
    return () => {
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerleave', onLeave);
      element.removeEventListener('click', onClick);
    };
  }, []);

  const title = player.scenario.lanes[lane].title ?? lane;
  return (
    <div
      ref={root}
      className={`lane-stage ${variant}`}
      data-lane-stage={lane}
      role="img"
      aria-label={label ?? `${title} lane: its services, threads and queues`}
    >
      <svg
        ref={svg}
        viewBox={`0 0 ${measures.width} ${measures.height}`}
        preserveAspectRatio="xMidYMid meet"
        aria-hidden="true"
      >
        <LanePlan geometry={geometry} textScale={textScale} />
      </svg>
      <canvas ref={canvas} />
    </div>
  );
}

function structureNow(
  player: Player,
  lane: StageLane,
  topology: ReturnType<typeof readTopology>,
  previous: LaneStructure | null,
): LaneStructure {
  const { values } = player.status;
  return readStructure(
    topology,
    player.view(lane),
    (step) => (values[`${lane}.${step}`] === 'queue' ? 'queue' : 'wait'),
    previous,
  );
}

interface StageRunOptions {
  readonly root: HTMLElement;
  readonly svg: SVGSVGElement;
  readonly canvas: HTMLCanvasElement;
  readonly props: () => LaneStageProps;
  readonly topology: ReturnType<typeof readTopology>;
  readonly onStructure: (structure: LaneStructure) => void;
  readonly onTextScale: (scale: number) => void;
}

/** The life of a mounted stage outside React: sizes, theme, frames, the re-laying of rooms. */
class StageRun {
  private readonly options: StageRunOptions;
  private readonly painter: LanePainter;
  private readonly writer: PlanWriter;
  private readonly stops: (() => void)[] = [];
  private structure: LaneStructure | null = null;
  private key = '';
  private geometry: LaneGeometry | null = null;
  private from: LaneGeometry | null = null;
  private movedMs = 0;
  private steppedMs = -Infinity;
  /** The moment whose rooms are known, model seconds. */
  private checkedS = 0;
  /** Another moment's rooms are shown at once: nobody has rebuilt them before our eyes. */
  private hasJumped = false;
  private textScale = 1;
  private readouts: ReturnType<Player['readouts']> | null = null;
  /** Since when the shelf is shown; before that moment (rewound) it is not needed. */
  private shelfSinceS: number | null = null;

  constructor(options: StageRunOptions) {
    this.options = options;
    const { player, frames, pointed } = options.props();
    this.painter = new LanePainter(options.canvas, crowdingOf(player));
    this.writer = new PlanWriter(options.svg);
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(options.root);
    this.stops.push(
      () => observer.disconnect(),
      watchPalette(options.root, (palette) => {
        this.painter.setPalette(palette);
        this.repaint();
      }),
      frames.onFrame((nowMs) => this.onFrame(nowMs)),
      frames.onReadout(() => (this.isStepping() ? undefined : this.readout()), 'first'),
      player.subscribe(() => this.checkStructure()),
      pointed.subscribe(() => this.repaint()),
    );
    // Attempts on the backoff shelf are canvas text: repaint once the page's fonts have come.
    void document.fonts.ready.then(() => this.repaint());
    this.resize();
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  show(structure: LaneStructure, geometry: LaneGeometry, textScale: number): void {
    this.structure = structure;
    this.key = structureKey(structure);
    const before = this.geometry;
    this.geometry = geometry;
    this.textScale = textScale;
    if (before !== null && before.variant !== geometry.variant) this.resize();
    const isMove = before !== null && before !== geometry && before.variant === geometry.variant;
    if (isMove && !isMotionReduced() && !this.hasJumped) {
      this.from = this.current(before);
      this.movedMs = performance.now();
      this.options.root.classList.add('is-moving');
    } else {
      this.from = null;
      this.options.root.classList.remove('is-moving');
    }
    this.painter.setGeometry(this.from ?? geometry);
    if (this.from) this.writer.writeWalls(betweenLayouts(this.from, geometry, 0));
    this.writer.forget();
    this.readout()?.();
    this.repaint();
    if (this.from) this.animateWhilePaused();
  }

  repaint(): void {
    this.frame(performance.now());
  }

  requestAt(x: number, y: number): number | null {
    if (!this.geometry) return null;
    const { player, lane } = this.options.props();
    const point = this.painter.toStage(x, y);
    const { flights, tethers } = this.painter;
    return requestAt(this.geometry, player.view(lane), flights.tokens, tethers, point.x, point.y);
  }

  /** Where a transition under way stands, so that another can start from there. */
  private current(target: LaneGeometry): LaneGeometry {
    if (!this.from) return target;
    return betweenLayouts(this.from, target, this.progress(performance.now()));
  }

  private progress(nowMs: number): number {
    const p = Math.max(0, Math.min(1, (nowMs - this.movedMs) / RELAY_MS));
    return p < 0.5 ? 2 * p * p : 1 - 2 * (1 - p) * (1 - p);
  }

  /** The page's loop may rest while paused; a re-laying must still come to its end. */
  private animateWhilePaused(): void {
    const { player } = this.options.props();
    if (player.status.playing || !this.from) return;
    requestAnimationFrame((nowMs) => {
      this.frame(nowMs);
      this.animateWhilePaused();
    });
  }

  /** Less motion: while playing, the picture and its words change at every step only. */
  private isStepping(): boolean {
    return isMotionReduced() && this.options.props().player.status.playing;
  }

  private onFrame(nowMs: number): void {
    if (!this.isStepping()) this.frame(nowMs);
    else if (nowMs - this.steppedMs >= REDUCED_STEP_MS) {
      this.steppedMs = nowMs;
      this.readout()?.();
      this.frame(nowMs);
    }
  }

  private frame(nowMs: number): void {
    const { geometry } = this;
    if (!geometry) return;
    const { player, lane, pointed } = this.options.props();
    if (this.from) {
      const done = nowMs - this.movedMs >= RELAY_MS;
      const between = done ? geometry : betweenLayouts(this.from, geometry, this.progress(nowMs));
      this.painter.setGeometry(between);
      this.writer.writeWalls(between);
      if (done) {
        this.from = null;
        this.options.root.classList.remove('is-moving');
      }
    }
    const { status } = player;
    const patience = status.values.patience;
    const step = status.playing ? null : status.lastStep;
    const moment: LaneMoment = {
      view: player.view(lane),
      trace: player.trace(lane),
      speed: status.speed,
      patienceS: typeof patience === 'number' ? patience : null,
      followed: status.followed,
      pointed: pointed.current,
      stepS: step?.timeS ?? null,
      stepped: step?.lane === lane ? step : null,
      isMoving: this.from !== null,
      reducedMotion: isMotionReduced(),
      readouts: this.readouts,
    };
    this.painter.paint(moment, nowMs);
  }

  /** Reads the words of this moment. @returns what writes them */
  private readout(): (() => void) | undefined {
    const { geometry, structure } = this;
    if (!geometry || !structure) return undefined;
    const { player, lane } = this.options.props();
    this.checkStructure();
    this.readouts = player.readouts(lane);
    const { values, startValues } = player.status;
    const write = this.writer.readLabels({
      structure,
      geometry,
      view: player.view(lane),
      readouts: this.readouts,
      isChanged: (node, parameter) => {
        const key = `${node}.${parameter}`;
        return values[key] !== startValues[key];
      },
      requestsPerDot: this.painter.flights.requestsPerDot,
      textScale: this.textScale,
    });
    return () => {
      // A layout that came in between has words of its own.
      if (this.geometry === geometry) write();
    };
  }

  private checkStructure(): void {
    const { player, lane } = this.options.props();
    const { timeS } = player.view(lane);
    const isRewound = this.shelfSinceS !== null && timeS < this.shelfSinceS;
    const before = isRewound ? null : this.structure;
    const next = structureNow(player, lane, this.options.topology, before);
    const hasShelf = next.steps.some((step) => step.shelf);
    this.shelfSinceS = hasShelf ? Math.min(this.shelfSinceS ?? timeS, timeS) : null;
    const isFarOff = Math.abs(timeS - this.checkedS) > JUMP_S;
    this.checkedS = timeS;
    if (structureKey(next) === this.key) return;
    this.key = structureKey(next);
    this.hasJumped = isFarOff;
    this.options.onStructure(next);
  }

  private resize(): void {
    const { root } = this.options;
    const { variant } = this.options.props();
    const measures = stageMeasures[variant];
    const width = root.clientWidth;
    const height = root.clientHeight;
    if (width === 0 || height === 0) return;
    this.painter.setSize(width, height, devicePixelRatio, measures.width, measures.height);
    const fit = Math.min(width / measures.width, height / measures.height);
    this.options.onTextScale(Math.max(1, MIN_TEXT_PX / (measures.tickSize * fit)));
    this.repaint();
  }
}
