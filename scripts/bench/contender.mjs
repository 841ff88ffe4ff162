// One contender on one workload in a process of its own, so that none warms up or spoils the other's
// code: node contender.mjs NAME WORKLOAD ENGINE_BUNDLE RANDOM_BUNDLE. Prints JSON.
import { pathToFileURL } from 'node:url';
import { bareChain, bareQueue } from './bareLoop.mjs';
import { simjsChain, simjsQueue } from './simjsModels.mjs';
import { flowOf, workloads } from './workloads.mjs';

const [name = '', id = '', engineFile = '', randomFile = ''] = process.argv.slice(2);
const workload = workloads[/** @type {keyof typeof workloads} */ (id)];

// Thrice, because a run's end is a path of its own, which the compiler has to have seen.
for (let k = 0; k < 3; k++) await run(Math.round(workload.customers / 4), 1);
// Processor time, not time on the wall: other programs on the machine take no part in it.
const start = process.cpuUsage();
const { meanS } = await run(workload.customers, 2);
const used = process.cpuUsage(start);
const seconds = (used.user + used.system) / 1e6;
console.log(JSON.stringify({ perS: workload.customers / seconds, meanS }));

/**
 * @param {number} customers @param {number} seed
 * @returns {Promise<{ meanS: number | null }>} mean response time, seconds; null where nothing is recorded
 */
async function run(customers, seed) {
  const { queue, chain } = workload;
  if (name === 'loop') {
    const { KeyedRandom } = await import(pathToFileURL(randomFile).href);
    const random = new KeyedRandom(seed);
    const meanS = queue
      ? bareQueue(random, { ...queue, customers })
      : bareChain(random, { .../** @type {NonNullable<typeof chain>} */ (chain), customers });
    return { meanS };
  }
  if (name === 'simjs') {
    const meanS = queue
      ? await simjsQueue({ ...queue, customers }, seed)
      : await simjsChain({ .../** @type {NonNullable<typeof chain>} */ (chain), customers }, seed);
    return { meanS };
  }
  const { Simulation } = await import(pathToFileURL(engineFile).href);
  const simulation = new Simulation(flowOf(workload, customers), { seed, observe: name });
  simulation.advance(Infinity);
  return { meanS: name === 'metrics' ? simulation.report().lane.response.meanS : null };
}
