/** What happened in a run, as lines that a test can spell out. */
import type { Flow } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { VisibleEvent } from '../trace.ts';

const names = Object.fromEntries(
  Object.entries(VisibleEvent).map(([name, kind]) => [kind, name]),
) as Record<number, string>;

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
