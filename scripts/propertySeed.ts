// Property tests draw the same cases in every run, so that a red build is about the change at hand.
// To look further: FLOWSCOPE_TEST_SEED=$RANDOM npm run unit. A failing property prints its seed.
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FLOWSCOPE_TEST_SEED'] ?? 20261123) });
