import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

import { breakpoints } from './build/breakpoints.ts'
import { budget } from './build/budget.ts'
import { precompress } from './build/precompress.ts'

const REPLACING = ['src/**/*.alone.test.ts']
const backend = process.env.BATON_BACKEND ?? 'http://127.0.0.1:8000'

export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/static/' : '/',
  plugins: [vue(), budget(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  css: { postcss: { plugins: [breakpoints()] } },
  define: {
    __VUE_OPTIONS_API__: true, // Element Plus needs it
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    // Messages become an AST that is walked, never `new Function`: the CSP forbids eval.
    __INTLIFY_JIT_COMPILATION__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/wecom'].map((path) => [path, backend])),
  },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // What every page needs comes in two files instead of thirty.
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules\/(@vue|vue|vue-router|vue-i18n|pinia|@intlify)\// },
            {
              name: 'common',
              test: /src\/(api|composables|lib|stores|components\/common)\//,
              minShareCount: 3,
            },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/testing/setup.ts'],
    server: { deps: { inline: ['element-plus'] } },
    // Loading the modules takes most of the time, so files share them, except those that replace one with `vi.mock`.
    projects: [
      {
        extends: true,
        test: { name: 'shared', include: ['src/**/*.test.ts'], exclude: REPLACING, isolate: false },
      },
      { extends: true, test: { name: 'replacing', include: REPLACING } },
    ],
  },
}))
