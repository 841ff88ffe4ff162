/** How a job ends for whoever awaits it, and when nobody does. */
import { Outcome } from '../outcome.ts';
import { Caller, callOfCaller } from './calls.ts';
import type { Kernel, Result } from './node.ts';

/** Frees a job that has ended and hands its result to whoever awaits it. Not for messages. */
export function endJob(kernel: Kernel, index: number, result: Result): void {
  const { jobs, requests } = kernel;
  const { request, caller, root } = jobs.rows[index];
  jobs.free(index);
  if (root === 1 && kernel.recorder !== null) kernel.recorder.handlerEnded(kernel, request);
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
  const { request, caller } = jobs.rows[job];
  jobs.free(job);
  if (caller !== Caller.Abandoned) {
    const call = callOfCaller(caller);
    const owner = calls.owner[call];
    jobs.rows[other].caller = caller;
    calls.job[call] = other;
    if (owner < 0) requests.rows[request].rootJob = other;
    else jobs.rows[owner].callee = other;
  }
  // One of the two was held by nobody but itself.
  kernel.releaseRequest(request);
}

/** Nobody awaits the job's result any more: its caller, or one further up, or the user has gone. */
export function isWasted(kernel: Kernel, index: number): boolean {
  const { calls, requests } = kernel;
  const { rows } = kernel.jobs;
  let job = rows[index];
  const { request } = job;
  for (;;) {
    // A message is worked off for its own sake.
    if (job.message >= 0) return false;
    const { caller } = job;
    if (caller === Caller.Abandoned) return true;
    const owner = caller <= Caller.FirstCall ? calls.owner[callOfCaller(caller)] : caller;
    if (owner < 0) return requests.rows[request].outcome === Outcome.TimedOut;
    job = rows[owner];
  }
}
