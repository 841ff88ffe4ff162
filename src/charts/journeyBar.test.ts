import { describe, expect, it } from 'vitest';
import type { Journey, Segment, SegmentKind } from '../sim/journey.ts';
import { Outcome } from '../sim/outcome.ts';
import { journeyBar, requiredAxisS } from './journeyBar.ts';

function segment(kind: SegmentKind, node: string, startS: number, endS: number | null): Segment {
  return { kind, node, startS, endS, cell: 0, attempt: 0 };
}

const served: Journey = {
  request: 7,
  correlationId: 'a3f9-12bc',
  submittedS: 100,
  outcome: Outcome.Served,
  endS: 103.5,
  segments: [
    segment('acceptQueue', 'api', 100, 100.25),
    segment('running', 'api', 100.25, 100.5),
    segment('parked', 'email', 100.5, 103.5),
  ],
  messages: [],
};

describe('journeyBar', () => {
  it('counts from the submit and darkens a wait at 0.7 and 2.5 s', () => {
    const bar = journeyBar(served, 200);
    expect(
      bar.parts.map(({ kind, startS, endS, level, first }) => [kind, startS, endS, level, first]),
    ).toEqual([
      ['acceptQueue', 0, 0.25, 1, true],
      ['running', 0.25, 0.5, 1, true],
      ['parked', 0.5, 1.2, 1, true],
      ['parked', 1.2, 3, 2, false],
      ['parked', 3, 3.5, 3, false],
    ]);
    expect(bar).toMatchObject({ endS: 3.5, workEndS: 3.5, working: false });
  });

  it('draws what is still going on up to now, after the user has gone too', () => {
    const bar = journeyBar(
      {
        ...served,
        outcome: Outcome.TimedOut,
        endS: 101,
        segments: [segment('parked', 'email', 100.5, null)],
      },
      101.1,
    );
    expect(bar.endS).toBe(1);
    expect(bar.workEndS).toBeCloseTo(1.1);
    expect(bar.working).toBe(true);
  });

  it('keeps the life of the message that was left behind', () => {
    const bar = journeyBar(
      {
        ...served,
        messages: [
          {
            queue: 'emailQueue',
            end: 'open',
            endS: null,
            segments: [
              segment('queued', 'emailQueue', 101, 102),
              segment('inWork', 'email', 102, null),
            ],
          },
        ],
      },
      105,
    );
    expect(bar.messages).toEqual([
      {
        queue: 'emailQueue',
        end: 'open',
        endS: null,
        parts: [
          { kind: 'queued', startS: 1, endS: 2 },
          { kind: 'inWork', startS: 2, endS: 5 },
        ],
      },
    ]);
  });
});

describe('requiredAxisS', () => {
  const withEmail = (endS: number) =>
    journeyBar(
      {
        ...served,
        messages: [{ queue: 'q', end: 'acknowledged', endS: 100 + endS, segments: [] }],
      },
      200,
    );

  it('has room for messages a little later than the answers, not for those far off', () => {
    expect(requiredAxisS([withEmail(5)])).toBe(5);
    expect(requiredAxisS([withEmail(30)])).toBe(3.5);
    expect(requiredAxisS([])).toBe(0);
  });
});
