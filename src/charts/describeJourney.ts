/** The life of a request in one line of words. */
import { formatDuration } from '../scenarios/format.ts';
import type { Flow } from '../sim/flow.ts';
import type { Journey, MessageJourney } from '../sim/journey.ts';
import { Outcome } from '../sim/outcome.ts';

/** @returns for example `Request 563: served after 436 ms; email delivered after 612 ms` */
export function describeJourney(journey: Journey, flow: Flow): string {
  const messages = journey.messages.map((message) => messageWords(message, journey, flow));
  return `Request ${journey.request}: ${[outcomeWords(journey), ...messages].join('; ')}`;
}

function outcomeWords(journey: Journey): string {
  const after = `after ${formatDuration((journey.endS ?? 0) - journey.submittedS)}`;
  switch (journey.outcome) {
    case Outcome.Open:
      return 'in progress';
    case Outcome.Served:
      return `served ${after}`;
    case Outcome.Declined:
      return `declined ${after}`;
    case Outcome.Rejected:
      return 'rejected, the accept queue was full';
    case Outcome.Failed:
      return `failed ${after}`;
    case Outcome.TimedOut: {
      const last = journey.segments.at(-1);
      if (!last || (last.endS !== null && last.endS <= (journey.endS ?? 0))) {
        return `timed out ${after}`;
      }
      return `timed out ${after}, its work ${last.endS === null ? 'goes' : 'went'} on`;
    }
  }
}

function messageWords(message: MessageJourney, journey: Journey, flow: Flow): string {
  const name = messageName(message.queue, flow);
  const after = `after ${formatDuration((message.endS ?? 0) - journey.submittedS)}`;
  switch (message.end) {
    case 'acknowledged':
      return `${name} delivered ${after}`;
    case 'declined':
      return `${name} declined ${after}`;
    case 'deadLettered':
      return `${name} dead-lettered ${after}`;
    case 'dropped':
      return `${name} dropped ${after}`;
    case 'refused':
      return `${name} refused by the queue`;
    case 'open':
      switch (message.segments.at(-1)?.kind) {
        case 'inWork':
          return `${name} in work`;
        case 'backingOff':
          return `${name} backing off`;
        default:
          return `${name} waits in the queue`;
      }
  }
}

/** A message is called after the service that works it off. */
export function messageName(queue: string, flow: Flow): string {
  for (const [id, node] of Object.entries(flow.nodes)) {
    if (node.kind === 'service' && node.consumes === queue) return (node.label ?? id).toLowerCase();
  }
  return 'message';
}
