/** How a job ends for whoever awaits it, and when nobody does. */
import { Outcome } from '../outcome.ts';
import { Caller, callOfCaller } from './calls.ts';
import type { Kernel, Result } from './node.ts';

/** Frees a job that has ended and hands its result to whoever awaits it. Not for messages. */
export function endJob(kernel: Kernel, job: number, result: Result): void {
  const { jobs, requests } = kernel;
  const request = jobs.request[job];
  const caller = jobs.caller[job];
  const isRoot = jobs.root[job] === 1;
  jobs.free(job);
  if (isRoot && kernel.recorder !== null) kernel.recorder.handlerEnded(kernel, request);
  if (caller >= 0) kernel.callees[jobs.node[caller]]!.resume(kernel, caller, result);
  else if (caller === Caller.Clients) {
    kernel.origins[requests.origin[request]]!.answer(kernel, request, result);
    kernel.releaseRequest(request);
  } else if (caller === Caller.Abandoned) kernel.releaseRequest(request);
  else {
    const call = callOfCaller(caller);
    kernel.edges[kernel.calls.edge[call]].answer(kernel, call, result);
  }
}

/** The job's caller stops waiting: it goes on by itself, for nobody, and keeps its request's row. */
export function abandon(kernel: Kernel, job: number): void {
  kernel.jobs.caller[job] = Caller.Abandoned;
  kernel.requests.references[kernel.jobs.request[job]]++;
  kernel.callees[kernel.jobs.node[job]]!.abandoned?.(kernel, job);
}

/** Whoever awaits `job` awaits `other` instead, an abandoned job of the same request; `job` is freed. */
export function handOver(kernel: Kernel, job: number, other: number): void {
  const { jobs, calls, requests } = kernel;
  const request = jobs.request[job];
  const caller = jobs.caller[job];
  jobs.free(job);
  if (caller !== Caller.Abandoned) {
    jobs.caller[other] = caller;
    calls.job[callOfCaller(caller)] = other;
    requests.rootJob[request] = other;
  }
  // One of the two was held by nobody but itself.
  kernel.releaseRequest(request);
}

/** Nobody awaits the job's result any more: its caller, or one further up, or the user has gone. */
export function isWasted(kernel: Kernel, job: number): boolean {
  const { jobs, calls, requests } = kernel;
  let at = job;
  for (;;) {
    // A message is worked off for its own sake.
    if (jobs.message[at] >= 0) return false;
    const caller = jobs.caller[at];
    if (caller === Caller.Abandoned) return true;
    const owner = caller <= Caller.FirstCall ? calls.owner[callOfCaller(caller)] : caller;
    if (owner < 0) return requests.outcome[jobs.request[job]] === Outcome.TimedOut;
    at = owner;
  }
}
