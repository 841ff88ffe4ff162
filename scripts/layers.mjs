// The layers of src/ and what each may import.

/** @type {Record<string, string[]>} */
export const allowedImports = {
  sim: [],
  scenarios: ['sim'],
  playback: ['sim', 'scenarios'],
  scene: ['sim', 'scenarios'],
  experiments: ['sim', 'scenarios'],
  narrator: ['sim', 'playback', 'scenarios'],
  stage: ['scene', 'playback', 'scenarios', 'sim'],
  charts: ['playback', 'scenarios', 'sim'],
  lessons: ['scenarios'],
  fonts: [],
  app: [
    'sim',
    'scenarios',
    'playback',
    'scene',
    'experiments',
    'narrator',
    'stage',
    'charts',
    'lessons',
    'fonts',
  ],
};

/** Layers that run without a page: no React, no drawing library, no store. */
export const pageFreeLayers = ['sim', 'scenarios', 'playback', 'scene', 'experiments', 'narrator'];
