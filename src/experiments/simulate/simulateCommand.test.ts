import { describe, expect, it } from 'vitest';
import { example } from '../../sim/format/flowDocs.ts';
import { endlessFlow } from '../../sim/testing/endlessFlow.ts';
import { simulateCommand } from './simulateCommand.ts';

interface Answer {
  readonly code: number;
  readonly said: string;
  readonly progress: string;
}

function simulate(words: string, files: Readonly<Record<string, unknown>> = {}): Answer {
  const out: string[] = [];
  const progress: string[] = [];
  let ms = 0;
  const code = simulateCommand(words.split(' ').filter(Boolean), {
    readFile: (path) => {
      const file = files[path];
      if (file === undefined) return null;
      return typeof file === 'string' ? file : JSON.stringify(file);
    },
    now: () => (ms += 700),
    print: (text) => out.push(text),
    printProgress: (text) => progress.push(text),
  });
  return { code, said: out.join('\n'), progress: progress.join('\n') };
}

interface Lanes {
  readonly lanes: Record<
    string,
    {
      endedBy: string;
      fromS: number;
      toS: number;
      events: number;
      lane: { served: number; offered: number; response: { meanS: number } };
      nodes: Record<
        string,
        { counts: Record<string, number>; threads: { capacity: number; busyMean: number } }
      >;
    }
  >;
}

function json(words: string, files: Readonly<Record<string, unknown>> = {}): Lanes['lanes'] {
  const { code, said, progress } = simulate(`${words} --json`, files);
  expect(progress).toBe('');
  expect(code).toBe(0);
  return (JSON.parse(said) as Lanes).lanes;
}

describe('a run', () => {
  it('of a scenario reports both lanes, as JSON and as a table', () => {
    const lanes = json('checkout --duration 20');
    expect(Object.keys(lanes)).toEqual(['sync', 'async']);
    expect(lanes['sync'].lane.response.meanS).toBeGreaterThan(0.5);
    expect(lanes['async'].lane.response.meanS).toBeLessThan(0.4);
    const { said } = simulate('checkout --duration 20');
    for (const words of ['goodput', 'p99.9', 'parked on', 'payment', 'emailQueue', 'events in']) {
      expect(said).toContain(words);
    }
  });

  it('of a file takes its schedule, a seed and a warm-up', () => {
    const files = { 'one.json': example };
    const one = json('one.json --duration 50 --warmup 10 --seed 7', files)['flow'];
    expect(one.toS).toBe(60);
    expect(json('one.json --duration 50 --warmup 10 --seed 7', files)['flow']).toEqual(one);
    expect(json('one.json --duration 50 --warmup 10 --seed 8', files)['flow']).not.toEqual(one);
  });

  it('stops at its event budget and says so', () => {
    const { code, said, progress } = simulate('checkout --max-events 500 --json');
    expect(code).toBe(0);
    expect(progress).toContain('sync: stopped at');
    const { sync } = (JSON.parse(said) as Lanes).lanes;
    expect([sync.endedBy, sync.events]).toEqual(['events', 500]);
  });

  it('says when the budget ended before anything was measured', () => {
    const { code, progress } = simulate('checkout --warmup 1e9 --max-events 500');
    expect(code).toBe(0);
    expect(progress).toContain('in the warm-up: nothing was measured');
  });

  it('may have a warm-up longer than what is measured', () => {
    const { sync } = json('checkout --warmup 30 --duration 10');
    expect([sync.fromS, sync.toS]).toEqual([30, 40]);
  });

  it('reads a file that begins with a byte order mark', () => {
    const files = { 'one.json': `\uFEFF${JSON.stringify(example)}` };
    expect(json('one.json --duration 5', files)['flow'].endedBy).toBe('time');
  });

  it('tells in JSON everything that a lane and its nodes are asked for', () => {
    const { code, said } = simulate('checkout --duration 60 --set load=30 --json');
    expect(code).toBe(0);
    const answer = JSON.parse(said) as Record<string, unknown>;
    expect(answer).toHaveProperty('events');
    expect(answer).toHaveProperty('wallMs');
    for (const path of [
      ...['offered', 'offeredPerS', 'firstTries', 'amplification', 'completed', 'goodputPerS'],
      ...['served', 'declined', 'rejected', 'timedOut', 'failed', 'open', 'wastedS', 'dropped'],
      ...['redeliveries', 'duplicateEffects', 'deadLettered', 'wastedShare'],
      ...['meanS', 'meanCi95S', 'p50S', 'p90S', 'p99S', 'p999S', 'maxS'].map(
        (x) => `response.${x}`,
      ),
    ]) {
      expect(answer).toHaveProperty(`lanes.async.lane.${path}`, expect.any(Number));
    }
    for (const path of [
      ...['offeredPerS', 'completedPerS', 'goodputPerS', 'timeInQueue.meanS', 'response.p999S'],
      ...['threads.utilisation', 'threads.busyMean', 'threads.parkedMean', 'threads.wastedS'],
      ...[
        'threads.parkedOn.payment',
        'queue.mean',
        'queue.max',
        'queue.oldestS',
        'queue.oldestMaxS',
      ],
    ]) {
      expect(answer).toHaveProperty(`lanes.async.nodes.api.${path}`, expect.any(Number));
    }
    expect(answer).toHaveProperty('lanes.async.nodes.emailQueue.inFlightMean', expect.any(Number));
    expect(answer).toHaveProperty('lanes.async.nodes.api.staleness', null);
  });

  it('tells how often a call is tried, by caller and target', () => {
    const { nodes } = example;
    const users = { ...nodes.users, policy: { retry: { attempts: 3 } }, ratePerS: 1, limit: 20 };
    const broken = {
      ...example,
      nodes: { users, server: { ...nodes.server, failureRate: 1 } },
      schedule: [],
    };
    const { said } = simulate('broken.json', { 'broken.json': JSON.stringify(broken) });
    expect(said).toMatch(
      /call +first tries +attempts +amplification .*\nusers\/call → server +20 +60 +3.000 /,
    );
  });

  it('tells the operations of a store, and no 0 for whom nobody asks', () => {
    const { nodes } = example;
    const users = { ...nodes.users, arrivals: 'constant', ratePerS: 1 };
    const handler = [{ do: 'read', name: 'show', store: 'db' }];
    const server = { ...nodes.server, handler };
    const flow = { version: 1, nodes: { users, server, db: { kind: 'store' } } };
    const { said } = simulate('db.json --duration 10.5', { 'db.json': flow });
    expect(said).toMatch(/\nother +kind +offered\/s +shed\ndb +store +0.95 +–\n/);
    const lanes = json('db.json --duration 10', { 'db.json': flow });
    expect(lanes['flow'].nodes['users']).toMatchObject({ offeredPerS: null, completedPerS: null });
  });

  it('tells the staleness of slow clients apart', () => {
    const prices = { kind: 'feed', updatesPerS: 10, clients: 100, delivery: 'sse' };
    const flow = { version: 1, nodes: { prices: { ...prices, slowShare: 0.1, slowMs: 200 } } };
    const { said } = simulate('feed.json --duration 60', { 'feed.json': JSON.stringify(flow) });
    expect(said).toMatch(/\nprices +50 ms +50 ms +50 ms/);
    expect(said).toMatch(/\nprices, slow clients +\d\d\.\d s/);
  });

  it('tells how far a long run is', () => {
    const { progress } = simulate('checkout --duration 6000 --set load=30');
    expect(progress).toMatch(/sync: \d+ %, \d\.\d M events/);
  }, 60_000);
});

describe('--set', () => {
  const capacity = (words: string, node: string) =>
    json(`checkout --duration 5 ${words}`)['sync'].nodes[node].threads.capacity;

  it.each([
    ['a value in the file', '--set api.threads=30', 30],
    ['by its whole path', '--set nodes.api.threads=31', 31],
    ["a scenario's parameter", '--set api.threads=32', 32],
    ['in one lane', '--set sync:api.threads=33', 33],
    ['in the other lane', '--set async:api.threads=33', 20],
  ])('changes %s', (_name, words, expected) => {
    expect(capacity(words, 'api')).toBe(expected);
  });

  it('changes steps by position, by name, and as a running flow calls them', () => {
    const response = (words: string) =>
      json(`checkout --duration 30 --set api.variability={"kind":"constant"} ${words}`)['async']
        .lane.response.meanS;
    const usual = response('');
    for (const set of ['api.handler[0].workMs=1050', 'api.handler.validate.workMs=1050']) {
      expect(response(`--set ${set}`)).toBeGreaterThan(usual + 0.95);
    }
    expect(response('--set api.workMs.validate=1050')).toBeGreaterThan(usual + 0.95);
    expect(response('--set api.mode.email=wait')).toBeGreaterThan(usual + 0.15);
  });

  it('sets what the file leaves out, in objects that it leaves out', () => {
    const files = { 'one.json': { ...example, schedule: [] } };
    const users = (words: string) =>
      json(`one.json --duration 50 ${words}`, files)['flow'].nodes['users'].counts;
    const tries = '--set server.failureRate=1 --set users.policy.retry.attempts=3';
    // The second value goes into the objects that the first one made.
    const { callRetries } = users(`${tries} --set users.policy.timeoutMs=5000`);
    expect(callRetries).toBeGreaterThan(100);
    expect(users('--set users.policy.maxConcurrent=0')['callAttempts']).toBeUndefined();
    expect(simulate('one.json --set title=Mine', files).said).toContain('flow: Mine · seed 1');
  });

  it('lets the last one win, also over the schedule of the file at time 0', () => {
    const action = { do: 'set', path: 'server.threads', value: 2 };
    const files = { 'one.json': { ...example, schedule: [{ timeS: 0, action }] } };
    const mean = (words: string) =>
      json(`one.json --duration 50 ${words}`, files)['flow'].lane.response.meanS;
    const [fast, slow] = ['--set server.workMs=1', '--set server.workMs=500'];
    expect(mean(`${slow} ${fast}`)).toBe(mean(fast));
    expect(mean(`${fast} ${slow}`)).toBe(mean(slow));
    expect(mean(fast)).toBeLessThan(0.1);
    expect(mean(slow)).toBeGreaterThan(0.4);
  });
});

describe('bad input ends with exit code 2, says why, and prints no result', () => {
  it.each([
    ['', 'FLOW_OR_SCENARIO'],
    [
      'nothing.json',
      'there is no file nothing.json that can be read, and no such scenario (checkout',
    ],
    ['broken.json', 'broken.json is not JSON'],
    ['checkout --sed 3', 'there is no option --sed'],
    ['checkout --seed', '--seed needs a value'],
    ['checkout --seed 1.5', '--seed takes a whole number'],
    ['checkout --seed -1', '--seed takes a whole number from 0 up to 2147483647, not -1'],
    ['checkout --seed 2147483648', '--seed takes a whole number'],
    ['checkout --duration -1', '--duration takes a number of seconds above 0'],
    ['checkout --duration 1e12', '--duration takes a number of seconds'],
    ['checkout --warmup -1', '--warmup takes a number of seconds from 0'],
    ['checkout --warmup abc', '--warmup takes a number of seconds'],
    ['checkout --json=3', '--json takes no value'],
    ['checkout --set =3', '--set takes path=value, not =3'],
    ['checkout --set load=NaN', 'Load takes a number'],
    ['checkout --set sync.email=banana', 'one of wait, queue'],
    ['checkout --set nodes=3', 'nodes: Nodes is 3'],
    ['list.json', 'a flow is an object, not a list'],
    ['empty.json', 'empty.json is not JSON'],
    ['checkout --duration', '--duration needs a value'],
    ['checkout --max-events 0', '--max-events takes a whole number'],
    ['checkout other', 'one flow at a time'],
    ['checkout --set load', '--set takes path=value'],
    ['checkout --set load=5000', 'Load: 1 to 2,000 req/s'],
    ['checkout --set middle:load=5', 'there is no lane "middle"'],
    ['checkout --set api.threads=0', 'API threads: 1 to 1,000'],
    ['one.json --set server.threads=0', 'nodes.server.threads: Threads is 0; right would be'],
    ['checkout --set api.thraeds=3', '"api.thraeds" cannot be set to 3'],
    ['checkout --set apo.threads=3', '(did you mean "api"?)'],
    ['one.json --set server.bogus=3', '  --set server.bogus: "server.bogus" cannot be set to 3'],
    [
      'one.json --set users.policy.retry.jitter=full',
      'users.policy.retry.attempts: Attempts is missing',
    ],
    ['late.json --set server.workMs=3', '  schedule[0].timeS: At is -1'],
    ['loop.json', 'no progress at node'],
    ['twice.json', '  nodes.s: the name is given twice; right would be every name once'],
  ])('%s', (words, message) => {
    const { code, said, progress } = simulate(words, {
      'one.json': example,
      'late.json': { ...example, schedule: [{ ...example.schedule[0], timeS: -1 }] },
      'broken.json': '{"version":',
      'list.json': [],
      'empty.json': '',
      'loop.json': endlessFlow,
      'twice.json': '{"version": 1, "nodes": {"s": {"kind": "queue"}, "s": {"kind": "log"}}}',
    });
    expect(code).toBe(2);
    expect(progress).toContain(message);
    expect(said).toBe('');
  });

  it.each(['--help', '-h', 'checkout --help'])('%s is no error', (words) => {
    const { code, said } = simulate(words);
    expect(code).toBe(0);
    expect(said).toContain('--warmup');
  });
});
