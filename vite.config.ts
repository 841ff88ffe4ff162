// Two builds of the same page: `vite build` writes dist/index.html with its assets,
// `vite build --mode single` adds dist/flowscope.html, one file that opens from disk,
// offline, and in a sandboxed frame, where no further file can be loaded.
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** Engines fold what a `const` holds into the code, and read a `var` from memory each time. */
const keepConstants = { topLevelVar: false };

export default defineConfig(({ mode }) => {
  const isSingleFile = mode === 'single';
  return {
    base: './',
    plugins: [
      react(),
      ...(isSingleFile ? [viteSingleFile({ removeViteModuleLoader: true }), renamePage()] : []),
    ],
    // A classic worker is the only kind that Chromium starts from a blob in a sandboxed frame.
    worker: { format: 'iife', rolldownOptions: { output: keepConstants } },
    build: {
      target: 'es2022',
      rolldownOptions: { output: keepConstants },
      modulePreload: { polyfill: false },
      emptyOutDir: !isSingleFile,
      copyPublicDir: !isSingleFile,
      assetsInlineLimit: isSingleFile ? Number.MAX_SAFE_INTEGER : 2048,
    },
    preview: { strictPort: true },
  };
});

function renamePage(): Plugin {
  return {
    name: 'flowscope-rename-page',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') throw new Error('The single-file build made no page.');
        const others = Object.keys(bundle).filter((name) => name !== 'index.html');
        if (others.length > 0) {
          throw new Error(`The single-file build left files beside the page: ${others.join(', ')}`);
        }
        delete bundle['index.html'];
        this.emitFile({ type: 'asset', fileName: 'flowscope.html', source: page.source });
      },
    },
  };
}
