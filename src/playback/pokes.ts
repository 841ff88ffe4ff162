/** The four pokes: what each does, in which node. */
import type { Flow, InputAction } from '../sim/flow.ts';

export const SURGE_FACTOR = 10;
export const SURGE_S = 30;
export const KILL_S = 10;

/** The service that the pokes are aimed at, and its latency's parameter. */
const POKED_SERVICE = 'email';
export const SLOW_KEY = 'email.latency';
/** Milliseconds. */
export const SLOW_VALUE = 4000;

/** Id of the users' node. */
function clientsOf(flow: Flow): string {
  const found = Object.entries(flow.nodes).find(([, node]) => node.kind === 'clients');
  if (!found) throw new Error('The flow has no clients');
  return found[0];
}

/** Ten times the load for 30 s, or the end of that. */
export function surgeAction(flow: Flow, on: boolean): InputAction {
  return {
    do: 'surge',
    node: clientsOf(flow),
    factor: on ? SURGE_FACTOR : 1,
    durationS: on ? SURGE_S : 0,
  };
}

/** A thread (or worker) dies in the middle of its work. */
export function killAction(): InputAction {
  return { do: 'kill', node: POKED_SERVICE, downS: KILL_S };
}

/** The next request fails there on every attempt. */
export function poisonAction(): InputAction {
  return { do: 'poison', node: POKED_SERVICE };
}
