/**
 * When the next users will arrive, as the run itself will have them: their gaps are drawn from the
 * seed and the request's number, so they can be known ahead (for as long as nobody changes the load).
 * Of arrivals that depend on more than that, none is foretold.
 */
import { KeyedRandom, Purpose } from '../sim/kernel/random.ts';
import type { ClientsSpec } from '../sim/flow.ts';
import type { ClientsView } from '../sim/view.ts';

export class UpcomingArrivals {
  /** Times of the next arrivals, seconds; the first `count` are valid. */
  readonly timeS: Float64Array;
  readonly request: Int32Array;
  count = 0;
  private random: KeyedRandom | null = null;
  private key0 = 0;
  private key1 = 0;
  private clientsId = '';

  constructor(capacity: number) {
    this.timeS = new Float64Array(capacity);
    this.request = new Int32Array(capacity);
  }

  /**
   * @param spec the clients as the flow has them; where their arrivals cannot be told, count is 0
   * @param basePerS arrivals per second without a surge
   */
  read(
    clients: ClientsView,
    spec: ClientsSpec,
    seed: number,
    basePerS: number,
    untilS: number,
  ): void {
    this.count = 0;
    if (!areForeseeable(spec)) return;
    const isPoisson = spec.arrivals === 'poisson';
    if (this.random?.seed !== seed || this.clientsId !== clients.id) {
      this.random = new KeyedRandom(seed);
      [this.key0, this.key1] = this.random.keysOf(clients.id);
      this.clientsId = clients.id;
    }
    let timeS = clients.nextArrivalS;
    let request = clients.nextRequest;
    while (timeS < untilS && this.count < this.timeS.length) {
      this.timeS[this.count] = timeS;
      this.request[this.count++] = request++;
      const perS = timeS < clients.surgeUntilS ? clients.ratePerS : basePerS;
      if (!(perS > 0)) return;
      let gapS = this.gapUnits(request, isPoisson) / perS;
      // What is left of a gap when a surge ends is stretched to the usual rate.
      if (timeS < clients.surgeUntilS && timeS + gapS > clients.surgeUntilS) {
        const beforeS = clients.surgeUntilS - timeS;
        gapS = beforeS + ((gapS - beforeS) * perS) / Math.max(basePerS, 1e-9);
      }
      timeS += gapS;
    }
  }

  private gapUnits(request: number, isPoisson: boolean): number {
    if (!isPoisson || !this.random) return 1;
    this.random.select(this.key0, this.key1, request, 0, Purpose.Arrival);
    return this.random.exponential();
  }
}

/**
 * Whether gaps are drawn one by one at a rate that changes by inputs alone. Renewal gaps, batches,
 * profiles and bursts are drawn otherwise, a limit ends them, and a closed loop waits for answers.
 */
function areForeseeable({ arrivals, batchSize, profile, bursts, limit }: ClientsSpec): boolean {
  return (
    (arrivals === 'poisson' || arrivals === 'constant') &&
    (batchSize ?? 1) === 1 &&
    (profile ?? []).length === 0 &&
    bursts === undefined &&
    (limit ?? null) === null
  );
}
