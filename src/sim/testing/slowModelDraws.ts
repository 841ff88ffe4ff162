/** The random draws of the slow model, with the keys that the engine uses for the same. */
import type { ClientsSpec, Step } from '../flow.ts';
import { drawKey } from '../kernel/calls.ts';
import { KeyedRandom, Purpose } from '../kernel/random.ts';
import type { Job } from './slowModelParts.ts';

export class SlowModelDraws {
  private readonly random: KeyedRandom;

  constructor(seed: number) {
    this.random = new KeyedRandom(seed);
  }

  workS(job: Job, step: Extract<Step, { do: 'work' }>): number {
    const { service, request, key } = job;
    const works = service.spec.handler.filter((each) => each.do === 'work');
    const variability = step.variability ?? service.spec.variability;
    const cv =
      variability?.kind === 'exponential' ? 1 : variability?.kind === 'gamma' ? variability.cv : 0;
    this.select(service.id, request.number, key, Purpose.Work + works.indexOf(step));
    return (step.workMs / 1000) * (cv === 0 ? 1 : this.random.gamma(cv));
  }

  /** Does the job fail in the end? */
  fails({ service, request, key }: Job): boolean {
    const rate = service.spec.failureRate ?? 0;
    if (rate === 0) return false;
    this.select(service.id, request.number, key, Purpose.Failure);
    return this.random.uniform() < rate;
  }

  /** From the arrival before to that of the request, seconds; Infinity when there are no more. */
  gapS({ ratePerS, limit }: ClientsSpec, number: number): number {
    if (number >= (limit ?? Infinity)) return Infinity;
    this.select('users', number, 0, Purpose.Arrival);
    return this.random.exponential() / ratePerS;
  }

  private select(id: string, request: number, attempt: number, purpose: number): void {
    const [key0, key1] = this.random.keysOf(id);
    this.random.select(key0, key1, request, attempt, purpose);
  }
}

/** The key of what the job's present step leads to: it differs from those of like steps before it. */
export function stepKey(job: Job): number {
  const { handler } = job.service.spec;
  const leadsTo = (step: Step) =>
    step.do === 'call' ? step.target : step.do === 'publish' ? step.queue : '';
  const present = leadsTo(handler[job.step]);
  const ordinal = handler.slice(0, job.step).filter((step) => leadsTo(step) === present).length;
  return drawKey(job.key, ordinal, 1);
}
