import { gzipSync } from 'node:zlib'

import type { Plugin } from 'vite'

const FIRST_PAGE = ['components/layout/AppShell.vue', 'views/WorkbenchView.vue']
const MOST = 150_000

/** Fails the build if what the first page of the desk loads is more than this many bytes, compressed. */
export function budget(): Plugin {
  return {
    name: 'budget',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = new Set<string>()
        function take(name: string) {
          const file = bundle[name]
          if (!file || files.has(name)) return
          files.add(name)
          if (file.type !== 'chunk') return
          file.imports.forEach(take)
          file.viteMetadata?.importedCss.forEach(take)
        }
        for (const file of Object.values(bundle)) {
          if (file.type !== 'chunk') continue
          const isOfIt = FIRST_PAGE.some((page) => file.facadeModuleId?.endsWith(page))
          if (file.isEntry || isOfIt) take(file.fileName)
        }
        let size = 0
        for (const name of files) {
          const file = bundle[name]
          if (file) size += gzipSync(file.type === 'chunk' ? file.code : file.source).length
        }
        if (size > MOST) {
          this.error(`The first page is ${size} bytes, compressed; at most ${MOST} are allowed.`)
        }
        this.info(`The first page is ${size} bytes, compressed.`)
      },
    },
  }
}
