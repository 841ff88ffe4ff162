// The three workloads by hand: what the language can do when nothing is general. One binary heap
// over typed arrays with replace-top, waiting requests in rings, the engine's own random generator and
// logarithm. Nothing is recorded but the sum of response times, to prove that it is the same model.

/** Rings are masked; the largest queue of W1–W3 stays well below. */
const RING = 1 << 16;
const MAX_EVENTS = 1 << 12;

/** @typedef {{ uniform(): number, exponential(): number }} RandomSource */

/** Events ordered by (time, serial). */
class Heap {
  size = 0;
  serial = 0;
  time = new Float64Array(MAX_EVENTS);
  order = new Float64Array(MAX_EVENTS);
  what = new Int32Array(MAX_EVENTS);

  /** @param {number} timeS @param {number} what */
  push(timeS, what) {
    const { time, order, what: whats } = this;
    const serial = this.serial++;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (time[parent] <= timeS) break;
      time[i] = time[parent];
      order[i] = order[parent];
      whats[i] = whats[parent];
      i = parent;
    }
    time[i] = timeS;
    order[i] = serial;
    whats[i] = what;
  }

  /** Puts an event in the place of the first one. @param {number} timeS @param {number} what */
  replaceTop(timeS, what) {
    this.siftDown(timeS, this.serial++, what);
  }

  removeTop() {
    const last = --this.size;
    if (last > 0) this.siftDown(this.time[last], this.order[last], this.what[last]);
  }

  /** @param {number} timeS @param {number} serial @param {number} what */
  siftDown(timeS, serial, what) {
    const { time, order, what: whats, size } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      const right = child + 1;
      if (
        right < size &&
        (time[right] < time[child] || (time[right] === time[child] && order[right] < order[child]))
      ) {
        child = right;
      }
      if (timeS < time[child] || (timeS === time[child] && serial < order[child])) break;
      time[i] = time[child];
      order[i] = order[child];
      whats[i] = whats[child];
      i = child;
    }
    time[i] = timeS;
    order[i] = serial;
    whats[i] = what;
  }
}

/**
 * A queue before `servers` equal servers: W1 and W2.
 * @param {RandomSource} random
 * @param {{ ratePerS: number, serviceS: number, servers: number, customers: number }} model
 * @returns {number} mean response time, seconds
 */
export function bareQueue(random, { ratePerS, serviceS, servers, customers }) {
  const heap = new Heap();
  const arrivedS = new Float64Array(RING);
  const waiting = new Int32Array(RING);
  const mask = RING - 1;
  const gapS = 1 / ratePerS;
  let head = 0;
  let tail = 0;
  let busy = 0;
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  heap.push(random.exponential() * gapS, -1);
  while (heap.size > 0) {
    const nowS = heap.time[0];
    const what = heap.what[0];
    if (what < 0) {
      const row = arrived++ & mask;
      arrivedS[row] = nowS;
      if (arrived < customers) heap.replaceTop(nowS + random.exponential() * gapS, -1);
      else heap.removeTop();
      if (busy < servers) {
        busy++;
        heap.push(nowS + random.exponential() * serviceS, row);
      } else waiting[tail++ & mask] = row;
    } else {
      sumS += nowS - arrivedS[what];
      done++;
      if (head < tail) {
        heap.replaceTop(nowS + random.exponential() * serviceS, waiting[head++ & mask]);
      } else {
        busy--;
        heap.removeTop();
      }
    }
  }
  return sumS / done;
}

/**
 * A chain whose first service holds its thread during both calls: W3.
 * @param {RandomSource} random
 * @param {{ ratePerS: number, customers: number, threads: number[], workS: number[] }} model
 * @returns {number} mean response time, seconds
 */
export function bareChain(random, { ratePerS, customers, threads, workS }) {
  const heap = new Heap();
  const arrivedS = new Float64Array(RING);
  const mask = RING - 1;
  const [apiThreads = 0, paymentThreads = 0, emailThreads = 0] = threads;
  const [apiS = 0, paymentS = 0, emailS = 0] = workS;
  const apiQueue = new Int32Array(RING);
  const paymentQueue = new Int32Array(RING);
  const emailQueue = new Int32Array(RING);
  let apiHead = 0;
  let apiTail = 0;
  let apiBusy = 0;
  let paymentHead = 0;
  let paymentTail = 0;
  let paymentBusy = 0;
  let emailHead = 0;
  let emailTail = 0;
  let emailBusy = 0;
  const gapS = 1 / ratePerS;
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  // An event is its kind in the low two bits and the request's row above: 0 arrival, 1 own work done,
  // 2 payment done, 3 email done.
  heap.push(random.exponential() * gapS, 0);
  while (heap.size > 0) {
    const nowS = heap.time[0];
    const what = heap.what[0];
    const row = what >> 2;
    switch (what & 3) {
      case 0: {
        const request = arrived++ & mask;
        arrivedS[request] = nowS;
        if (arrived < customers) heap.replaceTop(nowS + random.exponential() * gapS, 0);
        else heap.removeTop();
        if (apiBusy < apiThreads) {
          apiBusy++;
          heap.push(nowS + random.exponential() * apiS, (request << 2) | 1);
        } else apiQueue[apiTail++ & mask] = request;
        break;
      }
      case 1:
        if (paymentBusy < paymentThreads) {
          paymentBusy++;
          heap.replaceTop(nowS + random.exponential() * paymentS, (row << 2) | 2);
        } else {
          paymentQueue[paymentTail++ & mask] = row;
          heap.removeTop();
        }
        break;
      case 2:
        if (paymentHead < paymentTail) {
          const next = paymentQueue[paymentHead++ & mask];
          heap.replaceTop(nowS + random.exponential() * paymentS, (next << 2) | 2);
          if (emailBusy < emailThreads) {
            emailBusy++;
            heap.push(nowS + random.exponential() * emailS, (row << 2) | 3);
          } else emailQueue[emailTail++ & mask] = row;
        } else {
          paymentBusy--;
          if (emailBusy < emailThreads) {
            emailBusy++;
            heap.replaceTop(nowS + random.exponential() * emailS, (row << 2) | 3);
          } else {
            emailQueue[emailTail++ & mask] = row;
            heap.removeTop();
          }
        }
        break;
      default: {
        sumS += nowS - arrivedS[row];
        done++;
        if (emailHead < emailTail) {
          const next = emailQueue[emailHead++ & mask];
          heap.replaceTop(nowS + random.exponential() * emailS, (next << 2) | 3);
        } else {
          emailBusy--;
          heap.removeTop();
        }
        if (apiHead < apiTail) {
          heap.push(nowS + random.exponential() * apiS, (apiQueue[apiHead++ & mask] << 2) | 1);
        } else apiBusy--;
      }
    }
  }
  return sumS / done;
}
