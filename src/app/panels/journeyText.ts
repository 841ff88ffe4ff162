/** A journey in words, for the inspector. */
import { formatDuration } from '../../scenarios/format.ts';
import type { Flow } from '../../sim/flow.ts';
import type { Journey, MessageJourney, Segment, SegmentKind } from '../../sim/journey.ts';
import { Outcome, outcomeName } from '../../sim/outcome.ts';
import { VisibleEvent, type Trace } from '../../sim/trace.ts';

export interface JourneyStepText {
  readonly kind: SegmentKind | 'end';
  readonly what: string;
  readonly duration: string;
}

export interface JourneyText {
  readonly correlationId: string;
  readonly submitted: string;
  readonly outcome: string;
  /** Where it is and for whom it waits. */
  readonly now: string;
  readonly steps: readonly JourneyStepText[];
}

const ENDS: Readonly<Record<Exclude<MessageJourney['end'], 'open'>, string>> = {
  acknowledged: 'message handled',
  declined: 'card declined',
  deadLettered: 'message dead-lettered',
  dropped: 'message dropped by the full queue',
  refused: 'message refused by the full queue',
};

function describeSegment(segment: Segment, label: string): string {
  const attempt = segment.attempt > 1 ? `, attempt ${segment.attempt}` : '';
  switch (segment.kind) {
    case 'acceptQueue':
      return `in the accept queue of ${label}`;
    case 'running':
      return `running in ${label}`;
    case 'parked':
      return `thread parked on ${label}`;
    case 'queued':
      return `message ready in ${label}${attempt}`;
    case 'inWork':
      return `message in work at ${label}${attempt}`;
    case 'backingOff':
      return `message backing off${attempt}`;
  }
}

/** @param nowS model time shown, seconds */
export function describeJourney(journey: Journey, nowS: number, flow: Flow): JourneyText {
  const label = (node: string) => flow.nodes[node]?.label ?? node;
  const step = (segment: Segment): JourneyStepText => ({
    kind: segment.kind,
    what: describeSegment(segment, label(segment.node)),
    duration:
      formatDuration((segment.endS ?? nowS) - segment.startS) +
      (segment.endS === null ? ' so far' : ''),
  });
  const steps: JourneyStepText[] = journey.segments.map(step);
  for (const message of journey.messages) {
    steps.push(...message.segments.map(step));
    if (message.end !== 'open') {
      steps.push({
        kind: 'end',
        what: ENDS[message.end],
        duration: message.endS === null ? '' : `at ${message.endS.toFixed(2)} s`,
      });
    }
  }
  const open = [...journey.segments, ...journey.messages.flatMap((one) => one.segments)].filter(
    (segment) => segment.endS === null,
  );
  const isOver = journey.outcome !== Outcome.Open;
  const doing = open.map((segment) => describeSegment(segment, label(segment.node))).join('; ');
  const tense = isOver && doing !== '' ? 'Still going on' : 'Now';
  return {
    correlationId: journey.correlationId,
    submitted: `${journey.submittedS.toFixed(2)} s`,
    outcome:
      journey.endS === null
        ? outcomeName[journey.outcome]
        : `${outcomeName[journey.outcome]} after ${formatDuration(journey.endS - journey.submittedS)}`,
    now: doing === '' ? '' : `${tense}: ${doing}.`,
    steps,
  };
}

/** What the trace still tells of a request that is no longer kept; else that it ended. */
export function describeForgotten(trace: Trace, request: number): string {
  for (let entry = trace.count - 1; entry >= trace.first; entry--) {
    const i = entry & trace.mask;
    if (trace.request[i] !== request) continue;
    const at = `at ${(trace.timeS[i] ?? 0).toFixed(2)} s`;
    if (trace.kind[i] === VisibleEvent.Reject) return `Rejected ${at}: the accept queue was full.`;
  }
  return 'No longer kept: it ended, and newer ones took its place.';
}
