/**
 * A delivery of a message to whoever works it off: the job it makes, its way there and the way of its
 * acknowledgement, and how it is settled or goes back. Who may have which message is the consumer's affair.
 */
import { drawKey } from './calls.ts';
import type { Job } from './job.ts';
import { JobPhase } from './jobs.ts';
import { eventTarget, Tally, type Kernel, type Result } from './node.ts';

/** @returns the job of a message that `node` has just taken */
export function createDelivery(kernel: Kernel, node: number, message: number): Job {
  const { messages, jobs } = kernel;
  const receipt = messages.receipt[message];
  const key = drawKey(messages.drawKey[message], 0, receipt);
  const job = jobs.create(node, messages.request[message], -1, 0, key, kernel);
  job.message = message;
  job.modes = 0;
  job.next = -1;
  job.receipt = receipt;
  return job;
}

/** The job, or what is to be said of it, is on its way: `code` happens at its node after so long. */
export function sendDelivery(kernel: Kernel, job: Job, code: number, afterS: number): void {
  const { index, node, generation } = job;
  job.phase = JobPhase.Travelling;
  kernel.events.push(kernel.clockS + afterS, eventTarget(node, code), index, generation);
}

/**
 * Whether a delivery, or its acknowledgement, has got lost on the way.
 * @param purpose of the draw: one for each direction
 */
export function isDeliveryLost(
  kernel: Kernel,
  job: Job,
  loss: number,
  key0: number,
  key1: number,
  purpose: number,
): boolean {
  const { random, requests, recorder } = kernel;
  const { request, drawKey: ownKey, joining, node } = job;
  // What is fetched again is another draw.
  const key = joining === 0 ? ownKey : drawKey(ownKey, 0, 1 + joining);
  random.select(key0, key1, requests.rows[request].number, key, purpose);
  if (random.uniform() >= loss) return false;
  recorder?.tally(kernel, node, Tally.Lost);
  return true;
}

/**
 * The broker learns how the work ended; the job is over. Of a log the message may be gone by then, and its
 * row another's: whose it was the receipt tells, and only to the broker that gave it.
 * @param source node of the broker
 */
export function settleDelivery(kernel: Kernel, source: number, job: Job, result: Result): void {
  const { message, receipt } = job;
  kernel.jobs.release(job);
  kernel.brokers[source]!.settle(kernel, message, result, receipt);
}

/** The message goes back unsettled; the job is over. */
export function giveBackDelivery(kernel: Kernel, source: number, job: Job): void {
  const { message, receipt } = job;
  kernel.jobs.release(job);
  kernel.brokers[source]!.giveBack(kernel, message, receipt);
}

/** What is lost has to be on the way for a while. @returns false if the value is out of its range */
export function setDeliveryParameter(
  state: { deliveryS: number; deliveryLoss: number },
  name: 'deliveryMs' | 'deliveryLoss',
  value: number,
): boolean {
  if (name === 'deliveryMs') {
    if (value === 0 && state.deliveryLoss > 0) return false;
    state.deliveryS = value / 1000;
    return true;
  }
  if (value > 1 || (value > 0 && state.deliveryS === 0)) return false;
  state.deliveryLoss = value;
  return true;
}
