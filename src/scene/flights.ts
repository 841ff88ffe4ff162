/**
 * What is in the air: requests and messages shown travelling along an edge for a moment after the
 * event that moved them. A pure function of (trace, playback time, speed): an echo, which never
 * hides or delays the exact state, and which a seek rebuilds.
 */
import { Outcome } from '../sim/outcome.ts';
import { VisibleEvent, type Trace } from '../sim/trace.ts';
import type { PoolView, LaneView } from '../sim/view.ts';
import type { LaneGeometry } from './geometry.ts';
import { publishCurve } from './planPaths.ts';
import { callBend } from './tetherRouting.ts';

export const TokenKind = {
  Request: 0,
  Message: 1,
  Handled: 2,
  Answered: 3,
  Declined: 4,
  Rejected: 5,
  TimedOut: 6,
  Failed: 7,
  DeadLetter: 8,
} as const;
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

/** Tokens a lane shows one by one at most; more, and a ribbon of dots takes their place. */
export const MAX_TOKENS = 60;
/** Above this speed single tokens are too fast to follow. */
export const MAX_TOKEN_SPEED = 3;

const HOP_MS = 240;
const HOP_MAX_MS = 600;
const REPLY_HOPS = 1.4;
/** Short edges at about the speed of the long ones. */
const SHORT_HOPS = 0.45;
export const FALL_HOPS = 520 / 240;
/** What falls fades on its way: after a single step it is shown part of the way down. */
const FALL_REST = 0.3;

export class TokenBuffer {
  count = 0;
  /** Up to 60; a small stage shows fewer. */
  limit = MAX_TOKENS;
  readonly x = new Float64Array(MAX_TOKENS);
  readonly y = new Float64Array(MAX_TOKENS);
  readonly kind = new Uint8Array(MAX_TOKENS);
  readonly request = new Int32Array(MAX_TOKENS);
  /** 1 at full size; less where it travels among small marks. */
  readonly size = new Float64Array(MAX_TOKENS);
  /** 1 opaque, falling to 0 where a token fades out. */
  readonly alpha = new Float64Array(MAX_TOKENS);
}

/** A cubic curve: four points, x and y in turn. */
export type Curve = Float64Array;

/** The edges tokens travel on; made once a layout. */
export interface FlightPaths {
  /** From the shared stream to the entry's door. */
  readonly arrive: Curve;
  readonly reply: Curve;
  /** Down from the limit bar. */
  readonly reject: Curve;
  /** By node of the called service, then by the bay of the calling thread. */
  readonly calls: ReadonlyMap<number, readonly Curve[]>;
  /** By node of the broker. */
  readonly publish: ReadonlyMap<number, Curve>;
  readonly deliver: ReadonlyMap<number, Curve>;
  readonly backOff: ReadonlyMap<number, Curve>;
  readonly requeue: ReadonlyMap<number, Curve>;
  readonly deadLetter: ReadonlyMap<number, Curve>;
  /** Where messages fall out of a full queue, and where publishes bounce off it. */
  readonly drop: ReadonlyMap<number, Curve>;
  readonly refuse: ReadonlyMap<number, Curve>;
  readonly brimX: number;
  readonly brimY: number;
}

export function flightPaths(geometry: LaneGeometry): FlightPaths {
  const entry = geometry.entry.box;
  const doorY = geometry.entry.door.y;
  const corridor = geometry.corridors.find((c) => c.node === geometry.entry.node);
  const calls = new Map<number, readonly Curve[]>();
  const publish = new Map<number, Curve>();
  const deliver = new Map<number, Curve>();
  const backOff = new Map<number, Curve>();
  const requeue = new Map<number, Curve>();
  const deadLetter = new Map<number, Curve>();
  const drop = new Map<number, Curve>();
  const refuse = new Map<number, Curve>();
  const leaveX = entry.x + entry.width + 2;
  for (const room of geometry.rooms) {
    if (room.node === geometry.entry.node) continue;
    const own = geometry.corridors.find((c) => c.node === room.node);
    const x = own ? own.box.x : room.box.x;
    const span = x - leaveX;
    calls.set(
      room.node,
      Array.from(geometry.entry.aisleY, (y0) => {
        const bend = callBend(geometry, room, y0);
        const x1 = leaveX + span * bend;
        return curve(leaveX, y0, x1, y0, x1 + span * 0.08, room.door.y, x, room.door.y);
      }),
    );
  }
  for (const vessel of geometry.vessels) {
    const c = publishCurve(vessel);
    const { x, y, width, height } = vessel.box;
    publish.set(vessel.node, curve(c.x0, c.y0, c.x1, c.y0, c.x2, c.y3, c.x3, c.y3));
    deliver.set(vessel.node, line(x + width + 10, vessel.doorY, vessel.outletX, vessel.doorY));
    const bottom = y + height;
    drop.set(vessel.node, line(x + width + 8, vessel.doorY + 8, x + width + 14, vessel.doorY + 34));
    refuse.set(
      vessel.node,
      curve(x - 4, vessel.doorY, x - 16, vessel.doorY + 4, x - 18, bottom - 10, x - 18, bottom + 2),
    );
  }
  for (const shelf of geometry.shelves) {
    const vessel = geometry.vessels.find((v) => v.node === shelf.node);
    if (!vessel) continue;
    // Only through free space: words and rings stay legible however many fail.
    const { box, ringX, ringY, tray } = shelf;
    const startX = vessel.outletX;
    const startY = vessel.doorY + vessel.doorHeight * 0.8;
    const mouthX = vessel.box.x;
    const isBeside = box.x + box.width < startX + 4;
    const restX = isBeside ? box.x + box.width + 4 : ringX;
    backOff.set(shelf.node, curve(startX, startY, startX, ringY, startX, ringY, restX, ringY));
    const upX = mouthX - 15;
    requeue.set(
      shelf.node,
      curve(
        upX,
        isBeside ? box.y - 3 : vessel.doorY - 20,
        upX,
        vessel.doorY,
        upX,
        vessel.doorY,
        mouthX,
        vessel.doorY,
      ),
    );
    const trayX = isBeside ? tray.x + tray.width + 4 : tray.x + tray.width / 2;
    const trayY = tray.y + tray.height / 2;
    deadLetter.set(shelf.node, curve(startX, startY, startX, trayY, startX, trayY, trayX, trayY));
  }
  const brimX = corridor ? corridor.box.x : entry.x;
  const isFull = geometry.variant === 'full';
  return {
    reject: line(
      brimX - (isFull ? 12 : 4),
      doorY + (isFull ? 4 : 3),
      brimX - (isFull ? 12 : 4),
      doorY + (isFull ? 74 : 44),
    ),
    arrive: line(geometry.port.x, doorY, entry.x, doorY),
    reply: line(entry.x - 9, geometry.replyY, geometry.replyX + 14, geometry.replyY),
    calls,
    publish,
    deliver,
    backOff,
    requeue,
    deadLetter,
    drop,
    refuse,
    brimX,
    brimY: doorY,
  };
}

/** How long a hop takes, seconds of model time. @param speed model seconds a viewer's second */
export function hopModelS(speed: number): number {
  return (Math.min(HOP_MAX_MS, HOP_MS / Math.min(1, speed)) / 1000) * speed;
}

export interface FlightRequest {
  readonly geometry: LaneGeometry;
  readonly paths: FlightPaths;
  readonly view: LaneView;
  readonly trace: Trace;
  readonly timeS: number;
  readonly speed: number;
  /** After a single step: only what moved at this moment, standing at the end of its way. */
  readonly stepS: number | null;
}

/** Fills `buffer`. @returns false when more tokens would be in the air than the buffer may hold */
export function readFlights(request: FlightRequest, buffer: TokenBuffer): boolean {
  const { trace, timeS, stepS } = request;
  buffer.count = 0;
  const hopS = hopModelS(request.speed);
  const horizonS = stepS === null ? timeS - hopS * FALL_HOPS : stepS - 1e-9;
  for (let e = trace.count - 1; e >= trace.first; e--) {
    const i = e & trace.mask;
    const eventS = trace.timeS[i];
    if (eventS < horizonS) break;
    if (eventS > timeS) continue;
    const hops = hopsOf(trace.kind[i] as VisibleEvent);
    if (hops === 0) continue;
    const restsAt = hops === FALL_HOPS ? FALL_REST : 1;
    const progress = stepS === null ? (timeS - eventS) / (hopS * hops) : restsAt;
    if (progress > 1) continue;
    if (!place(request, i, progress, buffer)) return false;
  }
  return true;
}

function hopsOf(kind: VisibleEvent): number {
  switch (kind) {
    case VisibleEvent.Arrive:
    case VisibleEvent.Park:
    case VisibleEvent.BackOff:
    case VisibleEvent.Requeue:
    case VisibleEvent.DeadLetter:
      return 1;
    case VisibleEvent.Enqueue:
    case VisibleEvent.Deliver:
      return SHORT_HOPS;
    case VisibleEvent.Answer:
    case VisibleEvent.GiveUp:
      return REPLY_HOPS;
    case VisibleEvent.Reject:
    case VisibleEvent.Drop:
    case VisibleEvent.Refuse:
      return FALL_HOPS;
    default:
      return 0;
  }
}

/** @returns false when the buffer is full */
function place(request: FlightRequest, i: number, progress: number, buffer: TokenBuffer): boolean {
  const { trace, paths, geometry } = request;
  const node = trace.node[i];
  switch (trace.kind[i] as VisibleEvent) {
    case VisibleEvent.Arrive:
      return node !== geometry.entry.node || arrive(request, i, progress, buffer);
    case VisibleEvent.Park: {
      const entry = geometry.entry;
      const mark = Math.floor(trace.cell[i] / entry.threadsPerMark);
      const bay = Math.min(entry.bays - 1, Math.floor(mark / (2 * entry.columns)));
      const path = node === entry.node ? paths.calls.get(trace.otherNode[i])?.[bay] : undefined;
      return along(path, TokenKind.Request, i, trace, progress, 1, buffer);
    }
    case VisibleEvent.Enqueue:
      return along(paths.publish.get(node), TokenKind.Message, i, trace, progress, 1, buffer);
    case VisibleEvent.Deliver:
      return along(paths.deliver.get(node), TokenKind.Message, i, trace, progress, 1, buffer);
    case VisibleEvent.BackOff:
      return small(
        along(paths.backOff.get(node), TokenKind.Message, i, trace, progress, 1, buffer),
        buffer,
      );
    case VisibleEvent.Requeue:
      return small(
        along(paths.requeue.get(node), TokenKind.Message, i, trace, progress, 1, buffer),
        buffer,
      );
    case VisibleEvent.DeadLetter:
      return along(paths.deadLetter.get(node), TokenKind.DeadLetter, i, trace, progress, 1, buffer);
    case VisibleEvent.Answer:
      return along(paths.reply, endKind(trace.detail[i]), i, trace, progress, 1, buffer);
    case VisibleEvent.GiveUp:
      return along(paths.reply, TokenKind.TimedOut, i, trace, progress, 1, buffer);
    case VisibleEvent.Reject:
      return bounce(request, i, progress, buffer);
    case VisibleEvent.Drop:
      return along(
        paths.drop.get(node),
        TokenKind.Message,
        i,
        trace,
        progress * progress,
        1 - progress,
        buffer,
      );
    case VisibleEvent.Refuse:
      return along(
        paths.refuse.get(node),
        TokenKind.Message,
        i,
        trace,
        progress,
        1 - progress,
        buffer,
      );
    default:
      return true;
  }
}

/** The token just placed, drawn smaller. */
function small(fits: boolean, buffer: TokenBuffer): boolean {
  if (fits && buffer.count > 0) buffer.size[buffer.count - 1] = 0.65;
  return fits;
}

function endKind(outcome: number): TokenKind {
  switch (outcome) {
    case Outcome.Declined:
      return TokenKind.Declined;
    case Outcome.TimedOut:
      return TokenKind.TimedOut;
    case Outcome.Failed:
      return TokenKind.Failed;
    default:
      return TokenKind.Answered;
  }
}

/** How far inside the accept queue a request in flight has become faint. */
const FADE_LENGTH = 14;
export const FAINT_ALPHA = 0.4;
const FAINT_SIZE = 0.66;

/**
 * To its place, or to the door. Inside the accept queue it is faint: what waits there is drawn by its
 * places alone, and a request that a free thread takes at once does not wait.
 */
function arrive(request: FlightRequest, i: number, progress: number, buffer: TokenBuffer): boolean {
  const { trace, geometry, paths, view, stepS } = request;
  const next = (i + 1) & trace.mask;
  const isSame = trace.request[next] === trace.request[i] && trace.timeS[next] === trace.timeS[i];
  if (isSame && trace.kind[next] === VisibleEvent.Reject) return true;
  if (stepS !== null) {
    const mouthX = paths.brimX - FADE_LENGTH / 2;
    return push(buffer, TokenKind.Request, trace.request[i], mouthX, paths.brimY, 1);
  }
  let endX = geometry.entry.box.x;
  if (isSame && trace.kind[next] === VisibleEvent.Wait) {
    const pool = view.nodes[geometry.entry.node] as PoolView;
    const corridor = geometry.corridors[0];
    const slot = Math.min(pool.queueLength, corridor.slotX.length) - 1;
    if (slot >= 0) endX = corridor.slotX[slot];
  }
  const x = paths.arrive[0] + (endX - paths.arrive[0]) * progress;
  const inside = Math.max(0, Math.min(1, (x - paths.brimX) / FADE_LENGTH));
  const alpha = 1 - (1 - FAINT_ALPHA) * inside;
  if (!push(buffer, TokenKind.Request, trace.request[i], x, paths.brimY, alpha)) return false;
  buffer.size[buffer.count - 1] = 1 - (1 - FAINT_SIZE) * inside;
  return true;
}

/** Off the limit bar, once, and down. */
function bounce(request: FlightRequest, i: number, progress: number, buffer: TokenBuffer): boolean {
  const { paths, trace, geometry } = request;
  const isFull = geometry.variant === 'full';
  const scaleX = isFull ? 1 : 0.3;
  const scaleY = isFull ? 1 : 0.6;
  const out = Math.min(1, progress / 0.35);
  const fall = Math.max(0, (progress - 0.2) / 0.8);
  // Two ways down, in turn, so that many can be told apart.
  const reach = isFull && trace.request[i] % 2 === 1 ? 19 : 8;
  const x = paths.brimX - (4 + reach * (1 - (1 - out) * (1 - out))) * scaleX;
  const y = paths.brimY + (fall * fall * 78 - 4 * (1 - fall)) * scaleY;
  const alpha = progress > 0.85 ? (1 - progress) / 0.15 : 1;
  return push(buffer, TokenKind.Rejected, trace.request[i], x, y, alpha);
}

function along(
  path: Curve | undefined,
  kind: TokenKind,
  i: number,
  trace: Trace,
  progress: number,
  alpha: number,
  buffer: TokenBuffer,
): boolean {
  if (!path) return true;
  return push(
    buffer,
    kind,
    trace.request[i],
    pointOn(path, 0, progress),
    pointOn(path, 1, progress),
    alpha,
  );
}

function push(
  buffer: TokenBuffer,
  kind: TokenKind,
  request: number,
  x: number,
  y: number,
  alpha: number,
): boolean {
  if (buffer.count >= buffer.limit) return false;
  const k = buffer.count++;
  buffer.x[k] = x;
  buffer.y[k] = y;
  buffer.kind[k] = kind;
  buffer.request[k] = request;
  buffer.alpha[k] = Math.max(0, alpha);
  buffer.size[k] = kind === TokenKind.Message ? 0.9 : 1;
  return true;
}

/** @param axis 0 for x, 1 for y @param p 0 to 1 */
export function pointOn(path: Curve, axis: 0 | 1, p: number): number {
  const q = 1 - p;
  return (
    q * q * q * path[axis] +
    3 * q * q * p * path[2 + axis] +
    3 * q * p * p * path[4 + axis] +
    p * p * p * path[6 + axis]
  );
}

function curve(...points: number[]): Curve {
  return Float64Array.from(points);
}

function line(x0: number, y0: number, x1: number, y1: number): Curve {
  const third = (a: number, b: number, n: number): number => a + ((b - a) * n) / 3;
  return curve(
    x0,
    y0,
    third(x0, x1, 1),
    third(y0, y1, 1),
    third(x0, x1, 2),
    third(y0, y1, 2),
    x1,
    y1,
  );
}
