/**
 * From unknown JSON to a flow that the engine can trust, or to a list of what is wrong with it. Never
 * throws; takes time in proportion to the file.
 */
import type { Flow } from '../flow.ts';
import {
  checkField,
  checkFields,
  MAX_FAULTS,
  show,
  suggest,
  type CheckContext,
} from './checkField.ts';
import { Simulation } from '../kernel/simulation.ts';
import '../nodes/allKinds.ts';
import { MAX_RATE_PER_S } from '../kernel/limits.ts';
import { peakRatePerS } from '../nodes/loadProfile.ts';
import type { Fault } from './field.ts';
import { flowFields } from './flowFields.ts';
import { fieldOfPath, sayPath } from './settable.ts';
import { unions } from './unions.ts';

export type ParsedFlow =
  | { readonly flow: Flow; readonly faults?: undefined }
  | { readonly flow?: undefined; readonly faults: readonly Fault[] };

/** Rows of a request's random draws: each work step of a handler has one of these. */
const MAX_WORK_STEPS = 32;
/** The modes of a handler's switches share an integer. */
const MAX_SWITCHES = 30;
const MAX_BRANCHES = 20;
/** Shares are written in decimals; their sum may be off by what that costs. */
const SUM_TOLERANCE = 1e-9;

/** @param json what JSON.parse gave; other values are refused, not thrown at */
export function parseFlow(json: unknown): ParsedFlow {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const message = `a flow is an object, not ${show(json)}`;
    return { faults: [{ path: '', message, right: '{"version": 1, "nodes": {…}}' }] };
  }
  const file = json as Record<string, unknown>;
  if (file['version'] !== 1) {
    const message = `Version is ${show(file['version'])}`;
    return { faults: [{ path: 'version', message, right: '1, the only version so far' }] };
  }
  const context: CheckContext = { unions, faults: [], references: [], node: '' };
  checkFields(context, flowFields, file, '', 0, 'version');
  if (context.faults.length > 0) return { faults: context.faults };
  const flow = json as Flow;
  checkReferences(context, flow);
  checkPaths(context, flow);
  checkSteps(context, flow);
  checkCircles(context);
  if (context.faults.length === 0) checkSchedule(context, flow);
  return context.faults.length > 0 ? { faults: context.faults.slice(0, MAX_FAULTS) } : { flow };
}

/** Every reference names a node of a kind that can do what is asked of it. */
function checkReferences({ references, faults }: CheckContext, flow: Flow): void {
  for (const { path, to, field } of references) {
    const fitting = Object.keys(flow.nodes).filter((id) =>
      field.kinds.includes(flow.nodes[id].kind),
    );
    const kinds = field.kinds.join(' or ');
    const right =
      fitting.length === 0
        ? `the id of a node of kind ${kinds}; this flow has none`
        : `the id of a node of kind ${kinds}: ${fitting.slice(0, 12).join(', ')}${suggest(to, fitting)}`;
    if (!Object.hasOwn(flow.nodes, to)) {
      faults.push({ path, message: `there is no node ${show(to)}`, right });
    } else if (!field.kinds.includes(flow.nodes[to].kind)) {
      const message = `node "${to}" is of kind ${flow.nodes[to].kind}`;
      faults.push({ path, message, right });
    }
  }
}

/** The first part of each path in the schedule is a node; the rest is checked by the node itself. */
function checkPaths({ faults }: CheckContext, flow: Flow): void {
  const ids = Object.keys(flow.nodes);
  flow.schedule?.forEach(({ action }, k) => {
    if (action.do !== 'set') return;
    const id = action.path.split('.')[0];
    if (Object.hasOwn(flow.nodes, id) && action.path.includes('.')) return;
    faults.push({
      path: `schedule[${k}].action.path`,
      message: `${show(action.path)} is no parameter of a node`,
      right: `node.parameter, where node is one of ${ids.slice(0, 12).join(', ')}${suggest(id, ids)}`,
    });
  });
}

/** Tries every input on a run that has not begun: the nodes know their parameters best. */
function checkSchedule(context: CheckContext, flow: Flow): void {
  const { faults } = context;
  if (flow.schedule === undefined || flow.schedule.length === 0) return;
  const trial = new Simulation({ ...flow, schedule: [] }, { seed: 0, observe: 'none' });
  flow.schedule.forEach(({ action }, k) => {
    const path = `schedule[${k}].action`;
    if (action.do === 'surge') {
      const clients = flow.nodes[action.node];
      if (clients?.kind === 'clients' && clients.arrivals === 'closed') {
        const message = `"${action.node}" is a closed loop, which has no rate to multiply`;
        faults.push({ path: `${path}.node`, message, right: 'clients that arrive at a rate' });
        return;
      }
      const rate = clients?.kind === 'clients' ? peakRatePerS(clients) * action.factor : 0;
      if (rate <= MAX_RATE_PER_S) return;
      const message = `this factor makes ${rate} req/s`;
      faults.push({ path: `${path}.factor`, message, right: `at most ${MAX_RATE_PER_S} req/s` });
    } else if (action.do === 'outage' && !trial.apply(action)) {
      const message = `node "${action.node}" takes no calls that it could turn away`;
      faults.push({ path: `${path}.how`, message, right: '"stall"' });
    } else if (action.do === 'set') {
      const field = fieldOfPath(flow, action.path);
      const before = faults.length;
      if (field !== undefined) checkField(context, field, action.value, `${path}.value`, 0);
      if (faults.length > before || trial.apply(action)) return;
      const message = `${show(action.path)} cannot be set to ${show(action.value)}`;
      const right =
        field === undefined
          ? sayPath(flow, action.path)
          : 'a parameter that can change while the flow runs, and a value that fits the rest of it';
      faults.push({ path, message, right });
    }
  });
}

/** Names of steps are unique by kind within a node, and there are not too many. */
function checkSteps({ faults }: CheckContext, flow: Flow): void {
  for (const [id, node] of Object.entries(flow.nodes)) {
    const seen = new Map<string, number>();
    let works = 0;
    let switches = 0;
    let branches = 0;
    // The target that an endpoint is looked for at: that of the object itself or of one around it.
    const visit = (value: unknown, path: string, target: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (Array.isArray(value)) {
        value.forEach((item, k) => visit(item, `${path}[${k}]`, target));
        return;
      }
      const step = value as Record<string, unknown>;
      if (typeof step['do'] === 'string' && typeof step['name'] === 'string') {
        // A transfer is work whose time is said in another way.
        const isWork = step['do'] === 'work' || step['do'] === 'transfer';
        const key = `${isWork ? 'work' : step['do']} ${step['name']}`;
        const count = (seen.get(key) ?? 0) + 1;
        seen.set(key, count);
        if (count === 2 && (isWork || step['do'] === 'switch' || step['do'] === 'call')) {
          faults.push({
            path: `${path}.name`,
            message: `two ${step['do']} steps are named ${show(step['name'])}`,
            right: 'a name of its own, for paths to refer to',
          });
        }
        if (isWork) works++;
        if (step['do'] === 'switch') switches++;
        if (step['do'] === 'branch') branches++;
      }
      checkSum(faults, step['ways'], `${path}.ways`, 'probability');
      checkEndpoint(faults, flow, step, target, path);
      const inner = typeof step['target'] === 'string' ? step['target'] : target;
      for (const [key, value] of Object.entries(step)) visit(value, `${path}.${key}`, inner);
    };
    visit(node, `nodes.${id}`, '');
    const limit = (count: number, most: number, what: string): void => {
      if (count <= most) return;
      const message = `node "${id}" has ${count} ${what} steps`;
      faults.push({ path: `nodes.${id}`, message, right: `at most ${most}` });
    };
    limit(works, MAX_WORK_STEPS, 'work');
    limit(switches, MAX_SWITCHES, 'switch');
    limit(branches, MAX_BRANCHES, 'branch');
  }
}

/** The ways of a branch share 1; what is left of it skips them all. */
function checkSum(faults: Fault[], ways: unknown, path: string, member: string): void {
  if (!Array.isArray(ways)) return;
  let sum = 0;
  for (const way of ways as Record<string, unknown>[]) sum += Number(way[member]);
  if (sum <= 1 + SUM_TOLERANCE) return;
  faults.push({ path, message: `the probabilities sum to ${sum}`, right: 'a sum of at most 1' });
}

/** An endpoint that is asked for is one that the target has. */
function checkEndpoint(
  faults: Fault[],
  flow: Flow,
  asking: Record<string, unknown>,
  around: string,
  path: string,
): void {
  const { endpoint } = asking;
  if (typeof endpoint !== 'string') return;
  const target = typeof asking['target'] === 'string' ? asking['target'] : around;
  const node = Object.hasOwn(flow.nodes, target) ? flow.nodes[target] : undefined;
  if (node === undefined) return;
  const endpoints = 'endpoints' in node ? (node.endpoints ?? {}) : {};
  if (Object.hasOwn(endpoints, endpoint)) return;
  const names = Object.keys(endpoints);
  faults.push({
    path: `${path}.endpoint`,
    message: `"${target}" has no endpoint ${show(endpoint)}`,
    right:
      names.length === 0
        ? 'no endpoint: the target has only its handler'
        : `one of ${names.join(', ')}${suggest(endpoint, names)}`,
  });
}

/** Calls may not come back to where they started: threads would wait for themselves. */
function checkCircles({ references, faults }: CheckContext): void {
  const calls = new Map<string, { readonly to: string; readonly path: string }[]>();
  for (const { from, to, path, field } of references) {
    if (field.use !== 'call') continue;
    const list = calls.get(from) ?? [];
    list.push({ to, path });
    calls.set(from, list);
  }
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (id: string): void => {
    if (done.has(id)) return;
    trail.push(id);
    for (const { to, path } of calls.get(id) ?? []) {
      const at = trail.indexOf(to);
      if (at < 0) visit(to);
      else {
        faults.push({
          path,
          message: `calls go round in a circle: ${[...trail.slice(at), to].join(' → ')}`,
          right: 'calls that lead away from the clients; a queue may lead back',
        });
      }
    }
    trail.pop();
    done.add(id);
  };
  for (const id of calls.keys()) visit(id);
}
