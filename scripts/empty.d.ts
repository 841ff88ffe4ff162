// Keeps tsconfig.sim.json valid while src/sim is still empty.
export {};
