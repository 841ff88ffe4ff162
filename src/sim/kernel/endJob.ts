/** How a job ends for whoever awaits it, and when nobody does. */
import { Outcome } from '../outcome.ts';
import { Caller, callOfCaller } from './calls.ts';
import type { Job } from './job.ts';
import type { Kernel, Result } from './node.ts';
import type { Request } from './request.ts';

/** Frees a job that has ended and hands its result to whoever awaits it. Not for messages. */
export function endJob(kernel: Kernel, job: Job, result: Result): void {
  const { recorder } = kernel;
  const { request, caller } = job;
  kernel.jobs.release(job);
  if (recorder !== null && job.root === 1) recorder.handlerEnded(kernel, request);
  if (caller === Caller.Clients) endRequest(kernel, kernel.requests.rows[request], result);
  else if (caller >= 0) answerJob(kernel, caller, result);
  else if (caller === Caller.Abandoned) kernel.releaseRequest(request);
  else answerCall(kernel, callOfCaller(caller), result);
}

/** The job that waits for this one gets an answer. */
function answerJob(kernel: Kernel, caller: number, result: Result): void {
  kernel.callees[kernel.jobs.rows[caller].node]!.resume(kernel, caller, result);
}

/** The call with a policy that the job did gets an answer. */
function answerCall(kernel: Kernel, call: number, result: Result): void {
  kernel.edges[kernel.calls.edge[call]].answer(kernel, call, result);
}

/** The user gets an answer, and nobody holds the request's row for that any more. */
export function endRequest(kernel: Kernel, request: Request, result: Result): void {
  kernel.origins[request.origin]!.answer(kernel, request, result);
  kernel.release(request);
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
export function isWasted(kernel: Kernel, ended: Job): boolean {
  const { calls, requests } = kernel;
  const { rows } = kernel.jobs;
  let job = ended;
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
