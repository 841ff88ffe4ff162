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

/** @param row of a request whose journey is still kept */
export function readJourney(
  kernel: Kernel & { readonly nodes: readonly SimNode[]; readonly seed: number },
  recorder: LiveRecorder,
  row: number,
): Journey {
  const { requests, nodes } = kernel;
  const { journeys } = recorder.state;
  const name = (node: number): string => nodes[node]?.id ?? '';
  const segments: Writable<Segment>[] = [];
  const messages = new Map<number, OpenMessage>();
  const first = requests.rows[row].journeyHead;
  const root = first >= 0 ? journeys.node[first] : -1;

  for (let at = first; at >= 0; at = journeys.next[at]!) {
    const kind = journeys.kind[at] as VisibleEvent;
    const timeS = journeys.timeS[at];
    const node = journeys.node[at];
    const cell = journeys.cell[at];
    const otherNode = journeys.otherNode[at];
    const otherCell = journeys.otherCell[at];
    const attempt = journeys.detail[at];
    const message = messages.get(node);
    const hop = (hopKind: SegmentKind, hopNode: number, hopCell: number): void => {
      if (message === undefined) return;
      close(message.segments, timeS);
      message.segments.push(open(hopKind, name(hopNode), timeS, hopCell, attempt));
    };
    switch (kind) {
      case VisibleEvent.Wait:
        if (node === root) segments.push(open('acceptQueue', name(node), timeS, -1, 0));
        break;
      case VisibleEvent.Start:
      case VisibleEvent.Resume:
        if (node !== root) break;
        close(segments, timeS);
        segments.push(open('running', name(node), timeS, cell, 0));
        break;
      case VisibleEvent.Park:
        if (node !== root) break;
        close(segments, timeS);
        segments.push(open('parked', name(otherNode), timeS, cell, 0));
        break;
      case VisibleEvent.Answer:
        close(segments, timeS);
        break;
      case VisibleEvent.GiveUp:
        // Only a request that leaves the accept queue ends here; a handler goes on.
        if (requests.rows[row].rootJob < 0 && segments.at(-1)?.kind === 'acceptQueue') {
          const next = journeys.next[at];
          if (next < 0) close(segments, timeS);
        }
        break;
      case VisibleEvent.Enqueue:
        messages.set(node, {
          queue: name(node),
          segments: [open('queued', name(node), timeS, -1, 0)],
          end: 'open',
          endS: null,
        });
        break;
      case VisibleEvent.Deliver:
        hop('inWork', otherNode, otherCell);
        break;
      case VisibleEvent.BackOff:
        hop('backingOff', node, -1);
        break;
      case VisibleEvent.Requeue:
        hop('queued', node, -1);
        break;
      case VisibleEvent.Acknowledge:
      case VisibleEvent.DeadLetter:
      case VisibleEvent.Drop:
      case VisibleEvent.Refuse: {
        const ended = message ?? { queue: name(node), segments: [], end: 'open', endS: null };
        close(ended.segments, timeS);
        ended.end =
          kind === VisibleEvent.Acknowledge && attempt === 1 ? 'declined' : messageEnds[kind]!;
        ended.endS = timeS;
        messages.set(node, ended);
        break;
      }
      default:
        break;
    }
  }
  const outcome = requests.rows[row].outcome as Outcome;
  const number = requests.rows[row].number;
  return {
    request: number,
    correlationId: correlationId(kernel.seed, number),
    submittedS: requests.rows[row].submittedS,
    outcome,
    endS: outcome === Outcome.Open ? null : requests.rows[row].endS,
    // Hand-overs at one instant leave segments of no length, which tell nothing.
    segments: segments.filter((segment) => segment.endS === null || segment.endS > segment.startS),
    messages: [...messages.values()],
  };
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
