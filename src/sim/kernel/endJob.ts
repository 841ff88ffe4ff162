/** How a job ends for whoever awaits it, and when nobody does. */
import { Outcome } from '../outcome.ts';
import { Caller, callOfCaller } from './calls.ts';
import type { Kernel, Result } from './node.ts';

/** Frees a job that has ended and hands its result to whoever awaits it. Not for messages. */
export function endJob(kernel: Kernel, job: number, result: Result): void {
  const { jobs, requests } = kernel;
  const request = jobs.rows[job].request;
  const caller = jobs.rows[job].caller;
  const isRoot = jobs.rows[job].root === 1;
  jobs.free(job);
  if (isRoot && kernel.recorder !== null) kernel.recorder.handlerEnded(kernel, request);
  if (caller >= 0) kernel.callees[jobs.rows[caller].node]!.resume(kernel, caller, result);
  else if (caller === Caller.Clients) {
    kernel.origins[requests.rows[request].origin]!.answer(kernel, request, result);
    kernel.releaseRequest(request);
  } else if (caller === Caller.Abandoned) kernel.releaseRequest(request);
  else {
    const call = callOfCaller(caller);
    kernel.edges[kernel.calls.edge[call]].answer(kernel, call, result);
  }
}

/** The job's caller stops waiting: it goes on by itself, for nobody, and keeps its request's row. */
export function abandon(kernel: Kernel, job: number): void {
  kernel.jobs.rows[job].caller = Caller.Abandoned;
  kernel.requests.rows[kernel.jobs.rows[job].request].references++;
  kernel.callees[kernel.jobs.rows[job].node]!.abandoned?.(kernel, job);
}

/** Whoever awaits `job` awaits `other` instead, an abandoned job of the same request; `job` is freed. */
export function handOver(kernel: Kernel, job: number, other: number): void {
  const { jobs, calls, requests } = kernel;
  const request = jobs.rows[job].request;
  const caller = jobs.rows[job].caller;
  jobs.free(job);
  if (caller !== Caller.Abandoned) {
    jobs.rows[other].caller = caller;
    calls.job[callOfCaller(caller)] = other;
    requests.rows[request].rootJob = other;
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
    if (jobs.rows[at].message >= 0) return false;
    const caller = jobs.rows[at].caller;
    if (caller === Caller.Abandoned) return true;
    const owner = caller <= Caller.FirstCall ? calls.owner[callOfCaller(caller)] : caller;
    if (owner < 0) return requests.rows[jobs.rows[job].request].outcome === Outcome.TimedOut;
    at = owner;
  }
}
