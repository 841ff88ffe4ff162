/** Requests that are submitted at one instant: always so many, or a number at random. */
import { Purpose, type KeyedRandom } from '../kernel/random.ts';

/**
 * Whether a request of a batch of random size comes with the one before it. Sizes are geometric, from 1:
 * a batch goes on with probability 1 − 1/mean after each request, whatever its length by then, so its
 * size need not be known before.
 * @param key0 and key1: keys of the clients
 * @param request its number; number 0 begins the first batch
 * @param mean requests in a batch, 1 or more
 */
export function joinsBatch(
  random: KeyedRandom,
  key0: number,
  key1: number,
  request: number,
  mean: number,
): boolean {
  if (request === 0) return false;
  random.select(key0, key1, request, 0, Purpose.Batch);
  return random.uniform() >= 1 / mean;
}
