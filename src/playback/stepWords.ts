/** Trace entries in words, for what a step stopped at. */
import type { Flow } from '../sim/flow.ts';
import { Result } from '../sim/kernel/node.ts';
import { Outcome } from '../sim/outcome.ts';
import { VisibleEvent, type Trace } from '../sim/trace.ts';

interface Phrase {
  readonly subject: string;
  readonly predicate: string;
}

/** Most events one sentence names. */
const MAX_PHRASES = 3;

function phraseOf(flow: Flow, trace: Trace, entry: number): Phrase {
  const i = entry & trace.mask;
  const ids = Object.keys(flow.nodes);
  const label = (index: number): string => {
    const id = ids[index] ?? '';
    return flow.nodes[id]?.label ?? id;
  };
  const queueName = (index: number): string => `the ${label(index).toLowerCase()}`;
  const waitedFor = (index: number): string =>
    flow.nodes[ids[index] ?? '']?.kind === 'queue' ? queueName(index) : label(index);
  const node = trace.node[i] ?? -1;
  const cell = trace.cell[i] ?? -1;
  const otherNode = trace.otherNode[i] ?? -1;
  const number = trace.request[i] ?? -1;
  const request = (predicate: string): Phrase => ({ subject: `Request ${number}`, predicate });
  const message = (predicate: string): Phrase => ({
    subject: `The message of request ${number}`,
    predicate,
  });
  const outcome = trace.detail[i] as Outcome;
  switch (trace.kind[i] as VisibleEvent) {
    case VisibleEvent.Arrive:
      return request('arrives');
    case VisibleEvent.Reject:
      return request(`is rejected: the accept queue of ${label(node)} is full`);
    case VisibleEvent.Wait:
      return request(`waits in the accept queue of ${label(node)}`);
    case VisibleEvent.Start:
      return request(`starts on ${label(node)} thread ${cell + 1}`);
    case VisibleEvent.Park:
      return request(`parks on ${waitedFor(otherNode)}`);
    case VisibleEvent.Resume:
      return request(`goes on in ${label(node)}`);
    case VisibleEvent.Enqueue:
      return request(`leaves a message in ${queueName(node)}`);
    case VisibleEvent.Deliver:
      return message(`is taken by a worker of ${label(otherNode)}`);
    case VisibleEvent.Acknowledge:
      return message('is acknowledged');
    case VisibleEvent.BackOff:
      return message('backs off after a failed attempt');
    case VisibleEvent.Requeue:
      return message(`is back in ${queueName(node)}`);
    case VisibleEvent.DeadLetter:
      return message('is dead-lettered');
    case VisibleEvent.Drop:
      return message('is dropped: the queue is full');
    case VisibleEvent.Refuse:
      return message('is refused: the queue is full');
    case VisibleEvent.Answer:
      return request(
        outcome === Outcome.Declined
          ? 'is answered: declined'
          : outcome === Outcome.Failed
            ? 'is answered with an error'
            : outcome === Outcome.TimedOut
              ? 'is finished, but nobody waits for it any more: wasted work'
              : 'is answered',
      );
    case VisibleEvent.GiveUp:
      return request('has timed out: its user gives up');
    case VisibleEvent.Fail:
      return request(
        trace.detail[i] === Result.Declined
          ? `is declined by ${label(node)}`
          : `fails at ${label(node)}`,
      );
    case VisibleEvent.Kill:
      return { subject: `A thread of ${label(node)}`, predicate: 'dies' };
    case VisibleEvent.Revive:
      return { subject: `A thread of ${label(node)}`, predicate: 'is back' };
    default:
      return request('goes on');
  }
}

/**
 * The events as one sentence without a full stop, for example
 * `Request 41 arrives and starts on API thread 3`.
 */
export function describeEvents(flow: Flow, trace: Trace, entries: readonly number[]): string {
  const clauses: { subject: string; predicates: string[] }[] = [];
  // A thread that goes on does something else in the same instant; that says enough.
  const telling = entries.filter(
    (entry) => trace.kind[entry & trace.mask] !== VisibleEvent.Resume || entries.length === 1,
  );
  for (const entry of telling.slice(0, MAX_PHRASES)) {
    const { subject, predicate } = phraseOf(flow, trace, entry);
    const last = clauses.at(-1);
    if (last?.subject === subject) last.predicates.push(predicate);
    else clauses.push({ subject, predicates: [predicate] });
  }
  const sentence = clauses
    .map(({ subject, predicates }, i) => {
      const start = i === 0 ? subject : subject.charAt(0).toLowerCase() + subject.slice(1);
      return `${start} ${predicates.join(' and ')}`;
    })
    .join('; ');
  return sentence;
}
