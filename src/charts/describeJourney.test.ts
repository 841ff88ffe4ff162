import { expect, it } from 'vitest';
import { checkout } from '../scenarios/checkout.ts';
import type { Journey, MessageJourney, Segment } from '../sim/journey.ts';
import { Outcome } from '../sim/outcome.ts';
import { describeJourney } from './describeJourney.ts';

const parked: Segment = {
  kind: 'parked',
  node: 'email',
  startS: 10,
  endS: null,
  cell: 0,
  attempt: 0,
};
const base: Journey = {
  request: 563,
  correlationId: 'a3f9-12bc',
  submittedS: 10,
  outcome: Outcome.Served,
  endS: 10.436,
  segments: [],
  messages: [],
};

function words(change: Partial<Journey>): string {
  return describeJourney({ ...base, ...change }, checkout.lanes.async);
}

function email(message: Partial<MessageJourney>): Partial<Journey> {
  return {
    messages: [{ queue: 'emailQueue', segments: [], end: 'open', endS: null, ...message }],
  };
}

it('names the outcome and when', () => {
  expect(words({})).toBe('Request 563: served after 436 ms');
  expect(words({ outcome: Outcome.Failed, endS: 14 })).toBe('Request 563: failed after 4.0 s');
  expect(words({ outcome: Outcome.Rejected })).toBe(
    'Request 563: rejected, the accept queue was full',
  );
});

it('says when work goes on that nobody waits for', () => {
  const timedOut = { outcome: Outcome.TimedOut, endS: 25 };
  expect(words({ ...timedOut, segments: [parked] })).toBe(
    'Request 563: timed out after 15.0 s, its work goes on',
  );
  expect(words({ ...timedOut, segments: [{ ...parked, endS: 27 }] })).toContain('went on');
  expect(words({ ...timedOut, segments: [{ ...parked, endS: 25 }] })).toMatch(/15\.0 s$/);
});

it('tells what became of the message', () => {
  expect(words(email({ end: 'acknowledged', endS: 10.612 }))).toBe(
    'Request 563: served after 436 ms; email delivered after 612 ms',
  );
  expect(words(email({ end: 'deadLettered', endS: 40 }))).toContain('email dead-lettered after 30');
  expect(words(email({}))).toContain('email waits in the queue');
  expect(words(email({ segments: [{ ...parked, kind: 'backingOff' }] }))).toContain('backing off');
});
