// The reference workloads: each as a model for the hand-written loops and as a flow for the engine.

/**
 * @typedef {object} Workload
 * @property {string} title
 * @property {number} customers
 * @property {number} exactS mean response time in theory, seconds
 * @property {number} tolerance four standard deviations of one run's mean, relative
 * @property {{ ratePerS: number, serviceS: number, servers: number } | null} queue
 * @property {{ ratePerS: number, threads: number[], workS: number[] } | null} chain
 */

/** @type {Record<'w1' | 'w2' | 'w3', Workload>} */
export const workloads = {
  w1: {
    title: 'W1: one server, utilisation 0.8',
    customers: 1_000_000,
    exactS: 5,
    tolerance: 0.033,
    queue: { ratePerS: 0.8, serviceS: 1, servers: 1 },
    chain: null,
  },
  w2: {
    title: 'W2: 20 servers, utilisation 0.9',
    customers: 500_000,
    exactS: 1.275385,
    tolerance: 0.041,
    queue: { ratePerS: 18, serviceS: 1, servers: 20 },
    chain: null,
  },
  w3: {
    title: 'W3: a chain with held threads',
    customers: 200_000,
    exactS: 0.550909,
    tolerance: 0.01,
    queue: null,
    chain: { ratePerS: 40, threads: [50, 20, 20], workS: [0.05, 0.3, 0.2] },
  },
};

const exponential = { kind: 'exponential' };

/** @param {Workload} workload @param {number} customers the clients stop after so many */
export function flowOf(workload, customers) {
  const clients = {
    kind: 'clients',
    arrivals: 'poisson',
    patienceS: null,
    limit: customers,
  };
  /** @param {number} threads @param {number} workS @param {object[]} calls */
  const service = (threads, workS, calls = []) => ({
    kind: 'service',
    threads,
    acceptQueue: null,
    variability: exponential,
    handler: [{ do: 'work', name: 'work', workMs: workS * 1000 }, ...calls],
  });
  const { queue, chain } = workload;
  if (queue) {
    return {
      version: 1,
      nodes: {
        users: { ...clients, ratePerS: queue.ratePerS, target: 'servers' },
        servers: service(queue.servers, queue.serviceS),
      },
    };
  }
  if (!chain) throw new Error('a workload is a queue or a chain');
  const [api = 0, payment = 0, email = 0] = chain.threads;
  const [apiS = 0, paymentS = 0, emailS = 0] = chain.workS;
  return {
    version: 1,
    nodes: {
      users: { ...clients, ratePerS: chain.ratePerS, target: 'api' },
      api: service(api, apiS, [
        { do: 'call', name: 'payment', target: 'payment' },
        { do: 'call', name: 'email', target: 'email' },
      ]),
      payment: service(payment, paymentS),
      email: service(email, emailS),
    },
  };
}
