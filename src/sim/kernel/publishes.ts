/**
 * Publishes of handlers: sent, taken in by the broker, confirmed, and sent again where no confirm has come
 * in time. The thread is parked from the first attempt to the confirm. The broker does not know which
 * messages are one and the same, so whatever comes after a lost or late confirm is a message more.
 */
import { Caller, drawKey } from './calls.ts';
import type { Job } from './job.ts';
import { JobPhase } from './jobs.ts';
import { eventTarget, Result, Tally, type Broker, type Kernel } from './node.ts';
import { Op, type Program } from './program.ts';
import { Purpose } from './random.ts';

/** Events of nodes whose handlers publish: an attempt reaches the broker, and no confirm has come in time. */
export const PublishCode = { Published: 1, Unconfirmed: 15 } as const;

/** Position of an attempt that nobody waits for, as a job of its own: beyond all programs. */
const ALONE = -1;

/** In a job's `publishReached`: this attempt has put a message on the broker, or an earlier one has. */
const Reached = { Now: 1, Before: 2 } as const;

/** A job that is parked on a broker does its publish step there, for the first time. */
export function beginPublish(kernel: Kernel, job: Job, program: Program): void {
  job.publishAttempt = 0;
  job.publishReached = 0;
  send(kernel, job, program);
}

/** No confirm has come in time: the job publishes again, or goes on without knowing what has become of it. */
export function unconfirmed(kernel: Kernel, index: number, program: Program): void {
  const job = kernel.jobs.rows[index];
  const { way } = kernel.brokers[job.waitNode]!;
  way.tally(kernel, Tally.Unconfirmed);
  if (job.publishAttempt < way.state.attempts) {
    if (job.publishReached > 0) job.publishReached = Reached.Before;
    send(kernel, job, program);
    return;
  }
  job.joining = 0;
  kernel.callees[job.node]!.resume(kernel, index, Result.TimedOut);
}

function send(kernel: Kernel, job: Job, { code, fanOuts }: Program): void {
  const { events, clockS } = kernel;
  const { position, node } = job;
  const { way } = kernel.brokers[job.waitNode]!;
  let ordinal = code[position + 2];
  job.joining = 0;
  if (code[position] === Op.PublishCopies) {
    job.joining = fanOuts[ordinal].copies;
    ({ ordinal } = fanOuts[ordinal]);
  }
  job.publishKey = drawKey(job.drawKey, ordinal, ++job.publishAttempt);
  const { publishS, confirmTimeoutS } = way.state;
  job.untilS = clockS + confirmTimeoutS;
  if (way.loses(kernel, job, Purpose.PublishLoss)) {
    way.tally(kernel, Tally.Lost);
    waitInVain(kernel, job);
    return;
  }
  let sent = job;
  if (confirmTimeoutS < publishS) {
    // Its confirm will come too late: the attempt goes its way by itself.
    sent = alone(kernel, job);
    job.joining = 0;
    job.publishReached |= Reached.Now;
    waitInVain(kernel, job);
  }
  const target = eventTarget(node, PublishCode.Published);
  events.push(clockS + publishS, target, sent.index, sent.generation);
}

/** Nothing comes but the end of the job's patience, if it has one. */
function waitInVain(kernel: Kernel, job: Job): void {
  if (job.untilS === Infinity) return;
  const target = eventTarget(job.node, PublishCode.Unconfirmed);
  kernel.events.push(job.untilS, target, job.index, job.generation);
}

/** An attempt that goes on whatever becomes of the job that made it. */
function alone(kernel: Kernel, job: Job): Job {
  const { node, request, drawKey: key } = job;
  const sent = kernel.jobs.create(node, request, Caller.Abandoned, ALONE, key, kernel);
  kernel.requests.rows[request].references++;
  sent.phase = JobPhase.Travelling;
  sent.thread = job.thread;
  sent.waitNode = job.waitNode;
  sent.publishKey = job.publishKey;
  sent.publishReached = job.publishReached;
  sent.joining = job.joining;
  sent.untilS = Infinity;
  return sent;
}

/**
 * An attempt has reached its broker: the messages are published, unless a full queue that blocks its
 * producers keeps the job parked; it publishes for it later. A job that publishes copies counts those that
 * are left in `joining`. Such a queue tells its producers that it blocks them (as RabbitMQ does), so that
 * their clocks stand still meanwhile.
 */
export function publishArrives(kernel: Kernel, index: number): void {
  const job = kernel.jobs.rows[index];
  const broker = kernel.brokers[job.waitNode]!;
  do {
    if (broker.hold(kernel, index)) {
      job.untilS -= kernel.clockS;
      return;
    }
  } while (publishOne(kernel, broker, index));
  confirm(kernel, broker, job);
}

/** The last message of a producer that was held has found a place. */
export function heldIsPublished(kernel: Kernel, broker: Publishing, index: number): void {
  const job = kernel.jobs.rows[index];
  if (!isStep(job)) {
    kernel.callees[job.node]!.resume(kernel, index, Result.Ok);
    return;
  }
  job.untilS += kernel.clockS;
  confirm(kernel, broker, job);
}

function confirm(kernel: Kernel, { way }: Publishing, job: Job): void {
  if (job.position === ALONE) {
    const { request } = job;
    kernel.jobs.release(job);
    kernel.releaseRequest(request);
  } else if (way.loses(kernel, job, Purpose.ConfirmLoss)) {
    way.tally(kernel, Tally.Lost);
    waitInVain(kernel, job);
  } else kernel.callees[job.node]!.resume(kernel, job.index, Result.Ok);
}

type Publishing = Pick<Broker, 'publish' | 'way'>;

/** Publishes the job's message, or the next of its copies. @returns whether there are more */
export function publishOne(kernel: Kernel, broker: Publishing, index: number): boolean {
  const job = kernel.jobs.rows[index];
  if (job.joining > 0) job.joining--;
  const { request, node, thread, publishKey, joining, publishReached, publishAttempt } = job;
  const row = kernel.requests.rows[request];
  const { flags } = row;
  const taken = broker.publish(kernel, request, node, thread, publishKey, joining, publishAttempt);
  if (!isStep(job)) return joining > 0;
  if (taken) {
    if (publishReached >= Reached.Before) broker.way.tally(kernel, Tally.PublishedAgain);
    job.publishReached |= Reached.Now;
  } else if (job.position === ALONE || broker.way.loses(kernel, job, Purpose.ConfirmLoss)) {
    // Refused, and nobody is told that it is.
    row.flags = flags;
  }
  return joining > 0;
}

/** Whether a job publishes by a step of its handler; a job API waits for no confirm. */
function isStep({ phase, position }: Job): boolean {
  return phase === JobPhase.Parked || position === ALONE;
}
