/** What happened in a run, as lines that a test can spell out. */
import type { Flow, NodeSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { VisibleEvent } from '../trace.ts';

const names = Object.fromEntries(
  Object.entries(VisibleEvent).map(([name, kind]) => [kind, name]),
) as Record<number, string>;

export function flowOf(nodes: Record<string, NodeSpec>, schedule: Flow['schedule'] = []): Flow {
  return { version: 1, nodes, schedule };
}

/** Requests at 1, 2, 3, … s, so many of them, from users who wait for ever. */
export function everySecond(
  target: string,
  limit: number,
  more: Partial<Extract<NodeSpec, { kind: 'clients' }>> = {},
): NodeSpec {
  return {
    kind: 'clients',
    target,
    arrivals: 'constant',
    ratePerS: 1,
    patienceS: null,
    limit,
    ...more,
  };
}

/** Lines such as `1.3 Start db #0`, times in seconds to the microsecond. */
export function eventLog(flow: Flow, untilS: number, ...only: (keyof typeof VisibleEvent)[]) {
  const simulation = new Simulation(flow, { seed: 1, observe: 'live' });
  simulation.advance(untilS);
  const { trace } = simulation;
  const ids = Object.keys(flow.nodes);
  const lines: string[] = [];
  for (let i = trace.first; i < trace.count; i++) {
    const at = i & trace.mask;
    const name = names[trace.kind[at]];
    if (only.length > 0 && !only.includes(name as keyof typeof VisibleEvent)) continue;
    const time = Math.round(trace.timeS[at] * 1e6) / 1e6;
    lines.push(`${time} ${name} ${ids[trace.node[at]]} #${trace.request[at]}`);
  }
  return { simulation, lines };
}
