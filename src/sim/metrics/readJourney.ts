/** From the recorded events of a request to the segments of its life. */
import type { Journey, MessageJourney, Segment, SegmentKind } from '../journey.ts';
import type { Kernel, SimNode } from '../kernel/node.ts';
import { Outcome } from '../outcome.ts';
import { VisibleEvent } from '../trace.ts';
import type { LiveRecorder } from './liveRecorder.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type OpenMessage = Writable<Omit<MessageJourney, 'segments'>> & { segments: Writable<Segment>[] };

const messageEnds: Readonly<Partial<Record<VisibleEvent, MessageJourney['end']>>> = {
  [VisibleEvent.Acknowledge]: 'acknowledged',
  [VisibleEvent.DeadLetter]: 'deadLettered',
  [VisibleEvent.Drop]: 'dropped',
  [VisibleEvent.Refuse]: 'refused',
};

/** One recorded event of a request. */
interface Event {
  readonly kind: VisibleEvent;
  readonly timeS: number;
  readonly node: number;
  readonly cell: number;
  readonly otherNode: number;
  readonly otherCell: number;
  readonly detail: number;
}

/** @param row of a request whose journey is still kept */
export function readJourney(
  kernel: Kernel & { readonly nodes: readonly SimNode[]; readonly seed: number },
  recorder: LiveRecorder,
  row: number,
): Journey {
  const { requests, nodes } = kernel;
  const { journeys } = recorder.state;
  const { journeyHead: first, rootJob, number, submittedS, outcome, endS } = requests.rows[row];
  const name = (node: number): string => nodes[node]?.id ?? '';
  const segments: Writable<Segment>[] = [];
  const messages = new Map<number, OpenMessage>();
  const root = first >= 0 ? journeys.node[first] : -1;
  for (let at = first; at >= 0; at = journeys.next[at]!) {
    const event: Event = {
      kind: journeys.kind[at] as VisibleEvent,
      timeS: journeys.timeS[at],
      node: journeys.node[at],
      cell: journeys.cell[at],
      otherNode: journeys.otherNode[at],
      otherCell: journeys.otherCell[at],
      detail: journeys.detail[at],
    };
    // Only a request that leaves the accept queue ends with giving up; a handler goes on.
    const endsHere = rootJob < 0 && journeys.next[at] < 0;
    noteOfRequest(segments, event, root, endsHere, name);
    noteOfMessage(messages, event, name);
  }
  return {
    request: number,
    correlationId: correlationId(kernel.seed, number),
    submittedS,
    outcome: outcome as Outcome,
    endS: outcome === Outcome.Open ? null : endS,
    // Hand-overs at one instant leave segments of no length, which tell nothing.
    segments: segments.filter((segment) => segment.endS === null || segment.endS > segment.startS),
    messages: [...messages.values()],
  };
}

/** What an event says of the request at its first node, `root`. */
function noteOfRequest(
  segments: Writable<Segment>[],
  { kind, timeS, node, cell, otherNode }: Event,
  root: number,
  endsHere: boolean,
  name: (node: number) => string,
): void {
  switch (kind) {
    case VisibleEvent.Wait:
      if (node === root) segments.push(open('acceptQueue', name(node), timeS, -1, 0));
      return;
    case VisibleEvent.Start:
    case VisibleEvent.Resume:
      if (node !== root) return;
      close(segments, timeS);
      segments.push(open('running', name(node), timeS, cell, 0));
      return;
    case VisibleEvent.Park:
      if (node !== root) return;
      close(segments, timeS);
      segments.push(open('parked', name(otherNode), timeS, cell, 0));
      return;
    case VisibleEvent.Answer:
      close(segments, timeS);
      return;
    case VisibleEvent.GiveUp:
      if (endsHere && segments.at(-1)?.kind === 'acceptQueue') close(segments, timeS);
      return;
    default:
      return;
  }
}

/** What an event says of a message of the request, by its queue. */
function noteOfMessage(
  messages: Map<number, OpenMessage>,
  { kind, timeS, node, otherNode, otherCell, detail }: Event,
  name: (node: number) => string,
): void {
  const message = messages.get(node);
  const hop = (hopKind: SegmentKind, hopNode: number, hopCell: number): void => {
    if (message === undefined) return;
    close(message.segments, timeS);
    message.segments.push(open(hopKind, name(hopNode), timeS, hopCell, detail));
  };
  switch (kind) {
    case VisibleEvent.Enqueue: {
      const segments = [open('queued', name(node), timeS, -1, 0)];
      messages.set(node, { queue: name(node), segments, end: 'open', endS: null });
      return;
    }
    case VisibleEvent.Deliver:
      hop('inWork', otherNode, otherCell);
      return;
    case VisibleEvent.BackOff:
      hop('backingOff', node, -1);
      return;
    case VisibleEvent.Requeue:
      hop('queued', node, -1);
      return;
    case VisibleEvent.Acknowledge:
    case VisibleEvent.DeadLetter:
    case VisibleEvent.Drop:
    case VisibleEvent.Refuse: {
      const ended = message ?? { queue: name(node), segments: [], end: 'open', endS: null };
      const declined = kind === VisibleEvent.Acknowledge && detail === 1;
      close(ended.segments, timeS);
      ended.end = declined ? 'declined' : messageEnds[kind]!;
      ended.endS = timeS;
      messages.set(node, ended);
      return;
    }
    default:
      return;
  }
}

/** An id as systems hand them on, the same in both lanes: two groups of four hexadecimal digits. */
export function correlationId(seed: number, request: number): string {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(request + 1, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x27d4eb2f);
  h ^= h >>> 15;
  const hex = (h >>> 0).toString(16).padStart(8, '0');
  return `${hex.slice(0, 4)}-${hex.slice(4)}`;
}

function open(
  kind: SegmentKind,
  node: string,
  startS: number,
  cell: number,
  attempt: number,
): Writable<Segment> {
  return { kind, node, startS, endS: null, cell, attempt };
}

function close(segments: Writable<Segment>[], timeS: number): void {
  const last = segments.at(-1);
  if (last !== undefined && last.endS === null) last.endS = timeS;
}
