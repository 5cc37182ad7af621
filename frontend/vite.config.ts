import { fileURLToPath, URL } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const backend = process.env.BATON_BACKEND ?? 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/static/',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: true, // Element Plus needs it
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    // Messages become an AST that is walked, never `new Function`: the CSP forbids eval.
    __INTLIFY_JIT_COMPILATION__: true,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/wecom'].map((path) => [path, backend])),
  },
  build: { target: 'es2022', reportCompressedSize: true, chunkSizeWarningLimit: 700 },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/testing/setup.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
