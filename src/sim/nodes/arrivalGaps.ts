/** The gaps between the requests of an open loop, in mean gaps: functions of the request that ends them. */
import type { ClientsSpec } from '../flow.ts';
import { Variation } from '../kernel/distributions.ts';
import { DrawsAhead } from '../kernel/drawsAhead.ts';
import { Purpose, type KeyedRandom } from '../kernel/random.ts';
import { joinsBatch } from './arrivalBatches.ts';

export class ArrivalGaps {
  private readonly random: KeyedRandom;
  private readonly key0: number;
  private readonly key1: number;
  private readonly variation: Variation;
  private readonly draws: DrawsAhead;
  private readonly batchSize: number;
  private readonly hasRandomBatches: boolean;

  /** @param id of the clients */
  constructor(id: string, spec: ClientsSpec, random: KeyedRandom) {
    this.random = random;
    [this.key0, this.key1] = random.keysOf(id);
    // Exponential gaps make a Poisson process.
    const poisson = spec.arrivals === 'poisson' ? { kind: 'exponential' as const } : undefined;
    this.variation = new Variation(spec.arrivals === 'renewal' ? spec.gapVariability : poisson);
    this.draws = new DrawsAhead(random, id, this.variation, Purpose.Arrival, 0);
    this.batchSize = spec.batchSize ?? 1;
    this.hasRandomBatches = spec.batchSizes === 'geometric';
  }

  /** The gap before request `number`; 0 within a batch. The generator's stream is another afterwards. */
  before(number: number): number {
    if (this.batchSize > 1 && this.isInBatch(number)) return 0;
    const { cv } = this.variation;
    return cv === 0 ? this.batchSize : this.batchSize * this.draws.take(number, 0, cv);
  }

  /** Does the request come with the one before it? */
  private isInBatch(number: number): boolean {
    return this.hasRandomBatches
      ? joinsBatch(this.random, this.key0, this.key1, number, this.batchSize)
      : number % this.batchSize !== 0;
  }
}
