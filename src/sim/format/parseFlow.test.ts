import { describe, expect, it } from 'vitest';
import { checkout } from '../../scenarios/checkout.ts';
import { example } from './flowDocs.ts';
import { parseFlow } from './parseFlow.ts';

/** A small correct flow with one place changed; `undefined` takes the place away. */
function withChange(path: readonly (string | number)[], value: unknown): unknown {
  const flow = structuredClone(example) as unknown;
  let at = flow as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return flow;
}

function onlyFault(json: unknown): string {
  const { faults } = parseFlow(json);
  expect(faults).toHaveLength(1);
  const { path, message, right } = faults![0];
  return `${path}: ${message}; right would be ${right}`;
}

describe('a correct file', () => {
  it.each([
    ['the documented example', example],
    ['checkout, waiting', checkout.lanes.sync],
    ['checkout, queued', checkout.lanes.async],
    ['no nodes at all', { version: 1, nodes: {} }],
  ])('%s has no faults', (_name, flow) => {
    const json: unknown = JSON.parse(JSON.stringify(flow));
    expect(parseFlow(json)).toEqual({ flow: json });
  });
});

describe('a fault says where it is and what would be right', () => {
  it.each([
    [
      ['nodes', 'users', 'ratePerS'],
      200_000,
      'nodes.users.ratePerS: Load is 200000; right would be a number from 0 to 100000 req/s',
    ],
    [
      ['nodes', 'users', 'patienceS'],
      0,
      'nodes.users.patienceS: Patience is 0; right would be a number above 0 up to 1000000000 s, or null: waits for ever',
    ],
    [
      ['nodes', 'server', 'threads'],
      1.5,
      'nodes.server.threads: Threads is 1.5; right would be a whole number from 1 to 1000 threads',
    ],
    [
      ['nodes', 'server', 'threads'],
      undefined,
      'nodes.server.threads: Threads is missing; right would be a whole number from 1 to 1000 threads',
    ],
    [
      ['nodes', 'users', 'target'],
      'sever',
      'nodes.users.target: there is no node "sever"; right would be the id of a node of kind service or jobApi: server (did you mean "server"?)',
    ],
    [
      ['nodes', 'users', 'target'],
      'users',
      'nodes.users.target: node "users" is of kind clients; right would be the id of a node of kind service or jobApi: server',
    ],
    [
      ['nodes', 'server', 'kind'],
      'servcie',
      'nodes.server.kind: there is no node of kind "servcie"; right would be one of',
    ],
    [
      ['nodes', 'server', 'handler', 0, 'wrokMs'],
      5,
      'nodes.server.handler[0].wrokMs: there is no parameter "wrokMs" here; right would be one of name, workMs, variability (did you mean "workMs"?)',
    ],
    [
      ['nodes', 'server', 'handler', 0, 'variability'],
      'exponential',
      'nodes.server.handler[0].variability: Variability is "exponential"; right would be an object with "kind"',
    ],
    [['version'], 2, 'version: Version is 2; right would be 1, the only version so far'],
    [
      ['nodes', 'a node'],
      {},
      'nodes["a node"]: "a node" is not a name; right would be a letter, then up to 63 letters, digits, "_" or "-"',
    ],
    [
      ['schedule', 0, 'action', 'factor'],
      20_000,
      'schedule[0].action.factor: Factor is 20000; right would be a number from 0 to 1000',
    ],
    [
      ['schedule', 0, 'action'],
      { do: 'set', path: 'server.threds', value: 3 },
      'schedule[0].action: "server.threds" cannot be set to 3; right would be a parameter of the node (did you mean "threads"?)',
    ],
  ])('%j = %j', (path, value, said) => {
    expect(onlyFault(withChange(path, value))).toContain(said);
  });

  it.each([
    ['server.threads', 1.5, '.value: Threads is 1.5; right would be a whole number from 1 to 1000'],
    ['server.threads', '3', '.value: Threads is "3"; right would be a whole number from 1 to 1000'],
    ['server.acceptQueue', 1e12, '.value: Accept queue is 1000000000000; right would be a whole'],
    ['server.workMs.serve', 1e300, '.value: Mean work time is 1e+300; right would be a number'],
    ['server.cv', -1, '.value: Coefficient of variation is -1; right would be a number from 0'],
    ['users.patienceS', 2e9, '.value: Patience is 2000000000; right would be a number above 0'],
    [
      'users.call.attempts',
      51,
      '.value: Attempts is 51; right would be a whole number from 1 to 50',
    ],
    [
      'users.limit',
      3,
      ': "users.limit" cannot be set to 3; right would be a parameter that can change',
    ],
    ['users.policy.timeoutMs', 3, 'a parameter of the node (did you mean "users.call.timeoutMs"?)'],
    ['server.handler.serve.workMs', 3, 'of a step, for example its workMs.name'],
    [
      'users.call.timeoutS',
      3,
      'right would be a parameter of the node (did you mean "timeoutMs"?)',
    ],
  ])('an input that sets %s to %j is checked as a file is', (path, value, said) => {
    const fault = onlyFault(withChange(['schedule', 0, 'action'], { do: 'set', path, value }));
    expect(fault).toContain('schedule[0].action');
    expect(fault).toContain(said);
  });

  it.each([null, undefined, 3, 'flow', [], () => 1])('%s is not a flow', (json) => {
    expect(onlyFault(json)).toContain('a flow is an object');
  });

  it('finds a circle of calls, which would hang threads on each other', () => {
    const calls = (target: string) => ({
      kind: 'service',
      threads: 1,
      acceptQueue: null,
      handler: [{ do: 'call', name: target, target }],
    });
    expect(onlyFault({ version: 1, nodes: { a: calls('b'), b: calls('c'), c: calls('a') } })).toBe(
      'nodes.c.handler[0].target: calls go round in a circle: a → b → c → a; ' +
        'right would be calls that lead away from the clients; a queue may lead back',
    );
  });

  it('finds two work or call steps of one name, which no path could tell apart', () => {
    const work = { do: 'work', name: 'serve', workMs: 1 };
    expect(onlyFault(withChange(['nodes', 'server', 'handler'], [work, work]))).toContain(
      'nodes.server.handler[1].name: two work steps are named "serve"',
    );
    const call = { do: 'call', name: 'ask', target: 'server' };
    const asking = { kind: 'service', threads: 1, acceptQueue: null, handler: [call, call] };
    expect(onlyFault(withChange(['nodes', 'asking'], asking))).toContain(
      'nodes.asking.handler[1].name: two call steps are named "ask"',
    );
  });

  it('finds what does not fit together inside an object of a node', () => {
    const scaling = { min: 5, max: 2, targetBacklog: 1, everyS: 1, metricDelayS: 0 };
    const pool = { kind: 'workers', consumes: 'q', workers: 1, handler: [], autoscale: scaling };
    const q = { kind: 'queue', limit: null };
    expect(onlyFault({ version: 1, nodes: { q, pool } })).toBe(
      'nodes.pool.autoscale.min: At least 5 is more than at most 2; right would be at most 2',
    );
  });

  it('refuses a surge beyond the highest rate', () => {
    const flow = withChange(['nodes', 'users', 'ratePerS'], 50_000);
    expect(onlyFault(flow)).toContain('schedule[0].action.factor: this factor makes 500000 req/s');
  });

  it('refuses a surge of a closed loop, which has no rate', () => {
    const flow = withChange(['nodes', 'users', 'arrivals'], 'closed');
    expect(onlyFault(flow)).toContain('schedule[0].action.node: "users" is a closed loop');
  });

  const profile = [{ atS: 1, ratePerS: 2 }];
  const bursts = { factor: 2, quietS: 1, burstS: 1 };
  const random = { kind: 'exponential' };
  it.each([
    ['closed', 'profile', profile, 'Load profile'],
    ['closed', 'bursts', bursts, 'Bursts'],
    ['closed', 'batchSize', 2, 'Batch size'],
    ['closed', 'batchSizes', 'geometric', 'Batch sizes'],
    ['closed', 'gapVariability', random, 'Variability of the gaps'],
    ['poisson', 'gapVariability', random, 'Variability of the gaps'],
    ['constant', 'gapVariability', random, 'Variability of the gaps'],
    ['poisson', 'users', 2, 'Users'],
    ['renewal', 'thinkS', 1, 'Think time'],
    ['constant', 'thinkVariability', random, 'Variability of think time'],
  ])('refuses what %s arrivals would ignore: %s', (arrivals, key, value, label) => {
    const users = { ...example.nodes.users, arrivals, [key]: value };
    expect(onlyFault({ version: 1, nodes: { ...example.nodes, users } })).toMatch(
      `nodes.users.${key}: ${label} has no effect where arrivals are "${arrivals}"; right would be no ${key}, or arrivals that are "`,
    );
  });

  it('refuses a profile of a closed loop that starts again, and says which arrivals follow one', () => {
    const users = { ...example.nodes.users, arrivals: 'closed', profile, repeatEveryS: 5 };
    const { faults } = parseFlow({ version: 1, nodes: { ...example.nodes, users } });
    const right = (key: string) =>
      `no ${key}, or arrivals that are "poisson" or "constant" or "renewal"`;
    expect(faults?.map(({ path, right }) => [path, right])).toEqual([
      ['nodes.users.profile', right('profile')],
      ['nodes.users.repeatEveryS', right('repeatEveryS')],
    ]);
  });

  it.each([
    ['closed', { batchSize: 1, batchSizes: 'constant', repeatEveryS: null, users: 3, thinkS: 1 }],
    ['poisson', { users: 1, thinkS: 0, profile, repeatEveryS: 5, bursts, batchSize: 2 }],
    ['renewal', { gapVariability: random }],
  ])(
    'takes from %s arrivals what has an effect, or says no more than its absence',
    (arrivals, given) => {
      const users = { ...example.nodes.users, arrivals, ...given };
      expect(parseFlow({ version: 1, nodes: { ...example.nodes, users } }).faults).toBeUndefined();
    },
  );

  it('refuses to set what would have no effect while a run goes on', () => {
    const setting = (arrivals: string, path: string) => ({
      version: 1,
      nodes: { ...example.nodes, users: { ...example.nodes.users, arrivals } },
      schedule: [{ timeS: 1, action: { do: 'set', path, value: 3 } }],
    });
    const refused = (path: string) => `schedule[0].action: "${path}" cannot be set to 3`;
    expect(onlyFault(setting('poisson', 'users.thinkS'))).toMatch(refused('users.thinkS'));
    expect(onlyFault(setting('closed', 'users.ratePerS'))).toMatch(refused('users.ratePerS'));
    expect(parseFlow(setting('closed', 'users.thinkS')).faults).toBeUndefined();
    expect(parseFlow(setting('poisson', 'users.ratePerS')).faults).toBeUndefined();
  });

  it('lists at most 100 faults', () => {
    const nodes = Object.fromEntries(Array.from({ length: 150 }, (_, k) => [`n${k}`, k]));
    expect(parseFlow({ version: 1, nodes }).faults).toHaveLength(100);
    const tooMany = Object.fromEntries(
      Array.from({ length: 201 }, (_, k) => [`n${k}`, example.nodes.server]),
    );
    expect(onlyFault({ version: 1, nodes: tooMany })).toContain('at most 200');
  });
});
