import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import type { Plugin } from 'vite'

const WORTH_IT = 1024

/** Writes `.gz` and `.br` beside every text file of the build: the web server only picks one. */
export function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          const content = Buffer.from(file.type === 'chunk' ? file.code : file.source)
          if (!/\.(js|css|svg)$/.test(name) || content.length < WORTH_IT) continue
          const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
          this.emitFile({
            type: 'asset',
            fileName: `${name}.gz`,
            source: gzipSync(content, { level: 9 }),
          })
          this.emitFile({
            type: 'asset',
            fileName: `${name}.br`,
            source: brotliCompressSync(content, { params: quality }),
          })
        }
      },
    },
  }
}
